// SPDX-License-Identifier: MIT
// Sending signals: who may, whether it is ignored, where it waits (the task's own queue, or the one that the threads of a
// process share), and who is woken for it. Taking them off again is signal_deliver.c's.
#include "signal.h"
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/slab.h>

static kmem_cache_t *sigqueue_cachep;

void __init signals_init(void)
{
    sigqueue_cachep = kmem_cache_create("sigqueue", sizeof(struct sigqueue), 4, SLAB_PANIC, NULL, NULL);
}

/// A place in a queue is counted against the receiver's user: RLIMIT_SIGPENDING.
static struct sigqueue *__sigqueue_alloc(struct task_struct *t)
{
    struct sigqueue *q = NULL;
    if (atomic_read(&t->user->sigpending) < t->signal->rlim[RLIMIT_SIGPENDING].rlim_cur)
        q = kmem_cache_alloc(sigqueue_cachep, GFP_ATOMIC);
    if (!q)
        return NULL;
    q->flags = 0;
    q->user = get_uid(t->user);
    atomic_inc(&q->user->sigpending);
    return q;
}

/// An entry taken out of a queue; a timer's stays with its timer.
void free_sigqueue(struct sigqueue *q)
{
    if (q->flags & SIGQUEUE_PREALLOC) {
        INIT_LIST_HEAD(&q->list);
        return;
    }
    atomic_dec(&q->user->sigpending);
    free_uid(q->user);
    kmem_cache_free(sigqueue_cachep, q);
}

/// A timer's entry, made when the timer is.
struct sigqueue *sigqueue_alloc(void)
{
    struct sigqueue *q = __sigqueue_alloc(current);
    if (!q)
        return NULL;
    memset(&q->info, 0, sizeof(q->info));
    INIT_LIST_HEAD(&q->list);
    q->flags = SIGQUEUE_PREALLOC;
    return q;
}

/// If it waits somewhere, it does so no longer; its signal's bit stays. REQUIRES: interrupts are off.
void sigqueue_free(struct sigqueue *q)
{
    list_del(&q->list);
    q->flags = 0;
    free_sigqueue(q);
}

void flush_sigqueue(struct sigpending *queue)
{
    sigemptyset(&queue->signal);
    while (!list_empty(&queue->list)) {
        struct sigqueue *q = list_entry(queue->list.next, struct sigqueue, list);
        list_del(&q->list);
        free_sigqueue(q);
    }
}

void flush_signals(struct task_struct *t)
{
    unsigned long flags;
    local_irq_save(flags);
    clear_tsk_thread_flag(t, TIF_SIGPENDING);
    flush_sigqueue(&t->pending);
    flush_sigqueue(&t->signal->shared_pending);
    local_irq_restore(flags);
}

void rm_from_queue(unsigned long mask, struct sigpending *s)
{
    struct sigqueue *q, *n;
    if (!sigtestsetmask(&s->signal, mask))
        return;
    sigdelsetmask(&s->signal, mask);
    list_for_each_entry_safe(q, n, &s->list, list) {
        if (q->info.si_signo < SIGRTMIN && (mask & sigmask(q->info.si_signo))) {
            list_del(&q->list);
            free_sigqueue(q);
        }
    }
}

/// A real-time signal may wait many times.
void rm_from_queue_rt(int sig, struct sigpending *s)
{
    struct sigqueue *q, *n;
    sigdelset(&s->signal, sig);
    list_for_each_entry_safe(q, n, &s->list, list) {
        if (q->info.si_signo == sig) {
            list_del(&q->list);
            free_sigqueue(q);
        }
    }
}

/// A signal that would be thrown away need not be queued; a tracer sees all of them.
static int sig_ignored(struct task_struct *t, int sig)
{
    if ((t->ptrace & PT_PTRACED) || sigismember(&t->blocked, sig))
        return 0;
    __sighandler_t handler = t->sighand->action[sig - 1].sa.sa_handler;
    return handler == SIG_IGN || (handler == SIG_DFL && sig_kernel_ignore(sig));
}

static int has_pending(const sigset_t *signal, const sigset_t *blocked)
{
    return ((signal->sig[0] & ~blocked->sig[0]) | (signal->sig[1] & ~blocked->sig[1])) != 0;
}

