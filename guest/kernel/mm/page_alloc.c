// SPDX-License-Identifier: MIT
// The buddy system. Free memory is blocks of 2^order pages, aligned to their size, on one list per order.
//
//   order 2:  [........]          a request of order 0 splits an order-2 block:
//   order 1:          [....]      one order-1 half goes back, of the other half one page goes back, one is given.
//   order 0:  [..][..]            Freeing looks at the buddy (pfn ^ (1 << order)): if it is free too, both are one again.
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>

struct free_area {
    struct list_head free_list;
    unsigned long nr_free;
};
static struct free_area free_area[MAX_ORDER];
static unsigned long free_pages_count;
struct page *mem_map;
unsigned long max_mapnr, num_physpages, totalram_pages, max_low_pfn;
void *high_memory;

void __init free_area_init(void)
{
    for (int order = 0; order < MAX_ORDER; order++)
        INIT_LIST_HEAD(&free_area[order].free_list);
}

static void add_block(struct page *page, unsigned int order)
{
    page->private = order;
    set_bit(PG_buddy, &page->flags);
    list_add(&page->lru, &free_area[order].free_list);
    free_area[order].nr_free++;
}

static void remove_block(struct page *page, unsigned int order)
{
    list_del(&page->lru);
    clear_bit(PG_buddy, &page->flags);
    free_area[order].nr_free--;
}

static void bad_page(const char *what, struct page *page)
{
    panic("%s: page frame %lu, flags %lx, count %d", what, page_to_pfn(page), page->flags, page_count(page));
}

static void __free_pages_ok(struct page *page, unsigned int order)
{
    unsigned long flags, pfn = page_to_pfn(page);
    if (test_bit(PG_buddy, &page->flags) || PageSlab(page))
        bad_page("freeing a page that is free or a slab's", page);
    page->mapping = NULL;
    local_irq_save(flags);
    free_pages_count += 1UL << order;
    while (order < MAX_ORDER - 1) {
        unsigned long buddy_pfn = pfn ^ (1UL << order);
        struct page *buddy = pfn_to_page(buddy_pfn);
        if (buddy_pfn >= max_mapnr || !test_bit(PG_buddy, &buddy->flags) || buddy->private != order)
            break;
        remove_block(buddy, order);
        pfn &= ~(1UL << order);
        order++;
    }
    add_block(pfn_to_page(pfn), order);
    local_irq_restore(flags);
}

/// Gives back the halves that are not needed.
static void expand(struct page *page, unsigned int wanted, unsigned int have)
{
    while (have > wanted) {
        have--;
        add_block(page + (1UL << have), have);
    }
}

static struct page *rmqueue(unsigned int order)
{
    for (unsigned int have = order; have < MAX_ORDER; have++) {
        if (list_empty(&free_area[have].free_list))
            continue;
        struct page *page = list_entry(free_area[have].free_list.next, struct page, lru);
        remove_block(page, have);
        expand(page, order, have);
        free_pages_count -= 1UL << order;
        return page;
    }
    return NULL;
}

/// A few pages are kept for requests that cannot fail well (GFP_ATOMIC).
#define PAGES_MIN 32

struct page *alloc_pages(unsigned int gfp_mask, unsigned int order)
{
    unsigned long flags;
    struct page *page = NULL;
    if (order >= MAX_ORDER)
        return NULL;
    local_irq_save(flags);
    if (free_pages_count > PAGES_MIN + (1UL << order) || (gfp_mask & __GFP_HIGH) || test_thread_flag(TIF_MEMDIE))
        page = rmqueue(order);
    local_irq_restore(flags);
    if (!page)
        return NULL;
    page->flags = 0;
    page->private = 0;
    page->mapping = NULL;
    atomic_set(&page->_mapcount, 0);
    set_page_count(page, 1);
    if (gfp_mask & __GFP_ZERO)
        memset(page_address(page), 0, PAGE_SIZE << order);
    return page;
}

void __free_pages(struct page *page, unsigned int order)
{
    if (page_count(page) <= 0)
        bad_page("freeing a page twice", page);
    if (PageReserved(page))
        return;
    if (atomic_dec_and_test(&page->_count))
        __free_pages_ok(page, order);
}

void put_page(struct page *page) { __free_pages(page, 0); }

unsigned long __get_free_pages(unsigned int gfp_mask, unsigned int order)
{
    struct page *page = alloc_pages(gfp_mask, order);
    return page ? (unsigned long)page_address(page) : 0;
}

unsigned long get_zeroed_page(unsigned int gfp_mask) { return __get_free_pages(gfp_mask | __GFP_ZERO, 0); }

void free_pages(unsigned long address, unsigned int order)
{
    if (address)
        __free_pages(virt_to_page(address), order);
}

unsigned long nr_free_pages(void) { return free_pages_count; }
