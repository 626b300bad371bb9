// SPDX-License-Identifier: MIT
// mremap: an area becomes longer or shorter, in place or somewhere else. Also madvise, msync and mincore,
// which have little to do here: nothing is ever swapped out.
#include "mmap.h"
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <asm/mman.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>
#include <asm/uaccess.h>

/// The entries go over one by one; the pages stay where they are.
static int move_page_tables(struct vm_area_struct *vma, unsigned long from, unsigned long to, unsigned long length)
{
    struct mm_struct *mm = vma->vm_mm;
    for (unsigned long done = 0; done < length; done += PAGE_SIZE) {
        pte_t *src = pte_lookup(mm, from + done);
        if (!src || pte_none(*src))
            continue;
        pte_t *dst = pte_alloc_map(mm, to + done);
        if (!dst)
            return -ENOMEM;
        set_pte(dst, *src);
        set_pte(src, __pte(0));
    }
    flush_tlb_mm(mm);
    return 0;
}

static unsigned long move_vma(struct vm_area_struct *vma, unsigned long old, unsigned long old_length,
                              unsigned long new_length, unsigned long new)
{
    struct mm_struct *mm = vma->vm_mm;
    struct vm_area_struct *prev, *copy = copy_vma_struct(vma);
    if (!copy)
        return -ENOMEM;
    copy->vm_start = new;
    copy->vm_end = new + new_length;
    copy->vm_pgoff += (old - vma->vm_start) >> PAGE_SHIFT;
    find_vma_prev(mm, new, &prev);
    link_vma(mm, copy, prev);
    mm->total_vm += new_length >> PAGE_SHIFT;
    if (move_page_tables(copy, old, new, min(old_length, new_length))) {
        move_page_tables(copy, new, old, min(old_length, new_length));
        do_munmap(mm, new, new_length);
        return -ENOMEM;
    }
    if (copy->vm_flags & VM_LOCKED) { // do_munmap takes the old ones off again
        mm->locked_vm += new_length >> PAGE_SHIFT;
        make_pages_present(mm, copy, new + min(old_length, new_length), new + new_length);
    }
    do_munmap(mm, old, old_length);
    return new;
}

static unsigned long do_mremap(unsigned long address, unsigned long old_length, unsigned long new_length,
                               unsigned long flags, unsigned long new_address)
{
    struct mm_struct *mm = current->mm;
    if ((flags & ~(unsigned long)(MREMAP_FIXED | MREMAP_MAYMOVE)) || (address & ~PAGE_MASK))
        return -EINVAL;
    old_length = PAGE_ALIGN(old_length);
    new_length = PAGE_ALIGN(new_length);
    if (!new_length || !old_length)
        return -EINVAL;
    if (flags & MREMAP_FIXED) {
        if ((new_address & ~PAGE_MASK) || !(flags & MREMAP_MAYMOVE) || new_length > TASK_SIZE ||
            new_address > TASK_SIZE - new_length)
            return -EINVAL;
        if (new_address < address + old_length && new_address + new_length > address)
            return -EINVAL;
        long error = do_munmap(mm, new_address, new_length);
        if (error)
            return error;
    }
    if (old_length >= new_length) {
        if (old_length != new_length && do_munmap(mm, address + new_length, old_length - new_length))
            return -EINVAL;
        old_length = new_length;
        if (!(flags & MREMAP_FIXED))
            return address;
    }
    struct vm_area_struct *vma = find_vma(mm, address);
    if (!vma || vma->vm_start > address || old_length > vma->vm_end - address)
        return -EFAULT;
    if ((vma->vm_flags & VM_LOCKED) && !may_lock(mm, (new_length - old_length) >> PAGE_SHIFT))
        return -EAGAIN;
    if (!may_expand_vm(mm, (new_length - old_length) >> PAGE_SHIFT))
        return -ENOMEM;
    if (old_length == vma->vm_end - address && !(flags & MREMAP_FIXED)) {
        unsigned long limit = vma->vm_next ? vma->vm_next->vm_start : TASK_SIZE;
        if (limit - address >= new_length) { // room to grow in place
            mm->total_vm += (new_length - old_length) >> PAGE_SHIFT;
            vma->vm_end = address + new_length;
            if (vma->vm_flags & VM_LOCKED) {
                mm->locked_vm += (new_length - old_length) >> PAGE_SHIFT;
                make_pages_present(mm, vma, address + old_length, address + new_length);
            }
            return address;
        }
    }
    if (!(flags & MREMAP_MAYMOVE))
        return -ENOMEM;
    if (!(flags & MREMAP_FIXED)) {
        new_address = get_unmapped_area(vma->vm_file, 0, new_length, vma->vm_pgoff, 0);
        if (new_address & ~PAGE_MASK)
            return new_address;
    }
    return move_vma(vma, address, old_length, new_length, new_address);
}

