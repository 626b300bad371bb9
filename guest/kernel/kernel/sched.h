// SPDX-License-Identifier: MIT
// The run queue, shared by the files of the scheduler.
//
// active and expired are arrays of 140 lists, one per priority, with a bitmap of the lists that are not empty. A task that
// has used its slice goes to expired; when active is empty the two change places. Every step takes constant time.
#pragma once
#include <linux/sched.h>

struct prio_array {
    unsigned int nr_active;
    unsigned long bitmap[BITS_TO_LONGS(MAX_PRIO + 1)];
    struct list_head queue[MAX_PRIO];
};
typedef struct runqueue {
    unsigned long nr_running, nr_uninterruptible;
    unsigned long long nr_switches;
    unsigned long expired_timestamp;
    struct task_struct *curr, *idle;
    struct mm_struct *prev_mm;
    struct prio_array *active, *expired, arrays[2];
    int best_expired_prio;
} runqueue_t;
extern runqueue_t runqueue;

#define NICE_TO_PRIO(nice) (MAX_RT_PRIO + (nice) + 20)
#define PRIO_TO_NICE(prio) ((prio) - MAX_RT_PRIO - 20)
#define DEF_TIMESLICE (100 * HZ / 1000)
#define MIN_TIMESLICE (5 * HZ / 1000)
#define MAX_SLEEP_AVG (DEF_TIMESLICE * 10) ///< ticks
#define MAX_BONUS 10
#define CURRENT_BONUS(p) ((p)->sleep_avg * MAX_BONUS / MAX_SLEEP_AVG)
#define PARENT_PENALTY 100
#define CHILD_PENALTY 95

unsigned int task_timeslice(struct task_struct *p);
int effective_prio(struct task_struct *p);
void dequeue_task(struct task_struct *p, struct prio_array *array);
void enqueue_task(struct task_struct *p, struct prio_array *array);
void deactivate_task(struct task_struct *p, runqueue_t *rq);
static inline int task_preempts_curr(struct task_struct *p, runqueue_t *rq) { return p->prio < rq->curr->prio; }
