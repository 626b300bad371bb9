// SPDX-License-Identifier: MIT
// Times as users see them.
#pragma once

#include <linux/types.h>
#include <asm/div64.h>

struct timespec {
    time_t tv_sec;
    long tv_nsec;
};
struct timeval {
    time_t tv_sec;
    suseconds_t tv_usec;
};
struct timezone {
    int tz_minuteswest, tz_dsttime;
};
struct itimerval {
    struct timeval it_interval, it_value;
};
struct itimerspec {
    struct timespec it_interval, it_value;
};
/// The 64-bit variants of the time64 calls (403-422).
struct __kernel_timespec {
    long long tv_sec;
    long long tv_nsec;
};

#define NSEC_PER_SEC 1000000000L
#define NSEC_PER_USEC 1000L
#define USEC_PER_SEC 1000000L
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID 3
#define CLOCK_MONOTONIC_RAW 4
#define CLOCK_REALTIME_COARSE 5
#define CLOCK_MONOTONIC_COARSE 6
#define CLOCK_BOOTTIME 7
#define TIMER_ABSTIME 1
#define ITIMER_REAL 0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF 2

#define CURRENT_TIME (current_kernel_time())
#define CURRENT_TIME_SEC ((struct timespec){ get_seconds(), 0 })
extern struct timespec xtime, wall_to_monotonic;
extern struct timezone sys_tz;
struct timespec current_kernel_time(void);
unsigned long get_seconds(void);
void do_gettimeofday(struct timeval *tv);
int do_settimeofday(struct timespec *tv);
/// The time by one of the clocks above; -EINVAL. kernel/time_calls.c
int clock_read(clockid_t clock, struct timespec *ts);
void getnstimeofday(struct timespec *ts);
/// Time since boot.
void do_posix_clock_monotonic_gettime(struct timespec *ts);
unsigned long mktime(unsigned int year, unsigned int mon, unsigned int day, unsigned int hour, unsigned int min,
                     unsigned int sec);
void set_normalized_timespec(struct timespec *ts, time_t sec, long nsec);
static inline int timespec_valid(const struct timespec *t)
{
    return t->tv_sec >= 0 && (unsigned long)t->tv_nsec < NSEC_PER_SEC;
}
