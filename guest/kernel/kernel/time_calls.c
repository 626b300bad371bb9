// SPDX-License-Identifier: MIT
// Time as programs ask for it: time, gettimeofday, clocks, sleeping. A sleep that a signal interrupts without a handler
// goes on through restart_syscall with the time that was left (row D12). The *_time64 calls have 64-bit seconds.
#include "posix-timers.h"
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <asm/uaccess.h>

asmlinkage long sys_time(int __user *tloc)
{
    int now = get_seconds();
    return tloc && put_user(now, tloc) ? -EFAULT : now;
}

asmlinkage long sys_stime(time_t __user *tptr)
{
    struct timespec tv = { 0, 0 };
    if (get_user(tv.tv_sec, tptr))
        return -EFAULT;
    return capable(CAP_SYS_TIME) ? do_settimeofday(&tv) : -EPERM;
}

asmlinkage long sys_gettimeofday(struct timeval __user *tv, struct timezone __user *tz)
{
    struct timeval now;
    do_gettimeofday(&now);
    if (tv && copy_to_user(tv, &now, sizeof(now)))
        return -EFAULT;
    return tz && copy_to_user(tz, &sys_tz, sizeof(sys_tz)) ? -EFAULT : 0;
}

asmlinkage long sys_settimeofday(struct timeval __user *tv, struct timezone __user *tz)
{
    struct timeval user_tv;
    struct timezone user_tz;
    if ((tv && copy_from_user(&user_tv, tv, sizeof(user_tv))) || (tz && copy_from_user(&user_tz, tz, sizeof(user_tz))))
        return -EFAULT;
    if (!capable(CAP_SYS_TIME))
        return -EPERM;
    if (tz)
        sys_tz = user_tz;
    if (!tv)
        return 0;
    struct timespec ts = { user_tv.tv_sec, user_tv.tv_usec * 1000 };
    return do_settimeofday(&ts);
}

int clock_read(clockid_t clock, struct timespec *ts)
{
    struct task_struct *p;
    unsigned long ticks;
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE: getnstimeofday(ts); return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME: do_posix_clock_monotonic_gettime(ts); return 0;
    default:
        read_lock(&tasklist_lock);
        p = is_cpu_clock(clock) ? cpu_clock_task(clock) : NULL;
        ticks = p ? cpu_clock_sample(clock, p) : 0;
        read_unlock(&tasklist_lock);
        jiffies_to_timespec(ticks, ts);
        return p ? 0 : -EINVAL;
    }
}

asmlinkage long sys_clock_gettime(clockid_t clock, struct timespec __user *tp)
{
    struct timespec ts;
    int error = clock_read(clock, &ts);
    return error ? error : copy_to_user(tp, &ts, sizeof(ts)) ? -EFAULT : 0;
}

asmlinkage long sys_clock_gettime64(clockid_t clock, struct __kernel_timespec __user *tp)
{
    struct timespec ts;
    int error = clock_read(clock, &ts);
    struct __kernel_timespec kts = { ts.tv_sec, ts.tv_nsec };
    return error ? error : copy_to_user(tp, &kts, sizeof(kts)) ? -EFAULT : 0;
}

static int clock_set(clockid_t clock, struct timespec *ts)
{
    if (clock != CLOCK_REALTIME)
        return -EINVAL;
    return capable(CAP_SYS_TIME) ? do_settimeofday(ts) : -EPERM;
}

asmlinkage long sys_clock_settime(clockid_t clock, const struct timespec __user *tp)
{
    struct timespec ts;
    return copy_from_user(&ts, tp, sizeof(ts)) ? -EFAULT : clock_set(clock, &ts);
}

asmlinkage long sys_clock_settime64(clockid_t clock, const struct __kernel_timespec __user *tp)
{
    struct __kernel_timespec kts;
    if (copy_from_user(&kts, tp, sizeof(kts)))
        return -EFAULT;
    struct timespec ts = { kts.tv_sec, kts.tv_nsec };
    return clock_set(clock, &ts);
}

/// The 8254 counts in steps of 838 ns; CPU time comes in ticks.
static long resolution(clockid_t clock)
{
    if (clock > CLOCK_BOOTTIME || (clock < 0 && !is_cpu_clock(clock)))
        return -EINVAL;
    int ticks = clock < 0 || clock == CLOCK_THREAD_CPUTIME_ID || clock == CLOCK_PROCESS_CPUTIME_ID ||
                clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
    return ticks ? TICK_NSEC : 838;
}

asmlinkage long sys_clock_getres(clockid_t clock, struct timespec __user *tp)
{
    struct timespec ts = { 0, resolution(clock) };
    return ts.tv_nsec < 0 ? ts.tv_nsec : tp && copy_to_user(tp, &ts, sizeof(ts)) ? -EFAULT : 0;
}

asmlinkage long sys_clock_getres_time64(clockid_t clock, struct __kernel_timespec __user *tp)
{
    struct __kernel_timespec ts = { 0, resolution(clock) };
    return ts.tv_nsec < 0 ? (long)ts.tv_nsec : tp && copy_to_user(tp, &ts, sizeof(ts)) ? -EFAULT : 0;
}

