// SPDX-License-Identifier: MIT
// The end of a task: do_exit gives back what it has, tells the parent and its children's new parent, and never returns.
// What is left is a zombie until the parent has asked for the status (wait.c: wait4), then release_task.
#include "copy.h"
#include <linux/binfmts.h>
#include <linux/file.h>
#include <linux/hardirq.h>
#include <linux/fs_struct.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/namespace.h>
#include <linux/personality.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <asm/mmu_context.h>
#include <asm/uaccess.h>

extern void free_signal(struct signal_struct *sig);
extern void flush_sigqueue(struct sigpending *queue);
extern void disassociate_ctty(int on_exit);

void exit_signal(struct task_struct *tsk)
{
    struct signal_struct *sig = tsk->signal;
    if (atomic_dec_and_test(&sig->count)) {
        flush_sigqueue(&sig->shared_pending);
        free_signal(sig);
    } else {
        if (tsk == sig->curr_target)
            sig->curr_target = next_thread(tsk);
        sig->utime += tsk->utime; // a thread's times stay with the process
        sig->stime += tsk->stime;
        sig->min_flt += tsk->min_flt;
        sig->maj_flt += tsk->maj_flt;
        sig->nvcsw += tsk->nvcsw;
        sig->nivcsw += tsk->nivcsw;
    }
    tsk->signal = NULL;
    clear_tsk_thread_flag(tsk, TIF_SIGPENDING);
    flush_sigqueue(&tsk->pending);
}

struct task_struct *next_thread(const struct task_struct *p)
{
    return pid_task(p->pids[PIDTYPE_TGID].pid_list.next, PIDTYPE_TGID);
}

/// A zombie disappears: out of all lists and hash tables.
void release_task(struct task_struct *p)
{
    struct task_struct *leader;
    int leader_is_zombie = 0;
    unsigned long flags;
repeat:
    atomic_dec(&p->user->processes);
    write_lock_irqsave(&tasklist_lock, flags);
    if (unlikely(p->ptrace))
        __ptrace_unlink(p);
    leader = p->group_leader;
    leader_is_zombie = 0;
    sched_exit(p);
    nr_threads--;
    if (p != leader && leader->exit_state == EXIT_ZOMBIE && next_thread(p) == leader && next_thread(leader) == p) {
        do_notify_parent(leader, leader->exit_signal); // the last thread is gone: now the leader's parent hears of it
        leader_is_zombie = leader->exit_signal == -1;
    }
    exit_signal(p);
    exit_sighand(p);
    detach_pid(p, PIDTYPE_PID);
    if (thread_group_leader(p)) {
        detach_pid(p, PIDTYPE_PGID);
        detach_pid(p, PIDTYPE_SID);
        list_del_init(&p->tasks);
    }
    detach_pid(p, PIDTYPE_TGID);
    list_del_init(&p->sibling);
    write_unlock_irqrestore(&tasklist_lock, flags);
    release_thread(p);
    put_task_struct(p);
    if (leader_is_zombie) {
        p = leader;
        goto repeat;
    }
}

/// Somebody dumps core: everybody who shares the memory stays until it is done, with its registers. REQUIRES: mmap_sem for
/// reading, which is held again in the end.
static void wait_for_core(struct mm_struct *mm)
{
    up_read(&mm->mmap_sem);
    if (!--mm->core_waiters)
        complete(mm->core_startup_done);
    wait_for_completion(&mm->core_done);
    down_read(&mm->mmap_sem);
}

void exit_mm(struct task_struct *tsk)
{
    struct mm_struct *mm = tsk->mm;
    if (!mm)
        return;
    mm_release(tsk, mm);
    down_read(&mm->mmap_sem);
    if (mm->core_waiters)
        wait_for_core(mm);
    unsigned long rss = mm->rss;
    if (tsk->signal && rss > tsk->signal->maxrss)
        tsk->signal->maxrss = rss;
    atomic_inc(&mm->mm_count); // the page directory is still loaded: borrow it, as a kernel thread does
    tsk->mm = NULL;
    up_read(&mm->mmap_sem);
    mmput(mm);
}

