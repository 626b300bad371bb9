// SPDX-License-Identifier: MIT
// IRQ lines of the two 8259s; vector = 0x20 + line.
#pragma once

#include <asm/ptrace.h>
#define FIRST_EXTERNAL_VECTOR 0x20
#define SYSCALL_VECTOR 0x80
#define NR_IRQS 16
#define TIMER_IRQ 0
void init_IRQ(void);
void init_8259A(int auto_eoi);
void disable_8259A_irq(unsigned int irq);
void enable_8259A_irq(unsigned int irq);
void mask_and_ack_8259A(unsigned int irq);