void recalc_sigpending_tsk(struct task_struct *t)
{
    if (t->signal->group_stop_count > 0 || has_pending(&t->pending.signal, &t->blocked) ||
        has_pending(&t->signal->shared_pending.signal, &t->blocked))
        set_tsk_thread_flag(t, TIF_SIGPENDING);
    else
        clear_tsk_thread_flag(t, TIF_SIGPENDING);
}
void recalc_sigpending(void) { recalc_sigpending_tsk(current); }

/// `resume`: SIGKILL wakes a stopped or traced task, too.
void signal_wake_up(struct task_struct *t, int resume)
{
    set_tsk_thread_flag(t, TIF_SIGPENDING);
    wake_up_state(t, TASK_INTERRUPTIBLE | (resume ? TASK_STOPPED | TASK_TRACED : 0));
}

/// A stop signal cancels a pending SIGCONT and the other way round; SIGCONT lets the process go on even if it is blocked.
static void handle_stop_signal(int sig, struct task_struct *p)
{
    struct task_struct *t = p;
    if (p->signal->flags & SIGNAL_GROUP_EXIT)
        return;
    if (sig_kernel_stop(sig)) {
        rm_from_queue(sigmask(SIGCONT), &p->signal->shared_pending);
        do {
            rm_from_queue(sigmask(SIGCONT), &t->pending);
            t = next_thread(t);
        } while (t != p);
    } else if (sig == SIGCONT) {
        int was_stopped = p->signal->flags & SIGNAL_STOP_STOPPED;
        if (p->signal->group_stop_count > 0) { // some threads had stopped already: the parent hears of that stop, too
            was_stopped = SIGNAL_STOP_STOPPED;
            do_notify_parent_cldstop(p, CLD_STOPPED);
        }
        p->signal->group_stop_count = 0;
        rm_from_queue(SIG_KERNEL_STOP_MASK, &p->signal->shared_pending);
        do {
            rm_from_queue(SIG_KERNEL_STOP_MASK, &t->pending);
            unsigned int state = TASK_STOPPED;
            if (sigismember(&t->blocked, SIGCONT) == 0 && t->sighand->action[SIGCONT - 1].sa.sa_handler > SIG_IGN) {
                set_tsk_thread_flag(t, TIF_SIGPENDING);
                state |= TASK_INTERRUPTIBLE;
            }
            wake_up_state(t, state);
            t = next_thread(t);
        } while (t != p);
        p->signal->flags = was_stopped ? SIGNAL_STOP_CONTINUED : 0;
        if (was_stopped) {
            p->signal->group_exit_code = 0;
            do_notify_parent_cldstop(p, CLD_CONTINUED);
        }
    } else if (sig == SIGKILL) {
        p->signal->flags = 0;
    }
}

static int send_signal(int sig, struct siginfo *info, struct task_struct *t, struct sigpending *signals)
{
    struct sigqueue *q = NULL;
    if (info != SEND_SIG_FORCED)
        q = __sigqueue_alloc(t);
    if (q) {
        list_add_tail(&q->list, &signals->list);
        if (info == SEND_SIG_NOINFO || info == SEND_SIG_PRIV) {
            memset(&q->info, 0, sizeof(q->info));
            q->info.si_signo = sig;
            q->info.si_code = info == SEND_SIG_PRIV ? SI_KERNEL : SI_USER;
            q->info.si_pid = info == SEND_SIG_PRIV ? 0 : current->tgid;
            q->info.si_uid = info == SEND_SIG_PRIV ? 0 : current->uid;
        } else {
            q->info = *info;
        }
    } else if (sig >= SIGRTMIN && info > SEND_SIG_FORCED && info->si_code != SI_USER) {
        return -EAGAIN;
    }
    sigaddset(&signals->signal, sig);
    return 0;
}

/// Below SIGRTMIN a signal waits at most once.
static int already_queued(const struct sigpending *signals, int sig)
{
    return sig < SIGRTMIN && sigismember(&signals->signal, sig);
}

static int specific_send_sig_info(int sig, struct siginfo *info, struct task_struct *t)
{
    if (sig_ignored(t, sig) || already_queued(&t->pending, sig))
        return 0;
    int error = send_signal(sig, info, t, &t->pending);
    if (!error && !sigismember(&t->blocked, sig))
        signal_wake_up(t, sig == SIGKILL);
    return error;
}