/// How a sleeper gets back the time that was left: as two words or two quadwords.
static int put_rest(void __user *rest, unsigned long ticks, int wide)
{
    struct timespec ts;
    jiffies_to_timespec(ticks, &ts);
    struct __kernel_timespec kts = { ts.tv_sec, ts.tv_nsec };
    if (!rest)
        return 0;
    return wide ? copy_to_user(rest, &kts, sizeof(kts)) : copy_to_user(rest, &ts, sizeof(ts));
}

/// arg0 = tick at which to wake, arg1 = where to write the rest, arg2 = its width.
static long nanosleep_restart(struct restart_block *restart)
{
    unsigned long now = jiffies;
    if (!time_after(restart->arg0, now))
        return 0;
    current->state = TASK_INTERRUPTIBLE;
    long left = schedule_timeout(restart->arg0 - now);
    if (!left)
        return 0;
    if (put_rest((void __user *)restart->arg1, left, restart->arg2))
        return -EFAULT;
    restart->fn = nanosleep_restart;
    return -ERESTART_RESTARTBLOCK;
}

static long do_nanosleep(const struct timespec *t, void __user *rest, int wide)
{
    struct restart_block *restart = &current_thread_info()->restart_block;
    unsigned long expire = timespec_to_jiffies(t) + (t->tv_sec || t->tv_nsec);
    if (!expire)
        return 0;
    restart->arg0 = jiffies + expire;
    restart->arg1 = (unsigned long)rest;
    restart->arg2 = wide;
    return nanosleep_restart(restart);
}

asmlinkage long sys_nanosleep(struct timespec __user *rqtp, struct timespec __user *rmtp)
{
    struct timespec t;
    if (copy_from_user(&t, rqtp, sizeof(t)))
        return -EFAULT;
    return timespec_valid(&t) ? do_nanosleep(&t, rmtp, 0) : -EINVAL;
}

static long do_clock_nanosleep(clockid_t clock, int flags, struct timespec *t, void __user *rest, int wide)
{
    struct timespec now;
    if (clock == CLOCK_THREAD_CPUTIME_ID || clock_read(clock, &now))
        return -EINVAL;
    if (is_cpu_clock(clock)) // nobody is woken by what others compute
        return -EOPNOTSUPP;
    if (!timespec_valid(t))
        return -EINVAL;
    if (!(flags & TIMER_ABSTIME))
        return do_nanosleep(t, rest, wide);
    if (t->tv_sec < now.tv_sec || (t->tv_sec == now.tv_sec && t->tv_nsec <= now.tv_nsec))
        return 0;
    set_normalized_timespec(t, t->tv_sec - now.tv_sec, t->tv_nsec - now.tv_nsec);
    long error = do_nanosleep(t, NULL, wide);
    return error == -ERESTART_RESTARTBLOCK ? -ERESTARTNOHAND : error; // an absolute time is simply asked for again
}

asmlinkage long sys_clock_nanosleep(clockid_t clock, int flags, const struct timespec __user *rqtp,
                                    struct timespec __user *rmtp)
{
    struct timespec t;
    return copy_from_user(&t, rqtp, sizeof(t)) ? -EFAULT : do_clock_nanosleep(clock, flags, &t, rmtp, 0);
}

asmlinkage long sys_clock_nanosleep_time64(clockid_t clock, int flags, const struct __kernel_timespec __user *rqtp,
                                           struct __kernel_timespec __user *rmtp)
{
    struct __kernel_timespec kts;
    if (copy_from_user(&kts, rqtp, sizeof(kts)))
        return -EFAULT;
    struct timespec t = { kts.tv_sec > INT_MAX ? INT_MAX : (time_t)kts.tv_sec, kts.tv_nsec };
    return do_clock_nanosleep(clock, flags, &t, rmtp, 1);
}

/// Adjusting the clock's rate is not there; asking for the state is.
/// The clock is steered by nobody: a look tells so, a change is refused.
struct timex {
    u32 modes;
    long offset, freq, maxerror, esterror;
    int status;
    long constant, precision, tolerance;
    struct timeval time;
    long tick, unused[19];
};
#define STA_UNSYNC 0x40
#define TIME_ERROR 5

asmlinkage long sys_adjtimex(struct timex __user *txc)
{
    struct timex t;
    if (copy_from_user(&t, txc, sizeof(t)))
        return -EFAULT;
    if (t.modes)
        return -EPERM;
    memset(&t, 0, sizeof(t));
    t.maxerror = t.esterror = 16384000;
    t.status = STA_UNSYNC;
    t.constant = 2;
    t.precision = 1;
    t.tolerance = 33554432;
    t.tick = 1000000 / USER_HZ;
    do_gettimeofday(&t.time);
    return copy_to_user(txc, &t, sizeof(t)) ? -EFAULT : TIME_ERROR;
}
