// SPDX-License-Identifier: MIT
// The parts of a child: task_struct with its kernel stack, signal handlers, shared signal state, address space. Each is
// shared if a CLONE_ flag says so, else copied. Files and directories are fs/file.c's and fs/fs_struct.c's.
#include "copy.h"
#include <linux/audit.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <asm/mmu_context.h>
#include <asm/tlbflush.h>
#include <asm/uaccess.h>

static kmem_cache_t *task_struct_cachep, *signal_cachep, *sighand_cachep, *mm_cachep;
kmem_cache_t *vm_area_cachep;

/// How many tasks: their kernel stacks may take an eighth of memory. [linux-2.6.11].
void __init fork_init(unsigned long mempages)
{
    task_struct_cachep = kmem_cache_create("task_struct", sizeof(struct task_struct), 32, SLAB_PANIC, NULL, NULL);
    max_threads = mempages / (8 * THREAD_SIZE / PAGE_SIZE);
    if (max_threads < 20)
        max_threads = 20;
    init_task.signal->rlim[RLIMIT_NPROC].rlim_cur = max_threads / 2;
    init_task.signal->rlim[RLIMIT_NPROC].rlim_max = max_threads / 2;
}

void __init proc_caches_init(void)
{
    sighand_cachep = kmem_cache_create("sighand_cache", sizeof(struct sighand_struct), 0, SLAB_PANIC, NULL, NULL);
    signal_cachep = kmem_cache_create("signal_cache", sizeof(struct signal_struct), 0, SLAB_PANIC, NULL, NULL);
    vm_area_cachep = kmem_cache_create("vm_area_struct", sizeof(struct vm_area_struct), 0, SLAB_PANIC, NULL, NULL);
    mm_cachep = kmem_cache_create("mm_struct", sizeof(struct mm_struct), 0, SLAB_PANIC, NULL, NULL);
}

static struct task_struct *alloc_task_struct(void) { return kmem_cache_alloc(task_struct_cachep, GFP_KERNEL); }
static void free_task_struct(struct task_struct *tsk) { kmem_cache_free(task_struct_cachep, tsk); }

/// thread_info and kernel stack, aligned to their size: 8 KB, or 4 KB with CONFIG_4KSTACKS. Row P07.
static struct thread_info *alloc_thread_info(void)
{
    return (struct thread_info *)__get_free_pages(GFP_KERNEL, THREAD_ORDER);
}
static void free_thread_info(struct thread_info *ti) { free_pages((unsigned long)ti, THREAD_ORDER); }

void free_task(struct task_struct *tsk)
{
    free_thread_info(tsk->thread_info);
    free_task_struct(tsk);
}

/// The last use of a descriptor is over: it has been reaped, and switched away from for the last time.
void __put_task_struct(struct task_struct *tsk)
{
    audit_free(tsk);
    security_task_free(tsk);
    free_uid(tsk->user);
    put_group_info(tsk->group_info);
    free_task(tsk);
}

/// A descriptor and a kernel stack with the contents of orig's: all but the stack and the counter is the same (rows P03-P10).
struct task_struct *dup_task_struct(struct task_struct *orig)
{
    prepare_to_copy(orig); // the FPU's registers go where they will be copied from
    struct task_struct *tsk = alloc_task_struct();
    if (!tsk)
        return NULL;
    struct thread_info *ti = alloc_thread_info();
    if (!ti) {
        free_task_struct(tsk);
        return NULL;
    }
    *tsk = *orig;
    tsk->thread_info = ti;
    *ti = *orig->thread_info;
    ti->task = tsk;
    atomic_set(&tsk->usage, 2); // one for us, one for whoever reaps it
    return tsk;
}

int copy_sighand(unsigned long clone_flags, struct task_struct *tsk)
{
    if (clone_flags & (CLONE_SIGHAND | CLONE_THREAD)) {
        atomic_inc(&current->sighand->count);
        return 0;
    }
    struct sighand_struct *sig = kmem_cache_alloc(sighand_cachep, GFP_KERNEL);
    tsk->sighand = sig;
    if (!sig)
        return -ENOMEM;
    spin_lock_init(&sig->siglock);
    atomic_set(&sig->count, 1);
    spin_lock_irq(&current->sighand->siglock);
    memcpy(sig->action, current->sighand->action, sizeof(sig->action));
    spin_unlock_irq(&current->sighand->siglock);
    return 0;
}

void exit_sighand(struct task_struct *tsk)
{
    struct sighand_struct *sighand = tsk->sighand;
    tsk->sighand = NULL;
    if (atomic_dec_and_test(&sighand->count))
        kmem_cache_free(sighand_cachep, sighand);
}

int copy_signal(unsigned long clone_flags, struct task_struct *tsk)
{
    struct signal_struct *old = current->signal, *sig;
    if (clone_flags & CLONE_THREAD) {
        atomic_inc(&old->count);
        atomic_inc(&old->live);
        return 0;
    }
    sig = kmem_cache_alloc(signal_cachep, GFP_KERNEL);
    tsk->signal = sig;
    if (!sig)
        return -ENOMEM;
    memset(sig, 0, sizeof(*sig));
    atomic_set(&sig->count, 1);
    atomic_set(&sig->live, 1);
    init_waitqueue_head(&sig->wait_chldexit);
    init_sigpending(&sig->shared_pending);
    sig->curr_target = tsk;
    sig->pgrp = old->pgrp;
    sig->session = old->session;
    sig->tty = old->tty;
    sig->tty_old_pgrp = old->tty_old_pgrp;
    memcpy(sig->rlim, old->rlim, sizeof(sig->rlim));
    return 0;
}

