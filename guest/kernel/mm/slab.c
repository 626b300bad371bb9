// SPDX-License-Identifier: MIT
// The slab allocator: a cache holds objects of one size, in slabs of a few pages.
//
//   slab:  | struct slab | next[0..n-1] | object 0 | object 1 | ... |
//
// next[] chains the free objects by number; slab->free is the first. A page of a slab knows its cache and slab
// (lru.next, lru.prev), so that kmem_cache_free and kfree find them from the address alone.
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define BUFCTL_END 0xffff
#define MAX_SLAB_ORDER 3

struct slab {
    struct list_head list;
    char *s_mem; ///< object 0
    unsigned short inuse, free;
    unsigned short next[];
};

struct kmem_cache_s {
    struct list_head slabs_full, slabs_partial, slabs_free;
    unsigned int objsize, num, gfporder, nr_free_slabs;
    unsigned long flags, active, total;
    void (*ctor)(void *, kmem_cache_t *, unsigned long);
    const char *name;
    struct list_head caches;
};

static LIST_HEAD(cache_chain);
static kmem_cache_t cache_cache; ///< the cache of caches
static struct cache_size {
    unsigned int size;
    const char *name;
    kmem_cache_t *cache;
} malloc_sizes[] = {
    { 32, "size-32", NULL },   { 64, "size-64", NULL },     { 128, "size-128", NULL },   { 256, "size-256", NULL },
    { 512, "size-512", NULL }, { 1024, "size-1024", NULL }, { 2048, "size-2048", NULL },
};

static unsigned int header_size(unsigned int num, unsigned int align)
{
    return ALIGN((unsigned int)sizeof(struct slab) + num * 2, align);
}

/// Chooses how many pages a slab has: the fewest that waste at most an eighth.
static void size_cache(kmem_cache_t *cache, unsigned int align)
{
    for (cache->gfporder = 0;; cache->gfporder++) {
        unsigned int bytes = PAGE_SIZE << cache->gfporder;
        cache->num = bytes / (cache->objsize + 2);
        while (cache->num && header_size(cache->num, align) + cache->num * cache->objsize > bytes)
            cache->num--;
        unsigned int waste = bytes - cache->num * cache->objsize;
        if (cache->gfporder == MAX_SLAB_ORDER || (cache->num && waste <= bytes / 8))
            break;
    }
    if (!cache->num)
        panic("slab: objects of %u bytes are too large for %s", cache->objsize, cache->name);
}

static void setup_cache(kmem_cache_t *cache, const char *name, size_t size, size_t align, unsigned long flags,
                        void (*ctor)(void *, kmem_cache_t *, unsigned long))
{
    if (flags & SLAB_HWCACHE_ALIGN && size >= 32)
        align = max_t(size_t, align, 32);
    align = max_t(size_t, align, 4);
    memset(cache, 0, sizeof(*cache));
    INIT_LIST_HEAD(&cache->slabs_full);
    INIT_LIST_HEAD(&cache->slabs_partial);
    INIT_LIST_HEAD(&cache->slabs_free);
    cache->name = name;
    cache->objsize = ALIGN(size, align);
    cache->flags = align;
    cache->ctor = ctor;
    size_cache(cache, align);
    list_add_tail(&cache->caches, &cache_chain);
}

void __init kmem_cache_init(void)
{
    setup_cache(&cache_cache, "kmem_cache", sizeof(kmem_cache_t), 4, 0, NULL);
    for (unsigned int i = 0; i < ARRAY_SIZE(malloc_sizes); i++)
        malloc_sizes[i].cache =
            kmem_cache_create(malloc_sizes[i].name, malloc_sizes[i].size, 32, SLAB_PANIC, NULL, NULL);
}

kmem_cache_t *kmem_cache_create(const char *name, size_t size, size_t align, unsigned long flags,
                                void (*ctor)(void *, kmem_cache_t *, unsigned long),
                                void (*dtor)(void *, kmem_cache_t *, unsigned long))
{
    kmem_cache_t *cache = kmem_cache_alloc(&cache_cache, GFP_KERNEL);
    if (!cache) {
        if (flags & SLAB_PANIC)
            panic("no memory for the cache %s", name);
        return NULL;
    }
    setup_cache(cache, name, size, align, flags, ctor);
    return cache;
}

