/* SPDX-License-Identifier: MIT */
/* gettimeofday and interval timers. */
#ifndef _SYS_TIME_H
#define _SYS_TIME_H

#include <time.h>

#define ITIMER_REAL 0

struct itimerval {
    struct timeval it_interval;
    struct timeval it_value;
};

int setitimer(int which, const struct itimerval *wanted, struct itimerval *old);

#endif
