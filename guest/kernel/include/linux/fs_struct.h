// SPDX-License-Identifier: MIT
// Where a task stands in the tree of files, and its umask. Shared by CLONE_FS. Truth: names are Linux 2.6's.
#pragma once

#include <linux/dcache.h>
#include <linux/mount.h>

struct fs_struct {
    atomic_t count;
    int umask;
    struct dentry *root, *pwd;
    struct vfsmount *rootmnt, *pwdmnt;
};

extern struct fs_struct init_fs;

struct fs_struct *copy_fs_struct(struct fs_struct *old);
void put_fs_struct(struct fs_struct *fs);
void set_fs_root(struct fs_struct *fs, struct vfsmount *mnt, struct dentry *dentry);
void set_fs_pwd(struct fs_struct *fs, struct vfsmount *mnt, struct dentry *dentry);

struct task_struct;
int copy_fs(unsigned long clone_flags, struct task_struct *tsk);
void exit_fs(struct task_struct *tsk);
