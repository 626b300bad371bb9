// SPDX-License-Identifier: MIT
// The entry points of exceptions (entry.S), and what prints a kernel's last words.
#pragma once
#include <linux/linkage.h>
struct pt_regs;

asmlinkage void divide_error(void);
asmlinkage void debug(void);
asmlinkage void nmi(void);
asmlinkage void int3(void);
asmlinkage void overflow(void);
asmlinkage void bounds(void);
asmlinkage void invalid_op(void);
asmlinkage void device_not_available(void);
asmlinkage void coprocessor_segment_overrun(void);
asmlinkage void invalid_TSS(void);
asmlinkage void segment_not_present(void);
asmlinkage void stack_segment(void);
asmlinkage void general_protection(void);
asmlinkage void page_fault(void);
asmlinkage void spurious_interrupt_bug(void);
asmlinkage void coprocessor_error(void);
asmlinkage void alignment_check(void);
asmlinkage void machine_check(void);
asmlinkage void simd_coprocessor_error(void);
asmlinkage void system_call(void);
asmlinkage void sysenter_entry(void);

void doublefault_init(void);
void die(const char *what, struct pt_regs *regs, long error_code);
void show_regs(struct pt_regs *regs);
void show_trace(unsigned long ebp, unsigned long eip);
fastcall void math_state_restore(void);
