// SPDX-License-Identifier: MIT
// What a process may use and has used: limits, times, usage, priorities; and the simplest calls: getpid and its family.
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <linux/times.h>
#include <asm/uaccess.h>

/// The number of the process, not of the thread: threads share it. Row D19.
SYSCALL_DEFINE0(getpid)
{
    return current->tgid;
}
asmlinkage long sys_gettid(void) { return current->pid; }
/// The parent may end, and another take its place.
asmlinkage long sys_getppid(void)
{
    read_lock(&tasklist_lock);
    long pid = current->group_leader->real_parent->tgid;
    read_unlock(&tasklist_lock);
    return pid;
}

asmlinkage long sys_getrlimit(unsigned int resource, struct rlimit __user *rlim)
{
    if (resource >= RLIM_NLIMITS)
        return -EINVAL;
    return copy_to_user(rlim, &current->signal->rlim[resource], sizeof(*rlim)) ? -EFAULT : 0;
}

/// Limits above 2^31 look infinite to the oldest programs.
asmlinkage long sys_old_getrlimit(unsigned int resource, struct rlimit __user *rlim)
{
    if (resource >= RLIM_NLIMITS)
        return -EINVAL;
    struct rlimit x = current->signal->rlim[resource];
    x.rlim_cur = min(x.rlim_cur, 0x7fffffffUL);
    x.rlim_max = min(x.rlim_max, 0x7fffffffUL);
    return copy_to_user(rlim, &x, sizeof(x)) ? -EFAULT : 0;
}

static long set_limit(struct task_struct *p, unsigned int resource, const struct rlimit *new)
{
    struct rlimit *old = &p->signal->rlim[resource];
    if (new->rlim_cur > new->rlim_max)
        return -EINVAL;
    if (new->rlim_max > old->rlim_max && !capable(CAP_SYS_RESOURCE))
        return -EPERM;
    if (resource == RLIMIT_NOFILE && new->rlim_max > 16384)
        return -EPERM;
    *old = *new;
    return 0;
}

asmlinkage long sys_setrlimit(unsigned int resource, struct rlimit __user *rlim)
{
    struct rlimit new;
    if (resource >= RLIM_NLIMITS)
        return -EINVAL;
    return copy_from_user(&new, rlim, sizeof(new)) ? -EFAULT : set_limit(current, resource, &new);
}

static u64 widen(unsigned long limit) { return limit == RLIM_INFINITY ? ~0ULL : limit; }
static unsigned long narrow(u64 limit) { return limit >= RLIM_INFINITY ? RLIM_INFINITY : (unsigned long)limit; }

asmlinkage long sys_prlimit64(pid_t pid, unsigned int resource, const struct rlimit64 __user *new_rlim,
                              struct rlimit64 __user *old_rlim)
{
    struct rlimit64 new64, old64;
    struct task_struct *p = pid ? find_task_by_pid(pid) : current;
    if (!p || !p->signal)
        return -ESRCH;
    if (resource >= 16)
        return -EINVAL;
    int known = resource < RLIM_NLIMITS; // the three that came later are unlimited
    if (p != current && current->uid != p->uid && !capable(CAP_SYS_RESOURCE))
        return -EPERM;
    if (new_rlim && copy_from_user(&new64, new_rlim, sizeof(new64)))
        return -EFAULT;
    old64 = known ? (struct rlimit64){ widen(p->signal->rlim[resource].rlim_cur),
                                       widen(p->signal->rlim[resource].rlim_max) }
                  : (struct rlimit64){ ~0ULL, ~0ULL };
    if (new_rlim && known) {
        struct rlimit new = { narrow(new64.rlim_cur), narrow(new64.rlim_max) };
        long error = set_limit(p, resource, &new);
        if (error)
            return error;
    }
    return old_rlim && copy_to_user(old_rlim, &old64, sizeof(old64)) ? -EFAULT : 0;
}

static void add_thread(struct rusage *r, struct task_struct *t, unsigned long *utime, unsigned long *stime)
{
    *utime += t->utime;
    *stime += t->stime;
    r->ru_nvcsw += t->nvcsw;
    r->ru_nivcsw += t->nivcsw;
    r->ru_minflt += t->min_flt;
    r->ru_majflt += t->maj_flt;
}

