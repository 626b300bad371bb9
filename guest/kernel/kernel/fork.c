// SPDX-License-Identifier: MIT
// do_fork: fork, vfork and clone are one function with different flags. It takes a PID, lets copy_process build the child
// (each resource shared or copied, as the flags say), and wakes it up. [linux-2.6.11]; rows F01-F13, P01-P48, D19.
//
// copy_process undoes what it has done by a ladder of labels in reverse order: a failure jumps to the rung that fits.
// Not among its steps, because this kernel has none of them: keys, NUMA policies, I/O contexts.
#include "copy.h"
#include <linux/audit.h>
#include <linux/binfmts.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/module.h>
#include <linux/namespace.h>
#include <linux/personality.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <asm/uaccess.h>

int nr_threads, max_threads;
unsigned long total_forks;

/// Before anything is allocated: three pairs of flags that contradict each other. Rows C01-C04.
static int check_clone_flags(unsigned long clone_flags)
{
    if ((clone_flags & (CLONE_NEWNS | CLONE_FS)) == (CLONE_NEWNS | CLONE_FS))
        return -EINVAL;
    if ((clone_flags & CLONE_THREAD) && !(clone_flags & CLONE_SIGHAND))
        return -EINVAL;
    if ((clone_flags & CLONE_SIGHAND) && !(clone_flags & CLONE_VM))
        return -EINVAL;
    return 0;
}

/// Root, and who may raise limits, may have any number of processes.
static int too_many_processes(struct task_struct *p)
{
    return (unsigned)atomic_read(&p->user->processes) >= p->signal->rlim[RLIMIT_NPROC].rlim_cur &&
           !capable(CAP_SYS_ADMIN) && !capable(CAP_SYS_RESOURCE) && p->user != &root_user;
}

static void count_process(struct task_struct *p)
{
    atomic_inc(&p->user->__count);
    atomic_inc(&p->user->processes);
    get_group_info(p->group_info);
}

static void uncount_process(struct task_struct *p)
{
    put_group_info(p->group_info);
    atomic_dec(&p->user->processes);
    free_uid(p->user);
}

/// Rows P15, P16, P37.
static void copy_flags(unsigned long clone_flags, struct task_struct *p)
{
    unsigned long new_flags = p->flags;
    new_flags &= ~PF_SUPERPRIV;
    new_flags |= PF_FORKNOEXEC;
    if (!(clone_flags & CLONE_PTRACE))
        p->ptrace = 0;
    p->flags = new_flags;
}

/// Row P19: what was copied from the parent links the parent's children, not ours.
static void init_lists_and_locks(struct task_struct *p)
{
    INIT_LIST_HEAD(&p->children);
    INIT_LIST_HEAD(&p->sibling);
    INIT_LIST_HEAD(&p->tasks);
    p->vfork_done = NULL;
    spin_lock_init(&p->alloc_lock);
}

/// Row P20: no signal is pending, no timer runs, no time has been used.
static void init_signals_and_times(struct task_struct *p)
{
    clear_tsk_thread_flag(p, TIF_SIGPENDING);
    init_sigpending(&p->pending);
    p->it_real_incr = 0;
    p->it_virt_value = p->it_virt_incr = 0;
    p->it_prof_value = p->it_prof_incr = 0;
    init_timer(&p->real_timer);
    p->real_timer.function = it_real_fn;
    p->real_timer.data = (unsigned long)p;
    p->utime = p->stime = 0;
    p->nvcsw = p->nivcsw = 0;
    p->min_flt = p->maj_flt = 0;
    p->robust_list = NULL;
    do_posix_clock_monotonic_gettime(&p->start_time);
}

/// Row P28. The writes come later: in schedule_tail, and when the child lets go of its memory (mm_release).
static void set_tid_pointers(unsigned long clone_flags, struct task_struct *p, int __user *child_tidptr)
{
    p->set_child_tid = clone_flags & CLONE_CHILD_SETTID ? child_tidptr : NULL;
    p->clear_child_tid = clone_flags & CLONE_CHILD_CLEARTID ? child_tidptr : NULL;
}

/// Row P36.
static void set_parents(unsigned long clone_flags, struct task_struct *p)
{
    if (clone_flags & (CLONE_PARENT | CLONE_THREAD))
        p->real_parent = current->real_parent;
    else
        p->real_parent = current;
    p->parent = p->real_parent;
}

