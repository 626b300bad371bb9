// SPDX-License-Identifier: MIT
// Flags and control registers, and switch_to. [linux-2.6.11], row K02.
#pragma once

#include <linux/types.h>
#include <linux/linkage.h>

#define local_save_flags(x) __asm__ __volatile__("pushfl; popl %0" : "=g"(x) : : "memory")
#define local_irq_restore(x) __asm__ __volatile__("pushl %0; popfl" : : "g"(x) : "memory", "cc")
#define local_irq_disable() __asm__ __volatile__("cli" : : : "memory")
#define local_irq_enable() __asm__ __volatile__("sti" : : : "memory")
#define local_irq_save(x) __asm__ __volatile__("pushfl; popl %0; cli" : "=g"(x) : : "memory")
/// sti takes effect after the next instruction: no wake-up is lost between the two.
#define safe_halt() __asm__ __volatile__("sti; hlt" : : : "memory")
#define halt() __asm__ __volatile__("hlt" : : : "memory")
#define irqs_disabled() ({ unsigned long _flags; local_save_flags(_flags); !(_flags & 0x200); })

#define read_cr0() ({ unsigned long _x; __asm__ __volatile__("movl %%cr0,%0" : "=r"(_x)); _x; })
#define write_cr0(x) __asm__ __volatile__("movl %0,%%cr0" : : "r"(x))
#define read_cr2() ({ unsigned long _x; __asm__ __volatile__("movl %%cr2,%0" : "=r"(_x)); _x; })
#define read_cr3() ({ unsigned long _x; __asm__ __volatile__("movl %%cr3,%0" : "=r"(_x)); _x; })
#define read_cr4() ({ unsigned long _x; __asm__ __volatile__("movl %%cr4,%0" : "=r"(_x)); _x; })
#define write_cr4(x) __asm__ __volatile__("movl %0,%%cr4" : : "r"(x))
#define clts() __asm__ __volatile__("clts")
#define stts() write_cr0(8 | read_cr0())

#define mb() barrier()
#define rmb() barrier()
#define wmb() barrier()
#define smp_mb() barrier()
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#define read_barrier_depends() do { } while (0)
#define set_mb(var, value) do { var = value; barrier(); } while (0)
#define set_wmb set_mb
#define nop() __asm__ __volatile__("nop")

static inline unsigned long __xchg(unsigned long x, volatile void *pointer)
{
    __asm__ __volatile__("xchgl %0,%1" : "=r"(x) : "m"(*(volatile unsigned long *)pointer), "0"(x) : "memory");
    return x;
}
#define xchg(pointer, v) ((typeof(*(pointer)))__xchg((unsigned long)(v), (pointer)))
struct task_struct;
extern struct task_struct *FASTCALL(__switch_to(struct task_struct *prev, struct task_struct *next));

/// From prev to next. The flags and EBP go to prev's stack, its ESP and the label 1 to thread.esp and thread.eip;
/// then ESP is next's, next's eip is pushed, and __switch_to "returns" to it: label 1, or ret_from_fork the first time.
/// A task comes back here with EAX = the task that ran before it, which becomes `last`.
#define switch_to(prev, next, last) \
    do { \
        unsigned long esi, edi; \
        __asm__ __volatile__("pushfl\n\t" \
                             "pushl %%ebp\n\t" \
                             "movl %%esp,%0\n\t" \
                             "movl %5,%%esp\n\t" \
                             "movl $1f,%1\n\t" \
                             "pushl %6\n\t" \
                             "jmp __switch_to\n" \
                             "1:\t" \
                             "popl %%ebp\n\t" \
                             "popfl" \
                             : "=m"(prev->thread.esp), "=m"(prev->thread.eip), "=a"(last), "=S"(esi), "=D"(edi) \
                             : "m"(next->thread.esp), "m"(next->thread.eip), "2"(prev), "d"(next) \
                             : "memory", "ecx", "ebx"); \
    } while (0)
