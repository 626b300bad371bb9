// SPDX-License-Identifier: MIT
// Directory entries: a dentry joins one name in one directory to an inode. The dentries in memory form a tree that
// every path lookup climbs; a hash table finds the child of a directory by name.
//
//      d_parent            A dentry lives as long as somebody holds it (dget/dput). ramfs holds every name that is
//        ^                 stored in it, because the tree itself is its storage; other file systems make dentries
//     dentry --d_inode-->  when a name is looked up and let them go afterwards. A held child holds its parent.
//        v
//   d_subdirs (children, oldest first; each has a cookie, which is its position for readdir)
//
// Truth: names and roles are Linux 2.6's; the life-time rule above is simpler (no list of unused dentries).
#pragma once

#include <linux/list.h>
#include <linux/types.h>
#include <asm/atomic.h>

struct inode;
struct super_block;
struct vfsmount;
struct dentry;

// A name that need not end in NUL, with its hash.
struct qstr {
    const unsigned char *name;
    unsigned int len;
    unsigned int hash;
};

struct dentry_operations {
    // Is what this dentry says still true? 0 = drop it and look the name up again (a /proc/PID whose task is gone).
    int (*d_revalidate)(struct dentry *);
    // The text that /proc/PID/fd/N shows for files without a path, e.g. "pipe:[12]".
    char *(*d_dname)(struct dentry *, char *buffer, int buflen);
};

#define DNAME_INLINE_LEN 36

struct dentry {
    atomic_t d_count;
    int d_mounted; // how many file systems are mounted on top
    struct inode *d_inode; // NULL: the name does not exist (yet)
    struct dentry *d_parent; // itself at the root
    struct qstr d_name;
    struct list_head d_hash;
    struct list_head d_child; // in d_parent->d_subdirs
    struct list_head d_subdirs;
    unsigned int d_cookie; // readdir position of this name in its parent
    unsigned int d_next_cookie; // the next one to give to a child
    const struct dentry_operations *d_op;
    struct super_block *d_sb;
    unsigned char d_iname[DNAME_INLINE_LEN]; // short names live here, long ones in memory of their own
};

// Positions 0 and 1 of every directory are "." and "..".
#define DCACHE_FIRST_COOKIE 2

static inline struct dentry *dget(struct dentry *dentry)
{
    if (dentry)
        atomic_inc(&dentry->d_count);
    return dentry;
}

static inline int d_unhashed(const struct dentry *dentry)
{
    return list_empty(&dentry->d_hash);
}

static inline int d_mountpoint(const struct dentry *dentry)
{
    return dentry->d_mounted;
}

unsigned int full_name_hash(const unsigned char *name, unsigned int len);
struct dentry *d_alloc(struct dentry *parent, const struct qstr *name);
struct dentry *d_alloc_root(struct inode *root);
struct dentry *d_alloc_anon(struct inode *inode, const char *name);
struct dentry *d_lookup(struct dentry *parent, const struct qstr *name);
void d_instantiate(struct dentry *dentry, struct inode *inode);
void d_add(struct dentry *dentry, struct inode *inode);
void d_rehash(struct dentry *dentry);
void d_drop(struct dentry *dentry);
void d_delete(struct dentry *dentry);
void d_move(struct dentry *dentry, struct dentry *target);
void dput(struct dentry *dentry);
char *d_path(struct dentry *dentry, struct vfsmount *mnt, char *buffer, int buflen);
char *__d_path(struct dentry *dentry, struct vfsmount *mnt, struct dentry *root, struct vfsmount *rootmnt,
           char *buffer, int buflen);
int is_subdir(struct dentry *child, struct dentry *ancestor);
