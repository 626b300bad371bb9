// SPDX-License-Identifier: MIT
// Sleeping locks: counting semaphores, and readers/writer semaphores in linux/rwsem.h.
#pragma once

#include <linux/wait.h>

struct semaphore {
    int count;
    wait_queue_head_t wait;
};
#define __SEMAPHORE_INIT(name, n) { .count = n, .wait = __WAIT_QUEUE_HEAD_INITIALIZER((name).wait) }
#define __MUTEX_INITIALIZER(name) __SEMAPHORE_INIT(name, 1)
#define DECLARE_MUTEX(name) struct semaphore name = __SEMAPHORE_INIT(name, 1)
#define DECLARE_MUTEX_LOCKED(name) struct semaphore name = __SEMAPHORE_INIT(name, 0)

static inline void sema_init(struct semaphore *sem, int n)
{
    sem->count = n;
    init_waitqueue_head(&sem->wait);
}
#define init_MUTEX(sem) sema_init(sem, 1)
#define init_MUTEX_LOCKED(sem) sema_init(sem, 0)
void down(struct semaphore *sem);
int down_interruptible(struct semaphore *sem);
/// 0 if taken, 1 if it would have to sleep.
int down_trylock(struct semaphore *sem);
void up(struct semaphore *sem);
