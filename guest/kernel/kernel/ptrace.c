// SPDX-License-Identifier: MIT
// ptrace, the part that is the same on every processor: who may trace whom, the family lists, options and events. The tracer
// becomes the parent as far as wait and SIGCHLD go; while the tracee is stopped (TASK_TRACED) its memory and registers are
// the tracer's. [linux-2.6.11]; rows F05, P39, X03, X05. The requests themselves: arch/i386/kernel/ptrace.c.
//
//   real parent --ptrace_children--> tracee <--children-- tracer        tracee->parent = tracer, ->real_parent stays
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <asm/uaccess.h>

/// The real parent keeps the child on ptrace_children.
void __ptrace_link(struct task_struct *child, struct task_struct *new_parent)
{
    if (child->parent == new_parent)
        return;
    list_add(&child->ptrace_list, &child->parent->ptrace_children);
    list_move_tail(&child->sibling, &new_parent->children);
    child->parent = new_parent;
}

/// A traced stop without a tracer: it goes on, unless the whole process is stopped, which SIGCONT can end.
/// What the stop would have told the tracer is no signal for the task.
static void ptrace_untrace(struct task_struct *child)
{
    child->exit_code = 0;
    if ((child->signal->flags & SIGNAL_STOP_STOPPED) || child->signal->group_stop_count > 0)
        child->state = TASK_STOPPED;
    else
        signal_wake_up(child, 1);
}

void __ptrace_unlink(struct task_struct *child)
{
    ptrace_disable(child);
    child->ptrace = 0;
    if (!list_empty(&child->ptrace_list)) {
        list_del_init(&child->ptrace_list);
        child->parent = child->real_parent;
        list_move_tail(&child->sibling, &child->parent->children);
    }
    if (child->state == TASK_TRACED)
        ptrace_untrace(child);
}

/// Is it our tracee, and stopped? A stop by a signal becomes a traced stop, which SIGCONT cannot end.
int ptrace_check_attach(struct task_struct *child, int kill)
{
    unsigned long flags;
    int ret = -ESRCH;
    local_irq_save(flags);
    if ((child->ptrace & PT_PTRACED) && child->parent == current && child->signal) {
        if (child->state == TASK_STOPPED)
            child->state = TASK_TRACED;
        if (child->state == TASK_TRACED || kill)
            ret = 0;
    }
    local_irq_restore(flags);
    return ret;
}

/// The same user in all roles, and a program that its user may read; or the right to trace everybody.
static int may_attach(struct task_struct *task)
{
    int same = current->uid == task->euid && current->uid == task->suid && current->uid == task->uid &&
               current->gid == task->egid && current->gid == task->sgid && current->gid == task->gid;
    if (task->pid <= 1 || task->tgid == current->tgid || !task->mm || task->exit_state)
        return 0;
    return (same && task->mm->dumpable) || capable(CAP_SYS_PTRACE);
}

int ptrace_attach(struct task_struct *task)
{
    unsigned long flags;
    if (!may_attach(task) || (task->ptrace & PT_PTRACED)) // nobody has two tracers
        return -EPERM;
    local_irq_save(flags);
    task->ptrace |= PT_PTRACED;
    if (capable(CAP_SYS_PTRACE))
        task->ptrace |= PT_PTRACE_CAP;
    __ptrace_link(task, current);
    sigdelset(&task->blocked, SIGSTOP);
    send_sig_info(SIGSTOP, SEND_SIG_FORCED, task);
    wake_up_state(task, TASK_STOPPED); // a stopped one stops again, now for us
    local_irq_restore(flags);
    return 0;
}

int ptrace_detach(struct task_struct *child, unsigned int signal)
{
    unsigned long flags;
    if (!valid_signal(signal))
        return -EIO;
    local_irq_save(flags);
    __ptrace_unlink(child);
    child->exit_code = signal;
    if (child->exit_state != EXIT_ZOMBIE)
        wake_up_process(child);
    local_irq_restore(flags);
    return 0;
}

/// PTRACE_O_ bits 0-6 are the PT_ bits of the events, in another order. The known ones count even when an unknown one is
/// refused.
static int ptrace_setoptions(struct task_struct *child, unsigned long options)
{
    static const unsigned long flag[] = { PT_TRACESYSGOOD, PT_TRACE_FORK,       PT_TRACE_VFORK, PT_TRACE_CLONE,
                                          PT_TRACE_EXEC,   PT_TRACE_VFORK_DONE, PT_TRACE_EXIT };
    for (unsigned int i = 0; i < ARRAY_SIZE(flag); i++) {
        if (options & (1UL << i))
            child->ptrace |= flag[i];
        else
            child->ptrace &= ~flag[i];
    }
    return options & ~(unsigned long)PTRACE_O_MASK ? -EINVAL : 0;
}

/// The signal that the tracee has stopped with; none for a stop by job control.
static int ptrace_getsiginfo(struct task_struct *child, siginfo_t __user *data)
{
    if (!child->last_siginfo)
        return -EINVAL;
    return copy_siginfo_to_user(data, child->last_siginfo);
}

static int ptrace_setsiginfo(struct task_struct *child, siginfo_t __user *data)
{
    siginfo_t info;
    if (!child->last_siginfo)
        return -EINVAL;
    if (copy_from_user(&info, data, sizeof(info)))
        return -EFAULT;
    if (!child->last_siginfo) // it was killed while we slept in the copy
        return -ESRCH;
    *child->last_siginfo = info;
    return 0;
}

/// The requests that no processor is needed for.
int ptrace_request(struct task_struct *child, long request, long address, long data)
{
    switch (request) {
    case PTRACE_OLDSETOPTIONS:
    case PTRACE_SETOPTIONS: return ptrace_setoptions(child, data);
    case PTRACE_GETEVENTMSG: return put_user(child->ptrace_message, (unsigned long __user *)data);
    case PTRACE_GETSIGINFO: return ptrace_getsiginfo(child, (siginfo_t __user *)data);
    case PTRACE_SETSIGINFO: return ptrace_setsiginfo(child, (siginfo_t __user *)data);
    default: return -EIO;
    }
}
