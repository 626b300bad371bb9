// SPDX-License-Identifier: MIT
// mlock, mlockall and their opposites. Nothing is ever paged out here, but a locked page is there at once, is not given
// away by madvise, and counts against RLIMIT_MEMLOCK. Truth: mlock(2); [linux-2.6.11] mm/mlock.c.
#include "mmap.h"
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <asm/mman.h>
#include <asm/pgtable.h>

#define MCL_CURRENT 1
#define MCL_FUTURE 2

int can_do_mlock(void)
{
    return capable(CAP_IPC_LOCK) || current->signal->rlim[RLIMIT_MEMLOCK].rlim_cur != 0;
}

int may_lock(struct mm_struct *mm, unsigned long pages)
{
    unsigned long limit = current->signal->rlim[RLIMIT_MEMLOCK].rlim_cur >> PAGE_SHIFT;
    return mm->locked_vm + pages <= limit || capable(CAP_IPC_LOCK);
}

/// Brings in what is not there. What cannot be brought in (no memory, behind the end of a file) stays away.
void make_pages_present(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
    int write = (vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE;
    if (!(vma->vm_flags & (VM_READ | VM_WRITE | VM_EXEC)))
        return;
    for (unsigned long at = start; at < end; at += PAGE_SIZE) {
        pte_t *pte = pte_lookup(mm, at);
        if ((!pte || !pte_present(*pte)) && handle_mm_fault(mm, vma, at, write) <= VM_FAULT_SIGBUS)
            return;
    }
}

/// Sets or clears VM_LOCKED of the part [start, end) of one area.
static int mlock_fixup(struct vm_area_struct **pvma, unsigned long start, unsigned long end, unsigned long newflags)
{
    struct vm_area_struct *vma = *pvma;
    struct mm_struct *mm = vma->vm_mm;
    int error = 0;
    if (newflags == vma->vm_flags)
        return 0;
    if (start != vma->vm_start) {
        if ((error = split_vma(mm, vma, start, 0)))
            return error;
        vma = vma->vm_next;
    }
    if (end != vma->vm_end && (error = split_vma(mm, vma, end, 0)))
        return error;
    *pvma = vma;
    vma->vm_flags = newflags;
    unsigned long pages = (end - start) >> PAGE_SHIFT;
    mm->locked_vm += newflags & VM_LOCKED ? pages : -pages;
    if (newflags & VM_LOCKED)
        make_pages_present(mm, vma, start, end);
    return 0;
}

static int do_mlock(unsigned long start, size_t length, int on)
{
    struct mm_struct *mm = current->mm;
    unsigned long end = start + length, at = start;
    if (end < start)
        return -EINVAL;
    if (end == start)
        return 0;
    struct vm_area_struct *vma = find_vma(mm, start);
    if (!vma || vma->vm_start > start)
        return -ENOMEM;
    for (;;) {
        unsigned long stop = min(vma->vm_end, end);
        int error = mlock_fixup(&vma, at, stop, on ? vma->vm_flags | VM_LOCKED : vma->vm_flags & ~(unsigned long)VM_LOCKED);
        if (error || stop == end)
            return error;
        at = stop;
        vma = vma->vm_next;
        if (!vma || vma->vm_start != at)
            return -ENOMEM;
    }
}

asmlinkage long sys_mlock(unsigned long start, size_t length)
{
    struct mm_struct *mm = current->mm;
    long error = -ENOMEM;
    if (!can_do_mlock())
        return -EPERM;
    length = PAGE_ALIGN(length + (start & ~PAGE_MASK));
    start &= PAGE_MASK;
    down_write(&mm->mmap_sem);
    if (may_lock(mm, length >> PAGE_SHIFT))
        error = do_mlock(start, length, 1);
    up_write(&mm->mmap_sem);
    return error;
}

asmlinkage long sys_munlock(unsigned long start, size_t length)
{
    struct mm_struct *mm = current->mm;
    length = PAGE_ALIGN(length + (start & ~PAGE_MASK));
    start &= PAGE_MASK;
    down_write(&mm->mmap_sem);
    long error = do_mlock(start, length, 0);
    up_write(&mm->mmap_sem);
    return error;
}

static void do_mlockall(int flags)
{
    struct mm_struct *mm = current->mm;
    mm->def_flags = flags & MCL_FUTURE ? VM_LOCKED : 0;
    if (flags == MCL_FUTURE)
        return;
    for (struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
        mlock_fixup(&vma, vma->vm_start, vma->vm_end,
                    flags & MCL_CURRENT ? vma->vm_flags | VM_LOCKED : vma->vm_flags & ~(unsigned long)VM_LOCKED);
}

asmlinkage long sys_mlockall(int flags)
{
    struct mm_struct *mm = current->mm;
    long error = -ENOMEM;
    if (!flags || (flags & ~(MCL_CURRENT | MCL_FUTURE)))
        return -EINVAL;
    if (!can_do_mlock())
        return -EPERM;
    down_write(&mm->mmap_sem);
    if (!(flags & MCL_CURRENT) || may_lock(mm, mm->total_vm - mm->locked_vm)) {
        do_mlockall(flags);
        error = 0;
    }
    up_write(&mm->mmap_sem);
    return error;
}

asmlinkage long sys_munlockall(void)
{
    down_write(&current->mm->mmap_sem);
    do_mlockall(0);
    up_write(&current->mm->mmap_sem);
    return 0;
}
