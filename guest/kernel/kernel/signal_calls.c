// SPDX-License-Identifier: MIT
// The system calls about signals: kill and its relatives, sigaction, sigprocmask, pending, waiting, the alternate stack.
// The old calls (one word of signals) and the rt_ ones (two words) are the same inside.
#include "signal.h"
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <asm/uaccess.h>

static int kill_everybody(int sig, struct siginfo *info)
{
    struct task_struct *p;
    int retval = 0, count = 0;
    read_lock(&tasklist_lock);
    for_each_process(p) {
        if (p->pid <= 1 || p == current->group_leader)
            continue;
        int error = group_send_sig_info(sig, info, p);
        count++;
        if (error != -EPERM)
            retval = error;
    }
    read_unlock(&tasklist_lock);
    return count ? retval : -ESRCH;
}

static void user_info(struct siginfo *info, int sig, int code)
{
    memset(info, 0, sizeof(*info));
    info->si_signo = sig;
    info->si_code = code;
    info->si_pid = current->tgid;
    info->si_uid = current->uid;
}

/// pid > 0: a process; 0: my group; -1: everybody but init and me; < -1: group -pid.
asmlinkage long sys_kill(int pid, int sig)
{
    struct siginfo info;
    user_info(&info, sig, SI_USER);
    if (pid > 0)
        return kill_proc_info(sig, &info, pid);
    if (pid == -1)
        return kill_everybody(sig, &info);
    return kill_pg_info(sig, &info, pid ? -pid : process_group(current));
}

asmlinkage long sys_tgkill(int tgid, int pid, int sig)
{
    struct siginfo info;
    if (tgid <= 0 || pid <= 0)
        return -EINVAL;
    user_info(&info, sig, SI_TKILL);
    read_lock(&tasklist_lock);
    struct task_struct *p = find_task_by_pid(pid);
    int error = p && p->tgid == tgid ? send_sig_to_task(sig, &info, p) : -ESRCH;
    read_unlock(&tasklist_lock);
    return error;
}

asmlinkage long sys_tkill(int pid, int sig)
{
    struct siginfo info;
    if (pid <= 0)
        return -EINVAL;
    user_info(&info, sig, SI_TKILL);
    read_lock(&tasklist_lock);
    struct task_struct *p = find_task_by_pid(pid);
    int error = p ? send_sig_to_task(sig, &info, p) : -ESRCH;
    read_unlock(&tasklist_lock);
    return error;
}

asmlinkage long sys_rt_sigqueueinfo(int pid, int sig, siginfo_t __user *uinfo)
{
    siginfo_t info;
    if (copy_from_user(&info, uinfo, sizeof(info)))
        return -EFAULT;
    if (info.si_code >= 0)
        return -EPERM; // no one may pose as the kernel
    if (pid <= 0)
        return -ESRCH; // number 0 is the idle task's, which would keep the signal for ever
    info.si_signo = sig;
    return kill_proc_info(sig, &info, pid);
}

/// The same to one thread: pthread_sigqueue.
asmlinkage long sys_rt_tgsigqueueinfo(int tgid, int pid, int sig, siginfo_t __user *uinfo)
{
    siginfo_t info;
    if (copy_from_user(&info, uinfo, sizeof(info)))
        return -EFAULT;
    if (tgid <= 0 || pid <= 0)
        return -EINVAL;
    if ((info.si_code >= 0 || info.si_code == SI_TKILL) && current->pid != pid)
        return -EPERM;
    info.si_signo = sig;
    struct task_struct *p = find_task_by_pid(pid);
    return p && p->tgid == tgid ? send_sig_to_task(sig, &info, p) : -ESRCH;
}

static void drop_pending_in(int sig, struct sigpending *s)
{
    if (sig < SIGRTMIN)
        rm_from_queue(sigmask(sig), s);
    else
        rm_from_queue_rt(sig, s);
}

static void drop_pending(int sig)
{
    struct task_struct *t = current;
    drop_pending_in(sig, &t->signal->shared_pending);
    do {
        drop_pending_in(sig, &t->pending);
        recalc_sigpending_tsk(t);
        t = next_thread(t);
    } while (t != current);
}

int do_sigaction(int sig, const struct k_sigaction *act, struct k_sigaction *oact)
{
    if (!valid_signal(sig) || sig < 1 || (act && sig_kernel_only(sig)))
        return -EINVAL;
    // A fatal signal may be waiting for several threads: it is taken before an action changes.
    if (signal_pending(current))
        return -ERESTARTNOINTR;
    struct k_sigaction *k = &current->sighand->action[sig - 1];
    local_irq_disable(); // another thread may be here, too
    if (oact)
        *oact = *k;
    if (!act) {
        local_irq_enable();
        return 0;
    }
    *k = *act;
    sigdelsetmask(&k->sa.sa_mask, sigmask(SIGKILL) | sigmask(SIGSTOP));
    // What waits and is now ignored is dropped.
    if (k->sa.sa_handler == SIG_IGN || (k->sa.sa_handler == SIG_DFL && sig_kernel_ignore(sig)))
        drop_pending(sig);
    local_irq_enable();
    return 0;
}

