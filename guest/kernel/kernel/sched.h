// SPDX-License-Identifier: MIT
// The run queue, shared by the files of the scheduler, and the numbers that decide who is how important.
//
// active and expired are arrays of 140 lists, one per priority, with a bitmap of the lists that are not empty. A task that
// has used its slice goes to expired; when active is empty the two change places. Every step takes constant time.
//
//   priority   0 ... 99 real time   100 (nice -20) ... 120 (nice 0) ... 139 (nice 19)
//   sleep_avg  0 ... 1 s: how much a task has slept lately, in 10 bonus steps; 5 steps are average.
#pragma once
#include <linux/sched.h>

struct prio_array {
    unsigned int nr_active;
    unsigned long bitmap[BITS_TO_LONGS(MAX_PRIO + 1)];
    struct list_head queue[MAX_PRIO];
};
typedef struct runqueue {
    spinlock_t lock;
    unsigned long nr_running, nr_uninterruptible;
    unsigned long long nr_switches;
    unsigned long expired_timestamp; ///< since when somebody waits in expired, in jiffies; 0: nobody
    unsigned long long timestamp_last_tick;
    struct task_struct *curr, *idle;
    struct mm_struct *prev_mm;
    struct prio_array *active, *expired, arrays[2];
    int best_expired_prio;
} runqueue_t;
extern runqueue_t runqueue;
/// One processor: every number means the same queue.
#define cpu_rq(cpu) ((void)(cpu), &runqueue)
#define this_rq() cpu_rq(smp_processor_id())
#define task_cpu(p) ((p)->thread_info->cpu)

#define NICE_TO_PRIO(nice) (MAX_RT_PRIO + (nice) + 20)
#define PRIO_TO_NICE(prio) ((prio) - MAX_RT_PRIO - 20)
#define MAX_USER_PRIO (MAX_PRIO - MAX_RT_PRIO)
#define DEF_TIMESLICE (100 * HZ / 1000)
#define MIN_TIMESLICE (5 * HZ / 1000)
#define MAX_SLEEP_AVG (DEF_TIMESLICE * MAX_BONUS) ///< ticks
#define NS_MAX_SLEEP_AVG JIFFIES_TO_NS(MAX_SLEEP_AVG)
#define STARVATION_LIMIT MAX_SLEEP_AVG
#define MAX_BONUS 10 ///< a quarter of the 40 priorities
#define INTERACTIVE_DELTA 2
#define ON_RUNQUEUE_WEIGHT 30 ///< percent: waiting for the processor counts that much of sleeping
#define PARENT_PENALTY 100
#define CHILD_PENALTY 95
#define EXIT_WEIGHT 3
#define JIFFIES_TO_NS(ticks) ((ticks) * (1000000000UL / HZ))
#define NS_TO_JIFFIES(ns) ((ns) / (1000000000UL / HZ))
#define CURRENT_BONUS(p) (NS_TO_JIFFIES((p)->sleep_avg) * MAX_BONUS / MAX_SLEEP_AVG)
/// The sleep_avg of a number of bonus steps.
#define BONUS_TO_NS(steps) JIFFIES_TO_NS((steps) * MAX_SLEEP_AVG / MAX_BONUS)

/// How many steps better than its nice value a task has to be to count as interactive: more for the nice ones.
static inline int interactive_delta(const struct task_struct *p)
{
    return PRIO_TO_NICE(p->static_prio) * MAX_BONUS / 40 + INTERACTIVE_DELTA;
}
static inline int TASK_INTERACTIVE(const struct task_struct *p)
{
    return p->prio <= p->static_prio - interactive_delta(p);
}
/// Whoever sleeps longer than this at a stretch is taken for idle, not for interactive.
static inline unsigned long INTERACTIVE_SLEEP(const struct task_struct *p)
{
    return JIFFIES_TO_NS(MAX_SLEEP_AVG * (MAX_BONUS / 2 + interactive_delta(p) + 1) / MAX_BONUS - 1);
}
/// Interactive tasks of one priority take turns within their slices, the more interactive the faster.
static inline unsigned int TIMESLICE_GRANULARITY(const struct task_struct *p)
{
    unsigned int steps = MAX_BONUS - CURRENT_BONUS(p);
    return (10 * HZ / 1000) << ((steps ? steps : 1) - 1);
}
/// Tasks in expired have waited longer than one round, or one of them is better than who runs.
static inline int EXPIRED_STARVING(const runqueue_t *rq)
{
    return (rq->expired_timestamp && jiffies - rq->expired_timestamp >= STARVATION_LIMIT * rq->nr_running + 1) ||
           rq->curr->static_prio > rq->best_expired_prio;
}
static inline int TASK_PREEMPTS_CURR(const struct task_struct *p, const runqueue_t *rq)
{
    return p->prio < rq->curr->prio;
}

// kernel/sched_prio.c
unsigned int task_timeslice(struct task_struct *p);
int effective_prio(struct task_struct *p);
void recalc_task_prio(struct task_struct *p, unsigned long long now);
void enqueue_task(struct task_struct *p, struct prio_array *array);
void dequeue_task(struct task_struct *p, struct prio_array *array);
void requeue_task(struct task_struct *p, struct prio_array *array);
/// Nanoseconds since some moment of the boot: the TSC, or the ticks where there is none. arch/i386/kernel/time.c
unsigned long long sched_clock(void);

static inline void resched_task(struct task_struct *p) { set_tsk_need_resched(p); }
/// The queue that p belongs to, locked, with interrupts off.
static inline runqueue_t *task_rq_lock(struct task_struct *p, unsigned long *flags)
{
    runqueue_t *rq = cpu_rq(task_cpu(p));
    spin_lock_irqsave(&rq->lock, *flags);
    return rq;
}
static inline void task_rq_unlock(runqueue_t *rq, unsigned long *flags)
{
    spin_unlock_irqrestore(&rq->lock, *flags);
}
