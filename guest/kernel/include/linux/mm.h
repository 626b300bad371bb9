// SPDX-License-Identifier: MIT
// Memory: struct page, areas of an address space (vm_area_struct), and the functions of mm/.
#pragma once

#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/atomic.h>
#include <asm/page.h>

struct address_space;
struct task_struct;
struct file;
struct mm_struct;
struct vm_area_struct;

/// One per physical page, 32 bytes; mem_map[pfn].
struct page {
    unsigned long flags;
    atomic_t _count;      ///< users; 0 = free
    atomic_t _mapcount;   ///< page table entries that map it
    unsigned long private; ///< order of a free block
    struct address_space *mapping; ///< page cache: which file
    unsigned long index;  ///< page cache: which page of it
    struct list_head lru; ///< buddy list, slab list (next = cache, prev = slab)
};
#define PG_locked 0
#define PG_error 1
#define PG_referenced 2
#define PG_uptodate 3
#define PG_dirty 4
#define PG_slab 7
#define PG_reserved 11
#define PG_buddy 19
#define PageLocked(p) test_bit(PG_locked, &(p)->flags)
#define PageUptodate(p) test_bit(PG_uptodate, &(p)->flags)
#define SetPageUptodate(p) set_bit(PG_uptodate, &(p)->flags)
#define ClearPageUptodate(p) clear_bit(PG_uptodate, &(p)->flags)
#define PageDirty(p) test_bit(PG_dirty, &(p)->flags)
#define SetPageDirty(p) set_bit(PG_dirty, &(p)->flags)
#define PageReserved(p) test_bit(PG_reserved, &(p)->flags)
#define SetPageReserved(p) set_bit(PG_reserved, &(p)->flags)
#define PageSlab(p) test_bit(PG_slab, &(p)->flags)
static inline int set_page_dirty(struct page *p) { SetPageDirty(p); return 0; }

#define page_count(p) atomic_read(&(p)->_count)
#define set_page_count(p, n) atomic_set(&(p)->_count, n)
#define get_page(p) atomic_inc(&(p)->_count)
void put_page(struct page *page);
#define page_cache_get(p) get_page(p)
#define page_cache_release(p) put_page(p)

#define MAX_ORDER 11
extern struct page *mem_map;
extern unsigned long max_mapnr, num_physpages, totalram_pages, max_low_pfn;
extern void *high_memory;
extern unsigned long empty_zero_page[1024];
#define ZERO_PAGE(address) virt_to_page(empty_zero_page)
#define page_to_pfn(p) ((unsigned long)((p) - mem_map))
#define pfn_to_page(pfn) (mem_map + (pfn))
#define page_to_phys(p) (page_to_pfn(p) << PAGE_SHIFT)
#define page_address(p) __va(page_to_phys(p))
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)

#define VM_READ 0x1
#define VM_WRITE 0x2
#define VM_EXEC 0x4
#define VM_SHARED 0x8
#define VM_MAYREAD 0x10
#define VM_MAYWRITE 0x20
#define VM_MAYEXEC 0x40
#define VM_MAYSHARE 0x80
#define VM_GROWSDOWN 0x100
#define VM_DENYWRITE 0x800
#define VM_EXECUTABLE 0x1000
#define VM_LOCKED 0x2000
#define VM_IO 0x4000
#define VM_DONTCOPY 0x20000
#define VM_DONTEXPAND 0x40000
#define VM_RESERVED 0x80000
#define VM_ACCOUNT 0x100000
#define VM_STACK_FLAGS (VM_GROWSDOWN | VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)
#define VM_DATA_DEFAULT_FLAGS (VM_READ | VM_WRITE | VM_EXEC | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)

/// An area [vm_start, vm_end) of one address space with one kind of content and access.
struct vm_area_struct {
    struct mm_struct *vm_mm;
    unsigned long vm_start, vm_end;
    struct vm_area_struct *vm_next; ///< by address
    pgprot_t vm_page_prot;
    unsigned long vm_flags;
    const struct vm_operations_struct *vm_ops;
    unsigned long vm_pgoff; ///< first page of the file
    struct file *vm_file;
    void *vm_private_data;
};
/// nopage gives the page (with one more user) for a fault, or NOPAGE_SIGBUS, NOPAGE_OOM.
struct vm_operations_struct {
    void (*open)(struct vm_area_struct *area);
    void (*close)(struct vm_area_struct *area);
    struct page *(*nopage)(struct vm_area_struct *area, unsigned long address, int *type);
};
#define NOPAGE_SIGBUS (NULL)
#define NOPAGE_OOM ((struct page *)(-1))
#define VM_FAULT_OOM (-1)
#define VM_FAULT_SIGBUS 0
#define VM_FAULT_MINOR 1
#define VM_FAULT_MAJOR 2

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long address);
struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long address, struct vm_area_struct **prev);
static inline struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start, unsigned long end)
{
    struct vm_area_struct *vma = find_vma(mm, start);
    return vma && end > vma->vm_start ? vma : NULL;
}
unsigned long get_unmapped_area(struct file *file, unsigned long address, unsigned long length, unsigned long pgoff,
                                unsigned long flags);
/// `offset` in bytes; needs mmap_sem for writing. The address, or -errno.
unsigned long do_mmap_pgoff(struct file *file, unsigned long address, unsigned long length, unsigned long prot,
                            unsigned long flags, unsigned long pgoff);
static inline unsigned long do_mmap(struct file *file, unsigned long address, unsigned long length, unsigned long prot,
                                    unsigned long flags, unsigned long offset)
{
    if (offset + PAGE_ALIGN(length) < offset || (offset & ~PAGE_MASK))
        return -EINVAL;
    return do_mmap_pgoff(file, address, length, prot, flags, offset >> PAGE_SHIFT);
}
int do_munmap(struct mm_struct *mm, unsigned long start, size_t length);
unsigned long do_brk(unsigned long address, unsigned long length);
void exit_mmap(struct mm_struct *mm);
int expand_stack(struct vm_area_struct *vma, unsigned long address);
struct vm_area_struct *find_extend_vma(struct mm_struct *mm, unsigned long address);
int insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma);
int split_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address, int new_below);
/// A file without a name for shared memory of this size, or an ERR_PTR.
struct file *shmem_file_setup(const char *name, loff_t size);
void vma_hold_file(struct vm_area_struct *vma);
int may_expand_vm(struct mm_struct *mm, unsigned long pages);

int handle_mm_fault(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address, int write_access);
int copy_page_range(struct mm_struct *dst, struct mm_struct *src, struct vm_area_struct *vma);
void zap_page_range(struct vm_area_struct *vma, unsigned long address, unsigned long size);
void free_pgtables(struct mm_struct *mm, unsigned long start, unsigned long end);
int get_user_pages(struct task_struct *tsk, struct mm_struct *mm, unsigned long start, int len, int write, int force,
                   struct page **pages, struct vm_area_struct **vmas);
int access_process_vm(struct task_struct *tsk, unsigned long address, void *buf, int len, int write);
/// All page table entries that map the pages of this file beyond `start` (bytes) are taken away.
void unmap_mapping_range(struct address_space *mapping, loff_t start, loff_t length, int even_cows);
int remap_pfn_range(struct vm_area_struct *vma, unsigned long address, unsigned long pfn, unsigned long size,
                    pgprot_t prot);

extern pgprot_t protection_map[16];
unsigned long nr_free_pages(void);
unsigned long nr_buffer_pages(void);
void free_area_init(void);
void mem_init(void);
void si_meminfo(struct sysinfo *val);
void out_of_memory(int gfp_mask);
