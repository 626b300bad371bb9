// SPDX-License-Identifier: MIT
// A task's root, working directory and umask: shared or copied at fork, dropped at exit; the calls that move them.
// Truth: names are Linux 2.6's; CLONE_FS shares the structure.
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/namei.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

struct fs_struct init_fs = { .count = ATOMIC_INIT(1), .umask = 0022 };

void set_fs_root(struct fs_struct *fs, struct vfsmount *mnt, struct dentry *dentry)
{
    struct dentry *old_root = fs->root;
    struct vfsmount *old_mnt = fs->rootmnt;

    fs->rootmnt = mntget(mnt);
    fs->root = dget(dentry);
    dput(old_root);
    mntput(old_mnt);
}

void set_fs_pwd(struct fs_struct *fs, struct vfsmount *mnt, struct dentry *dentry)
{
    struct dentry *old_pwd = fs->pwd;
    struct vfsmount *old_mnt = fs->pwdmnt;

    fs->pwdmnt = mntget(mnt);
    fs->pwd = dget(dentry);
    dput(old_pwd);
    mntput(old_mnt);
}

struct fs_struct *copy_fs_struct(struct fs_struct *old)
{
    struct fs_struct *fs = kmalloc(sizeof(*fs), GFP_KERNEL);

    if (!fs)
        return NULL;
    memset(fs, 0, sizeof(*fs));
    atomic_set(&fs->count, 1);
    fs->umask = old->umask;
    set_fs_root(fs, old->rootmnt, old->root);
    set_fs_pwd(fs, old->pwdmnt, old->pwd);
    return fs;
}

void put_fs_struct(struct fs_struct *fs)
{
    if (!atomic_dec_and_test(&fs->count))
        return;
    dput(fs->root);
    mntput(fs->rootmnt);
    dput(fs->pwd);
    mntput(fs->pwdmnt);
    kfree(fs);
}

int copy_fs(unsigned long clone_flags, struct task_struct *tsk)
{
    struct fs_struct *fs = current->fs;

    if (!fs)
        return 0;
    if (clone_flags & CLONE_FS) {
        atomic_inc(&fs->count);
        return 0;
    }
    tsk->fs = copy_fs_struct(fs);
    return tsk->fs ? 0 : -ENOMEM;
}

void exit_fs(struct task_struct *tsk)
{
    struct fs_struct *fs = tsk->fs;

    tsk->fs = NULL;
    if (fs)
        put_fs_struct(fs);
}

asmlinkage long sys_umask(int mask)
{
    int old = current->fs->umask;

    current->fs->umask = mask & S_IRWXUGO;
    return old;
}

asmlinkage long sys_chdir(const char __user *filename)
{
    struct nameidata nd;
    int error = user_path_at(AT_FDCWD, filename, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &nd);

    if (error)
        return error;
    error = permission(nd.dentry->d_inode, MAY_EXEC, &nd);
    if (!error)
        set_fs_pwd(current->fs, nd.mnt, nd.dentry);
    path_release(&nd);
    return error;
}

asmlinkage long sys_fchdir(unsigned int fd)
{
    struct file *file = fget(fd);
    struct inode *inode;
    int error;

    if (!file)
        return -EBADF;
    inode = file->f_dentry->d_inode;
    error = S_ISDIR(inode->i_mode) ? permission(inode, MAY_EXEC, NULL) : -ENOTDIR;
    if (!error)
        set_fs_pwd(current->fs, file->f_vfsmnt, file->f_dentry);
    fput(file);
    return error;
}

asmlinkage long sys_chroot(const char __user *filename)
{
    struct nameidata nd;
    int error = user_path_at(AT_FDCWD, filename, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &nd);

    if (error)
        return error;
    error = permission(nd.dentry->d_inode, MAY_EXEC, &nd);
    if (!error && !capable(CAP_SYS_CHROOT))
        error = -EPERM;
    if (!error)
        set_fs_root(current->fs, nd.mnt, nd.dentry);
    path_release(&nd);
    return error;
}
