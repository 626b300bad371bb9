// SPDX-License-Identifier: MIT
// When a thread that is not the leader calls execve, it takes over the leader's place: number, groups, parent. The old
// leader, a zombie by then, disappears.
#include <linux/kernel.h>
#include <linux/sched.h>

void switch_exec_pids(void)
{
    struct task_struct *tsk = current, *leader = tsk->group_leader;
    int old_pid = tsk->pid, pgrp = process_group(leader), session = leader->signal->session;
    detach_pid(tsk, PIDTYPE_PID);
    detach_pid(tsk, PIDTYPE_TGID);
    tsk->pid = leader->pid;
    leader->pid = old_pid; // its number from here on, until it is released
    detach_pid(leader, PIDTYPE_PGID);
    detach_pid(leader, PIDTYPE_SID);
    detach_pid(leader, PIDTYPE_TGID);
    leader->pids[PIDTYPE_PID].nr = leader->pids[PIDTYPE_PID].nr;
    tsk->real_parent = leader->real_parent;
    tsk->parent = leader->real_parent;
    list_del_init(&tsk->sibling);
    list_add_tail(&tsk->sibling, &tsk->parent->children);
    list_add_tail(&tsk->tasks, &init_task.tasks);
    list_del_init(&leader->tasks);
    // The number itself must not become free in between: attach before the leader's entry goes.
    attach_pid(tsk, PIDTYPE_PID, tsk->pid);
    attach_pid(tsk, PIDTYPE_TGID, tsk->pid);
    attach_pid(tsk, PIDTYPE_PGID, pgrp);
    attach_pid(tsk, PIDTYPE_SID, session);
    tsk->group_leader = tsk;
    tsk->tgid = tsk->pid;
    leader->group_leader = tsk;
    leader->exit_signal = -1;
    leader->exit_state = EXIT_DEAD;
    attach_pid(leader, PIDTYPE_TGID, leader->pid);
    release_task(leader);
}
