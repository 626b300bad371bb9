// SPDX-License-Identifier: MIT
// The preempt count: nesting of spin locks (bits 0-7), softirqs (8-15) and hard interrupts (16-27).
#pragma once

#include <asm/thread_info.h>
#define preempt_count() (current_thread_info()->preempt_count)
#define preempt_disable() do { preempt_count()++; barrier(); } while (0)
#define preempt_enable_no_resched() do { barrier(); preempt_count()--; } while (0)
/// The kernel itself is not preemptible: a task gives up the CPU only in schedule().
#define preempt_enable() preempt_enable_no_resched()
#define get_cpu() ({ preempt_disable(); 0; })
#define put_cpu() preempt_enable()
#define smp_processor_id() 0
