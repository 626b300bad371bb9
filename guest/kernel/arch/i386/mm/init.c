// SPDX-License-Identifier: MIT
// The kernel's own page tables: all memory at PAGE_OFFSET (4 MB pages if the CPU has them), the fixed addresses near the
// top (vsyscall page), nothing below PAGE_OFFSET. Every process' page directory copies entries 768-1023 of swapper_pg_dir,
// which never change after boot.
#include <linux/bootmem.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>

static pte_t *fixmap_table;

static void __init map_large(void)
{
    unsigned long end = max_low_pfn << PAGE_SHIFT;
    for (unsigned long at = 0; at < end; at += PGDIR_SIZE)
        swapper_pg_dir[pgd_index(PAGE_OFFSET + at)] =
            __pgd(at | __PAGE_KERNEL | _PAGE_PSE | (cpu_has_pge ? _PAGE_GLOBAL : 0));
    if (cpu_has_pge)
        write_cr4(read_cr4() | X86_CR4_PGE);
}

/// head.S has mapped the first 32 MB; page tables for the rest come from there.
static void __init map_small(void)
{
    unsigned long end = max_low_pfn << PAGE_SHIFT;
    for (unsigned long at = 0; at < end; at += PGDIR_SIZE) {
        pgd_t *pgd = &swapper_pg_dir[pgd_index(PAGE_OFFSET + at)];
        if (pgd_present(*pgd))
            continue;
        pte_t *table = alloc_bootmem_pages(PAGE_SIZE);
        for (int i = 0; i < PTRS_PER_PTE; i++)
            table[i] = __pte((at + i * PAGE_SIZE) | __PAGE_KERNEL);
        *pgd = __pgd(__pa(table) | _PAGE_PRESENT | _PAGE_RW);
    }
}

void __init paging_init(void)
{
    if (cpu_has_pse)
        map_large();
    else
        map_small();
    for (unsigned long i = 0; i < USER_PTRS_PER_PGD; i++) // the copy at address 0 has served
        swapper_pg_dir[i] = __pgd(0);
    for (unsigned long i = pgd_index(PAGE_OFFSET + (max_low_pfn << PAGE_SHIFT) + PGDIR_SIZE - 1); i < PTRS_PER_PGD; i++)
        swapper_pg_dir[i] = __pgd(0);
    fixmap_table = alloc_bootmem_pages(PAGE_SIZE);
    swapper_pg_dir[pgd_index(VSYSCALL_PAGE)] = __pgd(__pa(fixmap_table) | _PAGE_TABLE);
    __flush_tlb();

    max_mapnr = num_physpages = max_low_pfn;
    mem_map = alloc_bootmem_pages(max_mapnr * sizeof(struct page));
    free_area_init();
}

void set_fixmap_page(unsigned long address, unsigned long physical, pgprot_t prot)
{
    fixmap_table[pte_index(address)] = __pte(physical | pgprot_val(prot));
    __flush_tlb_one(address);
}

extern char _text[], _etext[], _data[], _edata[], _end[];

void __init mem_init(void)
{
    totalram_pages = free_all_bootmem();
    printk(KERN_INFO "Memory: %luk/%luk available (%uk kernel code, %uk data)\n", nr_free_pages() << 2, max_mapnr << 2,
           (unsigned)(_etext - _text) >> 10, (unsigned)(_end - _data) >> 10);
}

void si_meminfo(struct sysinfo *val)
{
    val->totalram = totalram_pages;
    val->freeram = nr_free_pages();
    val->sharedram = val->bufferram = val->totalhigh = val->freehigh = 0;
    val->mem_unit = PAGE_SIZE;
}
