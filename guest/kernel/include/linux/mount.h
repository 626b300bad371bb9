// SPDX-License-Identifier: MIT
// A mounted file system: which super block stands on which dentry of which other mount. Truth: names are Linux 2.6's.
#pragma once

#include <linux/list.h>
#include <asm/atomic.h>

struct dentry;
struct super_block;

#define MNT_NOSUID 1
#define MNT_NODEV 2
#define MNT_NOEXEC 4
#define MNT_READONLY 64

struct vfsmount {
    struct list_head mnt_list; // all mounts, in the order of mounting
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

static inline void mntput(struct vfsmount *mnt)
{
    if (mnt)
        atomic_dec(&mnt->mnt_count);
}

extern struct list_head mount_list;
extern struct vfsmount *root_vfsmount;

struct vfsmount *lookup_mnt(struct vfsmount *mnt, struct dentry *dentry);
struct vfsmount *kern_mount(const char *fstype);
