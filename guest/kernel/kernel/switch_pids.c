// SPDX-License-Identifier: MIT
// When a thread that is not the leader calls execve, it takes over the leader's place: numbers, groups, parent, tracer. The old
// leader, a zombie by then, gets the thread's number and disappears with it. Row I04: neither number becomes free in between.
// [linux-2.6.11] fs/exec.c:de_thread, kernel/pid.c:switch_exec_pids.
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/sched.h>

static void exchange_numbers(struct task_struct *leader, struct task_struct *thread)
{
    for (int type = 0; type < PIDTYPE_MAX; type++)
        __detach_pid(leader, type);
    __detach_pid(thread, PIDTYPE_PID);
    __detach_pid(thread, PIDTYPE_TGID);
    leader->pid = leader->tgid = thread->pid;
    thread->pid = thread->tgid;
    attach_pid(thread, PIDTYPE_PID, thread->pid);
    attach_pid(thread, PIDTYPE_TGID, thread->tgid);
    attach_pid(thread, PIDTYPE_PGID, process_group(thread));
    attach_pid(thread, PIDTYPE_SID, thread->signal->session);
    list_add_tail(&thread->tasks, &init_task.tasks);
    // A process of its own for the moment that it is still there, so that release_task finds what it expects.
    attach_pid(leader, PIDTYPE_PID, leader->pid);
    attach_pid(leader, PIDTYPE_TGID, leader->tgid);
    attach_pid(leader, PIDTYPE_PGID, process_group(leader));
    attach_pid(leader, PIDTYPE_SID, leader->signal->session);
}

/// REQUIRES: all threads but the caller are gone, the leader is a zombie.
void switch_exec_pids(void)
{
    struct task_struct *thread = current, *leader = thread->group_leader, *tracer = leader->parent;
    write_lock_irq(&tasklist_lock);
    unsigned long ptrace = leader->ptrace;
    if (thread->ptrace)
        __ptrace_unlink(thread);
    if (ptrace)
        __ptrace_unlink(leader);
    exchange_numbers(leader, thread);
    thread->real_parent = thread->parent = leader->real_parent;
    list_move_tail(&thread->sibling, &thread->parent->children);
    thread->group_leader = thread;
    leader->group_leader = leader;
    if (ptrace) {
        thread->ptrace = ptrace;
        __ptrace_link(thread, tracer);
    }
    leader->exit_signal = -1;
    leader->exit_state = EXIT_DEAD;
    write_unlock_irq(&tasklist_lock);
    release_task(leader);
}
