// SPDX-License-Identifier: MIT
// A POSIX timer: on the timer wheel (posix-timers.c), or looked at in each tick that its process gets (posix-cpu-timers.c).
#pragma once
#include <linux/sched.h>

#define SIGEV_NONE 1
struct k_itimer {
    struct k_itimer *next; ///< of this process
    timer_t id;
    clockid_t clock;
    int notify, signo;
    struct task_struct *process, *leader; ///< who gets the signal: the one thread, or the process
    unsigned long incr; ///< ticks; 0: once
    int overrun_last; ///< of the signal before the one that waits
    struct timer_list timer;
    int armed; ///< by a clock of CPU time
    unsigned long cpu_expires; ///< that clock's tick
    struct task_struct *cpu_task; ///< whose time, or of whose process
    struct sigqueue *sigq;
};

/// The timer is due.
void posix_timer_event(struct k_itimer *timr);

// kernel/posix-cpu-timers.c
/// Is it a clock of CPU time?
int is_cpu_clock(clockid_t clock);
/// The task whose time, or whose process' time, it tells; NULL for none.
struct task_struct *cpu_clock_task(clockid_t clock);
unsigned long cpu_clock_sample(clockid_t clock, struct task_struct *p);
void arm_cpu_timer(struct k_itimer *timr, const struct timespec *value, int absolute);
void disarm_cpu_timer(struct k_itimer *timr);
/// Ticks until it is due, at least 1; 0: it is not armed.
unsigned long cpu_timer_left(struct k_itimer *timr);