asmlinkage long sys_rt_sigaction(int sig, const struct sigaction __user *act, struct sigaction __user *oact,
                                 size_t sigsetsize)
{
    struct k_sigaction new, old;
    if (sigsetsize != sizeof(sigset_t))
        return -EINVAL;
    if (act && copy_from_user(&new.sa, act, sizeof(new.sa)))
        return -EFAULT;
    int error = do_sigaction(sig, act ? &new : NULL, oact ? &old : NULL);
    if (!error && oact && copy_to_user(oact, &old.sa, sizeof(old.sa)))
        return -EFAULT;
    return error;
}

asmlinkage int sys_sigaction(int sig, const struct old_sigaction __user *act, struct old_sigaction __user *oact)
{
    struct k_sigaction new, old;
    struct old_sigaction o;
    if (act) {
        if (copy_from_user(&o, act, sizeof(o)))
            return -EFAULT;
        new.sa.sa_handler = o.sa_handler;
        new.sa.sa_flags = o.sa_flags;
        new.sa.sa_restorer = o.sa_restorer;
        siginitset(&new.sa.sa_mask, o.sa_mask);
    }
    int error = do_sigaction(sig, act ? &new : NULL, oact ? &old : NULL);
    if (!error && oact) {
        o = (struct old_sigaction){ old.sa.sa_handler, old.sa.sa_mask.sig[0], old.sa.sa_flags, old.sa.sa_restorer };
        if (copy_to_user(oact, &o, sizeof(o)))
            return -EFAULT;
    }
    return error;
}

asmlinkage unsigned long sys_signal(int sig, __sighandler_t handler)
{
    struct k_sigaction new, old;
    new.sa.sa_handler = handler;
    new.sa.sa_flags = SA_ONESHOT | SA_NOMASK;
    new.sa.sa_restorer = NULL;
    sigemptyset(&new.sa.sa_mask);
    int error = do_sigaction(sig, &new, &old);
    return error ? (unsigned long)error : (unsigned long)old.sa.sa_handler;
}

int sigprocmask(int how, sigset_t *set, sigset_t *oldset)
{
    sigset_t new = current->blocked;
    if (oldset)
        *oldset = current->blocked;
    switch (how) {
    case SIG_BLOCK: sigorsets(&new, &new, set); break;
    case SIG_UNBLOCK: signandsets(&new, &new, set); break;
    case SIG_SETMASK: new = *set; break;
    default: return -EINVAL;
    }
    local_irq_disable();
    current->blocked = new;
    recalc_sigpending();
    local_irq_enable();
    return 0;
}

asmlinkage long sys_rt_sigprocmask(int how, sigset_t __user *set, sigset_t __user *oset, size_t sigsetsize)
{
    sigset_t new, old = current->blocked;
    if (sigsetsize != sizeof(sigset_t))
        return -EINVAL;
    if (set) {
        if (copy_from_user(&new, set, sizeof(new)))
            return -EFAULT;
        sigdelsetmask(&new, sigmask(SIGKILL) | sigmask(SIGSTOP));
        int error = sigprocmask(how, &new, &old);
        if (error)
            return error;
    }
    return oset && copy_to_user(oset, &old, sizeof(old)) ? -EFAULT : 0;
}

asmlinkage long sys_sigprocmask(int how, old_sigset_t __user *set, old_sigset_t __user *oset)
{
    old_sigset_t word, old = current->blocked.sig[0];
    if (set) {
        if (get_user(word, set))
            return -EFAULT;
        sigset_t new = current->blocked;
        word &= ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
        switch (how) {
        case SIG_BLOCK: new.sig[0] |= word; break;
        case SIG_UNBLOCK: new.sig[0] &= ~word; break;
        case SIG_SETMASK: new.sig[0] = word; break;
        default: return -EINVAL;
        }
        sigprocmask(SIG_SETMASK, &new, NULL);
    }
    return oset ? put_user(old, oset) : 0;
}

asmlinkage int sys_sgetmask(void) { return current->blocked.sig[0]; }
asmlinkage long sys_ssetmask(int newmask)
{
    int old = current->blocked.sig[0];
    sigset_t new;
    siginitset(&new, newmask & ~(sigmask(SIGKILL) | sigmask(SIGSTOP)));
    sigprocmask(SIG_SETMASK, &new, NULL);
    return old;
}

static void pending_and_blocked(sigset_t *set)
{
    collect_pending(current, set);
    sigandsets(set, set, &current->blocked);
}

asmlinkage long sys_rt_sigpending(sigset_t __user *uset, size_t sigsetsize)
{
    sigset_t set;
    if (sigsetsize > sizeof(sigset_t))
        return -EINVAL;
    pending_and_blocked(&set);
    return copy_to_user(uset, &set, sigsetsize) ? -EFAULT : 0;
}

asmlinkage long sys_sigpending(old_sigset_t __user *uset)
{
    sigset_t set;
    pending_and_blocked(&set);
    return put_user(set.sig[0], uset);
}

asmlinkage int sys_pause(void)
{
    current->state = TASK_INTERRUPTIBLE;
    schedule();
    return -ERESTARTNOHAND;
}

