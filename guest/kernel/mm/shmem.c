// SPDX-License-Identifier: MIT
// MAP_SHARED | MAP_ANONYMOUS: memory without a file that fork does not copy. The areas of all processes that inherited it
// point at one object; it owns the pages and goes with the last area.
#include "mmap.h"
#include <linux/radix-tree.h>
#include <linux/sched.h>

struct shared_memory {
    atomic_t areas;
    struct radix_tree_root pages;
};

static void shmem_open(struct vm_area_struct *vma)
{
    atomic_inc(&((struct shared_memory *)vma->vm_private_data)->areas);
}

static void shmem_close(struct vm_area_struct *vma)
{
    struct shared_memory *shm = vma->vm_private_data;
    unsigned long index = 0;
    struct page *page;
    if (!atomic_dec_and_test(&shm->areas))
        return;
    while ((page = radix_tree_next(&shm->pages, &index))) {
        radix_tree_delete(&shm->pages, index);
        put_page(page);
    }
    kfree(shm);
}

static struct page *shmem_nopage(struct vm_area_struct *vma, unsigned long address, int *type)
{
    struct shared_memory *shm = vma->vm_private_data;
    unsigned long index = vma->vm_pgoff + ((address - vma->vm_start) >> PAGE_SHIFT);
    struct page *page = radix_tree_lookup(&shm->pages, index);
    if (!page) {
        page = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
        if (!page)
            return NOPAGE_OOM;
        if (radix_tree_insert(&shm->pages, index, page)) {
            put_page(page);
            return NOPAGE_OOM;
        }
    }
    get_page(page);
    return page;
}

static const struct vm_operations_struct shmem_vm_ops = { .open = shmem_open,
                                                          .close = shmem_close,
                                                          .nopage = shmem_nopage };

const struct vm_operations_struct *shared_anonymous(struct vm_area_struct *vma)
{
    struct shared_memory *shm = kzalloc(sizeof(*shm), GFP_KERNEL);
    if (!shm)
        return NULL;
    atomic_set(&shm->areas, 1);
    INIT_RADIX_TREE(&shm->pages);
    vma->vm_private_data = shm;
    vma->vm_pgoff = 0;
    return &shmem_vm_ops;
}
