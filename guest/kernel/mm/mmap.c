// SPDX-License-Identifier: MIT
// The areas of an address space: a list by address. mmap, brk, munmap, and finding the area of an address.
//
//   0x08048000 program   heap -> brk     0x40000000 mmap ->            <- stack   0xC0000000 kernel
#include "mmap.h"
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <asm/mman.h>
#include <asm/pgtable.h>
#include <asm/uaccess.h>

#define MAX_MAP_COUNT 65536

/// Page protection by VM_READ, VM_WRITE, VM_EXEC, VM_SHARED. A private page is never writable at once: copy on write.
pgprot_t protection_map[16] = {
    PAGE_NONE, PAGE_READONLY, PAGE_COPY, PAGE_COPY, PAGE_READONLY, PAGE_READONLY, PAGE_COPY, PAGE_COPY,
    PAGE_NONE, PAGE_READONLY, PAGE_SHARED, PAGE_SHARED, PAGE_READONLY, PAGE_READONLY, PAGE_SHARED, PAGE_SHARED,
};

/// The first area that ends above the address (it may begin above it, too).
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long address)
{
    struct vm_area_struct *vma = mm->mmap_cache;
    if (vma && vma->vm_end > address && vma->vm_start <= address)
        return vma;
    for (vma = mm->mmap; vma && vma->vm_end <= address; vma = vma->vm_next)
        ;
    if (vma)
        mm->mmap_cache = vma;
    return vma;
}

struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long address, struct vm_area_struct **prev)
{
    struct vm_area_struct *vma = mm->mmap;
    for (*prev = NULL; vma && vma->vm_end <= address; vma = vma->vm_next)
        *prev = vma;
    return vma;
}

void link_vma(struct mm_struct *mm, struct vm_area_struct *vma, struct vm_area_struct *prev)
{
    struct vm_area_struct **link = prev ? &prev->vm_next : &mm->mmap;
    vma->vm_next = *link;
    *link = vma;
    mm->map_count++;
}

struct vm_area_struct *copy_vma_struct(struct vm_area_struct *vma)
{
    struct vm_area_struct *new = kmem_cache_alloc(vm_area_cachep, GFP_KERNEL);
    if (!new)
        return NULL;
    *new = *vma;
    vma_hold_file(new);
    if (new->vm_ops && new->vm_ops->open)
        new->vm_ops->open(new);
    return new;
}

/// The file of an area, and with VM_DENYWRITE one more reason why nobody may write to it.
void vma_hold_file(struct vm_area_struct *vma)
{
    if (!vma->vm_file)
        return;
    get_file(vma->vm_file);
    if (vma->vm_flags & VM_DENYWRITE)
        atomic_dec(&vma->vm_file->f_dentry->d_inode->i_writecount);
}

static void free_area_struct(struct vm_area_struct *vma)
{
    if (vma->vm_file) {
        if (vma->vm_flags & VM_DENYWRITE)
            allow_write_access(vma->vm_file);
        fput(vma->vm_file);
    }
    kmem_cache_free(vm_area_cachep, vma);
}

void remove_vma(struct vm_area_struct *vma)
{
    if (vma->vm_ops && vma->vm_ops->close)
        vma->vm_ops->close(vma);
    free_area_struct(vma);
}

int may_expand_vm(struct mm_struct *mm, unsigned long pages)
{
    return mm->total_vm + pages <= current->signal->rlim[RLIMIT_AS].rlim_cur >> PAGE_SHIFT;
}

/// A free range of this length: at the wish if possible, else the first gap from TASK_UNMAPPED_BASE on.
unsigned long get_unmapped_area(struct file *file, unsigned long address, unsigned long length, unsigned long pgoff,
                                unsigned long flags)
{
    struct mm_struct *mm = current->mm;
    if (length > TASK_SIZE)
        return -ENOMEM;
    if (flags & MAP_FIXED)
        return address & ~PAGE_MASK ? -EINVAL : address > TASK_SIZE - length ? -ENOMEM : address;
    if (address) {
        address = PAGE_ALIGN(address);
        struct vm_area_struct *vma = find_vma(mm, address);
        if (address && TASK_SIZE - length >= address && (!vma || address + length <= vma->vm_start))
            return address;
    }
    int second = 0;
again:
    address = second ? TASK_UNMAPPED_BASE : mm->free_area_cache;
    for (struct vm_area_struct *vma = find_vma(mm, address);; vma = vma->vm_next) {
        if (TASK_SIZE - length < address) {
            if (second++)
                return -ENOMEM;
            goto again;
        }
        if (!vma || address + length <= vma->vm_start) {
            mm->free_area_cache = address + length;
            return address;
        }
        address = vma->vm_end;
    }
}

