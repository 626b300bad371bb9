// SPDX-License-Identifier: MIT
// The preempt count: nesting of spin locks (bits 0-7), softirqs (8-15) and hard interrupts (16-27), and PREEMPT_ACTIVE.
// While it is not 0 the task keeps the processor, whatever need_resched says. With CONFIG_PREEMPT the end of the last such
// section is a point at which the task may be switched away; without it a task gives up the processor only in schedule().
#pragma once

#include <asm/thread_info.h>
#define preempt_count() (current_thread_info()->preempt_count)
#define preempt_disable() do { preempt_count()++; barrier(); } while (0)
#define preempt_enable_no_resched() do { barrier(); preempt_count()--; } while (0)
#ifdef CONFIG_PREEMPT
extern void preempt_schedule(void);
#define preempt_check_resched() do { if (unlikely(test_thread_flag(TIF_NEED_RESCHED))) preempt_schedule(); } while (0)
#else
#define preempt_check_resched() do { } while (0)
#endif
#define preempt_enable() do { preempt_enable_no_resched(); preempt_check_resched(); } while (0)
/// The task that runs here carries the number of its processor (row P35). There is only number 0.
#define smp_processor_id() (current_thread_info()->cpu)
#define get_cpu() ({ preempt_disable(); smp_processor_id(); })
#define put_cpu() preempt_enable()
