// SPDX-License-Identifier: MIT
// Which context is this? Read from the preempt count.
#pragma once

#include <linux/preempt.h>
#include <linux/smp_lock.h>
#define SOFTIRQ_OFFSET 0x100
#define HARDIRQ_OFFSET 0x10000
#define SOFTIRQ_MASK 0xff00
#define HARDIRQ_MASK 0x0fff0000
#define hardirq_count() (preempt_count() & HARDIRQ_MASK)
#define softirq_count() (preempt_count() & SOFTIRQ_MASK)
#define in_irq() hardirq_count()
#define in_softirq() softirq_count()
#define in_interrupt() (preempt_count() & (HARDIRQ_MASK | SOFTIRQ_MASK))
/// What the big kernel lock adds to the count: nothing if it is a semaphore (lib/kernel_lock.c).
#ifdef CONFIG_PREEMPT
#define kernel_lock_count() 0
#else
#define kernel_lock_count() kernel_locked()
#endif
/// May this context not sleep? The big kernel lock forbids nothing, schedule() releases it.
#define in_atomic() ((preempt_count() & ~PREEMPT_ACTIVE) != kernel_lock_count())
#define irq_enter() (preempt_count() += HARDIRQ_OFFSET)
extern void irq_exit(void);
#define synchronize_irq(irq) barrier()
