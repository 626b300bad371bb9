// SPDX-License-Identifier: MIT
// do_syscall_trace: the stop of a traced task before and after each of its system calls (rows E08-E10), and the links
// between a task and its tracer.
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/sched.h>

/// entryexit 0: before the service routine, 1: after it. The tracer sees SIGTRAP, with bit 7 if it asked for that.
fastcall void do_syscall_trace(struct pt_regs *regs, int entryexit)
{
    if (!test_thread_flag(TIF_SYSCALL_TRACE) || !(current->ptrace & PT_PTRACED))
        return;
    ptrace_notify(SIGTRAP | (current->ptrace & PT_TRACESYSGOOD ? 0x80 : 0));
    if (current->exit_code) { // the tracer wants a signal delivered
        send_sig(current->exit_code, current, 1);
        current->exit_code = 0;
    }
}

/// The tracer becomes the parent as far as wait and SIGCHLD go; the real one keeps the child on ptrace_children.
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
    if (child->state == TASK_TRACED)
        child->state = TASK_STOPPED;
}