/// A signal that the task cannot refuse (a fault of its own): if blocked or ignored, the default action comes back.
int force_sig_info(int sig, struct siginfo *info, struct task_struct *t)
{
    unsigned long flags;
    local_irq_save(flags);
    if (sigismember(&t->blocked, sig) || t->sighand->action[sig - 1].sa.sa_handler == SIG_IGN) {
        t->sighand->action[sig - 1].sa.sa_handler = SIG_DFL;
        sigdelset(&t->blocked, sig);
        recalc_sigpending_tsk(t);
    }
    int error = specific_send_sig_info(sig, info, t);
    local_irq_restore(flags);
    return error;
}
void force_sig(int sig, struct task_struct *p) { force_sig_info(sig, SEND_SIG_PRIV, p); }

/// The same without anything to tell about it: nothing is allocated.
void force_sig_specific(int sig, struct task_struct *t) { force_sig_info(sig, SEND_SIG_FORCED, t); }

/// The frame of a handler could not be written: SIGSEGV, and no second try with a SIGSEGV handler.
void force_sigsegv(int sig, struct task_struct *p)
{
    if (sig == SIGSEGV)
        p->sighand->action[SIGSEGV - 1].sa.sa_handler = SIG_DFL;
    force_sig(SIGSEGV, p);
}

static int wants_signal(int sig, struct task_struct *p, int mask)
{
    return !sigismember(&p->blocked, sig) && !(p->state & mask) && !p->exit_state && !(p->flags & PF_EXITING) &&
           (p == current || !signal_pending(p) || sig == SIGKILL); // SIGKILL goes before whatever waits already
}

/// Which thread shall take a signal for the process? One that does not block it; for a fatal signal all are told to die.
static void __group_complete_signal(int sig, struct task_struct *p)
{
    struct task_struct *t = p;
    int mask = sig == SIGKILL ? 0 : TASK_STOPPED | TASK_TRACED;
    if (!wants_signal(sig, p, mask)) {
        for (t = next_thread(p); t != p && !wants_signal(sig, t, mask);)
            t = next_thread(t);
        if (t == p && (thread_group_empty(p) || !wants_signal(sig, p, mask))) {
            // nobody is free: whoever unblocks it or comes out of the kernel next finds it in the shared queue
            if (!sigismember(&p->blocked, sig) && !p->exit_state)
                signal_wake_up(p, sig == SIGKILL);
            return;
        }
    }
    if (sig_fatal(p, sig) && !(p->signal->flags & SIGNAL_GROUP_EXIT) && !sigismember(&t->real_blocked, sig) &&
        (sig == SIGKILL || !(t->ptrace & PT_PTRACED)) && !sig_kernel_coredump(sig)) {
        p->signal->flags = SIGNAL_GROUP_EXIT;
        p->signal->group_exit_code = sig;
        p->signal->group_stop_count = 0;
        t = p;
        do {
            sigaddset(&t->pending.signal, SIGKILL);
            signal_wake_up(t, 1);
            t = next_thread(t);
        } while (t != p);
        return;
    }
    signal_wake_up(t, sig == SIGKILL);
}

int __group_send_sig_info(int sig, struct siginfo *info, struct task_struct *p)
{
    handle_stop_signal(sig, p);
    if (sig_ignored(p, sig) || already_queued(&p->signal->shared_pending, sig))
        return 0;
    int error = send_signal(sig, info, p, &p->signal->shared_pending);
    if (!error)
        __group_complete_signal(sig, p);
    return error;
}

/// A timer's entry to one thread: 0, 1 if the signal is ignored, -1 if the thread is dead. REQUIRES: interrupts are off.
int send_sigqueue(int sig, struct sigqueue *q, struct task_struct *p)
{
    if (!p->sighand || p->exit_state || (p->flags & PF_EXITING))
        return -1;
    if (sig_ignored(p, sig))
        return 1;
    list_add_tail(&q->list, &p->pending.list);
    sigaddset(&p->pending.signal, sig);
    if (!sigismember(&p->blocked, sig))
        signal_wake_up(p, sig == SIGKILL);
    return 0;
}

/// The same to a process.
int send_group_sigqueue(int sig, struct sigqueue *q, struct task_struct *p)
{
    if (!p->sighand)
        return -1;
    handle_stop_signal(sig, p);
    if (sig_ignored(p, sig))
        return 1;
    list_add_tail(&q->list, &p->signal->shared_pending.list);
    sigaddset(&p->signal->shared_pending.signal, sig);
    __group_complete_signal(sig, p);
    return 0;
}

