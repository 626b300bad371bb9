// SPDX-License-Identifier: MIT
// POSIX timers: timer_create and its family. A process has any number of them; each hangs on the timer wheel and, when it
// is due, sends the signal that the program has asked for, with its own number and value in siginfo.
//
// The place in the signal queue is taken when the timer is made, so that no expiry is lost for want of memory. While the
// signal of the last expiry still waits, further ones are only counted: that is the overrun.
// Truth: timer_create(2), timer_settime(2), timer_getoverrun(2); names are Linux 2.6.11's.
#include "posix-timers.h"
#include "signal.h"
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/uaccess.h>

#define SIGEV_SIGNAL 0
#define SIGEV_THREAD_ID 4
struct sigevent { ///< 64 bytes
    sigval_t sigev_value;
    int sigev_signo, sigev_notify, sigev_tid;
    int pad[12];
};

void posix_timer_event(struct k_itimer *timr)
{
    struct sigqueue *q = timr->sigq;
    if (!list_empty(&q->list)) {
        if (q->info.si_overrun < INT_MAX)
            q->info.si_overrun++;
        return;
    }
    timr->overrun_last = q->info.si_overrun;
    q->info.si_overrun = 0;
    // A thread that has ended leaves its timers to the process.
    if (!(timr->notify & SIGEV_THREAD_ID) || send_sigqueue(timr->signo, q, timr->process) < 0)
        send_group_sigqueue(timr->signo, q, timr->leader);
}

static void posix_timer_fn(unsigned long data)
{
    struct k_itimer *timr = (struct k_itimer *)data;
    unsigned long flags;
    local_irq_save(flags);
    if (timr->notify != SIGEV_NONE)
        posix_timer_event(timr);
    if (timr->incr)
        mod_timer(&timr->timer, timr->timer.expires + timr->incr);
    local_irq_restore(flags);
}

static struct k_itimer *find_timer(timer_t id)
{
    for (struct k_itimer *t = current->signal->posix_timers; t; t = t->next)
        if (t->id == id)
            return t;
    return NULL;
}

static timer_t free_id(void)
{
    timer_t id = 0;
    while (find_timer(id))
        id++;
    return id;
}

static void free_timer(struct k_itimer *timr)
{
    unsigned long flags;
    local_irq_save(flags);
    del_timer(&timr->timer);
    disarm_cpu_timer(timr);
    sigqueue_free(timr->sigq);
    local_irq_restore(flags);
    put_task_struct(timr->process);
    if (timr->cpu_task)
        put_task_struct(timr->cpu_task);
    kfree(timr);
}

/// Whom does the signal go to? NULL: the event is not possible.
static struct task_struct *good_sigevent(const struct sigevent *event)
{
    struct task_struct *p = current->group_leader;
    if (event->sigev_notify & SIGEV_THREAD_ID) {
        p = find_task_by_pid(event->sigev_tid);
        if (!p || p->tgid != current->tgid || (event->sigev_notify & ~SIGEV_THREAD_ID) != SIGEV_SIGNAL)
            return NULL;
    }
    if (event->sigev_notify & ~(SIGEV_NONE | SIGEV_THREAD_ID | 2)) // 2: SIGEV_THREAD, which a library makes threads of
        return NULL;
    if (event->sigev_notify != SIGEV_NONE && (event->sigev_signo <= 0 || !valid_signal(event->sigev_signo)))
        return NULL;
    return p;
}

static struct k_itimer *alloc_timer(clockid_t clock, const struct sigevent *event, struct task_struct *p)
{
    struct k_itimer *timr = kzalloc(sizeof(*timr), GFP_KERNEL);
    if (!timr)
        return NULL;
    timr->sigq = sigqueue_alloc();
    if (!timr->sigq) {
        kfree(timr);
        return NULL;
    }
    timr->clock = clock;
    timr->notify = event->sigev_notify;
    timr->signo = event->sigev_signo;
    timr->leader = current->group_leader;
    timr->process = p;
    get_task_struct(p);
    init_timer(&timr->timer);
    timr->timer.function = posix_timer_fn;
    timr->timer.data = (unsigned long)timr;
    siginfo_t *info = &timr->sigq->info;
    info->si_signo = event->sigev_signo;
    info->si_code = SI_TIMER;
    info->si_timer_value = event->sigev_value;
    return timr;
}