/// The new parent of orphans: another thread of the family, else init.
static struct task_struct *choose_reaper(struct task_struct *father)
{
    for (struct task_struct *t = next_thread(father); t != father; t = next_thread(t))
        if (!t->exit_state && !(t->flags & PF_EXITING))
            return t;
    return child_reaper;
}

/// A child that nobody but us traces goes to the new parent.
static void move_child(struct task_struct *p, struct task_struct *reaper)
{
    if (p->ptrace)
        __ptrace_unlink(p); // its parent was its tracer, too
    p->parent = reaper;
    list_move_tail(&p->sibling, &reaper->children);
    if (p->exit_state == EXIT_ZOMBIE && p->exit_signal != -1 && thread_group_empty(p))
        do_notify_parent(p, p->exit_signal);
}

/// p gets a new real parent. `traced`: by somebody else, who keeps it.
static void reparent_thread(struct task_struct *p, struct task_struct *father, struct task_struct *reaper, int traced)
{
    p->real_parent = reaper;
    if (p->exit_signal != -1)
        p->exit_signal = SIGCHLD; // init waits for nothing else, and nobody is to kill it that way
    if (p->pdeath_signal)
        group_send_sig_info(p->pdeath_signal, SEND_SIG_NOINFO, p);
    if (!traced) {
        move_child(p, reaper);
    } else {
        list_del_init(&p->ptrace_list);
        if (p->parent != reaper)
            list_add(&p->ptrace_list, &reaper->ptrace_children);
    }
    // A stopped job whose group has just lost its last tie to the session gets SIGHUP and SIGCONT.
    if (process_group(p) != process_group(father) && p->signal->session == father->signal->session) {
        int pgrp = process_group(p);
        if (will_become_orphaned_pgrp(pgrp, NULL) && has_stopped_jobs(pgrp)) {
            kill_pg(pgrp, SIGHUP, 1);
            kill_pg(pgrp, SIGCONT, 1);
        }
    }
}

/// A traced thread that has ended waits for its tracer, since nobody else would ask; so does a child whose parent does not want to
/// know. Without a tracer nobody will ask for them.
static int nobody_asks_for(struct task_struct *p)
{
    return p->exit_state == EXIT_ZOMBIE && p->exit_signal == -1 && !p->ptrace &&
           (!thread_group_leader(p) || thread_group_empty(p));
}

/// Somebody else's child, which father traced: it goes home, and on if only we held it.
static void untrace(struct task_struct *p)
{
    __ptrace_unlink(p);
    if (p->exit_state == EXIT_ZOMBIE && p->exit_signal != -1 && thread_group_empty(p))
        do_notify_parent(p, p->exit_signal);
}

static void forget_original_parent(struct task_struct *father)
{
    struct task_struct *p, *n, *reaper = choose_reaper(father);
    LIST_HEAD(to_release);
    list_for_each_entry_safe(p, n, &father->ptrace_children, ptrace_list) // our children, traced by somebody else
        reparent_thread(p, father, reaper, 1);
    list_for_each_entry_safe(p, n, &father->children, sibling) {
        if (p->real_parent == father)
            reparent_thread(p, father, reaper, 0);
        else
            untrace(p);
        if (nobody_asks_for(p))
            list_add(&p->ptrace_list, &to_release);
    }
    while (!list_empty(&to_release)) {
        p = list_entry(to_release.next, struct task_struct, ptrace_list);
        list_del_init(&p->ptrace_list);
        release_task(p);
    }
}

