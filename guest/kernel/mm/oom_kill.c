// SPDX-License-Identifier: MIT
// No memory is left and nothing can be paged out: the process with the most pages dies, so that the others can go on.
// Whoever wanted the page waits a moment and faults again.
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>

/// The process with the most pages; init is spared.
static struct task_struct *select_bad_process(void)
{
    struct task_struct *p, *chosen = NULL;
    for_each_process(p)
        if (p->pid > 1 && p->mm && !(p->flags & PF_EXITING) && (!chosen || p->mm->rss > chosen->mm->rss))
            chosen = p;
    return chosen;
}

void out_of_memory(int gfp_mask)
{
    struct task_struct *p = select_bad_process();
    if (!p)
        panic("Out of memory and no killable processes...");
    if (!test_tsk_thread_flag(p, TIF_MEMDIE)) {
        printk(KERN_ERR "Out of Memory: Killed process %d (%s).\n", p->pid, p->comm);
        set_tsk_thread_flag(p, TIF_MEMDIE); // it may use the reserve on its way out
        force_sig(SIGKILL, p);
    }
    if (p != current) {
        set_current_state(TASK_UNINTERRUPTIBLE);
        schedule_timeout(1);
    }
}