static int can_merge(struct vm_area_struct *a, struct vm_area_struct *b)
{
    if (a->vm_end != b->vm_start || a->vm_flags != b->vm_flags || a->vm_file != b->vm_file ||
        (a->vm_ops && a->vm_ops->close))
        return 0;
    if (a->vm_private_data != b->vm_private_data || a->vm_ops != b->vm_ops)
        return 0;
    return !a->vm_file || a->vm_pgoff + ((a->vm_end - a->vm_start) >> PAGE_SHIFT) == b->vm_pgoff;
}

/// Two neighbours of the same kind become one.
struct vm_area_struct *merge_with_next(struct mm_struct *mm, struct vm_area_struct *vma)
{
    struct vm_area_struct *next = vma->vm_next;
    if (!next || !can_merge(vma, next))
        return vma;
    vma->vm_end = next->vm_end;
    vma->vm_next = next->vm_next;
    mm->map_count--;
    mm->mmap_cache = NULL;
    remove_vma(next);
    return vma;
}

static unsigned long calc_vm_flags(unsigned long prot, unsigned long flags)
{
    return (prot & (PROT_READ | PROT_WRITE | PROT_EXEC)) | (flags & MAP_GROWSDOWN ? VM_GROWSDOWN : 0) |
           (flags & MAP_DENYWRITE ? VM_DENYWRITE : 0) | (flags & MAP_EXECUTABLE ? VM_EXECUTABLE : 0) |
           (flags & MAP_LOCKED ? VM_LOCKED : 0) | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
}

/// The flags of a file's area: what the descriptor was not opened for cannot be had later either.
static long check_file(struct file *file, unsigned long prot, unsigned long flags, unsigned long *vm_flags)
{
    switch (flags & MAP_TYPE) {
    case MAP_SHARED:
    case MAP_SHARED_VALIDATE:
        if ((prot & PROT_WRITE) && !(file->f_mode & FMODE_WRITE))
            return -EACCES;
        *vm_flags |= VM_SHARED | VM_MAYSHARE;
        if (!(file->f_mode & FMODE_WRITE))
            *vm_flags &= ~(VM_MAYWRITE | VM_SHARED);
        // fall through
    case MAP_PRIVATE:
        if (!(file->f_mode & FMODE_READ))
            return -EACCES;
        return file->f_op && file->f_op->mmap ? 0 : -ENODEV;
    default:
        return -EINVAL;
    }
}

static long check_anonymous(unsigned long flags, unsigned long *vm_flags)
{
    switch (flags & MAP_TYPE) {
    case MAP_SHARED:
    case MAP_SHARED_VALIDATE: *vm_flags |= VM_SHARED | VM_MAYSHARE; return 0;
    case MAP_PRIVATE: return 0;
    default: return -EINVAL;
    }
}

static struct vm_area_struct *new_area(struct mm_struct *mm, unsigned long address, unsigned long length,
                                       unsigned long vm_flags, unsigned long pgoff)
{
    struct vm_area_struct *vma = kmem_cache_alloc(vm_area_cachep, GFP_KERNEL);
    if (!vma)
        return NULL;
    memset(vma, 0, sizeof(*vma));
    vma->vm_mm = mm;
    vma->vm_start = address;
    vma->vm_end = address + length;
    vma->vm_flags = vm_flags;
    vma->vm_page_prot = protection_map[vm_flags & 0xf];
    vma->vm_pgoff = pgoff;
    return vma;
}

