// SPDX-License-Identifier: MIT
// The scheduler: who runs next (schedule), for how long (scheduler_tick), waking up, and a child's first turn.
//
// Priorities: 0-99 real time, 100-139 = nice -20...19. Who sleeps much is interactive and gets up to 5 better, who only
// computes up to 5 worse (effective_prio). [linux-2.6.11]; rows F13, K02, K03.
#include "sched.h"
#include <linux/hardirq.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <asm/mmu_context.h>
#include <asm/uaccess.h>

runqueue_t runqueue;
struct kernel_stat kstat;
rwlock_t tasklist_lock;

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

/// The slice by nice: -20 800 ms, 0 100 ms, 19 5 ms.
unsigned int task_timeslice(struct task_struct *p)
{
    unsigned int base = p->static_prio < NICE_TO_PRIO(0) ? DEF_TIMESLICE * 4 : DEF_TIMESLICE;
    unsigned int slice = base * (MAX_PRIO - p->static_prio) / 20;
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

/// The time asleep counts for interactivity; timestamp says when it began.
static void recalc_task_prio(struct task_struct *p)
{
    unsigned long slept = (unsigned long)jiffies_64 - (unsigned long)p->timestamp;
    if (p->state != TASK_UNINTERRUPTIBLE)
        p->sleep_avg = min_t(unsigned long, p->sleep_avg + slept, MAX_SLEEP_AVG);
    p->prio = effective_prio(p);
}

static void activate_task(struct task_struct *p, runqueue_t *rq)
{
    recalc_task_prio(p);
    p->timestamp = jiffies_64;
    enqueue_task(p, rq->active);
    rq->nr_running++;
}

void deactivate_task(struct task_struct *p, runqueue_t *rq)
{
    rq->nr_running--;
    if (p->state == TASK_UNINTERRUPTIBLE)
        rq->nr_uninterruptible++;
    dequeue_task(p, p->array);
    p->timestamp = jiffies_64;
}

static void resched_task(struct task_struct *p) { set_tsk_need_resched(p); }

/// 1 if the task was asleep in one of these states and now is not.
int try_to_wake_up(struct task_struct *p, unsigned int state, int sync)
{
    unsigned long flags;
    runqueue_t *rq = &runqueue;
    int success = 0;
    local_irq_save(flags);
    if (p->state & state) {
        if (!p->array) {
            if (p->state == TASK_UNINTERRUPTIBLE)
                rq->nr_uninterruptible--;
            activate_task(p, rq);
            if (task_preempts_curr(p, rq) && !sync)
                resched_task(rq->curr);
        }
        p->state = TASK_RUNNING;
        success = 1;
    }
    local_irq_restore(flags);
    return success;
}

int wake_up_process(struct task_struct *p)
{
    return try_to_wake_up(p, TASK_STOPPED | TASK_TRACED | TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE, 0);
}
int wake_up_state(struct task_struct *p, unsigned int state) { return try_to_wake_up(p, state, 0); }

/// A new task: it shares the rest of its parent's slice, so that forking earns no time.
void sched_fork(struct task_struct *p)
{
    p->state = TASK_RUNNING;
    INIT_LIST_HEAD(&p->run_list);
    p->array = NULL;
    p->thread_info->preempt_count = 1; // until schedule_tail
    local_irq_disable();
    p->time_slice = (current->time_slice + 1) >> 1;
    p->first_time_slice = 1;
    current->time_slice >>= 1;
    p->timestamp = jiffies_64;
    if (!current->time_slice) { // that was the last tick
        current->time_slice = 1;
        scheduler_tick();
    }
    local_irq_enable();
}

/// The child goes just before its parent in the queue and the parent makes room: most children call exec at once, and
/// every page that the parent wrote before that would be copied for nothing.
void wake_up_new_task(struct task_struct *p, unsigned long clone_flags)
{
    unsigned long flags;
    runqueue_t *rq = &runqueue;
    local_irq_save(flags);
    p->sleep_avg = (unsigned long)CURRENT_BONUS(p) * CHILD_PENALTY / 100 * MAX_SLEEP_AVG / MAX_BONUS;
    p->prio = effective_prio(p);
    if (!(clone_flags & CLONE_VM) && current->array) {
        p->prio = current->prio;
        list_add_tail(&p->run_list, &current->run_list);
        p->array = current->array;
        p->array->nr_active++;
        rq->nr_running++;
        set_need_resched();
    } else {
        enqueue_task(p, rq->active);
        rq->nr_running++;
        if (task_preempts_curr(p, rq))
            resched_task(rq->curr);
    }
    current->sleep_avg = (unsigned long)CURRENT_BONUS(current) * PARENT_PENALTY / 100 * MAX_SLEEP_AVG / MAX_BONUS;
    local_irq_restore(flags);
}

/// A child that dies within its first slice gives the rest back.
void sched_exit(struct task_struct *p)
{
    unsigned long flags;
    local_irq_save(flags);
    if (p->first_time_slice) {
        p->parent->time_slice += p->time_slice;
        if (p->parent->time_slice > task_timeslice(p))
            p->parent->time_slice = task_timeslice(p);
    }
    if (p->sleep_avg < p->parent->sleep_avg)
        p->parent->sleep_avg = (p->parent->sleep_avg * 3 + p->sleep_avg) / 4;
    local_irq_restore(flags);
}

/// Tasks in expired have waited longer than one round: then even interactive tasks expire.
static int expired_starving(runqueue_t *rq)
{
    return rq->expired_timestamp && jiffies - rq->expired_timestamp >= MAX_SLEEP_AVG * rq->nr_running + 1;
}

static int task_is_interactive(struct task_struct *p)
{
    return p->prio <= p->static_prio - 2 - (PRIO_TO_NICE(p->static_prio) > 0 ? PRIO_TO_NICE(p->static_prio) / 4 : 0);
}

/// Every tick: the running task's slice gets shorter; at its end it expires (or, if interactive, queues up again).
void scheduler_tick(void)
{
    runqueue_t *rq = &runqueue;
    struct task_struct *p = current;
    if (p == rq->idle || !p->array) {
        if (rq->nr_running)
            set_tsk_need_resched(p);
        return;
    }
    if (p->sleep_avg)
        p->sleep_avg--;
    if (rt_task(p)) {
        if (p->policy == SCHED_RR && !--p->time_slice) {
            p->time_slice = task_timeslice(p);
            list_move_tail(&p->run_list, p->array->queue + p->prio);
            set_tsk_need_resched(p);
        }
        return;
    }
    if (p->time_slice && --p->time_slice)
        return;
    dequeue_task(p, p->array);
    set_tsk_need_resched(p);
    p->prio = effective_prio(p);
    p->time_slice = task_timeslice(p);
    p->first_time_slice = 0;
    if (!rq->expired_timestamp)
        rq->expired_timestamp = jiffies;
    enqueue_task(p, task_is_interactive(p) && !expired_starving(rq) ? rq->active : rq->expired);
}

/// What remains of a switch once the stack is the new task's: the old one may now be freed.
static void finish_task_switch(struct task_struct *prev)
{
    runqueue_t *rq = &runqueue;
    struct mm_struct *mm = rq->prev_mm;
    unsigned long dead = prev->flags & PF_DEAD;
    rq->prev_mm = NULL;
    local_irq_enable();
    if (mm)
        mmdrop(mm);
    if (dead)
        put_task_struct(prev);
}

/// The first thing a new task does (ret_from_fork).
asmlinkage void schedule_tail(struct task_struct *prev)
{
    finish_task_switch(prev);
    preempt_count() = 0;
    if (current->set_child_tid)
        put_user(current->pid, current->set_child_tid);
}

/// A kernel thread has no address space of its own: it goes on with the one that is loaded.
static struct task_struct *context_switch(runqueue_t *rq, struct task_struct *prev, struct task_struct *next)
{
    struct mm_struct *mm = next->mm, *oldmm = prev->active_mm;
    if (!mm) {
        next->active_mm = oldmm;
        atomic_inc(&oldmm->mm_count);
    } else {
        switch_mm(oldmm, mm, next);
    }
    if (!prev->mm) {
        prev->active_mm = NULL;
        rq->prev_mm = oldmm;
    }
    switch_to(prev, next, prev);
    return prev;
}

static struct task_struct *pick_next_task(runqueue_t *rq)
{
    if (!rq->nr_running) {
        rq->expired_timestamp = 0;
        return rq->idle;
    }
    if (!rq->active->nr_active) {
        struct prio_array *empty = rq->active;
        rq->active = rq->expired;
        rq->expired = empty;
        rq->expired_timestamp = 0;
    }
    int prio = find_first_bit(rq->active->bitmap, MAX_PRIO);
    return list_entry(rq->active->queue[prio].next, struct task_struct, run_list);
}

asmlinkage void schedule(void)
{
    runqueue_t *rq = &runqueue;
    struct task_struct *prev = current;
    if (in_interrupt() || preempt_count())
        panic("scheduling while atomic: %s, preempt count %x", prev->comm, preempt_count());
    do {
        local_irq_disable();
        prev = current;
        if (prev->state && prev != rq->idle) {
            prev->nvcsw++;
            if ((prev->state & TASK_INTERRUPTIBLE) && signal_pending(prev))
                prev->state = TASK_RUNNING;
            else
                deactivate_task(prev, rq);
        } else {
            prev->nivcsw++;
        }
        struct task_struct *next = pick_next_task(rq);
        clear_tsk_need_resched(prev);
        if (prev != next) {
            rq->nr_switches++;
            rq->curr = next;
            prev = context_switch(rq, prev, next);
            barrier();
            finish_task_switch(prev); // here prev is whoever ran before us
        } else {
            local_irq_enable();
        }
    } while (need_resched());
}

int cond_resched(void)
{
    if (!need_resched())
        return 0;
    schedule();
    return 1;
}

void __init sched_init(void)
{
    runqueue_t *rq = &runqueue;
    rq->active = &rq->arrays[0];
    rq->expired = &rq->arrays[1];
    for (int a = 0; a < 2; a++)
        for (int prio = 0; prio < MAX_PRIO; prio++)
            INIT_LIST_HEAD(&rq->arrays[a].queue[prio]);
    init_task.thread.esp0 = (unsigned long)&init_thread_union + THREAD_SIZE;
    init_task.prio = MAX_PRIO; // worse than anybody
    rq->curr = rq->idle = &init_task;
    preempt_count() = 0;
}
