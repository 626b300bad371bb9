// SPDX-License-Identifier: MIT
// Page tables of the i386: a page directory of 1024 entries, page tables of 1024 entries.
#pragma once

#include <asm/page.h>

#define _PAGE_PRESENT 0x001
#define _PAGE_RW 0x002
#define _PAGE_USER 0x004
#define _PAGE_PWT 0x008
#define _PAGE_PCD 0x010
#define _PAGE_ACCESSED 0x020
#define _PAGE_DIRTY 0x040
#define _PAGE_PSE 0x080
#define _PAGE_GLOBAL 0x100
/// For a mapping with no access (PROT_NONE): not present for the CPU, but not empty.
#define _PAGE_PROTNONE 0x080

#define _PAGE_TABLE (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED | _PAGE_DIRTY)
#define __PAGE_KERNEL (_PAGE_PRESENT | _PAGE_RW | _PAGE_DIRTY | _PAGE_ACCESSED)
#define PGDIR_SHIFT 22
#define PGDIR_SIZE (1UL << PGDIR_SHIFT)
#define PGDIR_MASK (~(PGDIR_SIZE - 1))
#define PTRS_PER_PGD 1024
#define PTRS_PER_PTE 1024
#define USER_PTRS_PER_PGD (TASK_SIZE / PGDIR_SIZE)
#define FIXADDR_TOP 0xfffff000UL
#define VSYSCALL_PAGE 0xffffe000UL

#ifndef __ASSEMBLY__
#include <linux/mm.h>
#include <linux/sched.h>

#define PAGE_NONE __pgprot(_PAGE_PROTNONE | _PAGE_ACCESSED)
#define PAGE_SHARED __pgprot(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED)
#define PAGE_COPY __pgprot(_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED)
#define PAGE_READONLY PAGE_COPY
#define PAGE_KERNEL __pgprot(__PAGE_KERNEL)

#define pgd_index(address) (((address) >> PGDIR_SHIFT) & (PTRS_PER_PGD - 1))
#define pte_index(address) (((address) >> PAGE_SHIFT) & (PTRS_PER_PTE - 1))
#define pgd_offset(mm, address) ((mm)->pgd + pgd_index(address))
#define pgd_offset_k(address) pgd_offset(&init_mm, address)
#define pgd_present(pgd) (pgd_val(pgd) & _PAGE_PRESENT)
#define pgd_none(pgd) (!pgd_val(pgd))
#define pgd_page_vaddr(pgd) ((unsigned long)__va(pgd_val(pgd) & PAGE_MASK))
#define pte_offset(pgd, address) ((pte_t *)pgd_page_vaddr(*(pgd)) + pte_index(address))

#define pte_none(pte) (!pte_val(pte))
#define pte_present(pte) (pte_val(pte) & (_PAGE_PRESENT | _PAGE_PROTNONE))
#define pte_write(pte) (pte_val(pte) & _PAGE_RW)
#define pte_dirty(pte) (pte_val(pte) & _PAGE_DIRTY)
#define pte_young(pte) (pte_val(pte) & _PAGE_ACCESSED)
#define pte_pfn(pte) (pte_val(pte) >> PAGE_SHIFT)
#define pte_page(pte) pfn_to_page(pte_pfn(pte))
#define pfn_pte(pfn, prot) __pte(((pfn) << PAGE_SHIFT) | pgprot_val(prot))
#define mk_pte(page, prot) pfn_pte(page_to_pfn(page), prot)
static inline pte_t pte_wrprotect(pte_t pte) { return __pte(pte_val(pte) & ~_PAGE_RW); }
static inline pte_t pte_mkwrite(pte_t pte) { return __pte(pte_val(pte) | _PAGE_RW); }
static inline pte_t pte_mkdirty(pte_t pte) { return __pte(pte_val(pte) | _PAGE_DIRTY); }
static inline pte_t pte_mkclean(pte_t pte) { return __pte(pte_val(pte) & ~_PAGE_DIRTY); }
static inline pte_t pte_mkyoung(pte_t pte) { return __pte(pte_val(pte) | _PAGE_ACCESSED); }
static inline pte_t pte_mkold(pte_t pte) { return __pte(pte_val(pte) & ~_PAGE_ACCESSED); }
static inline pte_t pte_modify(pte_t pte, pgprot_t prot)
{
    return __pte((pte_val(pte) & (PAGE_MASK | _PAGE_ACCESSED | _PAGE_DIRTY)) | pgprot_val(prot));
}
#define set_pte(ptep, value) (*(ptep) = (value))

pgd_t *pgd_alloc(struct mm_struct *mm);
void pgd_free(pgd_t *pgd);
/// The entry for an address, its page table made if there is none; NULL = no memory.
pte_t *pte_alloc_map(struct mm_struct *mm, unsigned long address);
/// The entry, or NULL if there is no page table.
pte_t *pte_lookup(struct mm_struct *mm, unsigned long address);
void paging_init(void);
/// Maps a page for the kernel and, read-only, for all users at a fixed address near the top.
void set_fixmap_page(unsigned long address, unsigned long physical, pgprot_t prot);
#endif
