// SPDX-License-Identifier: MIT
// The slab allocator: caches of objects of one size, and kmalloc over caches of powers of two.
#pragma once

#include <linux/types.h>
#include <linux/gfp.h>
#include <linux/string.h>

typedef struct kmem_cache_s kmem_cache_t;
#define kmem_cache kmem_cache_s
#define SLAB_KERNEL GFP_KERNEL
#define SLAB_ATOMIC GFP_ATOMIC
#define SLAB_HWCACHE_ALIGN 0x2000UL
#define SLAB_RECLAIM_ACCOUNT 0x20000UL
#define SLAB_PANIC 0x40000UL
#define SLAB_CTOR_CONSTRUCTOR 1UL
#define SLAB_CTOR_VERIFY 4UL

void kmem_cache_init(void);
kmem_cache_t *kmem_cache_create(const char *name, size_t size, size_t align, unsigned long flags,
                                void (*ctor)(void *, kmem_cache_t *, unsigned long),
                                void (*dtor)(void *, kmem_cache_t *, unsigned long));
int kmem_cache_destroy(kmem_cache_t *cache);
void *kmem_cache_alloc(kmem_cache_t *cache, unsigned int gfp);
void kmem_cache_free(kmem_cache_t *cache, void *object);
/// Memory of at least `size` bytes, up to 128 KB; NULL if there is none.
void *kmalloc(size_t size, unsigned int gfp);
void *kcalloc(size_t n, size_t size, unsigned int gfp);
void *kzalloc(size_t size, unsigned int gfp);
void kfree(const void *object);
unsigned int ksize(const void *object);
char *kstrdup(const char *s, unsigned int gfp);
