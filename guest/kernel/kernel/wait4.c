// SPDX-License-Identifier: MIT
// wait4 and its relatives: a parent asks for the status of a child that ended, stopped or went on.
// [linux-2.6.11] kernel/exit.c; rows F08, P10, P30, P31.
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <asm/uaccess.h>

#define WNOHANG 1
#define WUNTRACED 2
#define WSTOPPED 2
#define WEXITED 4
#define WCONTINUED 8
#define WNOWAIT 0x01000000
#define __WNOTHREAD 0x20000000
#define __WALL 0x40000000
#define __WCLONE 0x80000000
#define P_ALL 0
#define P_PID 1
#define P_PGID 2

/// What the caller wants to know, and where it goes.
struct wait_request {
    pid_t pid; ///< > 0: this one; 0: my group; -1: any; < -1: group -pid
    int options;
    int __user *stat_addr;
    struct siginfo __user *infop;
    struct rusage __user *ru;
};

static int eligible_child(const struct wait_request *w, struct task_struct *p)
{
    if (w->pid > 0 && p->pid != w->pid)
        return 0;
    if (w->pid == 0 && process_group(p) != process_group(current))
        return 0;
    if (w->pid < -1 && process_group(p) != -w->pid)
        return 0;
    if (p->exit_signal == -1 && !p->ptrace)
        return 0; // nobody waits for a thread
    // __WCLONE: children that do not send SIGCHLD; __WALL: both kinds
    return ((p->exit_signal != SIGCHLD) ^ ((w->options & __WCLONE) != 0)) == 0 || (w->options & __WALL);
}

/// Takes down what is to be told of p, and only then, without the lock, writes it to the user's memory: that may sleep, and p may
/// be gone when it is over. -EFAULT, or p's number.
/// REQUIRES: tasklist_lock; it is released.
static int report(const struct wait_request *w, struct task_struct *p, int status, int code, int value)
{
    siginfo_t info;
    struct rusage usage;
    int pid = p->pid, bad = 0;
    memset(&info, 0, sizeof(info));
    info.si_signo = SIGCHLD;
    info.si_code = code;
    info.si_pid = pid;
    info.si_uid = p->uid;
    info.si_status = value;
    if (w->ru)
        k_getrusage(p, RUSAGE_BOTH, &usage);
    read_unlock(&tasklist_lock);
    if (w->ru)
        bad = copy_to_user(w->ru, &usage, sizeof(usage)) != 0;
    if (!bad && w->stat_addr)
        bad = put_user(status, w->stat_addr) != 0;
    if (!bad && w->infop)
        bad = copy_to_user(w->infop, &info, sizeof(info)) != 0;
    return bad ? -EFAULT : pid;
}

static void collect_usage(struct task_struct *p)
{
    struct signal_struct *mine = current->signal, *sig = p->signal;
    mine->cutime += p->utime + sig->utime + sig->cutime;
    mine->cstime += p->stime + sig->stime + sig->cstime;
    mine->cmin_flt += p->min_flt + sig->min_flt + sig->cmin_flt;
    mine->cmaj_flt += p->maj_flt + sig->maj_flt + sig->cmaj_flt;
    mine->cnvcsw += p->nvcsw + sig->nvcsw + sig->cnvcsw;
    mine->cnivcsw += p->nivcsw + sig->nivcsw + sig->cnivcsw;
    mine->cmaxrss = max(mine->cmaxrss, max(sig->maxrss, sig->cmaxrss));
}

/// Its tracer has seen it die; now it is the real parent's turn, unless that one does not care.
static int traced_has_gone_home(struct task_struct *p)
{
    int nobody_cares = 1;
    write_lock_irq(&tasklist_lock);
    p->exit_state = EXIT_ZOMBIE;
    __ptrace_unlink(p);
    if (p->exit_signal != -1) {
        do_notify_parent(p, p->exit_signal);
        nobody_cares = p->exit_signal == -1; // it ignores its children
    }
    if (nobody_cares)
        p->exit_state = EXIT_DEAD;
    write_unlock_irq(&tasklist_lock);
    return nobody_cares;
}

static int wait_task_zombie(const struct wait_request *w, struct task_struct *p)
{
    int status = p->signal->flags & SIGNAL_GROUP_EXIT ? p->signal->group_exit_code : p->exit_code;
    int code = status & 0x7f ? (status & 0x80 ? CLD_DUMPED : CLD_KILLED) : CLD_EXITED;
    if (w->options & WNOWAIT)
        return report(w, p, status, code, status & 0x7f ? status & 0x7f : status >> 8);
    p->exit_state = EXIT_DEAD; // taken: nobody else may report it
    if (p->real_parent == p->parent)
        collect_usage(p);
    int result = report(w, p, status, code, status & 0x7f ? status & 0x7f : status >> 8);
    if (result < 0) {
        p->exit_state = EXIT_ZOMBIE;
        return result;
    }
    if (p->real_parent != p->parent && !traced_has_gone_home(p))
        return result;
    release_task(p);
    return result;
}

