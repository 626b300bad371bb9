// SPDX-License-Identifier: MIT
// Page faults resolved, and page tables copied and torn down.
//
//   handle_mm_fault -> handle_pte_fault -> do_no_page       nothing there yet: file page, or
//                                       -> do_anonymous_page  demand zero (a read maps the common page of zeros)
//                                       -> do_wp_page       write to a read-only page that may be written: copy on write
//
// Copy-on-write ([linux-2.6.11]): fork write-protects private pages in both processes and counts a second user. The
// first write copies; a sole owner just gets its write permission back. What decides is the area, not the PTE's W bit.
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>

pte_t *pte_lookup(struct mm_struct *mm, unsigned long address)
{
    pgd_t *pgd = pgd_offset(mm, address);
    return pgd_none(*pgd) ? NULL : pte_offset(pgd, address);
}

pte_t *pte_alloc_map(struct mm_struct *mm, unsigned long address)
{
    pgd_t *pgd = pgd_offset(mm, address);
    if (pgd_none(*pgd)) {
        unsigned long table = get_zeroed_page(GFP_KERNEL);
        if (!table)
            return NULL;
        *pgd = __pgd(__pa(table) | _PAGE_TABLE);
    }
    return pte_offset(pgd, address);
}

static int is_zero_page(struct page *page) { return page == ZERO_PAGE(0); }