/// A thread of a process that is ending is not made; one of a process that is being stopped stops as well.
static int join_thread_group(struct task_struct *p)
{
    if (current->signal->flags & SIGNAL_GROUP_EXIT)
        return -EAGAIN;
    p->group_leader = current->group_leader;
    if (current->signal->group_stop_count > 0) {
        current->signal->group_stop_count++;
        set_tsk_thread_flag(p, TIF_SIGPENDING);
    }
    return 0;
}

/// The child joins the family, for all to see: parent, thread group, process list, tracer's list, hash tables.
static int link_process(unsigned long clone_flags, struct task_struct *p)
{
    int retval = -EINTR;
    write_lock_irq(&tasklist_lock);
    p->cpus_allowed = current->cpus_allowed;
    set_task_cpu(p, smp_processor_id());
    if (sigismember(&current->pending.signal, SIGKILL)) // who is about to die makes no child that it would not see
        goto out;
    set_parents(clone_flags, p);
    if ((clone_flags & CLONE_THREAD) && (retval = join_thread_group(p)))
        goto out;
    SET_LINKS(p);
    if (unlikely(p->ptrace & PT_PTRACED))
        __ptrace_link(p, current->parent);
    attach_pid(p, PIDTYPE_PID, p->pid);
    attach_pid(p, PIDTYPE_TGID, p->tgid);
    if (thread_group_leader(p)) {
        attach_pid(p, PIDTYPE_PGID, process_group(p));
        attach_pid(p, PIDTYPE_SID, p->signal->session);
    }
    nr_threads++;
    total_forks++;
    retval = 0;
out:
    write_unlock_irq(&tasklist_lock);
    return retval;
}

/// The descriptor of a new process and everything that hangs on it, or ERR_PTR. do_fork's parameters and the PID (row P01).
/// One page long because it is a list: each step a line or two, in the book's order (row P48), then the ladder.
static struct task_struct *copy_process(unsigned long clone_flags, unsigned long stack_start, struct pt_regs *regs,
                                        unsigned long stack_size, int __user *parent_tidptr, int __user *child_tidptr,
                                        int pid)
{
    struct task_struct *p = NULL;
    int retval = check_clone_flags(clone_flags);
    if (retval)
        goto fork_out;
    if ((retval = security_task_create(clone_flags)))
        goto fork_out;
    retval = -ENOMEM;
    p = dup_task_struct(current);
    if (!p)
        goto fork_out;

    retval = -EAGAIN;
    if (too_many_processes(p))
        goto bad_fork_free;
    count_process(p);
    if (nr_threads >= max_threads)
        goto bad_fork_cleanup_count;
    if (!try_module_get(p->thread_info->exec_domain->module))
        goto bad_fork_cleanup_count;
    if (p->binfmt && !try_module_get(p->binfmt->module))
        goto bad_fork_cleanup_put_domain;

    p->lock_depth = -1; // the child does not hold the big kernel lock, even if we do (row P13)
    p->did_exec = 0;
    copy_flags(clone_flags, p);
    p->pid = pid;
    retval = -EFAULT;
    if ((clone_flags & CLONE_PARENT_SETTID) && put_user(p->pid, parent_tidptr))
        goto bad_fork_cleanup;
    init_lists_and_locks(p);
    init_signals_and_times(p);
    p->security = NULL;
    p->tgid = clone_flags & CLONE_THREAD ? current->tgid : p->pid;

    if ((retval = security_task_alloc(p)))
        goto bad_fork_cleanup;
    if ((retval = audit_alloc(p)))
        goto bad_fork_cleanup_security;
    if ((retval = copy_semundo(clone_flags, p)))
        goto bad_fork_cleanup_audit;
    if ((retval = copy_files(clone_flags, p)))
        goto bad_fork_cleanup_semundo;
    if ((retval = copy_fs(clone_flags, p)))
        goto bad_fork_cleanup_files;
    if ((retval = copy_sighand(clone_flags, p)))
        goto bad_fork_cleanup_fs;
    if ((retval = copy_signal(clone_flags, p)))
        goto bad_fork_cleanup_sighand;
    if ((retval = copy_mm(clone_flags, p)))
        goto bad_fork_cleanup_signal;
    if ((retval = copy_namespace(clone_flags, p)))
        goto bad_fork_cleanup_mm;
    if ((retval = copy_thread(0, clone_flags, stack_start, stack_size, p, regs)))
        goto bad_fork_cleanup_namespace;

    set_tid_pointers(clone_flags, p, child_tidptr);
    clear_tsk_thread_flag(p, TIF_SYSCALL_TRACE); // or ret_from_fork would report the end of a call nobody began
    clear_tsk_thread_flag(p, TIF_SYSCALL_EMU);
    p->parent_exec_id = p->self_exec_id;
    p->exit_signal = clone_flags & CLONE_THREAD ? -1 : (int)(clone_flags & CSIGNAL);
    p->pdeath_signal = 0;
    p->exit_state = 0;
    sched_fork(p);
    p->group_leader = p;
    INIT_LIST_HEAD(&p->ptrace_children);
    INIT_LIST_HEAD(&p->ptrace_list);
    if ((retval = link_process(clone_flags, p)))
        goto bad_fork_cleanup_thread;

fork_out:
    return retval ? ERR_PTR(retval) : p;

bad_fork_cleanup_thread: // not in 2.6.11, which forgets the port bitmap here
    kfree(p->thread.io_bitmap_ptr);
bad_fork_cleanup_namespace:
    exit_namespace(p);
bad_fork_cleanup_mm:
    if (p->mm)
        mmput(p->mm);
bad_fork_cleanup_signal:
    if (clone_flags & CLONE_THREAD)
        atomic_dec(&p->signal->live);
    exit_signal(p);
bad_fork_cleanup_sighand:
    exit_sighand(p);
bad_fork_cleanup_fs:
    exit_fs(p);
bad_fork_cleanup_files:
    exit_files(p);
bad_fork_cleanup_semundo:
    exit_sem(p);
bad_fork_cleanup_audit:
    audit_free(p);
bad_fork_cleanup_security:
    security_task_free(p);
bad_fork_cleanup:
    if (p->binfmt)
        module_put(p->binfmt->module);
bad_fork_cleanup_put_domain:
    module_put(p->thread_info->exec_domain->module);
bad_fork_cleanup_count:
    uncount_process(p);
bad_fork_free:
    free_task(p);
    goto fork_out;
}

