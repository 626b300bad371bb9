// SPDX-License-Identifier: MIT
// How important a task is and for how long: priorities, the bonus for sleeping, time slices, and the tick that uses them up.
//
// effective_prio: who sleeps much is interactive and gets up to 5 better than its nice value, who only computes up to 5
// worse. task_timeslice: 800 ms at nice -20, 100 ms at 0, 5 ms at 19. A slice used up sends its task to expired - or, if
// it is interactive and nobody starves, to the end of its list in active. [linux-2.6.11] kernel/sched.c; rows S09, P34.
#include "sched.h"
#include <linux/kernel.h>

void enqueue_task(struct task_struct *p, struct prio_array *array)
{
    list_add_tail(&p->run_list, array->queue + p->prio);
    __set_bit(p->prio, array->bitmap);
    array->nr_active++;
    p->array = array;
}

void dequeue_task(struct task_struct *p, struct prio_array *array)
{
    array->nr_active--;
    list_del(&p->run_list);
    if (list_empty(array->queue + p->prio))
        __clear_bit(p->prio, array->bitmap);
    p->array = NULL;
}

void requeue_task(struct task_struct *p, struct prio_array *array)
{
    list_move_tail(&p->run_list, array->queue + p->prio);
}

/// Ticks by nice: below 0 each step is worth 20 of them, above 5.
unsigned int task_timeslice(struct task_struct *p)
{
    unsigned int base = p->static_prio < NICE_TO_PRIO(0) ? DEF_TIMESLICE * 4 : DEF_TIMESLICE;
    unsigned int slice = base * (MAX_PRIO - p->static_prio) / (MAX_USER_PRIO / 2);
    return slice < MIN_TIMESLICE ? MIN_TIMESLICE : slice;
}

int effective_prio(struct task_struct *p)
{
    if (rt_task(p))
        return p->prio;
    int prio = p->static_prio - ((int)CURRENT_BONUS(p) - MAX_BONUS / 2);
    if (prio < MAX_RT_PRIO)
        return MAX_RT_PRIO;
    return prio > MAX_PRIO - 1 ? MAX_PRIO - 1 : prio;
}

/// What a sleep of this length earns. The less bonus a task has the faster it gains. Who waited uninterruptibly, for a
/// device, gains only up to what is just interactive: that wait says nothing about a person in front of it.
static void earn_sleep(struct task_struct *p, unsigned long sleep_time)
{
    unsigned long steps = MAX_BONUS - CURRENT_BONUS(p), most = INTERACTIVE_SLEEP(p);
    unsigned long long earned = (unsigned long long)sleep_time * (steps ? steps : 1);
    if (p->activated == -1 && p->mm) {
        if (p->sleep_avg >= most)
            return;
        if (p->sleep_avg + earned >= most) {
            p->sleep_avg = most;
            return;
        }
    }
    earned += p->sleep_avg;
    p->sleep_avg = earned > NS_MAX_SLEEP_AVG ? NS_MAX_SLEEP_AVG : earned;
}

/// The time since `timestamp`, asleep or (with less weight) waiting in the queue, counts for interactivity.
void recalc_task_prio(struct task_struct *p, unsigned long long now)
{
    unsigned long long asleep = now - p->timestamp;
    unsigned long sleep_time = asleep > NS_MAX_SLEEP_AVG ? NS_MAX_SLEEP_AVG : asleep;
    if (sleep_time) {
        if (p->mm && p->activated != -1 && sleep_time > INTERACTIVE_SLEEP(p))
            p->sleep_avg = JIFFIES_TO_NS(MAX_SLEEP_AVG - DEF_TIMESLICE); // idle for long: interactive, but no more
        else
            earn_sleep(p, sleep_time);
    }
    p->prio = effective_prio(p);
}

/// The end of a slice.
static void expire(struct task_struct *p, runqueue_t *rq)
{
    dequeue_task(p, rq->active);
    set_tsk_need_resched(p);
    p->prio = effective_prio(p);
    p->time_slice = task_timeslice(p);
    p->first_time_slice = 0;
    if (!rq->expired_timestamp)
        rq->expired_timestamp = jiffies;
    if (TASK_INTERACTIVE(p) && !EXPIRED_STARVING(rq)) {
        enqueue_task(p, rq->active);
        return;
    }
    enqueue_task(p, rq->expired);
    if (p->static_prio < rq->best_expired_prio)
        rq->best_expired_prio = p->static_prio;
}

/// SCHED_FIFO runs until it sleeps; SCHED_RR goes to the end of its list after each slice.
static void real_time_tick(struct task_struct *p, runqueue_t *rq)
{
    if (p->policy != SCHED_RR || --p->time_slice)
        return;
    p->time_slice = task_timeslice(p);
    p->first_time_slice = 0;
    set_tsk_need_resched(p);
    requeue_task(p, rq->active);
}

static void normal_tick(struct task_struct *p, runqueue_t *rq)
{
    if (!--p->time_slice) {
        expire(p, rq);
        return;
    }
    unsigned int turn = TIMESLICE_GRANULARITY(p);
    if (TASK_INTERACTIVE(p) && !((task_timeslice(p) - p->time_slice) % turn) && p->time_slice >= turn) {
        requeue_task(p, rq->active);
        set_tsk_need_resched(p);
    }
}

/// Every tick, with interrupts off: the running task's slice gets shorter.
void scheduler_tick(void)
{
    runqueue_t *rq = this_rq();
    struct task_struct *p = current;
    rq->timestamp_last_tick = sched_clock();
    if (p == rq->idle)
        return;
    if (p->array != rq->active) { // it has expired already and is about to be switched away
        set_tsk_need_resched(p);
        return;
    }
    spin_lock(&rq->lock);
    if (rt_task(p))
        real_time_tick(p, rq);
    else
        normal_tick(p, rq);
    spin_unlock(&rq->lock);
}
