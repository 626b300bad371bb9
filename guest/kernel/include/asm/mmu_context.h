// SPDX-License-Identifier: MIT
// Changing address spaces: CR3, and the LDT if there is one.
#pragma once

#include <asm/pgtable.h>
void load_LDT(mm_context_t *context);
int init_new_context(struct task_struct *tsk, struct mm_struct *mm);
void destroy_context(struct mm_struct *mm);
static inline void load_cr3(pgd_t *pgd) { __asm__ __volatile__("movl %0,%%cr3" : : "r"(__pa(pgd)) : "memory"); }
static inline void switch_mm(struct mm_struct *prev, struct mm_struct *next, struct task_struct *tsk)
{
    if (prev == next)
        return;
    load_cr3(next->pgd);
    if (prev->context.ldt != next->context.ldt)
        load_LDT(&next->context);
}
#define activate_mm(prev, next) switch_mm(prev, next, NULL)
#define deactivate_mm(tsk, mm) __asm__("movl %0,%%fs; movl %0,%%gs" : : "r"(0))
