// SPDX-License-Identifier: MIT
// Waiting: wait queues, completions, and the sleeping locks built on them. Each wait is the same loop: put yourself on the
// queue, say that you sleep, look at the condition once more, sleep.
#include <linux/completion.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <asm/semaphore.h>

void add_wait_queue(wait_queue_head_t *q, wait_queue_t *wait)
{
    unsigned long flags;
    wait->flags &= ~WQ_FLAG_EXCLUSIVE;
    spin_lock_irqsave(&q->lock, flags);
    __add_wait_queue(q, wait);
    spin_unlock_irqrestore(&q->lock, flags);
}

void add_wait_queue_exclusive(wait_queue_head_t *q, wait_queue_t *wait)
{
    unsigned long flags;
    wait->flags |= WQ_FLAG_EXCLUSIVE;
    spin_lock_irqsave(&q->lock, flags);
    __add_wait_queue_tail(q, wait);
    spin_unlock_irqrestore(&q->lock, flags);
}

void remove_wait_queue(wait_queue_head_t *q, wait_queue_t *wait)
{
    unsigned long flags;
    spin_lock_irqsave(&q->lock, flags);
    __remove_wait_queue(q, wait);
    spin_unlock_irqrestore(&q->lock, flags);
}

static void prepare(wait_queue_head_t *q, wait_queue_t *wait, int state, int exclusive)
{
    unsigned long flags;
    spin_lock_irqsave(&q->lock, flags);
    wait->flags = exclusive ? WQ_FLAG_EXCLUSIVE : 0;
    if (list_empty(&wait->task_list)) {
        if (exclusive)
            __add_wait_queue_tail(q, wait);
        else
            __add_wait_queue(q, wait);
    }
    set_current_state(state);
    spin_unlock_irqrestore(&q->lock, flags);
}
void prepare_to_wait(wait_queue_head_t *q, wait_queue_t *wait, int state) { prepare(q, wait, state, 0); }
void prepare_to_wait_exclusive(wait_queue_head_t *q, wait_queue_t *wait, int state) { prepare(q, wait, state, 1); }

void finish_wait(wait_queue_head_t *q, wait_queue_t *wait)
{
    unsigned long flags;
    __set_current_state(TASK_RUNNING);
    spin_lock_irqsave(&q->lock, flags);
    list_del_init(&wait->task_list);
    spin_unlock_irqrestore(&q->lock, flags);
}

int default_wake_function(wait_queue_t *wait, unsigned mode, int sync, void *key)
{
    return try_to_wake_up(wait->task, mode, sync);
}

int autoremove_wake_function(wait_queue_t *wait, unsigned mode, int sync, void *key)
{
    int woken = default_wake_function(wait, mode, sync, key);
    if (woken)
        list_del_init(&wait->task_list);
    return woken;
}

/// All ordinary sleepers and `nr_exclusive` exclusive ones (0: all).
static void __wake_up_common(wait_queue_head_t *q, unsigned mode, int nr_exclusive, int sync, void *key)
{
    struct list_head *pos, *next;
    list_for_each_safe(pos, next, &q->task_list) {
        wait_queue_t *wait = list_entry(pos, wait_queue_t, task_list);
        unsigned flags = wait->flags;
        if (wait->func(wait, mode, sync, key) && (flags & WQ_FLAG_EXCLUSIVE) && !--nr_exclusive)
            break;
    }
}

void __wake_up(wait_queue_head_t *q, unsigned mode, int nr, void *key)
{
    unsigned long flags;
    spin_lock_irqsave(&q->lock, flags);
    __wake_up_common(q, mode, nr, 0, key);
    spin_unlock_irqrestore(&q->lock, flags);
}

/// The waker is about to sleep itself: no reschedule for its sake.
void __wake_up_sync(wait_queue_head_t *q, unsigned mode, int nr)
{
    unsigned long flags;
    spin_lock_irqsave(&q->lock, flags);
    __wake_up_common(q, mode, nr, 1, NULL);
    spin_unlock_irqrestore(&q->lock, flags);
}

