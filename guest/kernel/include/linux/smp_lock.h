// SPDX-License-Identifier: MIT
// The big kernel lock. Its holder may sleep: schedule() releases the lock and takes it back when the task goes on. So code
// under it is alone among its kind between two sleeping points - all of the kernel, as long as that is not preemptible.
// With CONFIG_PREEMPT the holder may be preempted, and code without the lock runs then; what has no finer locks
// (kernel/preempt.c) stays alone. lib/kernel_lock.c; rows P13, S08.
#pragma once

#include <linux/sched.h>
#include <linux/spinlock.h>

#define kernel_locked() (current->lock_depth >= 0)
void lock_kernel(void);
void unlock_kernel(void);
/// For schedule(): lock_depth stays, so that the lock comes back as deep as it was.
void __release_kernel_lock(void);
void __reacquire_kernel_lock(void);
static inline void release_kernel_lock(struct task_struct *tsk)
{
    if (unlikely(tsk->lock_depth >= 0))
        __release_kernel_lock();
}
static inline void reacquire_kernel_lock(struct task_struct *tsk)
{
    if (unlikely(tsk->lock_depth >= 0))
        __reacquire_kernel_lock();
}
