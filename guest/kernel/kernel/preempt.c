// SPDX-License-Identifier: MIT
// CONFIG_PREEMPT: being switched away in the middle of the kernel, and who may be.
//
// A tick (or a wake-up) asks for it by TIF_NEED_RESCHED. It happens when an interrupt returns into the kernel
// (entry.S: resume_kernel -> preempt_schedule_irq) or when the last spin lock is let go (preempt_enable ->
// preempt_schedule), provided that the preempt count is 0. The count's bit PREEMPT_ACTIVE tells schedule() that the task
// stays in the queue, whatever its state says: it may be on its way to sleep and not have looked at the condition yet.
//
// Most of the kernel was written to be alone between two sleeping points. It gets that from the big kernel lock, which
// entry.S takes around signal delivery and every system call that is not in the table below. The lock is a semaphore: its
// holder is preempted like anybody else and keeps it (lib/kernel_lock.c). So what runs without it runs in the middle of
// what runs under it; both take a spin lock or keep interrupts out around what they share.
// The calls in the table have been looked at: they touch only what is their own task's, or take a lock around what is not.
// [linux-2.6.11] kernel/sched.c; rows S08, N20.
#include <linux/hardirq.h>
#include <linux/sched.h>
#include <linux/smp_lock.h>
#include <asm/unistd.h>

#ifdef CONFIG_PREEMPT
/// The switch was not the task's idea: the big kernel lock stays its own, so schedule() must not see that it has it.
static void schedule_away(void)
{
    struct task_struct *task = current;
    int saved_lock_depth = task->lock_depth;
    task->lock_depth = -1;
    schedule();
    task->lock_depth = saved_lock_depth;
}

void preempt_schedule(void)
{
    if (preempt_count() || irqs_disabled())
        return;
    do {
        preempt_count() += PREEMPT_ACTIVE;
        schedule_away();
        preempt_count() -= PREEMPT_ACTIVE;
        barrier();
    } while (need_resched());
}

/// From the end of an interrupt: interrupts are off, and are again on return.
asmlinkage void preempt_schedule_irq(void)
{
    if (preempt_count() || !irqs_disabled())
        panic("preempt_schedule_irq: preempt count %x", preempt_count());
    do {
        preempt_count() += PREEMPT_ACTIVE;
        local_irq_enable();
        schedule_away();
        local_irq_disable();
        preempt_count() -= PREEMPT_ACTIVE;
        barrier();
    } while (need_resched());
}

/// On the way to user mode nobody holds the lock, however the call ended (v86 mode and execve do not return).
asmlinkage void leave_kernel_lock(void)
{
    while (kernel_locked())
        unlock_kernel();
}

/// By number: calls that run without the big kernel lock.
const unsigned char syscall_unlocked[NR_syscalls_extended] = {
    [__NR_getpid] = 1, // words of the task itself, or constants
    [__NR_gettid] = 1,
    [__NR_getpgrp] = 1,
    [__NR_getppid] = 1, // tables and families of tasks: tasklist_lock
    [__NR_getpgid] = 1,
    [__NR_getsid] = 1,
    [__NR_getuid] = 1,
    [__NR_geteuid] = 1,
    [__NR_getgid] = 1,
    [__NR_getegid] = 1,
    [__NR_getuid32] = 1,
    [__NR_geteuid32] = 1,
    [__NR_getgid32] = 1,
    [__NR_getegid32] = 1,
    [__NR_set_tid_address] = 1,
    [283] = 1, // foo
    [338] = 1,
    [__NR_time] = 1, // clocks: read with interrupts off
    [__NR_gettimeofday] = 1,
    [__NR_clock_gettime] = 1,
    [__NR_clock_getres] = 1,
    [__NR_nanosleep] = 1,
    [__NR_clock_nanosleep] = 1,
    [__NR_getitimer] = 1, // the task's own timers; the wheel is changed with interrupts off
    [__NR_setitimer] = 1,
    [__NR_alarm] = 1,
    [__NR_pause] = 1,
    [__NR_nice] = 1, // run queue and task list have their locks
    [__NR_sched_setparam] = 1,
    [__NR_sched_getparam] = 1,
    [__NR_sched_setscheduler] = 1,
    [__NR_sched_getscheduler] = 1,
    [__NR_sched_rr_get_interval] = 1,
    [__NR_sched_setaffinity] = 1,
    [__NR_sched_getaffinity] = 1,
    [__NR_kill] = 1, // task list; queues and masks are changed with interrupts off
    [__NR_tkill] = 1,
    [__NR_tgkill] = 1,
    [__NR_rt_sigaction] = 1,
    [__NR_rt_sigprocmask] = 1,
    [__NR_sigaction] = 1,
    [__NR_sigprocmask] = 1,
    [__NR_read] = 1, // vfs_read and vfs_write take the lock for files that need it: all but pipes
    [__NR_write] = 1,
    [__NR_sched_yield] = 1,
    [__NR_sched_get_priority_max] = 1,
    [__NR_sched_get_priority_min] = 1,
};
#endif