void k_getrusage(struct task_struct *p, int who, struct rusage *r)
{
    unsigned long utime = 0, stime = 0, maxrss = 0;
    struct signal_struct *sig = p->signal;
    memset(r, 0, sizeof(*r));
    if (who == RUSAGE_CHILDREN || who == RUSAGE_BOTH) {
        utime = sig->cutime;
        stime = sig->cstime;
        r->ru_nvcsw = sig->cnvcsw;
        r->ru_nivcsw = sig->cnivcsw;
        r->ru_minflt = sig->cmin_flt;
        r->ru_majflt = sig->cmaj_flt;
        maxrss = sig->cmaxrss;
    }
    if (who == RUSAGE_THREAD) {
        add_thread(r, p, &utime, &stime);
    } else if (who != RUSAGE_CHILDREN) {
        utime += sig->utime;
        stime += sig->stime;
        struct task_struct *t = p;
        do {
            add_thread(r, t, &utime, &stime);
            t = next_thread(t);
        } while (t != p);
        maxrss = max(maxrss, max(sig->maxrss, p->mm ? p->mm->rss : 0));
    }
    r->ru_maxrss = maxrss << (PAGE_SHIFT - 10);
    jiffies_to_timeval(utime, &r->ru_utime);
    jiffies_to_timeval(stime, &r->ru_stime);
}

int getrusage(struct task_struct *p, int who, struct rusage __user *ru)
{
    struct rusage r;
    k_getrusage(p, who, &r);
    return copy_to_user(ru, &r, sizeof(r)) ? -EFAULT : 0;
}

asmlinkage long sys_getrusage(int who, struct rusage __user *ru)
{
    return who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != RUSAGE_THREAD ? -EINVAL : getrusage(current, who, ru);
}

asmlinkage long sys_times(struct tms __user *tbuf)
{
    struct signal_struct *sig = current->signal;
    unsigned long utime = sig->utime, stime = sig->stime;
    struct task_struct *t = current;
    do {
        utime += t->utime;
        stime += t->stime;
        t = next_thread(t);
    } while (t != current);
    struct tms tms = { jiffies_to_clock_t(utime), jiffies_to_clock_t(stime), jiffies_to_clock_t(sig->cutime),
                       jiffies_to_clock_t(sig->cstime) };
    if (tbuf && copy_to_user(tbuf, &tms, sizeof(tms)))
        return -EFAULT;
    return (long)jiffies_64_to_clock_t(get_jiffies_64());
}

static int set_one_prio(struct task_struct *p, int nice, int error)
{
    if (p->uid != current->euid && p->uid != current->uid && !capable(CAP_SYS_NICE))
        return -EPERM;
    if (nice < task_nice(p) && !capable(CAP_SYS_NICE))
        return -EACCES;
    set_user_nice(p, nice);
    return error == -ESRCH ? 0 : error;
}

/// Calls one of two functions for every task that which/who names. nice = 99: just look; the best value is the result.
static long each_priority(int which, int who, int nice)
{
    struct task_struct *p;
    int set = nice != 99;
    long result = -ESRCH;
#define ONE(p) \
    do { \
        if (set) \
            result = set_one_prio(p, nice, result); \
        else \
            result = max(result, (long)(20 - task_nice(p))); \
    } while (0)
    switch (which) {
    case PRIO_PROCESS:
        p = who ? find_task_by_pid(who) : current;
        if (p)
            ONE(p);
        return result;
    case PRIO_PGRP:
        if (!who)
            who = process_group(current);
        do_each_task_pid(who, PIDTYPE_PGID, p) {
            ONE(p);
        } while_each_task_pid(who, PIDTYPE_PGID, p);
        return result;
    case PRIO_USER:
        if (!who)
            who = current->uid;
        for_each_process(p)
            if (p->uid == (uid_t)who)
                ONE(p);
        return result;
    default: return -EINVAL;
    }
#undef ONE
}

asmlinkage long sys_setpriority(int which, int who, int niceval)
{
    return each_priority(which, who, niceval < -20 ? -20 : niceval > 19 ? 19 : niceval);
}

/// 20 - nice, so that no priority looks like an error: 1...40.
asmlinkage long sys_getpriority(int which, int who) { return each_priority(which, who, 99); }