unsigned long do_mmap_pgoff(struct file *file, unsigned long address, unsigned long length, unsigned long prot,
                            unsigned long flags, unsigned long pgoff)
{
    struct mm_struct *mm = current->mm;
    struct vm_area_struct *prev;
    unsigned long vm_flags = calc_vm_flags(prot, flags) | mm->def_flags;
    if (!length)
        return -EINVAL;
    length = PAGE_ALIGN(length);
    if (!length || length > TASK_SIZE)
        return -ENOMEM;
    if (pgoff + (length >> PAGE_SHIFT) < pgoff)
        return -EOVERFLOW;
    if (mm->map_count > MAX_MAP_COUNT)
        return -ENOMEM;
    int fixed_free = flags & MAP_FIXED_NOREPLACE;
    address = get_unmapped_area(file, address, length, pgoff, fixed_free ? flags | MAP_FIXED : flags);
    if (address & ~PAGE_MASK)
        return address;
    long error = file ? check_file(file, prot, flags, &vm_flags) : check_anonymous(flags, &vm_flags);
    if (error)
        return error;
    if ((flags & MAP_LOCKED) && !can_do_mlock())
        return -EPERM;
    if ((vm_flags & VM_LOCKED) && !may_lock(mm, length >> PAGE_SHIFT))
        return -EAGAIN;
    if (find_vma_intersection(mm, address, address + length)) {
        if (fixed_free && !(flags & MAP_FIXED))
            return -EEXIST;
        if ((error = do_munmap(mm, address, length)))
            return error;
    }
    if (!may_expand_vm(mm, length >> PAGE_SHIFT))
        return -ENOMEM;
    if (!file) // so that pieces of it can be told apart, and neighbours joined
        pgoff = address >> PAGE_SHIFT;
    struct vm_area_struct *vma = new_area(mm, address, length, vm_flags, pgoff);
    if (!vma)
        return -ENOMEM;
    if (file) {
        error = vm_flags & VM_DENYWRITE ? deny_write_access(file) : 0;
        if (!error) {
            vma->vm_file = file;
            get_file(file);
            error = file->f_op->mmap(file, vma);
        }
    } else if (vm_flags & VM_SHARED) {
        error = shmem_zero_setup(vma);
    }
    if (error) {
        free_area_struct(vma);
        return error;
    }
    find_vma_prev(mm, address, &prev);
    link_vma(mm, vma, prev);
    mm->total_vm += length >> PAGE_SHIFT;
    if (vm_flags & VM_LOCKED)
        mm->locked_vm += length >> PAGE_SHIFT;
    if ((vm_flags & VM_LOCKED) || (flags & MAP_POPULATE))
        make_pages_present(mm, vma, address, address + length);
    merge_with_next(mm, vma);
    if (prev)
        merge_with_next(mm, prev);
    return address;
}

/// The heap: an anonymous area that joins the one before it.
unsigned long do_brk(unsigned long address, unsigned long length)
{
    return do_mmap_pgoff(NULL, address, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, 0);
}

asmlinkage unsigned long sys_brk(unsigned long brk)
{
    struct mm_struct *mm = current->mm;
    down_write(&mm->mmap_sem);
    if (brk < mm->start_brk || brk > TASK_SIZE)
        goto out;
    unsigned long new = PAGE_ALIGN(brk), old = PAGE_ALIGN(mm->brk);
    if (new < old) {
        if (do_munmap(mm, new, old - new))
            goto out;
    } else if (new > old) {
        if (brk - mm->start_brk > current->signal->rlim[RLIMIT_DATA].rlim_cur ||
            find_vma_intersection(mm, old, new + PAGE_SIZE))
            goto out;
        if (do_brk(old, new - old) != old)
            goto out;
    }
    mm->brk = brk;
out:
    brk = mm->brk;
    up_write(&mm->mmap_sem);
    return brk;
}

/// Cuts an area in two at `address`; the given one keeps the lower part, or with new_below the upper.
int split_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address, int new_below)
{
    if (mm->map_count >= MAX_MAP_COUNT)
        return -ENOMEM;
    struct vm_area_struct *upper = copy_vma_struct(vma);
    if (!upper)
        return -ENOMEM;
    upper->vm_start = address;
    upper->vm_pgoff += (address - vma->vm_start) >> PAGE_SHIFT;
    vma->vm_end = address;
    link_vma(mm, upper, vma);
    mm->mmap_cache = NULL;
    return 0;
}