asmlinkage unsigned long sys_mremap(unsigned long address, unsigned long old_length, unsigned long new_length,
                                    unsigned long flags, unsigned long new_address)
{
    down_write(&current->mm->mmap_sem);
    unsigned long result = do_mremap(address, old_length, new_length, flags, new_address);
    up_write(&current->mm->mmap_sem);
    return result;
}

/// MADV_DONTNEED empties the range; the other kinds of advice change nothing that a program could see.
asmlinkage long sys_madvise(unsigned long start, size_t length, int advice)
{
    struct mm_struct *mm = current->mm;
    unsigned long end = start + PAGE_ALIGN(length);
    if ((start & ~PAGE_MASK) || end < start)
        return -EINVAL;
    if (advice < 0 || (advice > 25 && advice != 100))
        return -EINVAL;
    long error = 0;
    down_write(&mm->mmap_sem);
    for (unsigned long at = start; at < end;) {
        struct vm_area_struct *vma = find_vma(mm, at);
        if (!vma || vma->vm_start > at)
            error = -ENOMEM; // a hole; the rest is still done
        if (!vma || vma->vm_start >= end)
            break;
        unsigned long from = max(at, vma->vm_start);
        at = min(vma->vm_end, end);
        if (advice == MADV_DONTNEED && (vma->vm_flags & VM_LOCKED)) {
            error = -EINVAL;
            break;
        }
        if (advice == MADV_DONTNEED)
            zap_page_range(vma, from, at - from);
    }
    up_write(&mm->mmap_sem);
    return error;
}

/// A shared mapping of a file and the file are the same pages: there is nothing to write, only the arguments to check.
/// Flags: 1 asynchronous, 2 invalidate, 4 synchronous; not 1 and 4 together.
asmlinkage long sys_msync(unsigned long start, size_t length, int flags)
{
    unsigned long end = start + PAGE_ALIGN(length);
    if ((start & ~PAGE_MASK) || (flags & ~7) || (flags & 5) == 5)
        return -EINVAL;
    if (end < start)
        return -ENOMEM;
    long error = 0;
    down_read(&current->mm->mmap_sem);
    while (start < end && !error) {
        struct vm_area_struct *vma = find_vma(current->mm, start);
        if (!vma || vma->vm_start > start)
            error = -ENOMEM;
        else
            start = vma->vm_end;
    }
    up_read(&current->mm->mmap_sem);
    return error;
}

/// Is this page in memory? -ENOMEM where there is no area.
static int mincore_page(struct mm_struct *mm, unsigned long address)
{
    int result = -ENOMEM;
    down_read(&mm->mmap_sem);
    struct vm_area_struct *vma = find_vma(mm, address);
    if (vma && vma->vm_start <= address) {
        pte_t *pte = pte_lookup(mm, address);
        result = pte && pte_present(*pte);
    }
    up_read(&mm->mmap_sem);
    return result;
}

asmlinkage long sys_mincore(unsigned long start, size_t length, unsigned char __user *vec)
{
    if (start & ~PAGE_MASK)
        return -EINVAL;
    if (!access_ok(VERIFY_READ, start, length))
        return -ENOMEM;
    unsigned long pages = (length >> PAGE_SHIFT) + ((length & ~PAGE_MASK) != 0);
    if (!access_ok(VERIFY_WRITE, vec, pages))
        return -EFAULT;
    for (unsigned long i = 0; i < pages; i++) {
        int present = mincore_page(current->mm, start + (i << PAGE_SHIFT));
        if (present < 0)
            return present;
        if (put_user((unsigned char)present, vec + i)) // without the lock: this may fault
            return -EFAULT;
    }
    return 0;
}
