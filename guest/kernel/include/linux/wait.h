// SPDX-License-Identifier: MIT
// Wait queues: a ring of sleepers, each with the function that wakes it.
#pragma once

#include <linux/list.h>
#include <linux/spinlock.h>

struct task_struct;
typedef struct __wait_queue wait_queue_t;
typedef int (*wait_queue_func_t)(wait_queue_t *wait, unsigned mode, int sync, void *key);
int default_wake_function(wait_queue_t *wait, unsigned mode, int sync, void *key);
int autoremove_wake_function(wait_queue_t *wait, unsigned mode, int sync, void *key);

struct __wait_queue {
    unsigned int flags;
#define WQ_FLAG_EXCLUSIVE 0x01
    struct task_struct *task;
    wait_queue_func_t func;
    struct list_head task_list;
};
struct __wait_queue_head {
    spinlock_t lock;
    struct list_head task_list;
};
typedef struct __wait_queue_head wait_queue_head_t;

#define __WAITQUEUE_INITIALIZER(name, tsk) { .task = tsk, .func = default_wake_function, .task_list = { NULL, NULL } }
#define DECLARE_WAITQUEUE(name, tsk) wait_queue_t name = __WAITQUEUE_INITIALIZER(name, tsk)
#define __WAIT_QUEUE_HEAD_INITIALIZER(name) { .task_list = { &(name).task_list, &(name).task_list } }
#define DECLARE_WAIT_QUEUE_HEAD(name) wait_queue_head_t name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DEFINE_WAIT(name) \
    wait_queue_t name = { .task = current, \
                          .func = autoremove_wake_function, \
                          .task_list = { &(name).task_list, &(name).task_list } }

static inline void init_waitqueue_head(wait_queue_head_t *q) { INIT_LIST_HEAD(&q->task_list); }
static inline void init_waitqueue_entry(wait_queue_t *wait, struct task_struct *task)
{
    wait->flags = 0;
    wait->task = task;
    wait->func = default_wake_function;
}
static inline void init_waitqueue_func_entry(wait_queue_t *wait, wait_queue_func_t func)
{
    wait->flags = 0;
    wait->task = NULL;
    wait->func = func;
}
static inline int waitqueue_active(wait_queue_head_t *q) { return !list_empty(&q->task_list); }
static inline void __add_wait_queue(wait_queue_head_t *q, wait_queue_t *wait)
{
    list_add(&wait->task_list, &q->task_list);
}
static inline void __add_wait_queue_tail(wait_queue_head_t *q, wait_queue_t *wait)
{
    list_add_tail(&wait->task_list, &q->task_list);
}
static inline void __remove_wait_queue(wait_queue_head_t *q, wait_queue_t *wait)
{
    (void)q;
    list_del(&wait->task_list);
}

void add_wait_queue(wait_queue_head_t *q, wait_queue_t *wait);
void add_wait_queue_exclusive(wait_queue_head_t *q, wait_queue_t *wait);
void remove_wait_queue(wait_queue_head_t *q, wait_queue_t *wait);
void prepare_to_wait(wait_queue_head_t *q, wait_queue_t *wait, int state);
void prepare_to_wait_exclusive(wait_queue_head_t *q, wait_queue_t *wait, int state);
void finish_wait(wait_queue_head_t *q, wait_queue_t *wait);
void __wake_up(wait_queue_head_t *q, unsigned mode, int nr, void *key);
void __wake_up_sync(wait_queue_head_t *q, unsigned mode, int nr);
void sleep_on(wait_queue_head_t *q);
void interruptible_sleep_on(wait_queue_head_t *q);
long interruptible_sleep_on_timeout(wait_queue_head_t *q, long timeout);

#define wake_up(q) __wake_up(q, TASK_UNINTERRUPTIBLE | TASK_INTERRUPTIBLE, 1, NULL)
#define wake_up_nr(q, nr) __wake_up(q, TASK_UNINTERRUPTIBLE | TASK_INTERRUPTIBLE, nr, NULL)
#define wake_up_all(q) __wake_up(q, TASK_UNINTERRUPTIBLE | TASK_INTERRUPTIBLE, 0, NULL)
#define wake_up_interruptible(q) __wake_up(q, TASK_INTERRUPTIBLE, 1, NULL)
#define wake_up_interruptible_all(q) __wake_up(q, TASK_INTERRUPTIBLE, 0, NULL)
#define wake_up_interruptible_sync(q) __wake_up_sync(q, TASK_INTERRUPTIBLE, 1)

/// The loop that every wait is: on the queue first, then test, then sleep; so no wake-up can fall between.
#define ___wait_event(q, condition, state, when_signal, sleep) \
    do { \
        DEFINE_WAIT(__wait); \
        for (;;) { \
            prepare_to_wait(&(q), &__wait, state); \
            if (condition) \
                break; \
            when_signal; \
            sleep; \
        } \
        finish_wait(&(q), &__wait); \
    } while (0)

#define wait_event(q, condition) \
    do { \
        if (!(condition)) \
            ___wait_event(q, condition, TASK_UNINTERRUPTIBLE, , schedule()); \
    } while (0)
#define wait_event_interruptible(q, condition) \
    ({ \
        int __ret = 0; \
        if (!(condition)) \
            ___wait_event(q, condition, TASK_INTERRUPTIBLE, if (signal_pending(current)) { __ret = -ERESTARTSYS; break; }, schedule()); \
        __ret; \
    })
/// Remaining ticks, 0 after the time-out, -ERESTARTSYS after a signal.
#define wait_event_interruptible_timeout(q, condition, timeout) \
    ({ \
        long __ret = (timeout); \
        if (!(condition)) \
            ___wait_event(q, condition, TASK_INTERRUPTIBLE, \
                          if (signal_pending(current)) { __ret = -ERESTARTSYS; break; } if (!__ret) break; , \
                          __ret = schedule_timeout(__ret)); \
        __ret; \
    })
#define wait_event_timeout(q, condition, timeout) \
    ({ \
        long __ret = (timeout); \
        if (!(condition)) \
            ___wait_event(q, condition, TASK_UNINTERRUPTIBLE, if (!__ret) break; , __ret = schedule_timeout(__ret)); \
        __ret; \
    })
