// SPDX-License-Identifier: MIT
// thread_info lies at the bottom of the kernel stack; current is found from ESP alone.
// 
//   esp0 = base + THREAD_SIZE  +----------------------------+
//                              | pt_regs, 60 bytes          |
//                              | ...C frames, growing down  |
//                              |                            |
//                      52      | (stack may come to here)   |
//                              | thread_info                |
//   base, aligned to its size  +----------------------------+
// Offsets: [linux-2.6.11]. Row E06.
#pragma once

#include <asm/page.h>

#ifdef CONFIG_4KSTACKS
#define THREAD_SIZE 4096
#define THREAD_ORDER 0
#else
#define THREAD_SIZE 8192
#define THREAD_ORDER 1
#endif

#define TI_task 0
#define TI_exec_domain 4
#define TI_flags 8
#define TI_status 12
#define TI_cpu 16
#define TI_preempt_count 20
#define TI_addr_limit 24
#define TI_restart_block 28

#define TIF_SYSCALL_TRACE 0
#define TIF_NOTIFY_RESUME 1
#define TIF_SIGPENDING 2
#define TIF_NEED_RESCHED 3
#define TIF_SINGLESTEP 4
#define TIF_IRET 5
#define TIF_SYSCALL_AUDIT 7
#define TIF_POLLING_NRFLAG 16
#define TIF_MEMDIE 17
#define TIF_SYSCALL_EMU 18 // beside TIF_SYSCALL_TRACE: the call is left out after the stop before it
#define _TIF_SYSCALL_TRACE (1 << TIF_SYSCALL_TRACE)
#define _TIF_NOTIFY_RESUME (1 << TIF_NOTIFY_RESUME)
#define _TIF_SIGPENDING (1 << TIF_SIGPENDING)
#define _TIF_NEED_RESCHED (1 << TIF_NEED_RESCHED)
#define _TIF_SINGLESTEP (1 << TIF_SINGLESTEP)
#define _TIF_IRET (1 << TIF_IRET)
#define _TIF_SYSCALL_AUDIT (1 << TIF_SYSCALL_AUDIT)
#define _TIF_ALLWORK_MASK 0x0000FFFF
#define _TIF_WORK_MASK (_TIF_ALLWORK_MASK & ~(_TIF_SYSCALL_TRACE | _TIF_SYSCALL_AUDIT | _TIF_SINGLESTEP))

#define TS_USEDFPU 0x0001
#define PREEMPT_ACTIVE 0x10000000

#ifdef __ASSEMBLY__
#define GET_THREAD_INFO(reg) \
	movl $-THREAD_SIZE, reg; \
	andl %esp, reg
#else
#include <asm/processor.h>

struct restart_block {
    long (*fn)(struct restart_block *);
    unsigned long arg0, arg1, arg2, arg3;
};
struct thread_info {
    struct task_struct *task;
    struct exec_domain *exec_domain;
    unsigned long flags;      ///< TIF_ bits
    unsigned long status;     ///< TS_USEDFPU
    u32 cpu;
    s32 preempt_count;        ///< > 0: may not be scheduled away
    mm_segment_t addr_limit;  ///< first address that the task's system calls may not touch
    struct restart_block restart_block;
    unsigned long previous_esp;
    u8 supervisor_stack[0];
};
extern long do_no_restart_syscall(struct restart_block *);

static inline struct thread_info *current_thread_info(void)
{
    struct thread_info *ti;
    __asm__("andl %%esp,%0" : "=r"(ti) : "0"(-THREAD_SIZE));
    return ti;
}
#define set_thread_flag(flag) set_bit(flag, &current_thread_info()->flags)
#define clear_thread_flag(flag) clear_bit(flag, &current_thread_info()->flags)
#define test_thread_flag(flag) test_bit(flag, &current_thread_info()->flags)
#define set_ti_thread_flag(ti, flag) set_bit(flag, &(ti)->flags)
#define set_need_resched() set_thread_flag(TIF_NEED_RESCHED)
#define need_resched() unlikely(test_thread_flag(TIF_NEED_RESCHED))
#endif
