// SPDX-License-Identifier: MIT
// Work that an interrupt handler leaves for the moment when interrupts are on again: softirqs, and tasklets on top.
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/sched.h>

static struct softirq_action softirq_vec[NR_SOFTIRQS];
static volatile unsigned long pending;

void open_softirq(int nr, void (*action)(struct softirq_action *), void *data)
{
    softirq_vec[nr].action = action;
    softirq_vec[nr].data = data;
}

void raise_softirq_irqoff(unsigned int nr) { pending |= 1UL << nr; }

void raise_softirq(unsigned int nr)
{
    unsigned long flags;
    local_irq_save(flags);
    raise_softirq_irqoff(nr);
    local_irq_restore(flags);
}

/// Runs what is pending, with interrupts on, at most a few rounds: what is raised again meanwhile waits for the next time.
asmlinkage void do_softirq(void)
{
    unsigned long flags;
    if (in_interrupt())
        return;
    local_irq_save(flags);
    preempt_count() += SOFTIRQ_OFFSET;
    for (int rounds = 10; pending && rounds; rounds--) {
        unsigned long now = pending;
        pending = 0;
        local_irq_enable();
        for (int nr = 0; nr < NR_SOFTIRQS; nr++)
            if (now & (1UL << nr))
                softirq_vec[nr].action(&softirq_vec[nr]);
        local_irq_disable();
    }
    preempt_count() -= SOFTIRQ_OFFSET;
    local_irq_restore(flags);
}

void irq_exit(void)
{
    preempt_count() -= HARDIRQ_OFFSET;
    if (!in_interrupt() && pending)
        do_softirq();
}

void local_bh_enable(void)
{
    preempt_count() -= SOFTIRQ_OFFSET;
    if (!in_interrupt() && pending)
        do_softirq();
    preempt_check_resched();
}

static struct tasklet_struct *tasklets;

void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long), unsigned long data)
{
    t->next = NULL;
    t->state = 0;
    atomic_set(&t->count, 0);
    t->func = func;
    t->data = data;
}

void tasklet_schedule(struct tasklet_struct *t)
{
    unsigned long flags;
    if (test_and_set_bit(0, &t->state))
        return;
    local_irq_save(flags);
    struct tasklet_struct **last = &tasklets;
    while (*last)
        last = &(*last)->next;
    t->next = NULL;
    *last = t;
    raise_softirq_irqoff(TASKLET_SOFTIRQ);
    local_irq_restore(flags);
}

static void tasklet_action(struct softirq_action *a)
{
    local_irq_disable();
    struct tasklet_struct *list = tasklets;
    tasklets = NULL;
    local_irq_enable();
    while (list) {
        struct tasklet_struct *t = list;
        list = t->next;
        clear_bit(0, &t->state);
        t->func(t->data);
    }
}

void tasklet_kill(struct tasklet_struct *t)
{
    while (test_bit(0, &t->state))
        yield();
}

void __init softirq_init(void) { open_softirq(TASKLET_SOFTIRQ, tasklet_action, NULL); }
