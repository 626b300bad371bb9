// SPDX-License-Identifier: MIT
// A sleeping lock for many readers or one writer. activity: number of readers, or -1 for a writer.
#pragma once

#include <linux/wait.h>

struct rw_semaphore {
    int activity;
    wait_queue_head_t wait;
};
#define __RWSEM_INITIALIZER(name) { .activity = 0, .wait = __WAIT_QUEUE_HEAD_INITIALIZER((name).wait) }
#define DECLARE_RWSEM(name) struct rw_semaphore name = __RWSEM_INITIALIZER(name)

static inline void init_rwsem(struct rw_semaphore *sem)
{
    sem->activity = 0;
    init_waitqueue_head(&sem->wait);
}
void down_read(struct rw_semaphore *sem);
int down_read_trylock(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);
void downgrade_write(struct rw_semaphore *sem);
