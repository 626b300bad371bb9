// SPDX-License-Identifier: MIT
// The two 8259 interrupt controllers: line n becomes vector 0x20 + n; the second hangs on line 2 of the first.
// Source: [8259A] "Initialization command words", "Operation command words".
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/spinlock.h>
#include <asm/io.h>
#include <asm/irq.h>

#define PIC_MASTER_CMD 0x20
#define PIC_MASTER_IMR 0x21
#define PIC_SLAVE_CMD 0xA0
#define PIC_SLAVE_IMR 0xA1
#define PIC_CASCADE_IR 2
#define ICW1_INIT_ICW4 0x11
#define ICW4_8086 0x01
#define OCW2_SPECIFIC_EOI 0x60
#define OCW3_READ_ISR 0x0B
#define OCW3_READ_IRR 0x0A

static unsigned int cached_irq_mask = 0xffff;

static void write_mask(unsigned int irq)
{
    if (irq & 8)
        outb(cached_irq_mask >> 8, PIC_SLAVE_IMR);
    else
        outb(cached_irq_mask, PIC_MASTER_IMR);
}

void disable_8259A_irq(unsigned int irq)
{
    unsigned long flags;
    local_irq_save(flags);
    cached_irq_mask |= 1 << irq;
    write_mask(irq);
    local_irq_restore(flags);
}

void enable_8259A_irq(unsigned int irq)
{
    unsigned long flags;
    local_irq_save(flags);
    cached_irq_mask &= ~(1 << irq);
    write_mask(irq);
    local_irq_restore(flags);
}

/// Lines 7 and 15 are also what a controller reports when the request went away: then no bit is in service.
int spurious_8259A_irq(unsigned int irq)
{
    unsigned short port = irq & 8 ? PIC_SLAVE_CMD : PIC_MASTER_CMD;
    if ((irq & 7) != 7)
        return 0;
    outb(OCW3_READ_ISR, port);
    int in_service = inb(port) & 0x80;
    outb(OCW3_READ_IRR, port);
    if (!in_service && irq == 15)
        outb(OCW2_SPECIFIC_EOI + PIC_CASCADE_IR, PIC_MASTER_CMD);
    return !in_service;
}

/// The line is masked while its handler runs, and the controller is told that it has been taken.
void mask_and_ack_8259A(unsigned int irq)
{
    cached_irq_mask |= 1 << irq;
    write_mask(irq);
    if (irq & 8) {
        outb(OCW2_SPECIFIC_EOI + (irq & 7), PIC_SLAVE_CMD);
        outb(OCW2_SPECIFIC_EOI + PIC_CASCADE_IR, PIC_MASTER_CMD);
    } else {
        outb(OCW2_SPECIFIC_EOI + irq, PIC_MASTER_CMD);
    }
}

void __init init_8259A(int auto_eoi)
{
    outb(0xff, PIC_MASTER_IMR);
    outb(0xff, PIC_SLAVE_IMR);
    outb_p(ICW1_INIT_ICW4, PIC_MASTER_CMD);
    outb_p(FIRST_EXTERNAL_VECTOR, PIC_MASTER_IMR);
    outb_p(1 << PIC_CASCADE_IR, PIC_MASTER_IMR);
    outb_p(ICW4_8086 | (auto_eoi ? 2 : 0), PIC_MASTER_IMR);
    outb_p(ICW1_INIT_ICW4, PIC_SLAVE_CMD);
    outb_p(FIRST_EXTERNAL_VECTOR + 8, PIC_SLAVE_IMR);
    outb_p(PIC_CASCADE_IR, PIC_SLAVE_IMR);
    outb_p(ICW4_8086, PIC_SLAVE_IMR);
    cached_irq_mask = 0xffff & ~(1 << PIC_CASCADE_IR);
    outb(cached_irq_mask, PIC_MASTER_IMR);
    outb(cached_irq_mask >> 8, PIC_SLAVE_IMR);
}
