// SPDX-License-Identifier: MIT
// The page cache: struct address_space maps page numbers of a file to pages. In ramfs these pages are the file's only
// home, so read, write, mmap and execve all see the same memory. Truth: names are Linux 2.6's.
#pragma once

#include <linux/mm.h>
#include <linux/radix-tree.h>
#include <linux/types.h>

#define PAGE_CACHE_SIZE PAGE_SIZE
#define PAGE_CACHE_SHIFT PAGE_SHIFT
#define PAGE_CACHE_MASK PAGE_MASK
#define PAGE_CACHE_ALIGN(address) PAGE_ALIGN(address)

struct file;
struct inode;
struct vm_area_struct;

struct address_space {
    struct inode *host;
    struct radix_tree_root page_tree;
    spinlock_t tree_lock; // page_tree and nrpages: faults come without the big kernel lock
    unsigned long nrpages;
    unsigned int truncate_count; // how often pages have been taken out of the mappings: do_no_page
};

// Pages of all files, for /proc/meminfo.
extern unsigned long nr_pagecache;

void address_space_init(struct address_space *mapping, struct inode *host);
// The page with one more user, or NULL where the file has a hole.
struct page *find_get_page(struct address_space *mapping, unsigned long index);
// Is there a page?
int page_is_cached(struct address_space *mapping, unsigned long index);
// The same as find_get_page, but a hole gets a page of zeroes. NULL: no memory.
struct page *find_or_create_page(struct address_space *mapping, unsigned long index, unsigned int gfp);
// Takes all pages from byte `start` on out of the file and clears the rest of the page that `start` lies in.
void truncate_inode_pages(struct address_space *mapping, loff_t start);

int generic_file_mmap(struct file *file, struct vm_area_struct *vma);
struct page *filemap_nopage(struct vm_area_struct *vma, unsigned long address, int *type);
