// SPDX-License-Identifier: MIT
// The scheduler: who runs next (schedule), waking up, a child's first turn, and being preempted.
//
// schedule() in three steps: the task before (prev) leaves the queue if it wants to sleep; the best of the queue (next) is
// found by one search in a bitmap; context_switch goes from the one to the other, and finish_task_switch tidies up on the
// other's stack. [linux-2.6.11] kernel/sched.c; rows F13, S01-S06, S10, P32-P34, K02, K03.
#include "sched.h"
#include <linux/hardirq.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/smp_lock.h>
#include <asm/mmu_context.h>
#include <asm/uaccess.h>

runqueue_t runqueue;
struct kernel_stat kstat;
rwlock_t tasklist_lock;

static void __activate_task(struct task_struct *p, runqueue_t *rq)
{
    enqueue_task(p, rq->active);
    rq->nr_running++;
}

/// Back into the queue after a sleep. activated says how the coming wait there is to be counted (schedule): 2 in full,
/// because an interrupt woke the task - perhaps a person; 1 with less weight; -1 not as interactive.
static void activate_task(struct task_struct *p, runqueue_t *rq)
{
    unsigned long long now = sched_clock();
    recalc_task_prio(p, now);
    if (!p->activated)
        p->activated = in_interrupt() ? 2 : 1;
    p->timestamp = now;
    __activate_task(p, rq);
}

static void deactivate_task(struct task_struct *p, runqueue_t *rq)
{
    rq->nr_running--;
    if (p->state == TASK_UNINTERRUPTIBLE)
        rq->nr_uninterruptible++;
    dequeue_task(p, p->array);
}

/// 1 if the task was asleep in one of these states and now is not. sync: the waker is about to sleep anyway.
int try_to_wake_up(struct task_struct *p, unsigned int state, int sync)
{
    unsigned long flags;
    int success = 0;
    runqueue_t *rq = task_rq_lock(p, &flags);
    if (p->state & state) {
        if (!p->array) {
            if (p->state == TASK_UNINTERRUPTIBLE) {
                rq->nr_uninterruptible--;
                p->activated = -1;
            }
            activate_task(p, rq);
            if (TASK_PREEMPTS_CURR(p, rq) && !sync)
                resched_task(rq->curr);
        }
        p->state = TASK_RUNNING;
        success = 1;
    }
    task_rq_unlock(rq, &flags);
    return success;
}

int wake_up_process(struct task_struct *p)
{
    return try_to_wake_up(p, TASK_STOPPED | TASK_TRACED | TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE, 0);
}
int wake_up_state(struct task_struct *p, unsigned int state) { return try_to_wake_up(p, state, 0); }

/// A new task: running, in no queue yet, not preemptible before schedule_tail; and it shares the rest of its parent's
/// slice, so that forking earns no time. What the parent has left may be nothing: then its slice is over now.
void sched_fork(struct task_struct *p)
{
    p->state = TASK_RUNNING;
    INIT_LIST_HEAD(&p->run_list);
    p->array = NULL;
    p->activated = 0;
    p->thread_info->preempt_count = 1;
    local_irq_disable();
    p->time_slice = (current->time_slice + 1) >> 1;
    p->first_time_slice = 1;
    current->time_slice >>= 1;
    p->timestamp = sched_clock();
    if (unlikely(!current->time_slice)) {
        current->time_slice = 1;
        preempt_disable();
        scheduler_tick();
        local_irq_enable();
        preempt_enable();
    } else {
        local_irq_enable();
    }
}

/// Right before its parent in the parent's list, and the parent makes room: most children call exec at once, and every
/// page that the parent wrote before that would be copied for nothing.
static void child_first(struct task_struct *p, runqueue_t *rq)
{
    if (unlikely(!current->array)) { // the idle task forks
        __activate_task(p, rq);
    } else {
        p->prio = current->prio;
        list_add_tail(&p->run_list, &current->run_list);
        p->array = current->array;
        p->array->nr_active++;
        rq->nr_running++;
    }
    set_need_resched();
}

/// The parent may have moved to another processor since sched_fork: then the child starts there, like any task that wakes
/// up, and its clock is set by that processor's. With a shared address space nothing is copied: the child just queues up.
void wake_up_new_task(struct task_struct *p, unsigned long clone_flags)
{
    unsigned long flags;
    runqueue_t *rq = task_rq_lock(p, &flags);
    int this_cpu = smp_processor_id(), cpu = task_cpu(p);
    BUG_ON(p->state != TASK_RUNNING);
    p->sleep_avg = BONUS_TO_NS(CURRENT_BONUS(p) * CHILD_PENALTY / 100);
    p->prio = effective_prio(p);
    if (likely(cpu == this_cpu)) {
        if (clone_flags & CLONE_VM)
            __activate_task(p, rq);
        else
            child_first(p, rq);
    } else {
        p->timestamp = p->timestamp - this_rq()->timestamp_last_tick + rq->timestamp_last_tick;
        __activate_task(p, rq);
        if (TASK_PREEMPTS_CURR(p, rq))
            resched_task(rq->curr);
        task_rq_unlock(rq, &flags);
        rq = task_rq_lock(current, &flags);
    }
    current->sleep_avg = BONUS_TO_NS(CURRENT_BONUS(current) * PARENT_PENALTY / 100);
    task_rq_unlock(rq, &flags);
}

