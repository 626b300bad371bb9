// SPDX-License-Identifier: MIT
// Taking signals: the next one that is not blocked (dequeue_signal), what happens without a handler, stopping, and what
// the parent hears of all that. The frame for a handler is built by arch/i386/kernel/signal.c.
#include "signal.h"
#include <linux/binfmts.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/sched.h>

/// The lowest-numbered signal that waits and is not blocked; faults of the task itself first.
static int next_signal(struct sigpending *pending, sigset_t *mask)
{
    unsigned long faults = SIG_MASK(SIGSEGV) | SIG_MASK(SIGBUS) | SIG_MASK(SIGILL) | SIG_MASK(SIGTRAP) |
                           SIG_MASK(SIGFPE) | SIG_MASK(SIGSYS);
    unsigned long ready = pending->signal.sig[0] & ~mask->sig[0];
    if (ready & faults)
        ready &= faults;
    if (ready)
        return __ffs(ready) + 1;
    ready = pending->signal.sig[1] & ~mask->sig[1];
    return ready ? (int)__ffs(ready) + 33 : 0;
}

static void collect_signal(int sig, struct sigpending *list, siginfo_t *info)
{
    struct sigqueue *q, *first = NULL;
    int more = 0;
    list_for_each_entry(q, &list->list, list) {
        if (q->info.si_signo != sig)
            continue;
        if (first) {
            more = 1;
            break;
        }
        first = q;
    }
    if (!more)
        sigdelset(&list->signal, sig);
    if (!first) { // no memory for a queue entry when it was sent
        memset(info, 0, sizeof(*info));
        info->si_signo = sig;
        return;
    }
    *info = first->info;
    list_del(&first->list);
    free_sigqueue(first);
}

static int __dequeue_signal(struct sigpending *pending, sigset_t *mask, siginfo_t *info)
{
    int sig = next_signal(pending, mask);
    if (sig)
        collect_signal(sig, pending, info);
    return sig;
}

int dequeue_signal(struct task_struct *tsk, sigset_t *mask, siginfo_t *info)
{
    int sig = __dequeue_signal(&tsk->pending, mask, info);
    if (!sig)
        sig = __dequeue_signal(&tsk->signal->shared_pending, mask, info);
    if (sig && sig_kernel_stop(sig) && !(tsk->signal->flags & SIGNAL_GROUP_EXIT))
        tsk->signal->flags |= SIGNAL_STOP_DEQUEUED;
    recalc_sigpending_tsk(tsk);
    return sig;
}

static void wake_parent(struct task_struct *p) { wake_up_interruptible_sync(&p->signal->wait_chldexit); }

static void fill_chld_info(siginfo_t *info, struct task_struct *tsk, int sig, int code, int status)
{
    memset(info, 0, sizeof(*info));
    info->si_signo = sig;
    info->si_code = code;
    info->si_pid = tsk->pid;
    info->si_uid = tsk->uid;
    info->si_utime = jiffies_to_clock_t(tsk->utime);
    info->si_stime = jiffies_to_clock_t(tsk->stime);
    info->si_status = status;
}

/// A child has died (or a traced one stopped). If the parent ignores SIGCHLD, nobody will ask: no zombie is left.
void do_notify_parent(struct task_struct *tsk, int sig)
{
    struct siginfo info;
    unsigned long flags;
    int status = tsk->signal->flags & SIGNAL_GROUP_EXIT ? tsk->signal->group_exit_code : tsk->exit_code;
    int code = status & 0x80 ? CLD_DUMPED : status & 0x7f ? CLD_KILLED : CLD_EXITED;
    if (sig == -1)
        return;
    fill_chld_info(&info, tsk, sig, code, status & 0x7f ? status & 0x7f : status >> 8);
    local_irq_save(flags);
    struct task_struct *parent = tsk->parent;
    struct sigaction *sa = &parent->sighand->action[SIGCHLD - 1].sa;
    if (sig == SIGCHLD && (sa->sa_handler == SIG_IGN || (sa->sa_flags & SA_NOCLDWAIT)) && !tsk->ptrace) {
        tsk->exit_signal = -1;
        if (sa->sa_handler == SIG_IGN)
            sig = 0;
    }
    if (sig > 0 && sig <= _NSIG)
        __group_send_sig_info(sig, &info, parent);
    wake_parent(parent);
    local_irq_restore(flags);
}

void do_notify_parent_cldstop(struct task_struct *tsk, int why)
{
    struct siginfo info;
    unsigned long flags;
    struct task_struct *parent = tsk->ptrace & PT_PTRACED ? tsk->parent : tsk->group_leader->real_parent;
    fill_chld_info(&info, tsk, SIGCHLD, why, why == CLD_CONTINUED ? SIGCONT : tsk->signal->group_exit_code & 0x7f);
    if (why == CLD_TRAPPED)
        info.si_status = tsk->exit_code & 0x7f;
    local_irq_save(flags);
    struct sigaction *sa = &parent->sighand->action[SIGCHLD - 1].sa;
    if (sa->sa_handler != SIG_IGN && !(sa->sa_flags & SA_NOCLDSTOP))
        __group_send_sig_info(SIGCHLD, &info, parent);
    wake_parent(parent);
    local_irq_restore(flags);
}

static int sigkill_pending(struct task_struct *tsk)
{
    return sigismember(&tsk->pending.signal, SIGKILL) || sigismember(&tsk->signal->shared_pending.signal, SIGKILL);
}

