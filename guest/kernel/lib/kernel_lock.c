// SPDX-License-Identifier: MIT
// The big kernel lock, taken as often as one likes: current->lock_depth counts, -1 = not held. [linux-2.6.11]
// lib/kernel_lock.c; rows P13, S08.
//
//   without CONFIG_PREEMPT   one step of the preempt count: nobody is preempted in the kernel anyway
//   with CONFIG_PREEMPT      a semaphore (2.6.11's CONFIG_PREEMPT_BKL): its holder may be preempted, and keeps it; who
//                            else wants it sleeps. Only a schedule() of the holder's own gives it up meanwhile.
#include <linux/hardirq.h>
#include <linux/kernel.h>
#include <linux/smp_lock.h>
#include <asm/semaphore.h>

#ifdef CONFIG_PREEMPT
static DECLARE_MUTEX(kernel_sem);

/// Taking it may sleep: not in an interrupt, not under a spin lock, not while interrupts are kept out.
static void may_take(struct task_struct *task)
{
    if (task->pid && (in_atomic() || irqs_disabled()))
        panic("lock_kernel while atomic: %s, preempt count %x", task->comm, preempt_count());
}

void lock_kernel(void)
{
    struct task_struct *task = current;
    int depth = task->lock_depth + 1;
    if (likely(!depth)) {
        may_take(task);
        down(&kernel_sem); // lock_depth is still -1: this sleep has nothing to give up
    }
    task->lock_depth = depth;
}

void unlock_kernel(void)
{
    if (--current->lock_depth < 0)
        up(&kernel_sem);
}

void __release_kernel_lock(void) { up(&kernel_sem); }

/// From schedule(), which is not preemptible: as deep as before, but first the task may have to sleep again.
void __reacquire_kernel_lock(void)
{
    struct task_struct *task = current;
    int saved_lock_depth = task->lock_depth;
    task->lock_depth = -1;
    preempt_enable_no_resched();
    down(&kernel_sem);
    preempt_disable();
    task->lock_depth = saved_lock_depth;
}
#else
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

void __release_kernel_lock(void) { preempt_enable_no_resched(); }
void __reacquire_kernel_lock(void) { preempt_disable(); }
#endif
