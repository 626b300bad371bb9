// SPDX-License-Identifier: MIT
// Process groups and sessions: what a shell's jobs are made of. An orphaned group has nobody left in its session who could
// continue it when it stops. The tables of numbers change under the big kernel lock and tasklist_lock; who reads them
// needs one of the two.
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/syscalls.h>

int session_of_pgrp(int pgrp)
{
    struct task_struct *p;
    int sid = -1;
    do_each_task_pid(pgrp, PIDTYPE_PGID, p) {
        if (p->signal && p->signal->session > 0) {
            sid = p->signal->session;
            break;
        }
    } while_each_task_pid(pgrp, PIDTYPE_PGID, p);
    return sid;
}

int will_become_orphaned_pgrp(int pgrp, struct task_struct *ignored)
{
    struct task_struct *p;
    int orphaned = 1;
    do_each_task_pid(pgrp, PIDTYPE_PGID, p) {
        struct task_struct *parent = p->real_parent;
        if (p == ignored || p->exit_state || parent->pid <= 1)
            continue;
        if (process_group(parent) != pgrp && parent->signal->session == p->signal->session) {
            orphaned = 0;
            break;
        }
    } while_each_task_pid(pgrp, PIDTYPE_PGID, p);
    return orphaned;
}

int is_orphaned_pgrp(int pgrp) { return will_become_orphaned_pgrp(pgrp, NULL); }

int has_stopped_jobs(int pgrp)
{
    struct task_struct *p;
    int stopped = 0;
    do_each_task_pid(pgrp, PIDTYPE_PGID, p) {
        if (p->state == TASK_STOPPED) {
            stopped = 1;
            break;
        }
    } while_each_task_pid(pgrp, PIDTYPE_PGID, p);
    return stopped;
}

void __set_special_pids(pid_t session, pid_t pgrp)
{
    struct task_struct *leader = current->group_leader;
    write_lock_irq(&tasklist_lock);
    if (leader->signal->session != session) {
        detach_pid(leader, PIDTYPE_SID);
        leader->signal->session = session;
        attach_pid(leader, PIDTYPE_SID, session);
    }
    if (process_group(leader) != pgrp) {
        detach_pid(leader, PIDTYPE_PGID);
        leader->signal->pgrp = pgrp;
        attach_pid(leader, PIDTYPE_PGID, pgrp);
    }
    write_unlock_irq(&tasklist_lock);
}

/// Of oneself or of a child that has not exec'ed yet; into a group of the same session, or a new one with its own number.
asmlinkage long sys_setpgid(pid_t pid, pid_t pgid)
{
    if (!pid)
        pid = current->tgid;
    if (!pgid)
        pgid = pid;
    if (pgid < 0)
        return -EINVAL;
    struct task_struct *p = find_task_by_pid(pid);
    if (!p)
        return -ESRCH;
    if (!thread_group_leader(p))
        return -EINVAL;
    if (p->real_parent->tgid == current->tgid) {
        if (p->signal->session != current->signal->session)
            return -EPERM;
        if (p->did_exec)
            return -EACCES;
    } else if (p != current->group_leader) {
        return -ESRCH;
    }
    if (p->signal->leader)
        return -EPERM;
    if (pgid != pid && session_of_pgrp(pgid) != current->signal->session)
        return -EPERM;
    if (process_group(p) != pgid) {
        write_lock_irq(&tasklist_lock);
        detach_pid(p, PIDTYPE_PGID);
        p->signal->pgrp = pgid;
        attach_pid(p, PIDTYPE_PGID, pgid);
        write_unlock_irq(&tasklist_lock);
    }
    return 0;
}

asmlinkage long sys_getpgid(pid_t pid)
{
    read_lock(&tasklist_lock);
    struct task_struct *p = pid ? find_task_by_pid(pid) : current;
    long pgrp = p ? process_group(p) : -ESRCH;
    read_unlock(&tasklist_lock);
    return pgrp;
}

asmlinkage long sys_getpgrp(void) { return process_group(current); }

asmlinkage long sys_getsid(pid_t pid)
{
    read_lock(&tasklist_lock);
    struct task_struct *p = pid ? find_task_by_pid(pid) : current;
    long session = p ? p->signal->session : -ESRCH;
    read_unlock(&tasklist_lock);
    return session;
}

/// A new session without a terminal; not for a group leader, or the session would not have a number of its own.
asmlinkage long sys_setsid(void)
{
    struct task_struct *leader = current->group_leader;
    if (find_pid(PIDTYPE_PGID, leader->pid))
        return -EPERM;
    leader->signal->leader = 1;
    __set_special_pids(leader->pid, leader->pid);
    leader->signal->tty = NULL;
    leader->signal->tty_old_pgrp = 0;
    return process_group(leader);
}