/// Takes the areas from `vma` up to `end` out of the list, which then is whole again. The first one that stays.
static struct vm_area_struct *detach_vmas_to_be_unmapped(struct mm_struct *mm, struct vm_area_struct *vma,
                                                         struct vm_area_struct *prev, unsigned long end)
{
    struct vm_area_struct **link = prev ? &prev->vm_next : &mm->mmap, *last = NULL;
    for (; vma && vma->vm_start < end; vma = vma->vm_next) {
        mm->map_count--;
        mm->total_vm -= (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
        if (vma->vm_flags & VM_LOCKED)
            mm->locked_vm -= (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
        last = vma;
    }
    *link = vma;
    if (last)
        last->vm_next = NULL;
    mm->mmap_cache = NULL;
    return vma;
}

/// Detached areas: their pages, then they themselves. May sleep.
static void unmap_and_free(struct mm_struct *mm, struct vm_area_struct *vma)
{
    for (struct vm_area_struct *next; vma; vma = next) {
        next = vma->vm_next;
        zap_page_range(vma, vma->vm_start, vma->vm_end - vma->vm_start);
        remove_vma(vma);
    }
}

int do_munmap(struct mm_struct *mm, unsigned long start, size_t length)
{
    struct vm_area_struct *prev, *vma;
    if ((start & ~PAGE_MASK) || start > TASK_SIZE || length > TASK_SIZE - start)
        return -EINVAL;
    unsigned long end = start + PAGE_ALIGN(length);
    if (end == start)
        return -EINVAL;
    vma = find_vma_prev(mm, start, &prev);
    if (!vma || vma->vm_start >= end)
        return 0;
    if (start > vma->vm_start) {
        int error = split_vma(mm, vma, start, 0);
        if (error)
            return error;
        prev = vma;
        vma = vma->vm_next;
    }
    struct vm_area_struct *last = find_vma(mm, end);
    if (last && end > last->vm_start) {
        int error = split_vma(mm, last, end, 0);
        if (error)
            return error;
    }
    struct vm_area_struct *next = detach_vmas_to_be_unmapped(mm, vma, prev, end);
    unmap_and_free(mm, vma);
    vma = next;
    // Page tables of the range are empty now, unless a neighbour that is left has pages in them.
    unsigned long floor = prev ? prev->vm_end : 0, ceiling = vma ? vma->vm_start : TASK_SIZE;
    free_pgtables(mm, max(floor, start & PGDIR_MASK), min(ceiling, (end + PGDIR_SIZE - 1) & PGDIR_MASK));
    if (start >= TASK_UNMAPPED_BASE && start < mm->free_area_cache)
        mm->free_area_cache = start;
    return 0;
}

asmlinkage long sys_munmap(unsigned long address, size_t length)
{
    struct mm_struct *mm = current->mm;
    down_write(&mm->mmap_sem);
    long error = do_munmap(mm, address, length);
    up_write(&mm->mmap_sem);
    return error;
}

void exit_mmap(struct mm_struct *mm)
{
    struct vm_area_struct *vma = mm->mmap;
    mm->mmap = mm->mmap_cache = NULL;
    unmap_and_free(mm, vma);
    free_pgtables(mm, 0, TASK_SIZE);
    mm->map_count = 0;
    mm->total_vm = 0;
}

/// The stack grows down to the page of `address`, as far as RLIMIT_STACK and the area below allow.
int expand_stack(struct vm_area_struct *vma, unsigned long address)
{
    struct mm_struct *mm = vma->vm_mm;
    struct vm_area_struct *prev;
    int error = 0;
    address &= PAGE_MASK;
    spin_lock(&mm->page_table_lock); // mmap_sem is held for reading only: another thread may have been quicker
    if (address < vma->vm_start) {
        unsigned long grow = (vma->vm_start - address) >> PAGE_SHIFT;
        find_vma_prev(mm, vma->vm_start, &prev);
        if (vma->vm_end - address > current->signal->rlim[RLIMIT_STACK].rlim_cur || !may_expand_vm(mm, grow) ||
            (prev && prev->vm_end > address)) {
            error = -ENOMEM;
        } else {
            vma->vm_start = address;
            vma->vm_pgoff -= grow;
            mm->total_vm += grow;
        }
    }
    spin_unlock(&mm->page_table_lock);
    return error;
}

struct vm_area_struct *find_extend_vma(struct mm_struct *mm, unsigned long address)
{
    struct vm_area_struct *vma = find_vma(mm, address & PAGE_MASK);
    if (!vma || vma->vm_start <= address)
        return vma;
    return (vma->vm_flags & VM_GROWSDOWN) && !expand_stack(vma, address) ? vma : NULL;
}

int insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma)
{
    struct vm_area_struct *prev, *next = find_vma_prev(mm, vma->vm_start, &prev);
    if (next && next->vm_start < vma->vm_end)
        return -ENOMEM;
    link_vma(mm, vma, prev);
    return 0;
}