static int is_cow_mapping(unsigned long flags) { return (flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE; }

/// One entry for the child. A private page that may be written becomes read-only on both sides.
static void copy_one_pte(struct mm_struct *dst_mm, pte_t *dst, pte_t *src, unsigned long vm_flags)
{
    pte_t pte = *src;
    if (is_cow_mapping(vm_flags)) {
        pte = pte_wrprotect(pte);
        set_pte(src, pte);
    }
    if (vm_flags & VM_SHARED)
        pte = pte_mkclean(pte);
    pte = pte_mkold(pte);
    if (pfn_valid(pte_pfn(pte)) && !PageReserved(pte_page(pte))) {
        get_page(pte_page(pte));
        dst_mm->rss++;
    }
    set_pte(dst, pte);
}

int copy_page_range(struct mm_struct *dst, struct mm_struct *src, struct vm_area_struct *vma)
{
    unsigned long address = vma->vm_start, end = vma->vm_end;
    while (address < end) {
        unsigned long table_end = min((address + PGDIR_SIZE) & PGDIR_MASK, end);
        pte_t *from = pte_lookup(src, address), *to = NULL;
        if (!from) {
            address = table_end;
            continue;
        }
        for (; address < table_end; address += PAGE_SIZE, from++) {
            if (!pte_present(*from))
                continue;
            if (!to && !pte_alloc_map(dst, address))
                return -ENOMEM;
            to = pte_lookup(dst, address);
            copy_one_pte(dst, to, from, vma->vm_flags);
        }
    }
    return 0;
}

static void zap_pte(struct mm_struct *mm, pte_t *pte)
{
    pte_t old = *pte;
    set_pte(pte, __pte(0));
    if (!pte_present(old) || !pfn_valid(pte_pfn(old)))
        return;
    struct page *page = pte_page(old);
    if (PageReserved(page))
        return;
    mm->rss--;
    put_page(page);
}

/// Takes all pages in the range out of the page tables. A large range takes long: between two page tables others may run,
/// although the caller may hold mmap_sem (a fault of another thread then waits for it: row U12).
void zap_page_range(struct vm_area_struct *vma, unsigned long address, unsigned long size)
{
    struct mm_struct *mm = vma->vm_mm;
    unsigned long end = address + size;
    while (address < end) {
        unsigned long table_end = min((address + PGDIR_SIZE) & PGDIR_MASK, end);
        if (!table_end)
            table_end = end;
        pte_t *pte = pte_lookup(mm, address);
        for (; pte && address < table_end; address += PAGE_SIZE, pte++)
            if (!pte_none(*pte))
                zap_pte(mm, pte);
        address = table_end;
        if (address < end) {
            flush_tlb_mm(mm);
            cond_resched();
        }
    }
    flush_tlb_mm(mm);
}

/// Page tables that lie wholly within [start, end), where no area is left.
void free_pgtables(struct mm_struct *mm, unsigned long start, unsigned long end)
{
    pgd_t *pgd = mm->pgd + ((start + PGDIR_SIZE - 1) >> PGDIR_SHIFT), *last = mm->pgd + (end >> PGDIR_SHIFT);
    int freed = 0;
    for (; pgd < last; pgd++) {
        if (pgd_none(*pgd))
            continue;
        free_page(pgd_page_vaddr(*pgd));
        *pgd = __pgd(0);
        freed = 1;
    }
    if (freed)
        flush_tlb_mm(mm);
}

/// The entry that gives write access, if the area allows it.
static pte_t maybe_mkwrite(pte_t pte, struct vm_area_struct *vma)
{
    return vma->vm_flags & VM_WRITE ? pte_mkwrite(pte) : pte;
}

static void establish_pte(struct vm_area_struct *vma, unsigned long address, pte_t *pte, pte_t entry)
{
    set_pte(pte, entry);
    flush_tlb_page(vma, address);
}

/// A write to a page that is mapped read-only in an area that allows writing.
static int do_wp_page(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address, pte_t *page_table,
                      pte_t pte)
{
    struct page *old_page = pte_page(pte);
    if (!pfn_valid(pte_pfn(pte)))
        return VM_FAULT_OOM;
    int reserved = PageReserved(old_page);
    if (!reserved && page_count(old_page) == 1) { // nobody else: neither a process nor a file's cache
        establish_pte(vma, address, page_table, maybe_mkwrite(pte_mkyoung(pte_mkdirty(pte)), vma));
        return VM_FAULT_MINOR;
    }
    struct page *new_page = alloc_page(GFP_HIGHUSER | (is_zero_page(old_page) ? __GFP_ZERO : 0));
    if (!new_page)
        return VM_FAULT_OOM;
    if (!is_zero_page(old_page))
        copy_page(page_address(new_page), page_address(old_page));
    establish_pte(vma, address, page_table, maybe_mkwrite(pte_mkdirty(mk_pte(new_page, vma->vm_page_prot)), vma));
    if (reserved)
        mm->rss++;
    else
        put_page(old_page);
    return VM_FAULT_MINOR;
}

static int do_anonymous_page(struct mm_struct *mm, struct vm_area_struct *vma, pte_t *page_table, int write_access,
                             unsigned long address)
{
    pte_t entry = pte_wrprotect(mk_pte(ZERO_PAGE(address), vma->vm_page_prot));
    if (write_access) {
        struct page *page = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
        if (!page)
            return VM_FAULT_OOM;
        mm->rss++;
        entry = maybe_mkwrite(pte_mkdirty(mk_pte(page, vma->vm_page_prot)), vma);
    }
    set_pte(page_table, entry);
    return VM_FAULT_MINOR;
}

/// A page of a file: shared as it is, or, for a private area that is written, a copy.
static int do_no_page(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address, int write_access)
{
    int type = VM_FAULT_MINOR;
    struct address_space *mapping = vma->vm_file->f_mapping;
retry:;
    unsigned int truncate_count = mapping->truncate_count; // before nopage looks at the length of the file
    barrier();
    struct page *page = vma->vm_ops->nopage(vma, address & PAGE_MASK, &type);
    if (page == NOPAGE_SIGBUS)
        return VM_FAULT_SIGBUS;
    if (page == NOPAGE_OOM)
        return VM_FAULT_OOM;
    if (write_access && !(vma->vm_flags & VM_SHARED)) {
        struct page *copy = alloc_page(GFP_HIGHUSER);
        if (copy)
            copy_page(page_address(copy), page_address(page));
        put_page(page);
        if (!copy)
            return VM_FAULT_OOM;
        page = copy;
    }
    spin_lock(&mm->page_table_lock);
    if (unlikely(truncate_count != mapping->truncate_count)) { // it may no longer be a page of the file
        spin_unlock(&mm->page_table_lock);
        put_page(page);
        goto retry;
    }
    pte_t *page_table = pte_lookup(mm, address); // another thread may have been quicker
    if (!pte_none(*page_table)) {
        spin_unlock(&mm->page_table_lock);
        put_page(page);
        return VM_FAULT_MINOR;
    }
    if (!PageReserved(page))
        mm->rss++;
    pte_t entry = mk_pte(page, vma->vm_page_prot);
    if (write_access)
        entry = maybe_mkwrite(pte_mkdirty(entry), vma);
    else if (!(vma->vm_flags & VM_SHARED))
        entry = pte_wrprotect(entry);
    set_pte(page_table, entry);
    spin_unlock(&mm->page_table_lock);
    return type;
}

/// REQUIRES: page_table_lock.
static int handle_pte_fault(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address, int write_access,
                            pte_t *pte)
{
    pte_t entry = *pte;
    if (!pte_present(entry))
        return do_anonymous_page(mm, vma, pte, write_access, address);
    if (write_access) {
        if (!pte_write(entry))
            return do_wp_page(mm, vma, address, pte, entry);
        entry = pte_mkdirty(entry);
    }
    establish_pte(vma, address, pte, pte_mkyoung(entry));
    return VM_FAULT_MINOR;
}


int handle_mm_fault(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address, int write_access)
{
    __set_current_state(TASK_RUNNING);
    spin_lock(&mm->page_table_lock);
    pte_t *pte = pte_alloc_map(mm, address);
    int file = pte && !pte_present(*pte) && vma->vm_ops && vma->vm_ops->nopage, result = VM_FAULT_OOM;
    if (pte && !file)
        result = handle_pte_fault(mm, vma, address, write_access, pte);
    spin_unlock(&mm->page_table_lock);
    return file ? do_no_page(mm, vma, address, write_access) : result;
}

/// The page behind a user address, brought in as the user's access would; with one more user.
static struct page *get_user_page(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address, int write)
{
    for (int tries = 0; tries < 4; tries++) {
        struct page *page = NULL;
        spin_lock(&mm->page_table_lock);
        pte_t *pte = pte_lookup(mm, address);
        if (pte && pte_present(*pte) && (!write || pte_write(*pte)))
            page = pte_page(*pte);
        if (page && !PageReserved(page))
            get_page(page);
        spin_unlock(&mm->page_table_lock);
        if (page)
            return page;
        if (handle_mm_fault(mm, vma, address, write) <= VM_FAULT_SIGBUS)
            return NULL;
        // An area without write permission (a debugger writes to text): the private copy is there now, still read-only.
        if (write && !(vma->vm_flags & VM_WRITE))
            write = 0;
    }
    return NULL;
}

/// Pages behind user addresses, each with one more user (put_page). How many; -EFAULT if not even the first. `force`: also where the
/// program itself may not read. REQUIRES: mmap_sem, or nobody else in mm.
int get_user_pages(struct task_struct *tsk, struct mm_struct *mm, unsigned long start, int len, int write, int force,
                   struct page **pages, struct vm_area_struct **vmas)
{
    int n = 0;
    for (; n < len; n++, start += PAGE_SIZE) {
        struct vm_area_struct *vma = find_extend_vma(mm, start);
        if (!vma || (vma->vm_flags & VM_IO) || !(vma->vm_flags & (force ? VM_MAYREAD : VM_READ)))
            break;
        struct page *page = get_user_page(mm, vma, start, write);
        if (!page)
            break;
        pages[n] = page;
        if (vmas)
            vmas[n] = vma;
    }
    return n ? n : -EFAULT;
}

/// Reads or writes another process' memory (ptrace, /proc/PID/cmdline); the number of bytes moved.
int access_process_vm(struct task_struct *tsk, unsigned long address, void *buf, int len, int write)
{
    struct mm_struct *mm = get_task_mm(tsk);
    char *at = buf;
    if (!mm)
        return 0;
    down_read(&mm->mmap_sem);
    while (len) {
        struct vm_area_struct *vma = find_extend_vma(mm, address);
        if (!vma || (write && (vma->vm_flags & VM_SHARED) && !(vma->vm_flags & VM_WRITE)))
            break;
        struct page *page = get_user_page(mm, vma, address, write);
        if (!page)
            break;
        int offset = address & ~PAGE_MASK, n = min(len, (int)PAGE_SIZE - offset);
        char *where = (char *)page_address(page) + offset;
        if (write)
            memcpy(where, at, n);
        else
            memcpy(at, where, n);
        put_page(page);
        at += n;
        address += n;
        len -= n;
    }
    up_read(&mm->mmap_sem);
    mmput(mm);
    return at - (char *)buf;
}

static void unmap_file_range(struct vm_area_struct *vma, loff_t start, loff_t end, int even_cows)
{
    loff_t first = (loff_t)vma->vm_pgoff << PAGE_SHIFT;
    for (unsigned long at = vma->vm_start; at < vma->vm_end; at += PAGE_SIZE) {
        loff_t offset = first + (at - vma->vm_start);
        if (offset < start || offset >= end)
            continue;
        spin_lock(&vma->vm_mm->page_table_lock); // its owner may be faulting
        pte_t *pte = pte_lookup(vma->vm_mm, at);
        if (pte && pte_present(*pte) && (even_cows || pte_page(*pte)->mapping == vma->vm_file->f_mapping))
            zap_pte(vma->vm_mm, pte);
        spin_unlock(&vma->vm_mm->page_table_lock);
    }
}

/// A file has become shorter: nobody may see the pages that are gone. All tasks are searched, threads too (the first of a
/// process may be gone before the others); it is rare.
void unmap_mapping_range(struct address_space *mapping, loff_t start, loff_t length, int even_cows)
{
    struct task_struct *leader, *p;
    loff_t end = length ? start + length : 0x7fffffffffffffffLL;
    mapping->truncate_count++;
    do_each_thread(leader, p) {
        for (struct vm_area_struct *vma = p->mm ? p->mm->mmap : NULL; vma; vma = vma->vm_next)
            if (vma->vm_file && vma->vm_file->f_mapping == mapping)
                unmap_file_range(vma, start, end, even_cows);
    } while_each_thread(leader, p);
    __flush_tlb();
}