asmlinkage long sys_timer_create(clockid_t clock, struct sigevent __user *uevent, timer_t __user *created)
{
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
    struct task_struct *cpu_task = is_cpu_clock(clock) ? cpu_clock_task(clock) : NULL;
    if (!cpu_task && clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
        return -EINVAL;
    if (cpu_task && cpu_task->tgid != current->tgid) // the ticks of others are charged to others
        return -EPERM;
    timer_t id = free_id();
    event.sigev_value.sival_int = id;
    if (uevent && copy_from_user(&event, uevent, sizeof(event)))
        return -EFAULT;
    struct task_struct *p = good_sigevent(&event);
    if (!p)
        return -EINVAL;
    struct k_itimer *timr = alloc_timer(clock, &event, p);
    if (!timr)
        return -EAGAIN;
    timr->id = timr->sigq->info.si_tid = id;
    timr->cpu_task = cpu_task;
    if (cpu_task)
        get_task_struct(cpu_task);
    if (copy_to_user(created, &id, sizeof(id))) {
        free_timer(timr);
        return -EFAULT;
    }
    timr->next = current->signal->posix_timers;
    barrier(); // the tick may walk along the list
    current->signal->posix_timers = timr;
    return 0;
}

static void read_timer(struct k_itimer *timr, struct itimerspec *value)
{
    unsigned long left = 0, flags;
    local_irq_save(flags);
    if (timr->cpu_task)
        left = cpu_timer_left(timr);
    else if (timer_pending(&timr->timer)) {
        left = timr->timer.expires - jiffies;
        left = (long)left <= 0 ? 1 : left;
    }
    local_irq_restore(flags);
    jiffies_to_timespec(left, &value->it_value);
    jiffies_to_timespec(timr->incr, &value->it_interval);
}

/// The tick for this value: at least as late as asked for, hence one more than the ticks that it takes.
static unsigned long expiry(struct k_itimer *timr, const struct timespec *value, int absolute)
{
    struct timespec now, left = *value;
    if (!absolute)
        return jiffies + timespec_to_jiffies(value) + 1;
    clock_read(timr->clock, &now);
    set_normalized_timespec(&left, value->tv_sec - now.tv_sec, value->tv_nsec - now.tv_nsec);
    return left.tv_sec < 0 ? jiffies : jiffies + timespec_to_jiffies(&left) + 1;
}

static int set_timer(timer_t id, int flags, const struct itimerspec *value, struct itimerspec *old)
{
    unsigned long irq;
    struct k_itimer *timr = find_timer(id);
    if (!timespec_valid(&value->it_value) || !timespec_valid(&value->it_interval) || !timr)
        return -EINVAL;
    local_irq_save(irq);
    read_timer(timr, old);
    del_timer(&timr->timer);
    disarm_cpu_timer(timr);
    timr->incr = timespec_to_jiffies(&value->it_interval);
    int is_set = value->it_value.tv_sec || value->it_value.tv_nsec;
    if (is_set && timr->cpu_task)
        arm_cpu_timer(timr, &value->it_value, flags & TIMER_ABSTIME);
    else if (is_set)
        mod_timer(&timr->timer, expiry(timr, &value->it_value, flags & TIMER_ABSTIME));
    local_irq_restore(irq);
    return 0;
}

asmlinkage long sys_timer_settime(timer_t id, int flags, const struct itimerspec __user *new, struct itimerspec __user *old)
{
    struct itimerspec value, before;
    if (!new)
        return -EINVAL;
    if (copy_from_user(&value, new, sizeof(value)))
        return -EFAULT;
    int error = set_timer(id, flags, &value, &before);
    return error ? error : old && copy_to_user(old, &before, sizeof(before)) ? -EFAULT : 0;
}

asmlinkage long sys_timer_gettime(timer_t id, struct itimerspec __user *setting)
{
    struct itimerspec value;
    struct k_itimer *timr = find_timer(id);
    if (!timr)
        return -EINVAL;
    read_timer(timr, &value);
    return copy_to_user(setting, &value, sizeof(value)) ? -EFAULT : 0;
}

/// Of the signal that was delivered last.
asmlinkage long sys_timer_getoverrun(timer_t id)
{
    struct k_itimer *timr = find_timer(id);
    if (!timr)
        return -EINVAL;
    return list_empty(&timr->sigq->list) ? timr->sigq->info.si_overrun : timr->overrun_last;
}

asmlinkage long sys_timer_delete(timer_t id)
{
    for (struct k_itimer **link = &current->signal->posix_timers; *link; link = &(*link)->next) {
        struct k_itimer *timr = *link;
        if (timr->id != id)
            continue;
        *link = timr->next;
        free_timer(timr);
        return 0;
    }
    return -EINVAL;
}

/// The process ends or becomes another program.
void exit_itimers(struct signal_struct *sig)
{
    while (sig->posix_timers) {
        struct k_itimer *timr = sig->posix_timers;
        sig->posix_timers = timr->next;
        free_timer(timr);
    }
}