/// Does the tracer of current want to hear of this child? The event, or 0.
static int fork_traceflag(unsigned long clone_flags)
{
    if (clone_flags & CLONE_UNTRACED)
        return 0;
    if (clone_flags & CLONE_VFORK) {
        if (current->ptrace & PT_TRACE_VFORK)
            return PTRACE_EVENT_VFORK;
    } else if ((clone_flags & CSIGNAL) != SIGCHLD) {
        if (current->ptrace & PT_TRACE_CLONE)
            return PTRACE_EVENT_CLONE;
    } else if (current->ptrace & PT_TRACE_FORK) {
        return PTRACE_EVENT_FORK;
    }
    return 0;
}

/// Six arguments, all on the stack (F01); stack_size is not used: always 0 (F02).
asmlinkage long do_fork(unsigned long clone_flags, unsigned long stack_start, struct pt_regs *regs,
                        unsigned long stack_size, int __user *parent_tidptr, int __user *child_tidptr)
{
    struct completion vfork;
    int trace = 0;
    long pid = alloc_pidmap();
    if (pid < 0)
        return -EAGAIN;
    if (unlikely(current->ptrace)) {
        trace = fork_traceflag(clone_flags);
        if (trace)
            clone_flags |= CLONE_PTRACE;
    }
    struct task_struct *p = copy_process(clone_flags, stack_start, regs, stack_size, parent_tidptr, child_tidptr, pid);
    if (IS_ERR(p)) {
        free_pidmap(pid);
        return PTR_ERR(p);
    }
    if (clone_flags & CLONE_VFORK) {
        p->vfork_done = &vfork;
        init_completion(&vfork);
    }
    if ((p->ptrace & PT_PTRACED) || (clone_flags & CLONE_STOPPED)) {
        sigaddset(&p->pending.signal, SIGSTOP); // it stops on its way out, or right away
        set_tsk_thread_flag(p, TIF_SIGPENDING);
    }
    preempt_disable(); // the child goes first when we are through, or it would only wait for the big kernel lock
    if (!(clone_flags & CLONE_STOPPED))
        wake_up_new_task(p, clone_flags);
    else
        p->state = TASK_STOPPED;
    preempt_enable_no_resched();
    if (unlikely(trace)) {
        current->ptrace_message = pid;
        ptrace_notify((trace << 8) | SIGTRAP);
    }
    if (clone_flags & CLONE_VFORK) {
        wait_for_completion(&vfork);
        if (unlikely(current->ptrace & PT_TRACE_VFORK_DONE))
            ptrace_notify((PTRACE_EVENT_VFORK_DONE << 8) | SIGTRAP);
    }
    return pid;
}

asmlinkage long sys_set_tid_address(int __user *tidptr)
{
    current->clear_child_tid = tidptr;
    return current->pid;
}
