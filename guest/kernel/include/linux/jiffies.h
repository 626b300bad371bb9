// SPDX-License-Identifier: MIT
// Time in ticks of 1/HZ second.
#pragma once

#include <linux/param.h>
#include <linux/types.h>
#include <linux/time.h>

extern unsigned long volatile jiffies;
extern u64 jiffies_64;
static inline u64 get_jiffies_64(void) { return jiffies_64; }

#define INITIAL_JIFFIES 0
#define MAX_JIFFY_OFFSET ((~0UL >> 1) - 1)
// Comparisons that survive the wrap-around.
#define time_after(a, b) ((long)(b) - (long)(a) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)(a) - (long)(b) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)

#define TICK_NSEC (1000000000 / HZ)
#define jiffies_to_msecs(j) ((unsigned int)(j) * (1000 / HZ))
static inline unsigned long msecs_to_jiffies(unsigned int m)
{
    return m > MAX_JIFFY_OFFSET ? MAX_JIFFY_OFFSET : m * (HZ / 1000);
}
#define jiffies_to_clock_t(x) ((clock_t)((x) / (HZ / USER_HZ)))
#define clock_t_to_jiffies(x) ((unsigned long)(x) * (HZ / USER_HZ))
static inline u64 jiffies_64_to_clock_t(u64 x)
{
    do_div(x, HZ / USER_HZ);
    return x;
}
unsigned long timespec_to_jiffies(const struct timespec *t);
void jiffies_to_timespec(unsigned long j, struct timespec *t);
unsigned long timeval_to_jiffies(const struct timeval *t);
void jiffies_to_timeval(unsigned long j, struct timeval *t);
