// SPDX-License-Identifier: MIT
// The scheduler as programs see it: nice, priorities, yield, the sched_* calls; and the load average.
#include "sched.h"
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/syscalls.h>
#include <asm/uaccess.h>

unsigned long nr_running(void) { return runqueue.nr_running; }
unsigned long nr_uninterruptible(void) { return runqueue.nr_uninterruptible; }
unsigned long long nr_context_switches(void) { return runqueue.nr_switches; }
int idle_cpu(int cpu) { return runqueue.curr == runqueue.idle; }
int task_prio(const struct task_struct *p) { return p->prio - MAX_RT_PRIO; }
int task_nice(const struct task_struct *p) { return PRIO_TO_NICE(p->static_prio); }

char task_state_letter(struct task_struct *p)
{
    if (p->exit_state)
        return p->exit_state == EXIT_ZOMBIE ? 'Z' : 'X';
    switch (p->state) {
    case TASK_RUNNING: return 'R';
    case TASK_INTERRUPTIBLE: return 'S';
    case TASK_UNINTERRUPTIBLE: return 'D';
    case TASK_STOPPED: return 'T';
    default: return 't';
    }
}

unsigned long avenrun[3];
/// Every 5 seconds: load = load * e + n * (1 - e), in fixed point with 11 bits behind the point; e for 1, 5, 15 minutes.
void calc_load(void)
{
    static const unsigned long decay[3] = { 1884, 2014, 2037 };
    static int count = 5 * HZ;
    if (--count)
        return;
    count = 5 * HZ;
    unsigned long active = (nr_running() + nr_uninterruptible()) << 11;
    for (int i = 0; i < 3; i++)
        avenrun[i] = (avenrun[i] * decay[i] + active * (2048 - decay[i])) >> 11;
}

void set_user_nice(struct task_struct *p, long nice)
{
    unsigned long flags;
    if (nice < -20 || nice > 19)
        return;
    local_irq_save(flags);
    struct prio_array *array = p->array;
    if (array)
        dequeue_task(p, array);
    p->static_prio = NICE_TO_PRIO(nice);
    if (!rt_task(p))
        p->prio = effective_prio(p);
    if (array) {
        enqueue_task(p, array);
        set_tsk_need_resched(runqueue.curr);
    }
    local_irq_restore(flags);
}

/// Getting better needs CAP_SYS_NICE. Row U14.
asmlinkage long sys_nice(int increment)
{
    if (increment < 0 && !capable(CAP_SYS_NICE))
        return -EPERM;
    increment = increment < -40 ? -40 : increment > 40 ? 40 : increment;
    long nice = task_nice(current) + increment;
    set_user_nice(current, nice < -20 ? -20 : nice > 19 ? 19 : nice);
    return 0;
}

void yield(void)
{
    set_current_state(TASK_RUNNING);
    sys_sched_yield();
}

/// To the end of the line: into expired, behind everybody who still has time.
asmlinkage long sys_sched_yield(void)
{
    local_irq_disable();
    if (current->array) {
        dequeue_task(current, current->array);
        enqueue_task(current, rt_task(current) ? runqueue.active : runqueue.expired);
    }
    local_irq_enable();
    schedule();
    return 0;
}

static struct task_struct *find_process_by_pid(pid_t pid) { return pid ? find_task_by_pid(pid) : current; }

static int may_change(struct task_struct *p)
{
    return current->euid == p->euid || current->euid == p->uid || capable(CAP_SYS_NICE);
}

