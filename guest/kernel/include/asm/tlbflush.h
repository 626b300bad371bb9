// SPDX-License-Identifier: MIT
// The TLB: entries stay after a page table changes until they are flushed.
#pragma once

#include <linux/sched.h>
#define __flush_tlb() \
    do { \
        unsigned long _cr3; \
        preempt_disable(); /* who has no address space of its own comes back with another one in CR3 */ \
        __asm__ __volatile__("movl %%cr3,%0; movl %0,%%cr3" : "=r"(_cr3) : : "memory"); \
        preempt_enable(); \
    } while (0)
/// One page; a 386 can only flush all.
#define __flush_tlb_one(address) \
    do { \
        if (boot_cpu_data.x86 > 3) \
            __asm__ __volatile__("invlpg %0" : : "m"(*(char *)(address)) : "memory"); \
        else \
            __flush_tlb(); \
    } while (0)
#define flush_tlb() __flush_tlb()
#define flush_tlb_all() __flush_tlb()
static inline void flush_tlb_mm(struct mm_struct *mm)
{
    if (mm == current->active_mm)
        __flush_tlb();
}
#define flush_tlb_page(vma, address) \
    do { \
        if ((vma)->vm_mm == current->active_mm) \
            __flush_tlb_one(address); \
    } while (0)
#define flush_tlb_range(vma, start, end) flush_tlb_mm((vma)->vm_mm)
