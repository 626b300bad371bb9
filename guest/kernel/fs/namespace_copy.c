// SPDX-License-Identifier: MIT
// Mount namespaces: shared at fork, copied for CLONE_NEWNS, gone with their last task.
//
//   parent's tree    rootfs --- /proc --- ...       struct vfsmount of each mount is copied, super block and dentries are
//   child's copy     rootfs' -- /proc' -- ...       shared: same files, but what is mounted later is seen in one tree only
//
// Names: [linux-2.6.11] fs/namespace.c; row P27.
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/kernel.h>
#include <linux/mount.h>
#include <linux/namespace.h>
#include <linux/sched.h>
#include <linux/slab.h>

static struct vfsmount *clone_mnt(struct vfsmount *old, struct namespace *namespace)
{
    struct vfsmount *mnt = alloc_vfsmnt(old->mnt_devname, old->mnt_sb, old->mnt_root);
    if (mnt) {
        mnt->mnt_flags = old->mnt_flags;
        mnt->mnt_namespace = namespace;
    }
    return mnt;
}

/// The mount of `copy` at the place where `mnt` is in `original`; NULL for a mount outside the tree.
static struct vfsmount *counterpart(struct namespace *original, struct namespace *copy, struct vfsmount *mnt)
{
    struct list_head *there = copy->list.next;
    for (struct list_head *here = original->list.next; here != &original->list && there != &copy->list;
         here = here->next, there = there->next)
        if (list_entry(here, struct vfsmount, mnt_list) == mnt)
            return list_entry(there, struct vfsmount, mnt_list);
    return NULL;
}

/// Takes a whole tree apart, leaves first.
static void umount_tree(struct namespace *namespace)
{
    while (!list_empty(&namespace->list)) {
        struct vfsmount *mnt = list_entry(namespace->list.prev, struct vfsmount, mnt_list);
        detach_mnt(mnt);
        mntput(mnt);
    }
}

static int copy_tree(struct namespace *original, struct namespace *copy)
{
    struct vfsmount *old;
    list_for_each_entry(old, &original->list, mnt_list) {
        struct vfsmount *mnt = clone_mnt(old, copy);
        if (!mnt)
            return -ENOMEM;
        if (old == original->root) {
            copy->root = mnt;
            list_add_tail(&mnt->mnt_list, &copy->list);
        } else {
            attach_mnt(mnt, counterpart(original, copy, old->mnt_parent), old->mnt_mountpoint);
        }
    }
    return 0;
}

/// Root and working directory of the task, which has an fs_struct of its own, are the same places in the new tree.
static void move_fs(struct fs_struct *fs, struct namespace *original, struct namespace *copy)
{
    struct vfsmount *root = counterpart(original, copy, fs->rootmnt), *pwd = counterpart(original, copy, fs->pwdmnt);
    if (root)
        set_fs_root(fs, root, fs->root);
    if (pwd)
        set_fs_pwd(fs, pwd, fs->pwd);
}

/// The last step of copy_process that copies or shares; copy_fs has been called, and not with CLONE_FS.
int copy_namespace(unsigned long clone_flags, struct task_struct *tsk)
{
    struct namespace *original = tsk->namespace;
    if (!original)
        return 0;
    atomic_inc(&original->count);
    if (!(clone_flags & CLONE_NEWNS))
        return 0;
    int error = -EPERM;
    struct namespace *copy = NULL;
    if (!capable(CAP_SYS_ADMIN))
        goto out;
    error = -ENOMEM;
    copy = kzalloc(sizeof(*copy), GFP_KERNEL);
    if (!copy)
        goto out;
    atomic_set(&copy->count, 1);
    INIT_LIST_HEAD(&copy->list);
    error = copy_tree(original, copy);
    if (!error) {
        move_fs(tsk->fs, original, copy);
        tsk->namespace = copy;
    } else {
        umount_tree(copy);
        kfree(copy);
    }
out:
    put_namespace(original);
    return error;
}

void put_namespace(struct namespace *namespace)
{
    if (!atomic_dec_and_test(&namespace->count))
        return;
    umount_tree(namespace);
    kfree(namespace);
}

void exit_namespace(struct task_struct *tsk)
{
    struct namespace *namespace = tsk->namespace;
    tsk->namespace = NULL;
    if (namespace)
        put_namespace(namespace);
}
