// SPDX-License-Identifier: MIT
// A mounted file system: which super block stands on which dentry of which other mount. Truth: names are Linux 2.6's.
#pragma once

#include <linux/list.h>
#include <asm/atomic.h>

struct dentry;
struct namespace;
struct super_block;

#define MNT_NOSUID 1
#define MNT_NODEV 2
#define MNT_NOEXEC 4
#define MNT_READONLY 64

struct vfsmount {
    struct list_head mnt_list; // all mounts of its namespace, in the order of mounting
    struct namespace *mnt_namespace; // NULL: no path leads to it (any more)
    struct vfsmount *mnt_parent; // itself at the root
    struct dentry *mnt_mountpoint; // the dentry in mnt_parent that is covered
    struct dentry *mnt_root; // the dentry that covers it
    struct super_block *mnt_sb;
    atomic_t mnt_count;
    int mnt_flags;
    int mnt_id;
    char *mnt_devname;
};

static inline struct vfsmount *mntget(struct vfsmount *mnt)
{
    if (mnt)
        atomic_inc(&mnt->mnt_count);
    return mnt;
}

// The last use: neither in a tree nor held by an open file.
void __mntput(struct vfsmount *mnt);

static inline void mntput(struct vfsmount *mnt)
{
    if (mnt && atomic_dec_and_test(&mnt->mnt_count))
        __mntput(mnt);
}

struct vfsmount *alloc_vfsmnt(const char *devname, struct super_block *sb, struct dentry *root);
void attach_mnt(struct vfsmount *mnt, struct vfsmount *parent, struct dentry *mountpoint);
void detach_mnt(struct vfsmount *mnt);
struct vfsmount *lookup_mnt(struct vfsmount *mnt, struct dentry *dentry);
struct vfsmount *kern_mount(const char *fstype);