void free_signal(struct signal_struct *sig) { kmem_cache_free(signal_cachep, sig); }

static struct mm_struct *mm_init(struct mm_struct *mm)
{
    memset(mm, 0, sizeof(*mm));
    atomic_set(&mm->mm_users, 1);
    atomic_set(&mm->mm_count, 1);
    init_rwsem(&mm->mmap_sem);
    INIT_LIST_HEAD(&mm->mmlist);
    mm->free_area_cache = TASK_UNMAPPED_BASE;
    mm->dumpable = 1;
    mm->pgd = pgd_alloc(mm);
    if (!mm->pgd) {
        kmem_cache_free(mm_cachep, mm);
        return NULL;
    }
    init_MUTEX(&mm->context.sem);
    return mm;
}

struct mm_struct *mm_alloc(void)
{
    struct mm_struct *mm = kmem_cache_alloc(mm_cachep, GFP_KERNEL);
    return mm ? mm_init(mm) : NULL;
}

void __mmdrop(struct mm_struct *mm)
{
    BUG_ON(mm == &init_mm);
    pgd_free(mm->pgd);
    destroy_context(mm);
    kmem_cache_free(mm_cachep, mm);
}

/// The last user gone: the areas and pages go at once, the struct when the last lazy borrower drops it.
void mmput(struct mm_struct *mm)
{
    if (!atomic_dec_and_test(&mm->mm_users))
        return;
    exit_mmap(mm);
    if (mm->exe_file) {
        allow_write_access(mm->exe_file);
        fput(mm->exe_file);
    }
    mm->exe_file = NULL;
    mmdrop(mm);
}

struct mm_struct *get_task_mm(struct task_struct *task)
{
    struct mm_struct *mm = task->mm;
    if (mm)
        atomic_inc(&mm->mm_users);
    return mm;
}

/// Every area of the parent, its private pages write-protected on both sides (copy_page_range).
static int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm)
{
    struct vm_area_struct **link = &mm->mmap;
    int retval = 0;
    down_write(&oldmm->mmap_sem);
    for (struct vm_area_struct *old = oldmm->mmap; old && !retval; old = old->vm_next) {
        if (old->vm_flags & VM_DONTCOPY) {
            mm->total_vm -= (old->vm_end - old->vm_start) >> PAGE_SHIFT;
            continue;
        }
        struct vm_area_struct *vma = kmem_cache_alloc(vm_area_cachep, GFP_KERNEL);
        if (!vma) {
            retval = -ENOMEM;
            break;
        }
        *vma = *old;
        vma->vm_mm = mm;
        vma->vm_next = NULL;
        vma->vm_flags &= ~VM_LOCKED;
        vma_hold_file(vma);
        *link = vma;
        link = &vma->vm_next;
        mm->map_count++;
        if (vma->vm_ops && vma->vm_ops->open)
            vma->vm_ops->open(vma);
        retval = copy_page_range(mm, oldmm, old);
    }
    flush_tlb_mm(oldmm);
    up_write(&oldmm->mmap_sem);
    return retval;
}

static void copy_layout(struct mm_struct *mm, struct mm_struct *old)
{
    mm->free_area_cache = old->free_area_cache;
    mm->start_code = old->start_code;
    mm->end_code = old->end_code;
    mm->start_data = old->start_data;
    mm->end_data = old->end_data;
    mm->start_brk = old->start_brk;
    mm->brk = old->brk;
    mm->start_stack = old->start_stack;
    mm->arg_start = old->arg_start;
    mm->arg_end = old->arg_end;
    mm->env_start = old->env_start;
    mm->env_end = old->env_end;
    mm->total_vm = old->total_vm;
    mm->exec_vm = old->exec_vm;
    mm->stack_vm = old->stack_vm;
    mm->dumpable = old->dumpable;
    memcpy(mm->saved_auxv, old->saved_auxv, sizeof(mm->saved_auxv));
    mm->exe_file = old->exe_file;
    if (mm->exe_file) {
        get_file(mm->exe_file);
        deny_write_access(mm->exe_file);
    }
}

int copy_mm(unsigned long clone_flags, struct task_struct *tsk)
{
    struct mm_struct *oldmm = current->mm;
    tsk->mm = tsk->active_mm = NULL;
    if (!oldmm)
        return 0; // a kernel thread
    if (clone_flags & CLONE_VM) {
        atomic_inc(&oldmm->mm_users);
        tsk->mm = tsk->active_mm = oldmm;
        return 0;
    }
    struct mm_struct *mm = mm_alloc();
    if (!mm)
        return -ENOMEM;
    copy_layout(mm, oldmm);
    int retval = init_new_context(tsk, mm);
    if (!retval)
        retval = dup_mmap(mm, oldmm);
    if (retval) {
        mmput(mm);
        return retval;
    }
    tsk->mm = tsk->active_mm = mm;
    return 0;
}

/// The task leaves its address space (exit or execve): a vfork parent may go on, a CLEARTID waiter is woken.
void mm_release(struct task_struct *tsk, struct mm_struct *mm)
{
    struct completion *vfork_done = tsk->vfork_done;
    if (tsk->robust_list)
        exit_robust_list(tsk);
    deactivate_mm(tsk, mm);
    if (vfork_done) {
        tsk->vfork_done = NULL;
        complete(vfork_done);
    }
    if (tsk->clear_child_tid && atomic_read(&mm->mm_users) > 1) {
        int __user *tidptr = tsk->clear_child_tid;
        tsk->clear_child_tid = NULL;
        put_user(0, tidptr);
        do_futex((unsigned long)tidptr, FUTEX_WAKE, 1, MAX_SCHEDULE_TIMEOUT, 0, 0, 0);
    }
}
