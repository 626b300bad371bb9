// SPDX-License-Identifier: MIT
// Memory before the page allocator. Ranges that are taken stand in a short list; an allocation takes the first gap
// behind the kernel that is long enough, and joins the list. free_all_bootmem() hands the gaps over.
#include <linux/bootmem.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#define MAX_RANGES 16
static struct range {
    unsigned long start, end; ///< physical, whole pages
} taken[MAX_RANGES];
static int nr_taken;

void __init reserve_bootmem(unsigned long start, unsigned long end)
{
    int i = nr_taken++;
    if (nr_taken > MAX_RANGES)
        panic("bootmem: more than %d ranges", MAX_RANGES);
    start &= PAGE_MASK;
    end = PAGE_ALIGN(end);
    for (; i && taken[i - 1].start > start; i--) // kept in order
        taken[i] = taken[i - 1];
    taken[i].start = start;
    taken[i].end = end;
}

void *__init alloc_bootmem_pages(unsigned long size)
{
    unsigned long at = 0, limit = max_low_pfn << PAGE_SHIFT;
    size = PAGE_ALIGN(size);
    for (int i = 0; i < nr_taken; i++) {
        if (taken[i].start >= at && taken[i].start - at >= size)
            break;
        if (taken[i].end > at)
            at = taken[i].end;
    }
    if (at >= limit || limit - at < size)
        panic("not enough memory to boot: %lu KB more wanted, %lu MB in all", size >> 10, limit >> 20);
    reserve_bootmem(at, at + size);
    return memset(__va(at), 0, size);
}

static unsigned long __init free_range(unsigned long start, unsigned long end)
{
    unsigned long pfn = start >> PAGE_SHIFT, last = end >> PAGE_SHIFT, count = last > pfn ? last - pfn : 0;
    while (pfn < last) {
        int order = pfn ? min_t(int, __ffs(pfn), MAX_ORDER - 1) : 0;
        while (pfn + (1UL << order) > last)
            order--;
        set_page_count(pfn_to_page(pfn), 1);
        __free_pages(pfn_to_page(pfn), order);
        pfn += 1UL << order;
    }
    return count;
}

unsigned long __init free_all_bootmem(void)
{
    unsigned long at = 0, count = 0;
    for (int i = 0; i < nr_taken; i++) {
        if (taken[i].start > at)
            count += free_range(at, taken[i].start);
        for (unsigned long p = taken[i].start; p < taken[i].end && p >> PAGE_SHIFT < max_mapnr; p += PAGE_SIZE) {
            set_page_count(pfn_to_page(p >> PAGE_SHIFT), 1);
            SetPageReserved(pfn_to_page(p >> PAGE_SHIFT));
        }
        at = max(at, taken[i].end);
    }
    return count + free_range(at, max_low_pfn << PAGE_SHIFT);
}

void free_initrd_mem(unsigned long start, unsigned long end)
{
    for (start &= PAGE_MASK; start < end; start += PAGE_SIZE) {
        struct page *page = virt_to_page(start);
        clear_bit(PG_reserved, &page->flags);
        __free_page(page);
        totalram_pages++;
    }
}
