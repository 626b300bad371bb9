// SPDX-License-Identifier: MIT
// rename(2): a name moves, within a directory or between two, perhaps over an existing file. All checks first.
// Truth: rename(2); names are Linux 2.6's.
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/linkage.h>
#include <linux/namei.h>

int may_delete(struct inode *dir, struct dentry *victim, int isdir);

int vfs_rename(struct inode *old_dir, struct dentry *old_dentry, struct inode *new_dir, struct dentry *new_dentry)
{
    struct inode *inode = old_dentry->d_inode;
    int is_dir = S_ISDIR(inode->i_mode);
    int error;

    if (inode == new_dentry->d_inode)
        return 0; // two names of one file: nothing happens
    error = may_delete(old_dir, old_dentry, is_dir);
    if (error)
        return error;
    error = new_dentry->d_inode ? may_delete(new_dir, new_dentry, is_dir) : may_create(new_dir, new_dentry);
    if (error)
        return error;
    if (!old_dir->i_op->rename)
        return -EPERM;
    if (is_dir && old_dir != new_dir) { // its ".." is about to change
        error = permission(inode, MAY_WRITE, NULL);
        if (error)
            return error;
    }
    if (d_mountpoint(old_dentry) || d_mountpoint(new_dentry))
        return -EBUSY;
    error = old_dir->i_op->rename(old_dir, old_dentry, new_dir, new_dentry);
    if (!error)
        d_move(old_dentry, new_dentry);
    return error;
}

// Both names have been looked up.
static int rename_dentries(struct nameidata *old, struct dentry *old_dentry, struct nameidata *nd,
                           struct dentry *new_dentry, unsigned int flags)
{
    if (!old_dentry->d_inode)
        return -ENOENT;
    if ((flags & RENAME_NOREPLACE) && new_dentry->d_inode)
        return -EEXIST;
    if (!S_ISDIR(old_dentry->d_inode->i_mode) && (old->trailing_slash || nd->trailing_slash))
        return -ENOTDIR;
    if (is_subdir(nd->dentry, old_dentry))
        return -EINVAL; // a directory into itself
    if (is_subdir(old->dentry, new_dentry))
        return -ENOTEMPTY; // onto one of its own ancestors
    return vfs_rename(old->dentry->d_inode, old_dentry, nd->dentry->d_inode, new_dentry);
}

static int do_rename(struct nameidata *old, struct nameidata *nd, unsigned int flags)
{
    struct dentry *old_dentry, *new_dentry;
    int error;

    if (old->mnt != nd->mnt)
        return -EXDEV;
    if (old->last_type != LAST_NORM)
        return -EBUSY;
    if (nd->last_type != LAST_NORM)
        return flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
    old_dentry = lookup_hash(&old->last, old->dentry);
    if (IS_ERR(old_dentry))
        return PTR_ERR(old_dentry);
    new_dentry = lookup_hash(&nd->last, nd->dentry);
    error = PTR_ERR(new_dentry);
    if (!IS_ERR(new_dentry)) {
        error = rename_dentries(old, old_dentry, nd, new_dentry, flags);
        dput(new_dentry);
    }
    dput(old_dentry);
    return error;
}

asmlinkage long sys_renameat2(int olddfd, const char __user *oldname, int newdfd, const char __user *newname,
                              unsigned int flags)
{
    struct nameidata old, nd;
    char *from, *to;
    int error;

    if (flags & ~RENAME_NOREPLACE) // exchange and whiteout: what a file system without them answers
        return -EINVAL;
    error = user_path_parent(olddfd, oldname, &old, &from);
    if (error)
        return error;
    error = user_path_parent(newdfd, newname, &nd, &to);
    if (!error) {
        error = do_rename(&old, &nd, flags);
        path_release(&nd);
        putname(to);
    }
    path_release(&old);
    putname(from);
    return error;
}

asmlinkage long sys_renameat(int olddfd, const char __user *oldname, int newdfd, const char __user *newname)
{
    return sys_renameat2(olddfd, oldname, newdfd, newname, 0);
}

asmlinkage long sys_rename(const char __user *oldname, const char __user *newname)
{
    return sys_renameat2(AT_FDCWD, oldname, AT_FDCWD, newname, 0);
}