int copy_siginfo_to_user(siginfo_t __user *to, siginfo_t *from)
{
    return copy_to_user(to, from, sizeof(*from)) ? -EFAULT : 0;
}

/// Takes one signal of `set` without a handler, waiting at most `timeout` ticks.
static long do_sigtimedwait(const sigset_t *set, siginfo_t __user *uinfo, long timeout)
{
    sigset_t others;
    siginfo_t info;
    others.sig[0] = ~set->sig[0] | 0;
    others.sig[1] = ~set->sig[1];
    sigaddsetmask(&others, sigmask(SIGKILL) | sigmask(SIGSTOP));
    local_irq_disable();
    int sig = dequeue_signal(current, &others, &info);
    if (!sig && timeout) {
        current->real_blocked = current->blocked; // unblocked while we sleep, so that they wake us
        sigandsets(&current->blocked, &current->blocked, &others);
        recalc_sigpending();
        current->state = TASK_INTERRUPTIBLE;
        local_irq_enable();
        timeout = schedule_timeout(timeout);
        local_irq_disable();
        sig = dequeue_signal(current, &others, &info);
        current->blocked = current->real_blocked;
        sigemptyset(&current->real_blocked);
        recalc_sigpending();
    }
    local_irq_enable();
    if (!sig)
        return timeout ? -EINTR : -EAGAIN;
    return uinfo && copy_siginfo_to_user(uinfo, &info) ? -EFAULT : sig;
}

asmlinkage long sys_rt_sigtimedwait(const sigset_t __user *uthese, siginfo_t __user *uinfo,
                                    const struct timespec __user *uts, size_t sigsetsize)
{
    sigset_t set;
    struct timespec ts;
    if (sigsetsize != sizeof(sigset_t))
        return -EINVAL;
    if (copy_from_user(&set, uthese, sizeof(set)) || (uts && copy_from_user(&ts, uts, sizeof(ts))))
        return -EFAULT;
    if (uts && !timespec_valid(&ts))
        return -EINVAL;
    return do_sigtimedwait(&set, uinfo,
                           uts ? (long)timespec_to_jiffies(&ts) + (ts.tv_sec || ts.tv_nsec) : MAX_SCHEDULE_TIMEOUT);
}

asmlinkage long sys_rt_sigtimedwait_time64(const sigset_t __user *uthese, siginfo_t __user *uinfo,
                                           const struct __kernel_timespec __user *uts, size_t sigsetsize)
{
    sigset_t set;
    struct __kernel_timespec ts64;
    struct timespec ts;
    if (sigsetsize != sizeof(sigset_t))
        return -EINVAL;
    if (copy_from_user(&set, uthese, sizeof(set)) || (uts && copy_from_user(&ts64, uts, sizeof(ts64))))
        return -EFAULT;
    if (uts) {
        ts = (struct timespec){ ts64.tv_sec > INT_MAX ? INT_MAX : (time_t)ts64.tv_sec, ts64.tv_nsec };
        if (!timespec_valid(&ts))
            return -EINVAL;
    }
    return do_sigtimedwait(&set, uinfo,
                           uts ? (long)timespec_to_jiffies(&ts) + (ts.tv_sec || ts.tv_nsec) : MAX_SCHEDULE_TIMEOUT);
}

int do_sigaltstack(const stack_t __user *uss, stack_t __user *uoss, unsigned long esp)
{
    stack_t ss, old = { (void *)current->sas_ss_sp, sas_ss_flags(esp), current->sas_ss_size };
    if (uss) {
        if (copy_from_user(&ss, uss, sizeof(ss)))
            return -EFAULT;
        if (on_sig_stack(esp))
            return -EPERM;
        if (ss.ss_flags != SS_DISABLE && ss.ss_flags != SS_ONSTACK && ss.ss_flags != 0)
            return -EINVAL;
        if (ss.ss_flags == SS_DISABLE) {
            ss.ss_size = 0;
            ss.ss_sp = NULL;
        } else if (ss.ss_size < MINSIGSTKSZ) {
            return -ENOMEM;
        }
        current->sas_ss_sp = (unsigned long)ss.ss_sp;
        current->sas_ss_size = ss.ss_size;
    }
    return uoss && copy_to_user(uoss, &old, sizeof(old)) ? -EFAULT : 0;
}

/// execve: handlers are gone with the program's code, ignored signals stay ignored.
void flush_signal_handlers(struct task_struct *t, int force_default)
{
    for (int i = 0; i < _NSIG; i++) {
        struct sigaction *sa = &t->sighand->action[i].sa;
        if (force_default || sa->sa_handler != SIG_IGN)
            sa->sa_handler = SIG_DFL;
        sa->sa_flags = 0;
        sigemptyset(&sa->sa_mask);
    }
}

/// restart_syscall: an interrupted call that must go on differently (a sleep has less time left). Row D12.
asmlinkage long sys_restart_syscall(void)
{
    struct restart_block *restart = &current_thread_info()->restart_block;
    return restart->fn(restart);
}
long do_no_restart_syscall(struct restart_block *param) { return -EINTR; }