void zap_other_threads(struct task_struct *p)
{
    p->signal->flags = SIGNAL_GROUP_EXIT;
    p->signal->group_stop_count = 0;
    for (struct task_struct *t = next_thread(p); t != p; t = next_thread(t)) {
        if (t->exit_state)
            continue;
        if (t != p->group_leader)
            t->exit_signal = -1; // nobody waits for it
        sigaddset(&t->pending.signal, SIGKILL);
        rm_from_queue(SIG_KERNEL_STOP_MASK, &t->pending);
        signal_wake_up(t, 1);
    }
}

/// Row U03: the sender must be root, or have the receiver's user number; SIGCONT is free within the session.
static int check_kill_permission(int sig, struct siginfo *info, struct task_struct *t)
{
    if (!valid_signal(sig) || sig < 0)
        return -EINVAL;
    if ((info == SEND_SIG_NOINFO || (info > SEND_SIG_FORCED && SI_FROMUSER(info))) &&
        (sig != SIGCONT || current->signal->session != t->signal->session) && (current->euid ^ t->suid) &&
        (current->euid ^ t->uid) && (current->uid ^ t->suid) && (current->uid ^ t->uid) && !capable(CAP_KILL))
        return -EPERM;
    return 0;
}

int group_send_sig_info(int sig, struct siginfo *info, struct task_struct *p)
{
    unsigned long flags;
    int error = check_kill_permission(sig, info, p);
    if (error || !sig || !p->sighand)
        return error;
    local_irq_save(flags);
    error = __group_send_sig_info(sig, info, p);
    local_irq_restore(flags);
    return error;
}

/// To one thread.
int send_sig_to_task(int sig, struct siginfo *info, struct task_struct *p)
{
    unsigned long flags;
    int error = check_kill_permission(sig, info, p);
    if (error || !sig || !p->sighand)
        return error;
    local_irq_save(flags);
    handle_stop_signal(sig, p);
    error = specific_send_sig_info(sig, info, p);
    local_irq_restore(flags);
    return error;
}

int send_sig_info(int sig, struct siginfo *info, struct task_struct *p)
{
    unsigned long flags;
    if (!valid_signal(sig))
        return -EINVAL;
    if (!p->sighand)
        return 0;
    local_irq_save(flags);
    int error = specific_send_sig_info(sig, info, p);
    local_irq_restore(flags);
    return error;
}
int send_sig(int sig, struct task_struct *p, int priv)
{
    return send_sig_info(sig, priv ? SEND_SIG_PRIV : SEND_SIG_NOINFO, p);
}
int send_group_sig_info(int sig, struct siginfo *info, struct task_struct *p)
{
    return group_send_sig_info(sig, info, p);
}

static int kill_all_of(int type, pid_t who, int sig, struct siginfo *info)
{
    struct task_struct *p;
    int found = 0, done = 0, error = -ESRCH;
    read_lock(&tasklist_lock);
    do_each_task_pid(who, type, p) {
        int result = group_send_sig_info(sig, info, p);
        found = 1;
        done |= !result;
        error = result;
    } while_each_task_pid(who, type, p);
    read_unlock(&tasklist_lock);
    return done ? 0 : found ? error : -ESRCH;
}

int kill_pg_info(int sig, struct siginfo *info, pid_t pgrp)
{
    return pgrp <= 0 ? -EINVAL : kill_all_of(PIDTYPE_PGID, pgrp, sig, info);
}
int kill_pg(pid_t pgrp, int sig, int priv) { return kill_pg_info(sig, priv ? SEND_SIG_PRIV : SEND_SIG_NOINFO, pgrp); }
int kill_sl(pid_t session, int sig, int priv)
{
    return session <= 0 ? -EINVAL : kill_all_of(PIDTYPE_SID, session, sig, priv ? SEND_SIG_PRIV : SEND_SIG_NOINFO);
}

int kill_proc_info(int sig, struct siginfo *info, pid_t pid)
{
    read_lock(&tasklist_lock);
    struct task_struct *p = find_task_by_pid(pid);
    int error = p ? group_send_sig_info(sig, info, p) : -ESRCH;
    read_unlock(&tasklist_lock);
    return error;
}
int kill_proc(pid_t pid, int sig, int priv) { return kill_proc_info(sig, priv ? SEND_SIG_PRIV : SEND_SIG_NOINFO, pid); }
