// SPDX-License-Identifier: MIT
// A tree from page number to pointer, 64 ways at each level: what a file's pages hang on. Sparse files cost nothing
// where they have no pages, and a file of one page needs no node at all.
// Truth: the idea and the names are Linux 2.6's; the code is fs/radix-tree.c.
#pragma once

#define RADIX_TREE_MAP_SHIFT 6
#define RADIX_TREE_MAP_SIZE (1UL << RADIX_TREE_MAP_SHIFT)

struct radix_tree_node {
    unsigned int count; // used slots
    void *slots[RADIX_TREE_MAP_SIZE];
};

struct radix_tree_root {
    unsigned int height; // 0: rnode is the item of index 0 itself
    void *rnode;
};

#define INIT_RADIX_TREE(root) (*(root) = (struct radix_tree_root){ 0, 0 })

int radix_tree_insert(struct radix_tree_root *root, unsigned long index, void *item);
void *radix_tree_lookup(struct radix_tree_root *root, unsigned long index);
void *radix_tree_delete(struct radix_tree_root *root, unsigned long index);
// The first item at or after *index, whose index is stored back; NULL when there is none.
void *radix_tree_next(struct radix_tree_root *root, unsigned long *index);