/// A child that dies within its first slice gives the rest back. One that slept less than its parent lowers the parent's
/// bonus: who starts processor hogs is not interactive.
void sched_exit(struct task_struct *p)
{
    unsigned long flags;
    struct task_struct *parent = p->parent;
    runqueue_t *rq = task_rq_lock(parent, &flags);
    if (p->first_time_slice) {
        parent->time_slice += p->time_slice;
        if (parent->time_slice > task_timeslice(p))
            parent->time_slice = task_timeslice(p);
    }
    if (p->sleep_avg < parent->sleep_avg)
        parent->sleep_avg = parent->sleep_avg / (EXIT_WEIGHT + 1) * EXIT_WEIGHT + p->sleep_avg / (EXIT_WEIGHT + 1);
    task_rq_unlock(rq, &flags);
}

/// What remains of a switch once the stack is the new task's: the queue is unlocked, the old task may now be freed.
static void finish_task_switch(struct task_struct *prev)
{
    runqueue_t *rq = this_rq();
    struct mm_struct *mm = rq->prev_mm;
    unsigned long dead = prev->flags & PF_DEAD;
    rq->prev_mm = NULL;
    spin_unlock_irq(&rq->lock);
    if (mm)
        mmdrop(mm);
    if (unlikely(dead))
        put_task_struct(prev);
}

/// The first thing a new task does (ret_from_fork).
asmlinkage void schedule_tail(struct task_struct *prev)
{
    finish_task_switch(prev);
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

static struct task_struct *first_of_queue(runqueue_t *rq)
{
    int prio = find_first_bit(rq->active->bitmap, MAX_PRIO);
    return list_entry(rq->active->queue[prio].next, struct task_struct, run_list);
}

/// The time in the queue since waking up counts like sleep: it may lift the task into a better list.
static void count_wait(struct task_struct *p, unsigned long long now)
{
    unsigned long long waited = now - p->timestamp;
    if (waited > NS_MAX_SLEEP_AVG)
        waited = NS_MAX_SLEEP_AVG;
    if (p->activated == 1)
        waited = (unsigned long)waited / 128 * (ON_RUNQUEUE_WEIGHT * 128 / 100);
    struct prio_array *array = p->array;
    dequeue_task(p, array);
    recalc_task_prio(p, p->timestamp + waited);
    enqueue_task(p, array);
}

static struct task_struct *pick_next_task(runqueue_t *rq, unsigned long long now)
{
    if (!rq->nr_running) {
        rq->expired_timestamp = 0;
        rq->best_expired_prio = MAX_PRIO;
        return rq->idle;
    }
    if (!rq->active->nr_active) { // everybody has had a turn: the arrays change places
        struct prio_array *empty = rq->active;
        rq->active = rq->expired;
        rq->expired = empty;
        rq->expired_timestamp = 0;
        rq->best_expired_prio = MAX_PRIO;
    }
    struct task_struct *next = first_of_queue(rq);
    if (!rt_task(next) && next->activated > 0)
        count_wait(next, now);
    next->activated = 0;
    return next;
}

/// Time on the processor makes less interactive, the more slowly the more bonus there is.
static void charge(struct task_struct *prev, unsigned long long now)
{
    unsigned long long ran = now - prev->timestamp;
    unsigned long run_time = ran > NS_MAX_SLEEP_AVG ? NS_MAX_SLEEP_AVG : ran, bonus = CURRENT_BONUS(prev);
    if (bonus)
        run_time /= bonus;
    prev->sleep_avg -= min_t(unsigned long, prev->sleep_avg, run_time);
    prev->timestamp = prev->last_ran = now;
}

/// Who says that it sleeps leaves the queue; but not if it is being preempted on its way to say so (PREEMPT_ACTIVE), or if
/// a signal is there. The counter that the switch belongs to: wanted by prev itself or not.
static unsigned long *leave_queue(struct task_struct *prev, runqueue_t *rq)
{
    if (!prev->state || (preempt_count() & PREEMPT_ACTIVE))
        return &prev->nivcsw;
    if ((prev->state & TASK_INTERRUPTIBLE) && signal_pending(prev))
        prev->state = TASK_RUNNING;
    else if (prev != rq->idle)
        deactivate_task(prev, rq);
    return &prev->nvcsw;
}

asmlinkage void schedule(void)
{
    if (unlikely(in_atomic()))
        panic("scheduling while atomic: %s, preempt count %x", current->comm, preempt_count());
    do {
        preempt_disable();
        struct task_struct *prev = current;
        runqueue_t *rq = this_rq();
        release_kernel_lock(prev);
        spin_lock_irq(&rq->lock);
        unsigned long long now = sched_clock();
        unsigned long *switch_count = leave_queue(prev, rq);
        charge(prev, now);
        struct task_struct *next = pick_next_task(rq, now);
        clear_tsk_need_resched(prev);
        if (likely(prev != next)) {
            next->timestamp = now;
            rq->nr_switches++;
            rq->curr = next;
            ++*switch_count;
            prev = context_switch(rq, prev, next);
            barrier();
            finish_task_switch(prev); // here prev is whoever ran before us
        } else {
            spin_unlock_irq(&rq->lock);
        }
        reacquire_kernel_lock(current);
        preempt_enable_no_resched();
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
    runqueue_t *rq = this_rq();
    rq->active = &rq->arrays[0];
    rq->expired = &rq->arrays[1];
    rq->best_expired_prio = MAX_PRIO;
    for (int a = 0; a < 2; a++)
        for (int prio = 0; prio < MAX_PRIO; prio++)
            INIT_LIST_HEAD(&rq->arrays[a].queue[prio]);
    init_task.thread.esp0 = (unsigned long)&init_thread_union + THREAD_SIZE;
    init_task.prio = MAX_PRIO; // worse than anybody
    rq->curr = rq->idle = &init_task;
    set_need_resched(); // for cpu_idle: by then there will be somebody better
}
