// SPDX-License-Identifier: MIT
// No memory is left, and nothing can be paged out: one process dies, so that the others can go on. Which one? The one that
// gives back most and loses least:
//
//     badness = pages it may use, and its children's   / sqrt(processor time)  / fourth root of its age
//               x 2 if it is niced     / 4 if it is root's     / 4 if it drives devices
//
// The victim gets SIGKILL and TIF_MEMDIE: it may use the last pages on its way out. While one is dying nobody else is
// killed. Whoever wanted the page waits a tick and tries again. [linux-2.6.11] mm/oom_kill.c.
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>

static unsigned long int_sqrt(unsigned long x)
{
    unsigned long root = 0;
    for (unsigned long bit = 1UL << 15; bit; bit >>= 1)
        if ((root | bit) * (root | bit) <= x)
            root |= bit;
    return root;
}

static unsigned long badness(struct task_struct *p, unsigned long uptime)
{
    if (!p->mm)
        return 0;
    unsigned long points = p->mm->total_vm, s;
    struct task_struct *child;
    list_for_each_entry(child, &p->children, sibling) // who forks many is as bad as they all
        if (child->mm && child->mm != p->mm)
            points += child->mm->total_vm;
    unsigned long cpu_time = (p->utime + p->stime) / (8 * HZ); // in units of 8 seconds
    unsigned long started = p->start_time.tv_sec, run_time = uptime >= started ? (uptime - started) >> 10 : 0;
    if ((s = int_sqrt(cpu_time)))
        points /= s;
    if ((s = int_sqrt(int_sqrt(run_time))))
        points /= s;
    if (task_nice(p) > 0)
        points *= 2;
    if (cap_raised(p->cap_effective, CAP_SYS_ADMIN) || !p->uid || !p->euid)
        points /= 4;
    if (cap_raised(p->cap_effective, CAP_SYS_RAWIO))
        points /= 4;
    return points;
}

/// Is it on its way out already? Then it gives its memory back soon.
static int is_dying(struct task_struct *p)
{
    return (test_tsk_thread_flag(p, TIF_MEMDIE) || (p->flags & PF_EXITING)) && !(p->flags & PF_DEAD);
}

/// The worst one; ERR_PTR(-1) if somebody is dying; NULL if nobody can be killed. Init is spared.
static struct task_struct *select_bad_process(void)
{
    struct task_struct *g, *p, *chosen = NULL;
    unsigned long worst = 0;
    struct timespec uptime;
    do_posix_clock_monotonic_gettime(&uptime);
    do_each_thread(g, p) {
        if (p->pid <= 1 || p->mm == child_reaper->mm)
            continue;
        if (is_dying(p))
            return ERR_PTR(-1);
        if (!p->mm)
            continue;
        unsigned long points = badness(p, uptime.tv_sec);
        if (points > worst || !chosen) {
            chosen = p;
            worst = points;
        }
    } while_each_thread(g, p);
    return chosen;
}

static void __oom_kill_task(struct task_struct *p)
{
    printk(KERN_ERR "Out of Memory: Killed process %d (%s).\n", p->pid, p->comm);
    p->time_slice = HZ; // it should get the processor, and soon
    set_tsk_thread_flag(p, TIF_MEMDIE);
    force_sig(SIGKILL, p);
}

/// Kills p and everybody who shares its memory, or it would not become free. 0: it has none, or it is init's.
static int oom_kill_task(struct task_struct *p)
{
    struct task_struct *g, *q;
    struct mm_struct *mm = p->mm;
    if (!mm || mm == &init_mm || mm == child_reaper->mm)
        return 0;
    __oom_kill_task(p);
    do_each_thread(g, q) {
        if (q->mm == mm && q != p)
            __oom_kill_task(q);
    } while_each_thread(g, q);
    return 1;
}

/// A child goes first: it may be enough, and what the parent has done is not lost.
static int oom_kill_process(struct task_struct *p)
{
    struct task_struct *child;
    list_for_each_entry(child, &p->children, sibling)
        if (child->mm != p->mm && !child->exit_state && oom_kill_task(child))
            return 1;
    return oom_kill_task(p);
}

void out_of_memory(int gfp_mask)
{
    (void)gfp_mask; // all memory is alike
    if ((current->flags & PF_EXITING) && !test_thread_flag(TIF_MEMDIE)) {
        set_thread_flag(TIF_MEMDIE); // others wait for the one who is dying: it may use the last pages
        return;
    }
    read_lock(&tasklist_lock);
    struct task_struct *p = select_bad_process();
    if (!p)
        panic("Out of memory and no killable processes...");
    int killed = IS_ERR(p) || oom_kill_process(p);
    read_unlock(&tasklist_lock);
    if (!killed)
        panic("Out of memory, and process %d (%s) cannot be killed", p->pid, p->comm);
    if (test_thread_flag(TIF_MEMDIE) && !(current->flags & PF_EXITING))
        return; // it is us
    set_current_state(TASK_INTERRUPTIBLE);
    schedule_timeout(1);
}
