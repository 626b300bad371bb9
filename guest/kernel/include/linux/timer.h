// SPDX-License-Identifier: MIT
// Kernel timers: a function that is called at a tick, from the timer softirq.
#pragma once

#include <linux/list.h>
#include <linux/spinlock.h>

struct timer_list {
    struct list_head entry;
    unsigned long expires;
    void (*function)(unsigned long);
    unsigned long data;
    int pending;
};
#define TIMER_INITIALIZER(fn, when, value) { .function = (fn), .expires = (when), .data = (value) }
#define DEFINE_TIMER(name, fn, when, value) struct timer_list name = TIMER_INITIALIZER(fn, when, value)

static inline void init_timer(struct timer_list *timer) { timer->pending = 0; }
static inline int timer_pending(const struct timer_list *timer) { return timer->pending; }
void add_timer(struct timer_list *timer);
/// 1 if it was pending.
int del_timer(struct timer_list *timer);
int mod_timer(struct timer_list *timer, unsigned long expires);
#define del_timer_sync(timer) del_timer(timer)
void init_timers(void);
void run_local_timers(void);
void update_process_times(int user);
/// The next tick at which some timer is due, for an idle loop that wants to know.
unsigned long next_timer_interrupt(void);
