// SPDX-License-Identifier: MIT
// jiffies, the wall clock (xtime), and conversions between the ways to say a time.
// Time of day = xtime (advanced by each tick) + what the 8254 has counted since; monotonic = that + wall_to_monotonic.
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/time.h>

u64 jiffies_64;
__asm__(".globl jiffies\n.set jiffies, jiffies_64"); // the low half of the little-endian counter
struct timespec xtime, wall_to_monotonic;
struct timezone sys_tz;
extern unsigned long do_gettimeoffset(void);
extern void calc_load(void);

void do_timer(struct pt_regs *regs)
{
    jiffies_64++;
    xtime.tv_nsec += TICK_NSEC;
    if (xtime.tv_nsec >= NSEC_PER_SEC) {
        xtime.tv_nsec -= NSEC_PER_SEC;
        xtime.tv_sec++;
    }
    calc_load();
    update_process_times(user_mode(regs));
}

void set_normalized_timespec(struct timespec *ts, time_t sec, long nsec)
{
    while (nsec >= NSEC_PER_SEC) {
        nsec -= NSEC_PER_SEC;
        sec++;
    }
    while (nsec < 0) {
        nsec += NSEC_PER_SEC;
        sec--;
    }
    ts->tv_sec = sec;
    ts->tv_nsec = nsec;
}

void getnstimeofday(struct timespec *ts)
{
    unsigned long flags;
    local_irq_save(flags);
    unsigned long offset = do_gettimeoffset();
    set_normalized_timespec(ts, xtime.tv_sec, xtime.tv_nsec + offset);
    local_irq_restore(flags);
}

void do_gettimeofday(struct timeval *tv)
{
    struct timespec ts;
    getnstimeofday(&ts);
    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;
}

int do_settimeofday(struct timespec *tv)
{
    unsigned long flags;
    if (!timespec_valid(tv))
        return -EINVAL;
    local_irq_save(flags);
    set_normalized_timespec(&wall_to_monotonic, wall_to_monotonic.tv_sec + (xtime.tv_sec - tv->tv_sec),
                            wall_to_monotonic.tv_nsec + (xtime.tv_nsec - tv->tv_nsec));
    xtime = *tv;
    local_irq_restore(flags);
    return 0;
}

void do_posix_clock_monotonic_gettime(struct timespec *ts)
{
    unsigned long flags;
    local_irq_save(flags);
    getnstimeofday(ts);
    set_normalized_timespec(ts, ts->tv_sec + wall_to_monotonic.tv_sec, ts->tv_nsec + wall_to_monotonic.tv_nsec);
    local_irq_restore(flags);
}

struct timespec current_kernel_time(void) { return xtime; }
unsigned long get_seconds(void) { return xtime.tv_sec; }

/// Days by the civil calendar: years begin in March, so that the leap day is the last.
unsigned long mktime(unsigned int year, unsigned int mon, unsigned int day, unsigned int hour, unsigned int min,
                     unsigned int sec)
{
    if (mon <= 2) {
        mon += 12;
        year--;
    }
    unsigned long days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * (mon - 3) + 2) / 5 + day - 1 - 719468;
    return ((days * 24 + hour) * 60 + min) * 60 + sec;
}

unsigned long timespec_to_jiffies(const struct timespec *t)
{
    if ((unsigned long)t->tv_sec >= MAX_JIFFY_OFFSET / HZ - 1)
        return MAX_JIFFY_OFFSET;
    return t->tv_sec * HZ + DIV_ROUND_UP(t->tv_nsec, TICK_NSEC);
}

void jiffies_to_timespec(unsigned long j, struct timespec *t)
{
    t->tv_sec = j / HZ;
    t->tv_nsec = (j % HZ) * TICK_NSEC;
}

unsigned long timeval_to_jiffies(const struct timeval *t)
{
    struct timespec ts = { t->tv_sec, t->tv_usec * 1000 };
    return timespec_to_jiffies(&ts);
}

void jiffies_to_timeval(unsigned long j, struct timeval *t)
{
    t->tv_sec = j / HZ;
    t->tv_usec = (j % HZ) * (USEC_PER_SEC / HZ);
}