static long sleep_on_common(wait_queue_head_t *q, int state, long timeout)
{
    DEFINE_WAIT(wait);
    prepare_to_wait(q, &wait, state);
    timeout = schedule_timeout(timeout);
    finish_wait(q, &wait);
    return timeout;
}
void sleep_on(wait_queue_head_t *q) { sleep_on_common(q, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT); }
void interruptible_sleep_on(wait_queue_head_t *q) { sleep_on_common(q, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT); }
long interruptible_sleep_on_timeout(wait_queue_head_t *q, long timeout)
{
    return sleep_on_common(q, TASK_INTERRUPTIBLE, timeout);
}

// The locks: looking and taking are one step under the queue's lock, so that nobody who preempts us can come between. The
// same holds for giving back and waking: whoever gets the lock may free it at once.
static int take_completion(struct completion *x)
{
    unsigned long flags;
    spin_lock_irqsave(&x->wait.lock, flags);
    int done = x->done != 0;
    x->done -= done;
    spin_unlock_irqrestore(&x->wait.lock, flags);
    return done;
}
void wait_for_completion(struct completion *x) { wait_event(x->wait, take_completion(x)); }

static void complete_some(struct completion *x, unsigned int how_many, int nr_exclusive)
{
    unsigned long flags;
    spin_lock_irqsave(&x->wait.lock, flags);
    x->done += how_many;
    __wake_up_common(&x->wait, TASK_UNINTERRUPTIBLE | TASK_INTERRUPTIBLE, nr_exclusive, 0, NULL);
    spin_unlock_irqrestore(&x->wait.lock, flags);
}
void complete(struct completion *x) { complete_some(x, 1, 1); }
void complete_all(struct completion *x) { complete_some(x, UINT_MAX / 2, 0); }

static int take_semaphore(struct semaphore *sem)
{
    unsigned long flags;
    spin_lock_irqsave(&sem->wait.lock, flags);
    int free = sem->count > 0;
    sem->count -= free;
    spin_unlock_irqrestore(&sem->wait.lock, flags);
    return free;
}
void down(struct semaphore *sem) { wait_event(sem->wait, take_semaphore(sem)); }
int down_interruptible(struct semaphore *sem)
{
    return wait_event_interruptible(sem->wait, take_semaphore(sem)) ? -EINTR : 0;
}
int down_trylock(struct semaphore *sem) { return !take_semaphore(sem); }

void up(struct semaphore *sem)
{
    unsigned long flags;
    spin_lock_irqsave(&sem->wait.lock, flags);
    sem->count++;
    __wake_up_common(&sem->wait, TASK_UNINTERRUPTIBLE | TASK_INTERRUPTIBLE, 1, 0, NULL);
    spin_unlock_irqrestore(&sem->wait.lock, flags);
}

static int take_rwsem(struct rw_semaphore *sem, int write)
{
    unsigned long flags;
    spin_lock_irqsave(&sem->wait.lock, flags);
    int free = write ? sem->activity == 0 : sem->activity >= 0;
    if (free)
        sem->activity += write ? -1 : 1;
    spin_unlock_irqrestore(&sem->wait.lock, flags);
    return free;
}
void down_read(struct rw_semaphore *sem) { wait_event(sem->wait, take_rwsem(sem, 0)); }
int down_read_trylock(struct rw_semaphore *sem) { return take_rwsem(sem, 0); }
void down_write(struct rw_semaphore *sem) { wait_event(sem->wait, take_rwsem(sem, 1)); }

/// Sets or changes activity; wakes everybody who waits, if the lock has become free for some of them.
static void change_rwsem(struct rw_semaphore *sem, int by)
{
    unsigned long flags;
    spin_lock_irqsave(&sem->wait.lock, flags);
    sem->activity += by;
    if (by > 0 || !sem->activity)
        __wake_up_common(&sem->wait, TASK_UNINTERRUPTIBLE | TASK_INTERRUPTIBLE, 0, 0, NULL);
    spin_unlock_irqrestore(&sem->wait.lock, flags);
}
void up_read(struct rw_semaphore *sem) { change_rwsem(sem, -1); }
void up_write(struct rw_semaphore *sem) { change_rwsem(sem, 1); }        // from -1 to 0
void downgrade_write(struct rw_semaphore *sem) { change_rwsem(sem, 2); } // from -1 to 1

int atomic_dec_and_lock(atomic_t *count, spinlock_t *lock)
{
    spin_lock(lock);
    if (atomic_dec_and_test(count))
        return 1;
    spin_unlock(lock);
    return 0;
}
