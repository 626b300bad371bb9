// SPDX-License-Identifier: MIT
// Interrupt handlers, soft interrupts and tasklets.
#pragma once

#include <linux/hardirq.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <asm/ptrace.h>

typedef int irqreturn_t;
#define IRQ_NONE 0
#define IRQ_HANDLED 1
#define IRQ_RETVAL(x) ((x) != 0)
#define SA_INTERRUPT 0x20000000
#define SA_SHIRQ 0x04000000
#define NR_IRQS 16

struct irqaction {
    irqreturn_t (*handler)(int irq, void *dev_id, struct pt_regs *regs);
    unsigned long flags;
    const char *name;
    void *dev_id;
    struct irqaction *next;
    int irq;
};
int request_irq(unsigned int irq, irqreturn_t (*handler)(int, void *, struct pt_regs *), unsigned long flags,
                const char *name, void *dev_id);
void free_irq(unsigned int irq, void *dev_id);
int setup_irq(unsigned int irq, struct irqaction *action);
void disable_irq(unsigned int irq);
void enable_irq(unsigned int irq);
extern unsigned long kstat_irqs[NR_IRQS];
/// One name a line for /proc/interrupts: the handler's name, or NULL.
const char *irq_name(unsigned int irq);

enum { HI_SOFTIRQ, TIMER_SOFTIRQ, TASKLET_SOFTIRQ, NR_SOFTIRQS };
struct softirq_action {
    void (*action)(struct softirq_action *);
    void *data;
};
void open_softirq(int nr, void (*action)(struct softirq_action *), void *data);
void raise_softirq(unsigned int nr);
void raise_softirq_irqoff(unsigned int nr);
asmlinkage void do_softirq(void);
void softirq_init(void);

struct tasklet_struct {
    struct tasklet_struct *next;
    unsigned long state;
    atomic_t count;
    void (*func)(unsigned long);
    unsigned long data;
};
#define DECLARE_TASKLET(name, fn, value) struct tasklet_struct name = { NULL, 0, ATOMIC_INIT(0), fn, value }
void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long), unsigned long data);
void tasklet_schedule(struct tasklet_struct *t);
void tasklet_kill(struct tasklet_struct *t);