static int wait_task_stopped(const struct wait_request *w, struct task_struct *p)
{
    int exit_code = p->exit_code;
    if (!exit_code || (p->state != TASK_STOPPED && p->state != TASK_TRACED))
        return 0;
    if (!(p->ptrace & PT_PTRACED) && p->signal->group_stop_count > 0)
        return 0; // some threads still run
    if (!(w->options & WNOWAIT))
        p->exit_code = 0;
    int code = p->ptrace & PT_PTRACED ? CLD_TRAPPED : CLD_STOPPED;
    return report(w, p, (exit_code << 8) | 0x7f, code, exit_code);
}

static int wait_task_continued(const struct wait_request *w, struct task_struct *p)
{
    if (!(p->signal->flags & SIGNAL_STOP_CONTINUED))
        return 0;
    if (!(w->options & WNOWAIT))
        p->signal->flags &= ~SIGNAL_STOP_CONTINUED;
    return report(w, p, 0xffff, CLD_CONTINUED, SIGCONT);
}

/// A leader whose other threads still run is not dead yet.
static int delay_group_leader(struct task_struct *p) { return thread_group_leader(p) && !thread_group_empty(p); }

static int wait_one(const struct wait_request *w, struct task_struct *p)
{
    if (p->exit_state == EXIT_ZOMBIE)
        return (w->options & WEXITED) && !delay_group_leader(p) ? wait_task_zombie(w, p) : 0;
    if (p->exit_state == EXIT_DEAD)
        return 0;
    if ((p->state == TASK_TRACED || p->state == TASK_STOPPED) && ((p->ptrace & PT_PTRACED) || (w->options & WUNTRACED)))
        return wait_task_stopped(w, p);
    return w->options & WCONTINUED ? wait_task_continued(w, p) : 0;
}

/// One look at all children of one thread: > 0 or < 0 is the answer; 0 = none ready; *found says if there is any.
/// REQUIRES: tasklist_lock; it is released when there is an answer.
static int scan_children(const struct wait_request *w, struct task_struct *tsk, int *found)
{
    struct task_struct *p, *n;
    list_for_each_entry_safe(p, n, &tsk->children, sibling) {
        if (!eligible_child(w, p) || p->exit_state == EXIT_DEAD)
            continue;
        *found = 1;
        int result = wait_one(w, p);
        if (result)
            return result;
    }
    list_for_each_entry(p, &tsk->ptrace_children, ptrace_list)
        if (eligible_child(w, p))
            *found = 1;
    return 0;
}

static long do_wait(const struct wait_request *w)
{
    DECLARE_WAITQUEUE(wait, current);
    long result;
    add_wait_queue(&current->signal->wait_chldexit, &wait);
    for (;;) {
        struct task_struct *tsk = current;
        int found = 0;
        current->state = TASK_INTERRUPTIBLE;
        read_lock(&tasklist_lock);
        do {
            result = scan_children(w, tsk, &found);
            tsk = next_thread(tsk);
        } while (!result && tsk != current && !(w->options & __WNOTHREAD));
        if (result)
            break;
        read_unlock(&tasklist_lock);
        result = found ? 0 : -ECHILD;
        if (!found || (w->options & WNOHANG))
            break;
        result = -ERESTARTSYS;
        if (signal_pending(current))
            break;
        schedule();
    }
    current->state = TASK_RUNNING;
    remove_wait_queue(&current->signal->wait_chldexit, &wait);
    return result;
}

asmlinkage long sys_wait4(pid_t pid, int __user *stat_addr, int options, struct rusage __user *ru)
{
    if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | (int)__WCLONE | __WALL))
        return -EINVAL;
    struct wait_request w = { .pid = pid, .options = options | WEXITED, .stat_addr = stat_addr, .ru = ru };
    return do_wait(&w);
}

asmlinkage long sys_waitpid(pid_t pid, int __user *stat_addr, int options)
{
    return sys_wait4(pid, stat_addr, options, NULL);
}

asmlinkage long sys_waitid(int which, pid_t pid, struct siginfo __user *infop, int options, struct rusage __user *ru)
{
    if (options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED) ||
        !(options & (WEXITED | WSTOPPED | WCONTINUED)))
        return -EINVAL;
    if ((which == P_PID && pid <= 0) || (which == P_PGID && pid <= 0) || which > P_PGID || which < P_ALL)
        return -EINVAL;
    struct wait_request w = { .pid = which == P_ALL   ? -1
                                     : which == P_PID ? pid
                                                      : -pid,
                              .options = options,
                              .infop = infop,
                              .ru = ru };
    long result = do_wait(&w);
    if (!result && infop && (clear_user(infop, sizeof(*infop))))
        return -EFAULT;
    return result > 0 ? 0 : result;
}