/// Stops for the tracer with exit_code as the status, and goes on when it says so. nostop_code: what counts as its answer if it is gone.
static void ptrace_stop(int exit_code, int nostop_code, siginfo_t *info)
{
    struct task_struct *tsk = current;
    tsk->last_siginfo = info;
    tsk->exit_code = exit_code;
    if (tsk->signal->group_stop_count > 0)
        --tsk->signal->group_stop_count;
    local_irq_disable();
    if (likely(tsk->ptrace & PT_PTRACED) && !sigkill_pending(tsk)) { // a second SIGKILL would wake nobody
        tsk->state = TASK_TRACED;
        do_notify_parent_cldstop(tsk, CLD_TRAPPED);
        schedule();
    } else { // the tracer has gone since we looked, or we are killed already: nobody would ever let us go on
        tsk->exit_code = nostop_code;
        local_irq_enable();
    }
    local_irq_disable();
    tsk->last_siginfo = NULL;
    recalc_sigpending();
    local_irq_enable();
}

void ptrace_notify(int exit_code)
{
    siginfo_t info = { .si_signo = SIGTRAP, .si_code = exit_code };
    info.si_pid = current->pid;
    info.si_uid = current->uid;
    ptrace_stop(exit_code, 0, &info);
}

static void finish_stop(int last)
{
    if (last || (current->ptrace & PT_PTRACED))
        do_notify_parent_cldstop(current, CLD_STOPPED);
    schedule();
    current->exit_code = 0;
}

/// All threads stop; the last one tells the parent.
static void do_signal_stop(int signr)
{
    struct signal_struct *sig = current->signal;
    struct task_struct *t;
    int count = 0;
    local_irq_disable();
    if (!(sig->flags & SIGNAL_STOP_DEQUEUED)) { // SIGCONT came in between
        local_irq_enable();
        return;
    }
    sig->group_exit_code = signr;
    for (t = next_thread(current); t != current; t = next_thread(t)) {
        if (!t->exit_state && !(t->flags & PF_EXITING) && !(t->state & (TASK_STOPPED | TASK_TRACED))) {
            count++;
            signal_wake_up(t, 0);
        }
    }
    sig->group_stop_count = count;
    if (!count)
        sig->flags = SIGNAL_STOP_STOPPED;
    current->exit_code = signr;
    current->state = TASK_STOPPED;
    local_irq_enable();
    finish_stop(!count);
}

/// Another thread has begun a stop: join it.
static int handle_group_stop(void)
{
    struct signal_struct *sig = current->signal;
    if (sig->group_exit_task == current || (sig->flags & SIGNAL_GROUP_EXIT)) {
        sig->group_stop_count = 0;
        return 0;
    }
    local_irq_disable();
    int last = --sig->group_stop_count == 0;
    if (last)
        sig->flags = SIGNAL_STOP_STOPPED;
    current->exit_code = sig->group_exit_code;
    current->state = TASK_STOPPED;
    local_irq_enable();
    finish_stop(last);
    return 1;
}

/// The tracer decides: 0 = it has swallowed the signal.
static int tracer_wants(int signr, siginfo_t *info)
{
    ptrace_stop(signr, signr, info);
    signr = current->exit_code;
    current->exit_code = 0;
    if (!signr)
        return 0;
    if (signr != info->si_signo) {
        memset(info, 0, sizeof(*info));
        info->si_signo = signr;
        info->si_code = SI_USER;
        info->si_pid = current->parent->pid;
        info->si_uid = current->parent->uid;
    }
    if (sigismember(&current->blocked, signr)) {
        send_sig_info(signr, info, current);
        return 0;
    }
    return signr;
}

/// The signal's action as it is now: another thread may be changing it.
static void take_action(int signr, struct k_sigaction *action)
{
    struct k_sigaction *ka = &current->sighand->action[signr - 1];
    local_irq_disable();
    *action = *ka;
    if (ka->sa.sa_handler > SIG_IGN && (ka->sa.sa_flags & SA_ONESHOT))
        ka->sa.sa_handler = SIG_DFL;
    local_irq_enable();
}

/// The next signal with a handler, its action in *return_ka; signals without one are dealt with here. 0 = none.
int get_signal_to_deliver(siginfo_t *info, struct k_sigaction *return_ka, struct pt_regs *regs, void *cookie)
{
    for (;;) {
        struct task_struct *tsk = current;
        local_irq_disable();
        if (tsk->signal->group_stop_count > 0 && handle_group_stop())
            continue;
        int signr = dequeue_signal(tsk, &tsk->blocked, info);
        local_irq_enable();
        if (!signr)
            return 0;
        if ((tsk->ptrace & PT_PTRACED) && signr != SIGKILL) {
            signr = tracer_wants(signr, info);
            if (!signr)
                continue;
        }
        take_action(signr, return_ka);
        if (return_ka->sa.sa_handler == SIG_IGN)
            continue;
        if (return_ka->sa.sa_handler != SIG_DFL)
            return signr;
        if (sig_kernel_ignore(signr) ||
            (tsk->pid == 1 && signr != SIGSEGV && signr != SIGILL && signr != SIGBUS && signr != SIGFPE))
            continue; // init has no default actions, except for its own faults
        if (sig_kernel_stop(signr)) {
            if (signr != SIGSTOP && is_orphaned_pgrp(process_group(tsk)))
                continue;
            do_signal_stop(signr);
            continue;
        }
        tsk->flags |= PF_SIGNALED;
        if (sig_kernel_coredump(signr)) {
            printk(KERN_DEBUG "%s[%d] dies of signal %d at %08lx esp %08lx\n", tsk->comm, tsk->pid, signr, regs->eip,
                   regs->esp);
            do_coredump(signr, signr, regs); // ends all other threads; what it says of us is in signal->group_exit_code
        }
        do_group_exit(signr);
    }
}
