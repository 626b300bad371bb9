// SPDX-License-Identifier: MIT
// The big kernel lock. Its holder is not preempted, but may sleep: schedule() releases the lock and takes it back when the
// task goes on. So code under it is alone between two sleeping points - all of the kernel, as long as that is not
// preemptible; with CONFIG_PREEMPT what has no finer locks (kernel/preempt.c). lib/kernel_lock.c; row P13.
#pragma once

#include <linux/sched.h>
#include <linux/spinlock.h>

#define kernel_locked() (current->lock_depth >= 0)
void lock_kernel(void);
void unlock_kernel(void);
/// For schedule(): lock_depth stays, so that the lock comes back as deep as it was.
static inline void release_kernel_lock(struct task_struct *tsk)
{
    if (tsk->lock_depth >= 0)
        preempt_enable_no_resched();
}
static inline void reacquire_kernel_lock(struct task_struct *tsk)
{
    if (tsk->lock_depth >= 0)
        preempt_disable();
}
