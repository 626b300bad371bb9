// SPDX-License-Identifier: MIT
// The big kernel lock, taken as often as one likes: current->lock_depth counts, -1 = not held. On one processor the lock
// itself is one step of the preempt count. [linux-2.6.11] lib/kernel_lock.c; row P13.
#include <linux/smp_lock.h>

void lock_kernel(void)
{
    int depth = current->lock_depth + 1;
    if (!depth)
        preempt_disable();
    current->lock_depth = depth;
}

void unlock_kernel(void)
{
    if (--current->lock_depth < 0)
        preempt_enable();
}
