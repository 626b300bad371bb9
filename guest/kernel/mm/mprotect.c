// SPDX-License-Identifier: MIT
// mprotect: other access for a range, which may cut areas in pieces.
#include "mmap.h"
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <asm/mman.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>

static void change_protection(struct vm_area_struct *vma)
{
    for (unsigned long at = vma->vm_start; at < vma->vm_end; at += PAGE_SIZE) {
        pte_t *pte = pte_lookup(vma->vm_mm, at);
        if (!pte) {
            at |= PGDIR_SIZE - PAGE_SIZE; // no table: on to the next
            at &= PAGE_MASK;
            continue;
        }
        if (pte_present(*pte))
            set_pte(pte, pte_modify(*pte, vma->vm_page_prot));
    }
    flush_tlb_mm(vma->vm_mm);
}

static int mprotect_fixup(struct vm_area_struct **pvma, unsigned long start, unsigned long end, unsigned long newflags)
{
    struct vm_area_struct *vma = *pvma;
    struct mm_struct *mm = vma->vm_mm;
    int error;
    if (newflags == vma->vm_flags)
        return 0;
    if (start != vma->vm_start) {
        if ((error = split_vma(mm, vma, start, 0)))
            return error;
        vma = vma->vm_next;
    }
    if (end != vma->vm_end && (error = split_vma(mm, vma, end, 0)))
        return error;
    vma->vm_flags = newflags;
    vma->vm_page_prot = protection_map[newflags & 0xf];
    change_protection(vma);
    *pvma = vma;
    return 0;
}

asmlinkage long sys_mprotect(unsigned long start, size_t length, unsigned long prot)
{
    struct mm_struct *mm = current->mm;
    struct vm_area_struct *vma, *prev;
    if (prot & ~(unsigned long)(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_GROWSDOWN))
        return -EINVAL;
    if (start & ~PAGE_MASK)
        return -EINVAL;
    unsigned long end = start + PAGE_ALIGN(length), at = start;
    if (end < start)
        return -ENOMEM;
    if (end == start)
        return 0;
    long error = -ENOMEM;
    down_write(&mm->mmap_sem);
    vma = find_vma_prev(mm, start, &prev);
    if (!vma || vma->vm_start > start)
        goto out;
    for (;;) {
        unsigned long flags = (vma->vm_flags & ~(unsigned long)(VM_READ | VM_WRITE | VM_EXEC)) | (prot & 7);
        error = -EACCES;
        if (flags & ~(flags >> 4) & 7) // wants what the MAY bits forbid
            break;
        unsigned long stop = min(vma->vm_end, end);
        if ((error = mprotect_fixup(&vma, at, stop, flags)))
            break;
        at = stop;
        if (at >= end)
            break;
        vma = vma->vm_end == at ? vma->vm_next : vma;
        error = -ENOMEM;
        if (!vma || vma->vm_start != at)
            break;
    }
    if (prev)
        merge_with_next(mm, prev);
out:
    up_write(&mm->mmap_sem);
    return error;
}
