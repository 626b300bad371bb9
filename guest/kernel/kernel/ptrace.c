// SPDX-License-Identifier: MIT
// ptrace: one process watches and steers another. The tracer becomes the parent as far as wait and SIGCHLD go; while the
// tracee is stopped (TASK_TRACED) its memory and registers are the tracer's. [linux-2.6.11].
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <asm/uaccess.h>

#define PTRACE_GETSIGINFO 0x4202
#define PT_REGS_WORDS 17
#define OPTION_MASK 0x7f

unsigned long getreg(struct task_struct *child, int n);
int putreg(struct task_struct *child, int n, unsigned long value);
int peek_user(struct task_struct *child, unsigned long address, unsigned long *value);
int poke_user(struct task_struct *child, unsigned long address, unsigned long value);
void set_singlestep(struct task_struct *child);
void clear_singlestep(struct task_struct *child);

/// The real parent keeps the child on ptrace_children.
void __ptrace_link(struct task_struct *child, struct task_struct *new_parent)
{
    if (child->parent == new_parent)
        return;
    list_add(&child->ptrace_list, &child->parent->ptrace_children);
    list_move_tail(&child->sibling, &new_parent->children);
    child->parent = new_parent;
}

void __ptrace_unlink(struct task_struct *child)
{
    child->ptrace = 0;
    if (!list_empty(&child->ptrace_list)) {
        list_del_init(&child->ptrace_list);
        child->parent = child->real_parent;
        list_move_tail(&child->sibling, &child->parent->children);
    }
    if (child->state != TASK_TRACED)
        return;
    if (child->signal->flags & SIGNAL_STOP_STOPPED)
        child->state = TASK_STOPPED;
    else
        signal_wake_up(child, 1);
}

static int may_attach(struct task_struct *task)
{
    if (!task->mm || task->pid <= 1 || task->tgid == current->tgid || (task->ptrace & PT_PTRACED))
        return 0;
    int same = current->uid == task->euid && current->uid == task->suid && current->uid == task->uid &&
               current->gid == task->egid && current->gid == task->sgid && current->gid == task->gid;
    return (same && task->mm->dumpable) || capable(CAP_SYS_PTRACE);
}

static long ptrace_attach(struct task_struct *task)
{
    unsigned long flags;
    if (!may_attach(task))
        return -EPERM;
    task->ptrace |= PT_PTRACED | (capable(CAP_SYS_PTRACE) ? PT_PTRACE_CAP : 0);
    local_irq_save(flags);
    __ptrace_link(task, current);
    local_irq_restore(flags);
    send_sig_info(SIGSTOP, SEND_SIG_FORCED, task);
    return 0;
}

/// Is it our tracee, and stopped? A stop by a signal becomes a traced stop, which SIGCONT cannot end.
static long ptrace_check_attach(struct task_struct *child, int kill)
{
    if (!(child->ptrace & PT_PTRACED) || child->parent != current || !child->signal)
        return -ESRCH;
    if (child->state == TASK_STOPPED)
        child->state = TASK_TRACED;
    return child->state == TASK_TRACED || kill ? 0 : -ESRCH;
}

static long resume(struct task_struct *child, long request, unsigned long signal)
{
    if (!valid_signal(signal))
        return -EIO;
    if (request == PTRACE_SYSCALL)
        set_tsk_thread_flag(child, TIF_SYSCALL_TRACE);
    else
        clear_tsk_thread_flag(child, TIF_SYSCALL_TRACE);
    if (request == PTRACE_SINGLESTEP)
        set_singlestep(child);
    else
        clear_singlestep(child);
    child->exit_code = signal;
    wake_up_process(child);
    return 0;
}

static long ptrace_detach(struct task_struct *child, unsigned long signal)
{
    unsigned long flags;
    if (!valid_signal(signal))
        return -EIO;
    clear_singlestep(child);
    clear_tsk_thread_flag(child, TIF_SYSCALL_TRACE);
    child->exit_code = signal;
    local_irq_save(flags);
    __ptrace_unlink(child);
    if (child->exit_state != EXIT_ZOMBIE)
        wake_up_process(child);
    local_irq_restore(flags);
    return 0;
}

