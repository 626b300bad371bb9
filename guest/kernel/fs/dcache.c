// SPDX-License-Identifier: MIT
// The name cache: the tree of dentries and the hash table that finds a child by name. See include/linux/dcache.h for
// the rule of life. Truth: names are Linux 2.6's.
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#define HASH_BITS 10
#define HASH_SIZE (1U << HASH_BITS)

static struct list_head dentry_hashtable[HASH_SIZE];

unsigned int full_name_hash(const unsigned char *name, unsigned int len)
{
    unsigned int hash = 2166136261U; // FNV-1a

    while (len--)
        hash = (hash ^ *name++) * 16777619U;
    return hash;
}

static struct list_head *d_hash_chain(struct dentry *parent, unsigned int hash)
{
    hash += (unsigned long)parent / sizeof(struct dentry);
    hash ^= hash >> HASH_BITS;
    return &dentry_hashtable[hash & (HASH_SIZE - 1)];
}

// Gives the dentry its name: in place if it is short. The buffer of a long one is freed by d_free_name.
static int d_set_name(struct dentry *dentry, const unsigned char *name, unsigned int len)
{
    unsigned char *text = dentry->d_iname;

    if (len >= DNAME_INLINE_LEN) {
        text = kmalloc(len + 1, GFP_KERNEL);
        if (!text)
            return -ENOMEM;
    }
    memcpy(text, name, len);
    text[len] = 0;
    dentry->d_name.name = text;
    dentry->d_name.len = len;
    dentry->d_name.hash = full_name_hash(name, len);
    return 0;
}

static void d_free_name(struct dentry *dentry)
{
    if (dentry->d_name.name != dentry->d_iname)
        kfree((void *)dentry->d_name.name);
}

static void d_add_child(struct dentry *parent, struct dentry *child)
{
    child->d_parent = dget(parent);
    child->d_cookie = parent->d_next_cookie++;
    list_add_tail(&child->d_child, &parent->d_subdirs);
}

// A new dentry without an inode: counted once, child of `parent` (NULL: a root), not yet in the hash table.
struct dentry *d_alloc(struct dentry *parent, const struct qstr *name)
{
    struct dentry *dentry = kmalloc(sizeof(*dentry), GFP_KERNEL);

    if (!dentry)
        return NULL;
    memset(dentry, 0, sizeof(*dentry));
    if (d_set_name(dentry, name->name, name->len)) {
        kfree(dentry);
        return NULL;
    }
    atomic_set(&dentry->d_count, 1);
    INIT_LIST_HEAD(&dentry->d_hash);
    INIT_LIST_HEAD(&dentry->d_child);
    INIT_LIST_HEAD(&dentry->d_subdirs);
    dentry->d_next_cookie = DCACHE_FIRST_COOKIE;
    dentry->d_parent = dentry;
    if (parent) {
        d_add_child(parent, dentry);
        dentry->d_sb = parent->d_sb;
    }
    return dentry;
}

// A dentry outside every directory, with its inode: a root, a pipe. Uses up the caller's hold on the inode.
struct dentry *d_alloc_anon(struct inode *inode, const char *name)
{
    struct qstr text = { (const unsigned char *)name, strlen(name), 0 };
    struct dentry *dentry = d_alloc(NULL, &text);

    if (!dentry)
        return NULL;
    dentry->d_sb = inode->i_sb;
    dentry->d_inode = inode;
    return dentry;
}

struct dentry *d_alloc_root(struct inode *root)
{
    return root ? d_alloc_anon(root, "/") : NULL;
}

// The held child of `parent` with this name, or NULL.
struct dentry *d_lookup(struct dentry *parent, const struct qstr *name)
{
    struct dentry *dentry;

    list_for_each_entry(dentry, d_hash_chain(parent, name->hash), d_hash) {
        if (dentry->d_parent != parent || dentry->d_name.hash != name->hash || dentry->d_name.len != name->len)
            continue;
        if (!memcmp(dentry->d_name.name, name->name, name->len))
            return dget(dentry);
    }
    return NULL;
}

// From now on the name means this inode; the caller's hold on the inode is used up.
void d_instantiate(struct dentry *dentry, struct inode *inode)
{
    dentry->d_inode = inode;
}

void d_rehash(struct dentry *dentry)
{
    list_add(&dentry->d_hash, d_hash_chain(dentry->d_parent, dentry->d_name.hash));
}

void d_add(struct dentry *dentry, struct inode *inode)
{
    d_instantiate(dentry, inode);
    d_rehash(dentry);
}

// No lookup finds the name any more; who holds the dentry keeps it.
void d_drop(struct dentry *dentry)
{
    list_del_init(&dentry->d_hash);
}

// The name has been removed from its directory: it leaves the list of children too, so that readdir passes it over.
void d_delete(struct dentry *dentry)
{
    d_drop(dentry);
    list_del_init(&dentry->d_child);
}

static void d_free(struct dentry *dentry)
{
    list_del_init(&dentry->d_hash);
    list_del_init(&dentry->d_child);
    d_free_name(dentry);
    kfree(dentry);
}

void dput(struct dentry *dentry)
{
    while (dentry && atomic_dec_and_test(&dentry->d_count)) {
        struct dentry *parent = dentry->d_parent == dentry ? NULL : dentry->d_parent;
        struct inode *inode = dentry->d_inode;

        d_free(dentry);
        if (inode)
            iput(inode);
        dentry = parent; // the hold of the child on its parent ends here
    }
}

// Exchanges the names of two dentries; a short name lives inside its dentry, so pointers to it follow the move.
static void switch_names(struct dentry *a, struct dentry *b)
{
    struct qstr name_a = a->d_name, name_b = b->d_name;
    int a_inline = name_a.name == a->d_iname, b_inline = name_b.name == b->d_iname;
    unsigned char text[DNAME_INLINE_LEN];

    memcpy(text, a->d_iname, DNAME_INLINE_LEN);
    memcpy(a->d_iname, b->d_iname, DNAME_INLINE_LEN);
    memcpy(b->d_iname, text, DNAME_INLINE_LEN);
    a->d_name = name_b;
    b->d_name = name_a;
    if (b_inline)
        a->d_name.name = a->d_iname;
    if (a_inline)
        b->d_name.name = b->d_iname;
}

// rename: `dentry` takes the name and place of `target`, which drops out of the tree. Cannot fail.
void d_move(struct dentry *dentry, struct dentry *target)
{
    struct dentry *old_parent = dentry->d_parent;

    d_delete(target);
    d_delete(dentry);
    switch_names(dentry, target);
    d_add_child(target->d_parent, dentry);
    d_rehash(dentry);
    dput(old_parent);
}

int is_subdir(struct dentry *child, struct dentry *ancestor)
{
    while (child != ancestor) {
        if (child->d_parent == child)
            return 0;
        child = child->d_parent;
    }
    return 1;
}

void dcache_init(void)
{
    unsigned int i;

    for (i = 0; i < HASH_SIZE; i++)
        INIT_LIST_HEAD(&dentry_hashtable[i]);
}