static void exit_notify(struct task_struct *tsk)
{
    struct task_struct *t = tsk->real_parent;
    if (signal_pending(tsk) && !(tsk->signal->flags & SIGNAL_GROUP_EXIT) && !thread_group_empty(tsk)) {
        // signals for the process, which this thread might have taken: somebody else must look
        for (t = next_thread(tsk); t != tsk; t = next_thread(t))
            if (!signal_pending(t) && !(t->flags & PF_EXITING)) {
                recalc_sigpending_tsk(t);
                if (signal_pending(t))
                    signal_wake_up(t, 0);
            }
        t = tsk->real_parent;
    }
    forget_original_parent(tsk);
    if (process_group(t) != process_group(tsk) && t->signal->session == tsk->signal->session &&
        will_become_orphaned_pgrp(process_group(tsk), tsk) && has_stopped_jobs(process_group(tsk))) {
        kill_pg(process_group(tsk), SIGHUP, 1);
        kill_pg(process_group(tsk), SIGCONT, 1);
    }
    // A parent that has exec'ed in the meantime gets no odd signal.
    if (tsk->exit_signal != SIGCHLD && tsk->exit_signal != -1 && t->self_exec_id != tsk->parent_exec_id)
        tsk->exit_signal = SIGCHLD;
    if (tsk->exit_signal != -1 && thread_group_empty(tsk)) {
        int signal = tsk->parent == tsk->real_parent ? tsk->exit_signal : SIGCHLD;
        do_notify_parent(tsk, signal);
    } else if (tsk->ptrace) {
        do_notify_parent(tsk, SIGCHLD);
    }
    tsk->exit_state = tsk->exit_signal == -1 && !tsk->ptrace ? EXIT_DEAD : EXIT_ZOMBIE;
    preempt_disable(); // who is switched away with PF_DEAD does not come back
    tsk->flags |= PF_DEAD;
    if (tsk->exit_state == EXIT_DEAD)
        release_task(tsk);
}

static void must_not_die(struct task_struct *tsk, long code)
{
    if (in_interrupt())
        panic("Aiee, killing interrupt handler!");
    if (!tsk->pid)
        panic("Attempted to kill the idle task!");
    if (tsk->pid == 1)
        panic("Attempted to kill init! exit status 0x%lx", code);
}

NORET_TYPE void do_exit(long code)
{
    struct task_struct *tsk = current;
    must_not_die(tsk, code);
    lock_kernel(); // until the last schedule(): dying is one step for all who look under the lock
    set_fs(USER_DS); // whatever we died of: mm_release writes to user memory
    if (unlikely(current->ptrace & PT_TRACE_EXIT)) {
        current->ptrace_message = code;
        ptrace_notify((PTRACE_EVENT_EXIT << 8) | SIGTRAP);
    }
    tsk->flags |= PF_EXITING;
    del_timer(&tsk->real_timer);
    if (atomic_dec_and_test(&tsk->signal->live)) {
        exit_itimers(tsk->signal);
        if (tsk->signal->leader)
            disassociate_ctty(1);
    }
    exit_mm(tsk);
    exit_sem(tsk);
    exit_files(tsk);
    exit_fs(tsk);
    exit_namespace(tsk);
    exit_thread();
    module_put(tsk->thread_info->exec_domain->module);
    if (tsk->binfmt)
        module_put(tsk->binfmt->module);
    tsk->exit_code = code;
    exit_notify(tsk);
    local_irq_disable();
    preempt_count() = kernel_lock_count();
    tsk->state = EXIT_DEAD; // no wake-up asks for it, no load counts it; finish_task_switch drops the last reference
    schedule();
    panic("a dead task runs");
}

/// exit_group, or a fatal signal: all threads end with the same code.
NORET_TYPE void do_group_exit(int exit_code)
{
    struct signal_struct *sig = current->signal;
    spin_lock_irq(&current->sighand->siglock); // a fatal signal may come first
    if (sig->flags & SIGNAL_GROUP_EXIT) {
        exit_code = sig->group_exit_code;
    } else if (!thread_group_empty(current)) {
        sig->flags = SIGNAL_GROUP_EXIT;
        sig->group_exit_code = exit_code;
        zap_other_threads(current);
    }
    spin_unlock_irq(&current->sighand->siglock);
    do_exit(exit_code);
}

asmlinkage long sys_exit(int error_code) { do_exit((error_code & 0xff) << 8); }
asmlinkage void sys_exit_group(int error_code) { do_group_exit((error_code & 0xff) << 8); }
