// SPDX-License-Identifier: MIT
// Interrupts from devices: request_irq hangs a handler on a line, do_IRQ (called by common_interrupt in entry.S) runs it.
// While a handler runs its line is masked; other lines may interrupt it unless it asked for SA_INTERRUPT.
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/desc.h>
#include <asm/irq.h>

extern void *const interrupt[NR_IRQS]; ///< the stubs of entry.S
extern void init_8259A(int auto_eoi);
extern int spurious_8259A_irq(unsigned int irq);

static struct {
    struct irqaction *action;
    int depth;     ///< nesting of disable_irq
    int unhandled; ///< interrupts in a row that no handler recognized
} irq_desc[NR_IRQS];
unsigned long kstat_irqs[NR_IRQS];

void __init init_IRQ(void)
{
    init_8259A(0);
    for (int i = 0; i < NR_IRQS; i++)
        set_intr_gate(FIRST_EXTERNAL_VECTOR + i, interrupt[i]);
}

static void handle_IRQ_event(unsigned int irq, struct pt_regs *regs, struct irqaction *action)
{
    int handled = 0;
    if (!(action->flags & SA_INTERRUPT))
        local_irq_enable();
    for (; action; action = action->next)
        handled |= action->handler(irq, action->dev_id, regs);
    local_irq_disable();
    // A handler may find that its predecessor has served the device already; only a line that cries on and on is told.
    irq_desc[irq].unhandled = handled ? 0 : irq_desc[irq].unhandled + 1;
    if (irq_desc[irq].unhandled == 1000)
        printk(KERN_WARNING "irq %u: nobody cared\n", irq);
}

fastcall void do_IRQ(struct pt_regs *regs)
{
    unsigned int irq = (regs->orig_eax & 0xff) - FIRST_EXTERNAL_VECTOR;
    if (spurious_8259A_irq(irq))
        return;
    irq_enter();
    mask_and_ack_8259A(irq);
    kstat_irqs[irq]++;
    kstat.irqs++;
    if (irq_desc[irq].action)
        handle_IRQ_event(irq, regs, irq_desc[irq].action);
    if (irq_desc[irq].action && !irq_desc[irq].depth)
        enable_8259A_irq(irq);
    irq_exit();
}

int setup_irq(unsigned int irq, struct irqaction *new)
{
    unsigned long flags;
    struct irqaction **p;
    local_irq_save(flags);
    p = &irq_desc[irq].action;
    if (*p && !((*p)->flags & new->flags & SA_SHIRQ)) {
        local_irq_restore(flags);
        return -EBUSY;
    }
    while (*p)
        p = &(*p)->next;
    *p = new;
    if (!irq_desc[irq].depth)
        enable_8259A_irq(irq);
    local_irq_restore(flags);
    return 0;
}

int request_irq(unsigned int irq, irqreturn_t (*handler)(int, void *, struct pt_regs *), unsigned long flags,
                const char *name, void *dev_id)
{
    if (irq >= NR_IRQS || !handler)
        return -EINVAL;
    struct irqaction *action = kzalloc(sizeof(*action), GFP_ATOMIC);
    if (!action)
        return -ENOMEM;
    action->handler = handler;
    action->flags = flags;
    action->name = name;
    action->dev_id = dev_id;
    action->irq = irq;
    int error = setup_irq(irq, action);
    if (error)
        kfree(action);
    return error;
}

void free_irq(unsigned int irq, void *dev_id)
{
    unsigned long flags;
    local_irq_save(flags);
    for (struct irqaction **p = &irq_desc[irq].action; *p; p = &(*p)->next) {
        if ((*p)->dev_id != dev_id)
            continue;
        struct irqaction *action = *p;
        *p = action->next;
        kfree(action);
        break;
    }
    if (!irq_desc[irq].action)
        disable_8259A_irq(irq);
    local_irq_restore(flags);
}

void disable_irq(unsigned int irq)
{
    if (!irq_desc[irq].depth++)
        disable_8259A_irq(irq);
}

void enable_irq(unsigned int irq)
{
    if (!--irq_desc[irq].depth)
        enable_8259A_irq(irq);
}

const char *irq_name(unsigned int irq)
{
    return irq < NR_IRQS && irq_desc[irq].action ? irq_desc[irq].action->name : NULL;
}