static long get_regs(struct task_struct *child, unsigned long __user *to)
{
    for (int n = 0; n < PT_REGS_WORDS; n++)
        if (put_user(getreg(child, n), to + n))
            return -EFAULT;
    return 0;
}

static long set_regs(struct task_struct *child, unsigned long __user *from)
{
    for (int n = 0; n < PT_REGS_WORDS; n++) {
        unsigned long value;
        if (get_user(value, from + n))
            return -EFAULT;
        long error = putreg(child, n, value);
        if (error)
            return error;
    }
    return 0;
}

/// PTRACE_O_ bits 0-6 are the PT_ bits of the events, in another order.
static long set_options(struct task_struct *child, unsigned long options)
{
    static const unsigned int flag[] = { PT_TRACESYSGOOD, PT_TRACE_FORK,       PT_TRACE_VFORK, PT_TRACE_CLONE,
                                         PT_TRACE_EXEC,   PT_TRACE_VFORK_DONE, PT_TRACE_EXIT };
    for (unsigned int i = 0; i < ARRAY_SIZE(flag); i++) {
        if (options & (1 << i))
            child->ptrace |= flag[i];
        else
            child->ptrace &= ~(unsigned long)flag[i];
    }
    return options & ~(unsigned long)OPTION_MASK ? -EINVAL : 0;
}

static long on_stopped_child(struct task_struct *child, long request, unsigned long address, unsigned long data)
{
    unsigned long value;
    long error;
    switch (request) {
    case PTRACE_PEEKTEXT:
    case PTRACE_PEEKDATA:
        if (access_process_vm(child, address, &value, sizeof(value), 0) != sizeof(value))
            return -EIO;
        return put_user(value, (unsigned long __user *)data);
    case PTRACE_POKETEXT:
    case PTRACE_POKEDATA: return access_process_vm(child, address, &data, sizeof(data), 1) == sizeof(data) ? 0 : -EIO;
    case PTRACE_PEEKUSR:
        error = peek_user(child, address, &value);
        return error ? error : put_user(value, (unsigned long __user *)data);
    case PTRACE_POKEUSR: return poke_user(child, address, data);
    case PTRACE_CONT:
    case PTRACE_SYSCALL:
    case PTRACE_SINGLESTEP: return resume(child, request, data);
    case PTRACE_KILL:
        if (child->exit_state)
            return 0;
        clear_singlestep(child);
        child->exit_code = SIGKILL;
        wake_up_process(child);
        return 0;
    case PTRACE_GETREGS: return get_regs(child, (unsigned long __user *)data);
    case PTRACE_SETREGS: return set_regs(child, (unsigned long __user *)data);
    case PTRACE_DETACH: return ptrace_detach(child, data);
    case PTRACE_SETOPTIONS: return set_options(child, data);
    case PTRACE_GETEVENTMSG: return put_user(child->ptrace_message, (unsigned long __user *)data);
    case PTRACE_GETSIGINFO:
        return child->last_siginfo ? copy_siginfo_to_user((siginfo_t __user *)data, child->last_siginfo) : -EINVAL;
    default: return -EIO;
    }
}

asmlinkage int sys_ptrace(long request, long pid, long address, long data)
{
    if (request == PTRACE_TRACEME) {
        if (current->ptrace & PT_PTRACED)
            return -EPERM;
        current->ptrace |= PT_PTRACED;
        return 0;
    }
    struct task_struct *child = find_task_by_pid(pid);
    if (!child || pid == 1)
        return child ? -EPERM : -ESRCH;
    get_task_struct(child);
    long result = request == PTRACE_ATTACH ? ptrace_attach(child) : ptrace_check_attach(child, request == PTRACE_KILL);
    if (!result && request != PTRACE_ATTACH)
        result = on_stopped_child(child, request, address, data);
    put_task_struct(child);
    return result;
}
