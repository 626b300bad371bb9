// SPDX-License-Identifier: MIT
// The tree from page number to page. Each level takes six bits of the index; the tree grows at the root when an index
// needs more bits, and inner nodes go away when their last slot empties.
// Truth: the interface is Linux 2.6's (include/linux/radix-tree.h).
#include <linux/radix-tree.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>

#define MAP_MASK (RADIX_TREE_MAP_SIZE - 1)
#define MAX_HEIGHT 6 // 6 levels of 6 bits cover 32

// The largest index that a tree of this height can hold.
static unsigned long max_index(unsigned int height)
{
    unsigned int bits = height * RADIX_TREE_MAP_SHIFT;

    return bits >= 32 ? ~0UL : (1UL << bits) - 1;
}

static unsigned int slot_of(unsigned long index, unsigned int level)
{
    return (index >> (level * RADIX_TREE_MAP_SHIFT)) & MAP_MASK;
}

static struct radix_tree_node *node_alloc(void)
{
    return kzalloc(sizeof(struct radix_tree_node), GFP_KERNEL);
}

// Puts new roots above the old one until `index` fits.
static int extend(struct radix_tree_root *root, unsigned long index)
{
    while (index > max_index(root->height)) {
        if (root->rnode) {
            struct radix_tree_node *node = node_alloc();

            if (!node)
                return -ENOMEM;
            node->slots[0] = root->rnode;
            node->count = 1;
            root->rnode = node;
        }
        root->height++;
    }
    return 0;
}

int radix_tree_insert(struct radix_tree_root *root, unsigned long index, void *item)
{
    struct radix_tree_node *parent = NULL;
    void **slot = &root->rnode;
    unsigned int level;

    if (extend(root, index))
        return -ENOMEM;
    for (level = root->height; level > 0; level--) {
        if (!*slot) {
            *slot = node_alloc();
            if (!*slot)
                return -ENOMEM;
            if (parent)
                parent->count++;
        }
        parent = *slot;
        slot = &parent->slots[slot_of(index, level - 1)];
    }
    if (*slot)
        return -EEXIST;
    *slot = item;
    if (parent)
        parent->count++;
    return 0;
}

void *radix_tree_lookup(struct radix_tree_root *root, unsigned long index)
{
    void *node = root->rnode;
    unsigned int level;

    if (index > max_index(root->height))
        return NULL;
    for (level = root->height; level > 0 && node; level--)
        node = ((struct radix_tree_node *)node)->slots[slot_of(index, level - 1)];
    return node;
}

void *radix_tree_delete(struct radix_tree_root *root, unsigned long index)
{
    struct radix_tree_node *path[MAX_HEIGHT];
    void *item = root->rnode;
    unsigned int level;

    if (index > max_index(root->height))
        return NULL;
    for (level = root->height; level > 0; level--) {
        if (!item)
            return NULL;
        path[level - 1] = item;
        item = path[level - 1]->slots[slot_of(index, level - 1)];
    }
    if (!item)
        return NULL;
    // Empty the slot, and go up as long as that leaves an empty node.
    for (level = 0; level < root->height; level++) {
        path[level]->slots[slot_of(index, level)] = NULL;
        if (--path[level]->count)
            return item;
        kfree(path[level]);
    }
    INIT_RADIX_TREE(root);
    return item;
}

// `node` covers the indexes from `base` on. Looks at its slots from that of *index.
static void *next_in(void *node, unsigned int height, unsigned long base, unsigned long *index)
{
    unsigned int shift = (height - 1) * RADIX_TREE_MAP_SHIFT;
    unsigned long i;

    if (!height)
        return node;
    for (i = *index > base ? (*index - base) >> shift : 0; i < RADIX_TREE_MAP_SIZE; i++) {
        unsigned long start = base + (i << shift);
        void *child = ((struct radix_tree_node *)node)->slots[i], *item;

        if (!child)
            continue;
        if (start > *index)
            *index = start;
        item = next_in(child, height - 1, start, index);
        if (item)
            return item;
    }
    return NULL;
}

void *radix_tree_next(struct radix_tree_root *root, unsigned long *index)
{
    if (!root->rnode || *index > max_index(root->height))
        return NULL;
    return next_in(root->rnode, root->height, 0, index);
}
