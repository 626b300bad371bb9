// SPDX-License-Identifier: MIT
// Interval timers and alarm: ITIMER_REAL hangs on the timer wheel, VIRTUAL and PROF are counted down by the tick
// (kernel/timer.c).
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <asm/uaccess.h>

void it_real_fn(unsigned long data)
{
    struct task_struct *p = (struct task_struct *)data;
    group_send_sig_info(SIGALRM, SEND_SIG_PRIV, p);
    if (p->it_real_incr) {
        p->real_timer.expires = jiffies + p->it_real_incr;
        add_timer(&p->real_timer);
    }
}

static unsigned long real_left(struct task_struct *p)
{
    if (!timer_pending(&p->real_timer))
        return 0;
    unsigned long left = p->real_timer.expires - jiffies;
    return (long)left <= 0 ? 1 : left;
}

static int do_getitimer(int which, struct itimerval *value)
{
    unsigned long left, interval;
    switch (which) {
    case ITIMER_REAL: left = real_left(current); interval = current->it_real_incr; break;
    case ITIMER_VIRTUAL: left = current->it_virt_value; interval = current->it_virt_incr; break;
    case ITIMER_PROF: left = current->it_prof_value; interval = current->it_prof_incr; break;
    default: return -EINVAL;
    }
    jiffies_to_timeval(left, &value->it_value);
    jiffies_to_timeval(interval, &value->it_interval);
    return 0;
}

static int do_setitimer(int which, const struct itimerval *value)
{
    unsigned long left = timeval_to_jiffies(&value->it_value), interval = timeval_to_jiffies(&value->it_interval);
    switch (which) {
    case ITIMER_REAL:
        del_timer(&current->real_timer);
        current->it_real_incr = interval;
        if (left)
            mod_timer(&current->real_timer, jiffies + left + 1);
        return 0;
    case ITIMER_VIRTUAL:
        current->it_virt_value = left ? left + 1 : 0;
        current->it_virt_incr = interval;
        return 0;
    case ITIMER_PROF:
        current->it_prof_value = left ? left + 1 : 0;
        current->it_prof_incr = interval;
        return 0;
    default: return -EINVAL;
    }
}

asmlinkage long sys_getitimer(int which, struct itimerval __user *value)
{
    struct itimerval now;
    int error = do_getitimer(which, &now);
    return error ? error : copy_to_user(value, &now, sizeof(now)) ? -EFAULT : 0;
}

static int timeval_valid(const struct timeval *t) { return t->tv_sec >= 0 && (unsigned long)t->tv_usec < USEC_PER_SEC; }

asmlinkage long sys_setitimer(int which, struct itimerval __user *value, struct itimerval __user *ovalue)
{
    struct itimerval new, old;
    memset(&new, 0, sizeof(new));
    if (value && copy_from_user(&new, value, sizeof(new)))
        return -EFAULT;
    if (!timeval_valid(&new.it_value) || !timeval_valid(&new.it_interval))
        return -EINVAL;
    int error = do_getitimer(which, &old);
    if (!error)
        error = do_setitimer(which, &new);
    return error ? error : ovalue && copy_to_user(ovalue, &old, sizeof(old)) ? -EFAULT : 0;
}

/// Seconds that were left of the last alarm, rounded, but never down to 0.
asmlinkage unsigned long sys_alarm(unsigned int seconds)
{
    struct itimerval new, old;
    memset(&new, 0, sizeof(new));
    new.it_value.tv_sec = seconds;
    do_getitimer(ITIMER_REAL, &old);
    do_setitimer(ITIMER_REAL, &new);
    return old.it_value.tv_sec + (old.it_value.tv_usec >= 500000 || (old.it_value.tv_usec && !old.it_value.tv_sec));
}
