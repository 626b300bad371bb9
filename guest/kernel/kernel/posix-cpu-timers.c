// SPDX-License-Identifier: MIT
// Clocks of CPU time and the timers that go by them. A clock is CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, or a number
// that holds a PID, as clock_getcpuclockid(3) makes them:
//
//     31                     3   2      1 0
//     [ ~PID (0: the caller) | thread | 0 all time, 1 time in user mode, 2 all time by the scheduler; 3 is no clock of these ]
//
// CPU time is charged in ticks, so a timer is due in a tick that its process gets: update_process_times looks at the timers of whom
// it charges. 2.6.11 has the two clocks; these timers and numbers came with 2.6.12, from whose kernel/posix-cpu-timers.c the
// names are.
#include "posix-timers.h"
#include "signal.h"
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>

#define CPUCLOCK_PER_THREAD(clock) (((clock) & 4) != 0)
#define CPUCLOCK_PID(clock) ((pid_t) ~((clock) >> 3))
#define CPUCLOCK_WHICH(clock) ((clock) & 3)
#define CPUCLOCK_VIRT 1
#define CPUCLOCK_MAX 3

int is_cpu_clock(clockid_t clock)
{
    return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID ||
           (clock < 0 && CPUCLOCK_WHICH(clock) < CPUCLOCK_MAX);
}

static int is_per_thread(clockid_t clock)
{
    return clock < 0 ? CPUCLOCK_PER_THREAD(clock) : clock == CLOCK_THREAD_CPUTIME_ID;
}

struct task_struct *cpu_clock_task(clockid_t clock)
{
    if (clock >= 0 || !CPUCLOCK_PID(clock))
        return is_per_thread(clock) ? current : current->group_leader;
    struct task_struct *p = find_task_by_pid(CPUCLOCK_PID(clock));
    if (!p || !p->signal)
        return NULL;
    if (is_per_thread(clock)) // threads' times are their process' own affair
        return p->tgid == current->tgid ? p : NULL;
    return thread_group_leader(p) ? p : NULL;
}

static unsigned long ticks_of(clockid_t clock, struct task_struct *p)
{
    return clock < 0 && CPUCLOCK_WHICH(clock) == CPUCLOCK_VIRT ? p->utime : p->utime + p->stime;
}

unsigned long cpu_clock_sample(clockid_t clock, struct task_struct *p)
{
    if (is_per_thread(clock))
        return ticks_of(clock, p);
    struct signal_struct *sig = p->signal;
    unsigned long ticks = sig ? sig->utime : 0; // of threads that have gone
    if (sig && !(clock < 0 && CPUCLOCK_WHICH(clock) == CPUCLOCK_VIRT))
        ticks += sig->stime;
    struct task_struct *t = p;
    do {
        ticks += ticks_of(clock, t);
        t = next_thread(t);
    } while (t != p);
    return ticks;
}

/// REQUIRES: interrupts are off, here and in the next two; the timer is of the caller's process, as it is in a tick.
void arm_cpu_timer(struct k_itimer *timr, const struct timespec *value, int absolute)
{
    unsigned long ticks = timespec_to_jiffies(value);
    // Part of the tick that runs has been used by others: one more, so that it is never early.
    timr->cpu_expires = absolute ? ticks : cpu_clock_sample(timr->clock, timr->cpu_task) + ticks + 1;
    timr->armed = 1;
    current->signal->cpu_timers++;
}

void disarm_cpu_timer(struct k_itimer *timr)
{
    if (timr->armed)
        current->signal->cpu_timers--;
    timr->armed = 0;
}

unsigned long cpu_timer_left(struct k_itimer *timr)
{
    if (!timr->armed)
        return 0;
    unsigned long left = timr->cpu_expires - cpu_clock_sample(timr->clock, timr->cpu_task);
    return (long)left <= 0 ? 1 : left;
}

static void check_timer(struct k_itimer *timr)
{
    if ((long)(cpu_clock_sample(timr->clock, timr->cpu_task) - timr->cpu_expires) < 0)
        return;
    if (timr->incr)
        timr->cpu_expires += timr->incr;
    else
        disarm_cpu_timer(timr);
    if (timr->notify != SIGEV_NONE)
        posix_timer_event(timr);
}

/// From the tick, which has just been charged to p.
void run_posix_cpu_timers(struct task_struct *p)
{
    unsigned long flags;
    local_irq_save(flags);
    for (struct k_itimer *timr = p->signal->posix_timers; timr && p->signal->cpu_timers; timr = timr->next)
        if (timr->armed)
            check_timer(timr);
    local_irq_restore(flags);
}
