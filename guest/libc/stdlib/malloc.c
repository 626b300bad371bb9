// SPDX-License-Identifier: MIT
// malloc, calloc, realloc and free: three functions and more over one system call, brk.  [W18] [W19]
//
// The heap is one row of blocks from the first sbrk(0) to the end of the data segment:
//
//     | size, used | payload ... | size, used | payload ... | ...  <- break
//
// A free block merges with free ones behind it when it is looked at. The heap grows by at least GROW bytes, so that
// small requests seldom need the kernel, and shrinks when at least TRIM bytes at its end are free.

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ALIGN = 16, GROW = 64 * 1024, TRIM = 128 * 1024 };

struct block {
    size_t size; // of the payload, a multiple of ALIGN
    int used;
    int padding[2];
};

static char *heap_begin, *heap_end;

static struct block *next_block(struct block *block)
{
    return (struct block *)((char *)(block + 1) + block->size);
}

static int inside(struct block *block)
{
    return (char *)block < heap_end;
}

static void merge_with_free_followers(struct block *block)
{
    for (struct block *next = next_block(block); inside(next) && !next->used; next = next_block(block))
        block->size += sizeof *next + next->size;
}

/// Cuts the part of `block` that is not needed off as a free block of its own.
static void split(struct block *block, size_t size)
{
    if (block->size < size + sizeof *block + ALIGN)
        return;
    size_t rest = block->size - size - sizeof *block;
    block->size = size;
    *next_block(block) = (struct block){.size = rest};
}

static struct block *find_free(size_t size)
{
    for (struct block *block = (struct block *)heap_begin; inside(block); block = next_block(block)) {
        if (block->used)
            continue;
        merge_with_free_followers(block);
        if (block->size >= size)
            return block;
    }
    return NULL;
}

/// The kernel's brk need not be aligned: the first block begins at the next multiple of ALIGN.
static int begin_heap(void)
{
    uintptr_t end = (uintptr_t)sbrk(0);
    if (sbrk(-end & (ALIGN - 1)) == (void *)-1)
        return -1;
    heap_begin = heap_end = sbrk(0);
    return 0;
}

static struct block *grow(size_t size)
{
    if (!heap_begin && begin_heap() < 0)
        return NULL;
    size_t wanted = sizeof(struct block) + size;
    if (wanted < GROW)
        wanted = GROW;
    struct block *block = sbrk(wanted);
    if (block == (void *)-1)
        return NULL;
    heap_end = (char *)block + wanted;
    *block = (struct block){.size = wanted - sizeof *block};
    return block;
}

void *malloc(size_t size)
{
    if (size > INT32_MAX - GROW) { // what sbrk cannot be asked for
        errno = ENOMEM;
        return NULL;
    }
    size = size ? (size + ALIGN - 1) & ~(size_t)(ALIGN - 1) : ALIGN;
    struct block *block = find_free(size);
    if (!block)
        block = grow(size);
    if (!block)
        return NULL;
    split(block, size);
    block->used = 1;
    return block + 1;
}

void free(void *payload)
{
    if (!payload)
        return;
    struct block *block = (struct block *)payload - 1;
    block->used = 0;
    merge_with_free_followers(block);
    if (!inside(next_block(block)) && block->size + sizeof *block >= TRIM) {
        int old_errno = errno;
        if (sbrk(-(intptr_t)(block->size + sizeof *block)) != (void *)-1)
            heap_end = (char *)block;
        errno = old_errno;
    }
}

void *calloc(size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    void *payload = malloc(count * size);
    return payload ? memset(payload, 0, count * size) : NULL;
}

void *realloc(void *payload, size_t size)
{
    if (!payload)
        return malloc(size);
    size_t old_size = ((struct block *)payload - 1)->size;
    if (size <= old_size)
        return payload;
    void *bigger = malloc(size);
    if (bigger) {
        memcpy(bigger, payload, old_size);
        free(payload);
    }
    return bigger;
}
