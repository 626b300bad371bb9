// SPDX-License-Identifier: MIT
// Timers: functions to be called at a tick. They hang on a wheel of 5 rings: the first has a slot for each of the next
// 256 ticks, each further one covers 64 times as much in 64 slots. When a ring has gone round, the next slot of the
// ring above is dealt out downwards (cascade). Also schedule_timeout and what happens to a task at each tick.
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/timer.h>

#define TVN_BITS 6
#define TVR_BITS 8
#define TVN_SIZE (1 << TVN_BITS)
#define TVR_SIZE (1 << TVR_BITS)
#define LEVELS 4

static struct list_head tv1[TVR_SIZE], tvn[LEVELS][TVN_SIZE];
static unsigned long timer_jiffies; ///< the next tick to be worked off

static void internal_add_timer(struct timer_list *timer)
{
    unsigned long expires = timer->expires, distance = expires - timer_jiffies;
    struct list_head *slot;
    if ((long)distance < 0) {
        slot = &tv1[timer_jiffies % TVR_SIZE]; // long due: with the next tick
    } else if (distance < TVR_SIZE) {
        slot = &tv1[expires % TVR_SIZE];
    } else {
        int level = 0;
        while (level < LEVELS - 1 && distance >> (TVR_BITS + (level + 1) * TVN_BITS))
            level++;
        slot = &tvn[level][(expires >> (TVR_BITS + level * TVN_BITS)) % TVN_SIZE];
    }
    list_add_tail(&timer->entry, slot);
    timer->pending = 1;
}

static int detach_timer(struct timer_list *timer)
{
    int was = timer->pending;
    if (was)
        list_del(&timer->entry);
    timer->pending = 0;
    return was;
}

int mod_timer(struct timer_list *timer, unsigned long expires)
{
    unsigned long flags;
    local_irq_save(flags);
    int was = detach_timer(timer);
    timer->expires = expires;
    internal_add_timer(timer);
    local_irq_restore(flags);
    return was;
}

void add_timer(struct timer_list *timer) { mod_timer(timer, timer->expires); }

int del_timer(struct timer_list *timer)
{
    unsigned long flags;
    local_irq_save(flags);
    int was = detach_timer(timer);
    local_irq_restore(flags);
    return was;
}

/// Deals out one slot of a ring; its number, so that 0 means: the ring above is due as well.
static int cascade(int level)
{
    int slot = (timer_jiffies >> (TVR_BITS + level * TVN_BITS)) % TVN_SIZE;
    LIST_HEAD(work);
    list_splice_init(&tvn[level][slot], &work);
    while (!list_empty(&work)) {
        struct timer_list *timer = list_entry(work.next, struct timer_list, entry);
        list_del(&timer->entry);
        internal_add_timer(timer);
    }
    return slot;
}

static void run_timer_softirq(struct softirq_action *h)
{
    local_irq_disable();
    while (time_after_eq(jiffies, timer_jiffies)) {
        LIST_HEAD(work);
        int slot = timer_jiffies % TVR_SIZE;
        for (int level = 0; !slot && level < LEVELS; level++)
            if (cascade(level))
                break;
        timer_jiffies++;
        list_splice_init(&tv1[slot], &work);
        while (!list_empty(&work)) {
            struct timer_list *timer = list_entry(work.next, struct timer_list, entry);
            detach_timer(timer);
            local_irq_enable();
            timer->function(timer->data);
            local_irq_disable();
        }
    }
    local_irq_enable();
}

void run_local_timers(void) { raise_softirq_irqoff(TIMER_SOFTIRQ); }

void __init init_timers(void)
{
    for (int i = 0; i < TVR_SIZE; i++)
        INIT_LIST_HEAD(&tv1[i]);
    for (int level = 0; level < LEVELS; level++)
        for (int i = 0; i < TVN_SIZE; i++)
            INIT_LIST_HEAD(&tvn[level][i]);
    timer_jiffies = jiffies;
    open_softirq(TIMER_SOFTIRQ, run_timer_softirq, NULL);
}

static void process_timeout(unsigned long task) { wake_up_process((struct task_struct *)task); }

/// Sleeps in the state that the caller has set; the ticks that were left when something else woke it.
long schedule_timeout(long timeout)
{
    struct timer_list timer;
    if (timeout == MAX_SCHEDULE_TIMEOUT) {
        schedule();
        return timeout;
    }
    if (timeout < 0)
        timeout = 0;
    unsigned long expire = jiffies + timeout;
    init_timer(&timer);
    timer.expires = expire;
    timer.data = (unsigned long)current;
    timer.function = process_timeout;
    add_timer(&timer);
    schedule();
    del_timer(&timer);
    timeout = expire - jiffies;
    return timeout < 0 ? 0 : timeout;
}

static void run_interval_timers(struct task_struct *p, int user)
{
    if (p->it_prof_value && --p->it_prof_value == 0) {
        p->it_prof_value = p->it_prof_incr;
        send_sig(SIGPROF, p, 1);
    }
    if (user && p->it_virt_value && --p->it_virt_value == 0) {
        p->it_virt_value = p->it_virt_incr;
        send_sig(SIGVTALRM, p, 1);
    }
}

static void check_cpu_limit(struct task_struct *p)
{
    unsigned long limit = p->signal->rlim[RLIMIT_CPU].rlim_cur, used = (p->utime + p->stime) / HZ;
    if (limit == RLIM_INFINITY || used < limit)
        return;
    if (used >= p->signal->rlim[RLIMIT_CPU].rlim_max)
        send_sig(SIGKILL, p, 1);
    else if ((p->utime + p->stime) % HZ == 0)
        send_sig(SIGXCPU, p, 1);
}

/// Charges one tick to whoever it interrupted.
void update_process_times(int user)
{
    struct task_struct *p = current;
    if (p->pid == 0) {
        kstat.idle++;
    } else if (user) {
        p->utime++;
        if (task_nice(p) > 0)
            kstat.nice++;
        else
            kstat.user++;
    } else {
        p->stime++;
        kstat.system++;
    }
    if (p->pid && p->signal) {
        run_interval_timers(p, user);
        check_cpu_limit(p);
        if (unlikely(p->signal->cpu_timers))
            run_posix_cpu_timers(p);
    }
    run_local_timers();
    scheduler_tick();
}