/// Adds a slab of free objects.
static int cache_grow(kmem_cache_t *cache, unsigned int gfp)
{
    struct page *page = alloc_pages(gfp, cache->gfporder);
    if (!page)
        return 0;
    struct slab *slab = page_address(page);
    slab->inuse = 0;
    slab->free = 0;
    slab->s_mem = (char *)slab + header_size(cache->num, cache->flags);
    for (unsigned int i = 0; i < 1U << cache->gfporder; i++) {
        set_bit(PG_slab, &page[i].flags);
        page[i].lru.next = (struct list_head *)cache;
        page[i].lru.prev = (struct list_head *)slab;
    }
    for (unsigned int i = 0; i < cache->num; i++) {
        slab->next[i] = i + 1 < cache->num ? i + 1 : BUFCTL_END;
        if (cache->ctor)
            cache->ctor(slab->s_mem + i * cache->objsize, cache, SLAB_CTOR_CONSTRUCTOR);
    }
    list_add(&slab->list, &cache->slabs_free);
    cache->nr_free_slabs++;
    cache->total += cache->num;
    return 1;
}

static void slab_destroy(kmem_cache_t *cache, struct slab *slab)
{
    struct page *page = virt_to_page(slab);
    list_del(&slab->list);
    cache->nr_free_slabs--;
    cache->total -= cache->num;
    for (unsigned int i = 0; i < 1U << cache->gfporder; i++)
        clear_bit(PG_slab, &page[i].flags);
    __free_pages(page, cache->gfporder);
}

static void *take_object(kmem_cache_t *cache, struct slab *slab)
{
    void *object = slab->s_mem + slab->free * cache->objsize;
    if (!slab->inuse++)
        cache->nr_free_slabs--;
    slab->free = slab->next[slab->free];
    list_move(&slab->list, slab->free == BUFCTL_END ? &cache->slabs_full : &cache->slabs_partial);
    cache->active++;
    return object;
}

void *kmem_cache_alloc(kmem_cache_t *cache, unsigned int gfp)
{
    unsigned long flags;
    void *object = NULL;
    local_irq_save(flags);
    if (!list_empty(&cache->slabs_partial))
        object = take_object(cache, list_entry(cache->slabs_partial.next, struct slab, list));
    else if (!list_empty(&cache->slabs_free) || cache_grow(cache, gfp & ~__GFP_ZERO))
        object = take_object(cache, list_entry(cache->slabs_free.next, struct slab, list));
    local_irq_restore(flags);
    return object;
}

void kmem_cache_free(kmem_cache_t *cache, void *object)
{
    unsigned long flags;
    struct page *page = virt_to_page(object);
    struct slab *slab = (struct slab *)page->lru.prev;
    if (!PageSlab(page) || (kmem_cache_t *)page->lru.next != cache)
        panic("slab: %p is not an object of %s", object, cache->name);
    local_irq_save(flags);
    unsigned int i = ((char *)object - slab->s_mem) / cache->objsize;
    if (slab->s_mem + i * cache->objsize != object)
        panic("slab: %p points into an object of %s", object, cache->name);
    slab->next[i] = slab->free;
    slab->free = i;
    cache->active--;
    if (--slab->inuse) {
        list_move(&slab->list, &cache->slabs_partial);
    } else {
        list_move(&slab->list, &cache->slabs_free);
        if (cache->nr_free_slabs++)
            slab_destroy(cache, slab); // one empty slab is kept
    }
    local_irq_restore(flags);
}

int kmem_cache_destroy(kmem_cache_t *cache)
{
    if (cache->active)
        return 1;
    while (!list_empty(&cache->slabs_free))
        slab_destroy(cache, list_entry(cache->slabs_free.next, struct slab, list));
    list_del(&cache->caches);
    kmem_cache_free(&cache_cache, cache);
    return 0;
}

/// Above 2 KB whole pages are given; the first page's index keeps the order.
void *kmalloc(size_t size, unsigned int gfp)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(malloc_sizes); i++)
        if (size <= malloc_sizes[i].size)
            return kmem_cache_alloc(malloc_sizes[i].cache, gfp);
    if (size > (PAGE_SIZE << (MAX_ORDER - 1)))
        return NULL;
    struct page *page = alloc_pages(gfp & ~__GFP_ZERO, get_order(size));
    if (!page)
        return NULL;
    page->index = get_order(size);
    return page_address(page);
}

void *kzalloc(size_t size, unsigned int gfp)
{
    void *object = kmalloc(size, gfp);
    return object ? memset(object, 0, size) : NULL;
}

void *kcalloc(size_t n, size_t size, unsigned int gfp)
{
    return n && size > INT_MAX / n ? NULL : kzalloc(n * size, gfp);
}

void kfree(const void *object)
{
    if (!object)
        return;
    struct page *page = virt_to_page(object);
    if (PageSlab(page))
        kmem_cache_free((kmem_cache_t *)page->lru.next, (void *)object);
    else
        __free_pages(page, page->index);
}

unsigned int ksize(const void *object)
{
    struct page *page = virt_to_page(object);
    return PageSlab(page) ? ((kmem_cache_t *)page->lru.next)->objsize : PAGE_SIZE << page->index;
}
