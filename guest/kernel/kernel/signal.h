// SPDX-License-Identifier: MIT
// Signals inside the kernel: what each does if there is no handler, and what the three signal files share.
#pragma once
#include <linux/sched.h>

#define SIG_MASK(sig) (1UL << ((sig) - 1))
#define SIG_KERNEL_STOP_MASK (SIG_MASK(SIGSTOP) | SIG_MASK(SIGTSTP) | SIG_MASK(SIGTTIN) | SIG_MASK(SIGTTOU))
#define SIG_KERNEL_IGNORE_MASK (SIG_MASK(SIGCONT) | SIG_MASK(SIGCHLD) | SIG_MASK(SIGWINCH) | SIG_MASK(SIGURG))
#define SIG_KERNEL_COREDUMP_MASK \
    (SIG_MASK(SIGQUIT) | SIG_MASK(SIGILL) | SIG_MASK(SIGTRAP) | SIG_MASK(SIGABRT) | SIG_MASK(SIGFPE) | SIG_MASK(SIGSEGV) | \
     SIG_MASK(SIGBUS) | SIG_MASK(SIGSYS) | SIG_MASK(SIGXCPU) | SIG_MASK(SIGXFSZ))
#define in_mask(sig, mask) ((sig) < SIGRTMIN && (SIG_MASK(sig) & (mask)))
#define sig_kernel_stop(sig) in_mask(sig, SIG_KERNEL_STOP_MASK)
#define sig_kernel_ignore(sig) in_mask(sig, SIG_KERNEL_IGNORE_MASK)
#define sig_kernel_coredump(sig) in_mask(sig, SIG_KERNEL_COREDUMP_MASK)
#define sig_kernel_only(sig) ((sig) == SIGKILL || (sig) == SIGSTOP)
#define sig_fatal(t, sig) \
    (!in_mask(sig, SIG_KERNEL_IGNORE_MASK | SIG_KERNEL_STOP_MASK) && \
     (t)->sighand->action[(sig)-1].sa.sa_handler == SIG_DFL)

#define SIGQUEUE_PREALLOC 1
struct sigqueue *sigqueue_alloc(void);
void sigqueue_free(struct sigqueue *q);
int send_sigqueue(int sig, struct sigqueue *q, struct task_struct *p);
int send_group_sigqueue(int sig, struct sigqueue *q, struct task_struct *p);
void free_sigqueue(struct sigqueue *q);
void flush_sigqueue(struct sigpending *queue);
void rm_from_queue(unsigned long mask, struct sigpending *s);
void rm_from_queue_rt(int sig, struct sigpending *s);
void do_notify_parent_cldstop(struct task_struct *tsk, int why);
int send_sig_to_task(int sig, struct siginfo *info, struct task_struct *p);
