// SPDX-License-Identifier: MIT
// do_fork: fork, vfork and clone are one function with different flags. It takes a PID, lets copy_process build the child
// (each resource shared or copied, as the flags say), and wakes it up. [linux-2.6.11]; rows F01-F13, D19.
//
// copy_process undoes what it has done by a ladder of labels in reverse order: a failure jumps to the rung that fits.
#include "copy.h"
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <asm/uaccess.h>

int nr_threads, max_threads;
unsigned long total_forks;

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

static void copy_flags(unsigned long clone_flags, struct task_struct *p)
{
    p->flags &= ~PF_SUPERPRIV;
    p->flags |= PF_FORKNOEXEC;
    if (!(clone_flags & CLONE_PTRACE))
        p->ptrace = 0;
}

static int too_many_processes(struct task_struct *p)
{
    return atomic_read(&p->user->processes) >= (int)p->signal->rlim[RLIMIT_NPROC].rlim_cur &&
           !capable(CAP_SYS_ADMIN) && !capable(CAP_SYS_RESOURCE) && p->user != &root_user;
}

/// Fields that a child does not inherit.
static void init_child(struct task_struct *p)
{
    INIT_LIST_HEAD(&p->children);
    INIT_LIST_HEAD(&p->sibling);
    INIT_LIST_HEAD(&p->ptrace_children);
    INIT_LIST_HEAD(&p->ptrace_list);
    p->vfork_done = NULL;
    clear_tsk_thread_flag(p, TIF_SIGPENDING);
    init_sigpending(&p->pending);
    p->it_real_incr = p->it_virt_value = p->it_virt_incr = p->it_prof_value = p->it_prof_incr = 0;
    init_timer(&p->real_timer);
    p->real_timer.function = it_real_fn;
    p->real_timer.data = (unsigned long)p;
    p->utime = p->stime = p->nvcsw = p->nivcsw = p->min_flt = p->maj_flt = 0;
    p->lock_depth = -1;
    p->robust_list = NULL;
    do_posix_clock_monotonic_gettime(&p->start_time);
}

/// The child joins the family: parent, thread group, process list, hash tables.
static int link_child(struct task_struct *p, unsigned long clone_flags)
{
    if (sigismember(&current->pending.signal, SIGKILL))
        return -EINTR;
    if (clone_flags & (CLONE_PARENT | CLONE_THREAD))
        p->real_parent = current->real_parent;
    else
        p->real_parent = current;
    p->parent = p->real_parent;

    if (clone_flags & CLONE_THREAD) {
        if (current->signal->flags & SIGNAL_GROUP_EXIT)
            return -EAGAIN;
        p->group_leader = current->group_leader;
        if (current->signal->group_stop_count > 0) { // a stop is under way: stop as well
            current->signal->group_stop_count++;
            set_tsk_thread_flag(p, TIF_SIGPENDING);
        }
    }
    list_add_tail(&p->sibling, &p->parent->children);
    if (p->ptrace & PT_PTRACED)
        __ptrace_link(p, current->parent);
    attach_pid(p, PIDTYPE_PID, p->pid);
    attach_pid(p, PIDTYPE_TGID, p->tgid);
    if (thread_group_leader(p)) {
        list_add_tail(&p->tasks, &init_task.tasks);
        attach_pid(p, PIDTYPE_PGID, process_group(p));
        attach_pid(p, PIDTYPE_SID, p->signal->session);
    } else {
        INIT_LIST_HEAD(&p->tasks);
    }
    nr_threads++;
    total_forks++;
    return 0;
}

static struct task_struct *copy_process(unsigned long clone_flags, unsigned long stack_start, struct pt_regs *regs,
                                        unsigned long stack_size, int __user *parent_tidptr, int __user *child_tidptr,
                                        int pid)
{
    struct task_struct *p;
    int retval = check_clone_flags(clone_flags);
    if (retval)
        return ERR_PTR(retval);
    retval = -ENOMEM;
    p = dup_task_struct(current);
    if (!p)
        goto fork_out;
    retval = -EAGAIN;
    if (too_many_processes(p))
        goto bad_fork_free;
    atomic_inc(&p->user->__count);
    atomic_inc(&p->user->processes);
    get_group_info(p->group_info);
    if (nr_threads >= max_threads)
        goto bad_fork_cleanup_count;
    p->did_exec = 0;
    copy_flags(clone_flags, p);
    p->pid = pid;
    retval = -EFAULT;
    if ((clone_flags & CLONE_PARENT_SETTID) && put_user(p->pid, parent_tidptr))
        goto bad_fork_cleanup_count;
    init_child(p);
    p->tgid = clone_flags & CLONE_THREAD ? current->tgid : p->pid;

    if ((retval = copy_semundo(clone_flags, p)))
        goto bad_fork_cleanup_count;
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
    if ((retval = copy_thread(0, clone_flags, stack_start, stack_size, p, regs)))
        goto bad_fork_cleanup_mm;

    p->set_child_tid = clone_flags & CLONE_CHILD_SETTID ? child_tidptr : NULL;
    p->clear_child_tid = clone_flags & CLONE_CHILD_CLEARTID ? child_tidptr : NULL;
    clear_tsk_thread_flag(p, TIF_SYSCALL_TRACE);
    p->parent_exec_id = p->self_exec_id;
    p->exit_signal = clone_flags & CLONE_THREAD ? -1 : (int)(clone_flags & CSIGNAL);
    p->pdeath_signal = 0;
    p->exit_state = 0;
    sched_fork(p);
    p->group_leader = p;
    if ((retval = link_child(p, clone_flags)))
        goto bad_fork_cleanup_thread;
    return p;

bad_fork_cleanup_thread:
    kfree(p->thread.io_bitmap_ptr);
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
bad_fork_cleanup_count:
    put_group_info(p->group_info);
    atomic_dec(&p->user->processes);
    free_uid(p->user);
bad_fork_free:
    free_task(p);
fork_out:
    return ERR_PTR(retval);
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
    if (!(clone_flags & CLONE_STOPPED))
        wake_up_new_task(p, clone_flags);
    else
        p->state = TASK_STOPPED;
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