static int set_scheduler(pid_t pid, int policy, struct sched_param __user *param)
{
    struct sched_param lp;
    unsigned long flags;
    if (!param || pid < 0)
        return -EINVAL;
    if (copy_from_user(&lp, param, sizeof(lp)))
        return -EFAULT;
    struct task_struct *p = find_process_by_pid(pid);
    if (!p)
        return -ESRCH;
    if (policy < 0)
        policy = p->policy;
    if (policy != SCHED_NORMAL && policy != SCHED_FIFO && policy != SCHED_RR)
        return -EINVAL;
    if (lp.sched_priority < 0 || lp.sched_priority > MAX_USER_RT_PRIO - 1 ||
        (policy == SCHED_NORMAL) != (lp.sched_priority == 0))
        return -EINVAL;
    if ((policy != SCHED_NORMAL && !capable(CAP_SYS_NICE)) || !may_change(p))
        return -EPERM;
    local_irq_save(flags);
    struct prio_array *array = p->array;
    if (array)
        dequeue_task(p, array);
    p->policy = policy;
    p->rt_priority = lp.sched_priority;
    p->prio = p->static_prio;
    p->prio = policy == SCHED_NORMAL ? effective_prio(p) : MAX_USER_RT_PRIO - 1 - lp.sched_priority;
    if (array) {
        enqueue_task(p, array);
        set_tsk_need_resched(runqueue.curr);
    }
    local_irq_restore(flags);
    return 0;
}

asmlinkage long sys_sched_setscheduler(pid_t pid, int policy, struct sched_param __user *param)
{
    return policy < 0 ? -EINVAL : set_scheduler(pid, policy, param);
}
asmlinkage long sys_sched_setparam(pid_t pid, struct sched_param __user *param)
{
    return set_scheduler(pid, -1, param);
}

asmlinkage long sys_sched_getscheduler(pid_t pid)
{
    struct task_struct *p = pid < 0 ? NULL : find_process_by_pid(pid);
    return pid < 0 ? -EINVAL : p ? (long)p->policy : -ESRCH;
}

asmlinkage long sys_sched_getparam(pid_t pid, struct sched_param __user *param)
{
    if (!param || pid < 0)
        return -EINVAL;
    struct task_struct *p = find_process_by_pid(pid);
    if (!p)
        return -ESRCH;
    return put_user((int)p->rt_priority, &param->sched_priority);
}

asmlinkage long sys_sched_get_priority_max(int policy)
{
    return policy == SCHED_NORMAL ? 0 : policy == SCHED_FIFO || policy == SCHED_RR ? MAX_USER_RT_PRIO - 1 : -EINVAL;
}
asmlinkage long sys_sched_get_priority_min(int policy)
{
    return policy == SCHED_NORMAL ? 0 : policy == SCHED_FIFO || policy == SCHED_RR ? 1 : -EINVAL;
}

asmlinkage long sys_sched_rr_get_interval(pid_t pid, struct timespec __user *interval)
{
    struct timespec t;
    struct task_struct *p = pid < 0 ? NULL : find_process_by_pid(pid);
    if (pid < 0)
        return -EINVAL;
    if (!p)
        return -ESRCH;
    jiffies_to_timespec(p->policy == SCHED_FIFO ? 0 : task_timeslice(p), &t);
    return copy_to_user(interval, &t, sizeof(t)) ? -EFAULT : 0;
}

/// One processor: the only mask that can be had contains it.
asmlinkage long sys_sched_setaffinity(pid_t pid, unsigned int len, unsigned long __user *mask)
{
    unsigned long new;
    struct task_struct *p = find_process_by_pid(pid);
    if (len < sizeof(new))
        return -EINVAL;
    if (copy_from_user(&new, mask, sizeof(new)))
        return -EFAULT;
    if (!p)
        return -ESRCH;
    if (!may_change(p))
        return -EPERM;
    return new & 1 ? 0 : -EINVAL;
}

asmlinkage long sys_sched_getaffinity(pid_t pid, unsigned int len, unsigned long __user *mask)
{
    unsigned long one = 1;
    if (len < sizeof(one))
        return -EINVAL;
    if (!find_process_by_pid(pid))
        return -ESRCH;
    return copy_to_user(mask, &one, sizeof(one)) ? -EFAULT : (long)sizeof(one);
}

asmlinkage long sys_getcpu(unsigned __user *cpu, unsigned __user *node, void __user *unused)
{
    if ((cpu && put_user(0u, cpu)) || (node && put_user(0u, node)))
        return -EFAULT;
    return 0;
}
