// SPDX-License-Identifier: MIT
// The page cache and mmap of files. A page in the cache has one user for the cache itself, one for each mapping of it.
// Truth: names are Linux 2.6's; mmap(2): pages wholly behind the end of the file raise SIGBUS.
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/string.h>

unsigned long nr_pagecache;

void address_space_init(struct address_space *mapping, struct inode *host)
{
    mapping->host = host;
    INIT_RADIX_TREE(&mapping->page_tree);
    spin_lock_init(&mapping->tree_lock);
    mapping->nrpages = 0;
    mapping->truncate_count = 0;
}

struct page *find_get_page(struct address_space *mapping, unsigned long index)
{
    struct page *page;

    spin_lock(&mapping->tree_lock);
    page = radix_tree_lookup(&mapping->page_tree, index);
    if (page)
        page_cache_get(page);
    spin_unlock(&mapping->tree_lock);
    return page;
}

int page_is_cached(struct address_space *mapping, unsigned long index)
{
    int cached;

    spin_lock(&mapping->tree_lock);
    cached = radix_tree_lookup(&mapping->page_tree, index) != NULL;
    spin_unlock(&mapping->tree_lock);
    return cached;
}

// REQUIRES: tree_lock; nothing in here sleeps.
static struct page *add_new_page(struct address_space *mapping, unsigned long index, unsigned int gfp)
{
    struct page *page = alloc_page(gfp);

    if (!page)
        return NULL;
    if (radix_tree_insert(&mapping->page_tree, index, page)) {
        __free_page(page);
        return NULL;
    }
    memset(page_address(page), 0, PAGE_SIZE);
    page->mapping = mapping;
    page->index = index;
    SetPageUptodate(page);
    mapping->nrpages++;
    nr_pagecache++;
    return page;
}

struct page *find_or_create_page(struct address_space *mapping, unsigned long index, unsigned int gfp)
{
    struct page *page;

    spin_lock(&mapping->tree_lock);
    page = radix_tree_lookup(&mapping->page_tree, index);
    if (!page)
        page = add_new_page(mapping, index, gfp);
    if (page)
        page_cache_get(page);
    spin_unlock(&mapping->tree_lock);
    return page;
}

// REQUIRES: tree_lock.
static void remove_page(struct address_space *mapping, struct page *page, unsigned long index)
{
    radix_tree_delete(&mapping->page_tree, index);
    page->mapping = NULL;
    mapping->nrpages--;
    nr_pagecache--;
    page_cache_release(page);
}

void truncate_inode_pages(struct address_space *mapping, loff_t start)
{
    unsigned long index = start >> PAGE_CACHE_SHIFT;
    size_t offset = start & ~PAGE_CACHE_MASK;
    struct page *page;

    if (offset) {
        page = find_get_page(mapping, index);
        if (page) {
            memset((char *)page_address(page) + offset, 0, PAGE_CACHE_SIZE - offset);
            page_cache_release(page);
        }
        index++;
    }
    do { // page by page: a large file must not keep others from running
        spin_lock(&mapping->tree_lock);
        page = mapping->nrpages ? radix_tree_next(&mapping->page_tree, &index) : NULL;
        if (page)
            remove_page(mapping, page, index);
        spin_unlock(&mapping->tree_lock);
    } while (page);
}

// The page for a fault in a mapping of the file, with one more user. A hole becomes a page of the file.
struct page *filemap_nopage(struct vm_area_struct *vma, unsigned long address, int *type)
{
    struct address_space *mapping = vma->vm_file->f_mapping;
    unsigned long index = ((address - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
    loff_t size = i_size_read(mapping->host);
    struct page *page;

    if (index >= (size + PAGE_SIZE - 1) >> PAGE_SHIFT)
        return NOPAGE_SIGBUS;
    page = find_or_create_page(mapping, index, GFP_HIGHUSER);
    if (type)
        *type = VM_FAULT_MINOR;
    return page ? page : NOPAGE_OOM;
}

static struct vm_operations_struct generic_file_vm_ops = { .nopage = filemap_nopage };

int generic_file_mmap(struct file *file, struct vm_area_struct *vma)
{
    vma->vm_ops = &generic_file_vm_ops;
    if (!(file->f_flags & O_NOATIME))
        update_atime(file->f_dentry->d_inode);
    return 0;
}
