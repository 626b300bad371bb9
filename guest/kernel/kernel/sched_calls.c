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
    runqueue_t *rq = task_rq_lock(p, &flags);
    int change = NICE_TO_PRIO(nice) - p->static_prio;
    struct prio_array *array = p->array;
    p->static_prio += change;
    if (rt_task(p) || !change) // counts once the task is an ordinary one again
        goto out;
    if (array)
        dequeue_task(p, array);
    p->prio = effective_prio(p);
    if (array) {
        enqueue_task(p, array);
        if (change < 0 || p == rq->curr)
            resched_task(rq->curr);
    }
out:
    task_rq_unlock(rq, &flags);
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

/// To the end of the line: into expired, behind everybody who still has time; a real-time task behind its equals.
asmlinkage long sys_sched_yield(void)
{
    runqueue_t *rq = this_rq();
    spin_lock_irq(&rq->lock);
    struct prio_array *array = current->array, *target = rt_task(current) ? rq->active : rq->expired;
    if (array && array != target) {
        dequeue_task(current, array);
        enqueue_task(current, target);
    } else if (array) {
        requeue_task(current, array);
    }
    local_irq_enable();
    preempt_enable_no_resched(); // the switch comes at once
    schedule();
    return 0;
}

/// REQUIRES: tasklist_lock.
static struct task_struct *find_process_by_pid(pid_t pid) { return pid ? find_task_by_pid(pid) : current; }

static int may_change(struct task_struct *p)
{
    return current->euid == p->euid || current->euid == p->uid || capable(CAP_SYS_NICE);
}

/// 0 or an error. policy -1: as it is.
static int check_policy(struct task_struct *p, int policy, int priority)
{
    if (policy < 0)
        policy = p->policy;
    if (policy != SCHED_NORMAL && policy != SCHED_FIFO && policy != SCHED_RR)
        return -EINVAL;
    if (priority < 0 || priority > MAX_USER_RT_PRIO - 1 || (policy == SCHED_NORMAL) != (priority == 0))
        return -EINVAL;
    return (policy == SCHED_NORMAL || capable(CAP_SYS_NICE)) && may_change(p) ? 0 : -EPERM;
}

/// Into the list of its new priority, in active even if it had expired.
static void change_policy(struct task_struct *p, int policy, int priority)
{
    unsigned long flags;
    runqueue_t *rq = task_rq_lock(p, &flags);
    struct prio_array *array = p->array;
    int old_prio = p->prio;
    if (array)
        dequeue_task(p, array);
    p->policy = policy < 0 ? p->policy : policy;
    p->rt_priority = priority;
    p->prio = p->static_prio; // not a real-time task's: effective_prio computes it
    p->prio = p->policy == SCHED_NORMAL ? effective_prio(p) : MAX_USER_RT_PRIO - 1 - priority;
    if (array) {
        enqueue_task(p, rq->active);
        if (p == rq->curr ? p->prio > old_prio : TASK_PREEMPTS_CURR(p, rq))
            resched_task(rq->curr);
    }
    task_rq_unlock(rq, &flags);
}

static int do_sched_setscheduler(pid_t pid, int policy, struct sched_param __user *param)
{
    struct sched_param lp;
    if (!param || pid < 0)
        return -EINVAL;
    if (copy_from_user(&lp, param, sizeof(lp)))
        return -EFAULT;
    read_lock_irq(&tasklist_lock);
    struct task_struct *p = find_process_by_pid(pid);
    int error = p ? check_policy(p, policy, lp.sched_priority) : -ESRCH;
    if (!error)
        change_policy(p, policy, lp.sched_priority);
    read_unlock_irq(&tasklist_lock);
    return error;
}

asmlinkage long sys_sched_setscheduler(pid_t pid, int policy, struct sched_param __user *param)
{
    return policy < 0 ? -EINVAL : do_sched_setscheduler(pid, policy, param);
}
asmlinkage long sys_sched_setparam(pid_t pid, struct sched_param __user *param)
{
    return do_sched_setscheduler(pid, -1, param);
}

asmlinkage long sys_sched_getscheduler(pid_t pid)
{
    if (pid < 0)
        return -EINVAL;
    read_lock(&tasklist_lock);
    struct task_struct *p = find_process_by_pid(pid);
    long policy = p ? (long)p->policy : -ESRCH;
    read_unlock(&tasklist_lock);
    return policy;
}

asmlinkage long sys_sched_getparam(pid_t pid, struct sched_param __user *param)
{
    struct sched_param lp = { 0 };
    if (!param || pid < 0)
        return -EINVAL;
    read_lock(&tasklist_lock);
    struct task_struct *p = find_process_by_pid(pid);
    if (p)
        lp.sched_priority = p->rt_priority;
    read_unlock(&tasklist_lock);
    return !p ? -ESRCH : copy_to_user(param, &lp, sizeof(lp)) ? -EFAULT : 0;
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
    if (pid < 0)
        return -EINVAL;
    read_lock(&tasklist_lock);
    struct task_struct *p = find_process_by_pid(pid);
    if (p)
        jiffies_to_timespec(p->policy == SCHED_FIFO ? 0 : task_timeslice(p), &t);
    read_unlock(&tasklist_lock);
    return !p ? -ESRCH : copy_to_user(interval, &t, sizeof(t)) ? -EFAULT : 0;
}

/// One processor: the only mask that can be had contains it.
asmlinkage long sys_sched_setaffinity(pid_t pid, unsigned int len, unsigned long __user *mask)
{
    unsigned long new;
    if (len < sizeof(new))
        return -EINVAL;
    if (copy_from_user(&new, mask, sizeof(new)))
        return -EFAULT;
    read_lock(&tasklist_lock);
    struct task_struct *p = find_process_by_pid(pid);
    long error = !p ? -ESRCH : !may_change(p) ? -EPERM : new & 1 ? 0 : -EINVAL;
    read_unlock(&tasklist_lock);
    return error;
}

asmlinkage long sys_sched_getaffinity(pid_t pid, unsigned int len, unsigned long __user *mask)
{
    unsigned long one = 1;
    if (len < sizeof(one))
        return -EINVAL;
    read_lock(&tasklist_lock);
    struct task_struct *p = find_process_by_pid(pid);
    read_unlock(&tasklist_lock);
    return !p ? -ESRCH : copy_to_user(mask, &one, sizeof(one)) ? -EFAULT : (long)sizeof(one);
}

asmlinkage long sys_getcpu(unsigned __user *cpu, unsigned __user *node, void __user *unused)
{
    if ((cpu && put_user(0u, cpu)) || (node && put_user(0u, node)))
        return -EFAULT;
    return 0;
}
