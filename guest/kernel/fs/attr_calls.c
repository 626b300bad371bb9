// SPDX-License-Identifier: MIT
// The calls that change attributes: chmod and chown with all their relatives, truncate and ftruncate.
// Truth: chmod(2), chown(2), truncate(2); 16-bit ids: 0xffff means "leave alone", as -1 does in the 32-bit calls.
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/linkage.h>
#include <linux/namei.h>
#include <asm/uaccess.h>

static int chmod_dentry(struct dentry *dentry, unsigned int mode)
{
    struct iattr attr = { .ia_valid = ATTR_MODE, .ia_mode = mode & S_IALLUGO };

    if (S_ISLNK(dentry->d_inode->i_mode))
        return -EOPNOTSUPP;
    return notify_change(dentry, &attr);
}

static int chown_dentry(struct dentry *dentry, uid_t user, gid_t group)
{
    struct iattr attr = { .ia_valid = ATTR_KILL_PRIV, .ia_uid = user, .ia_gid = group };

    if (user != (uid_t)-1)
        attr.ia_valid |= ATTR_UID;
    if (group != (gid_t)-1)
        attr.ia_valid |= ATTR_GID;
    return notify_change(dentry, &attr);
}

asmlinkage long sys_fchmodat2(int dfd, const char __user *filename, unsigned int mode, unsigned int flags)
{
    struct nameidata nd;
    int error;

    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    error = user_path_at(dfd, filename, at_lookup_flags(flags, !(flags & AT_SYMLINK_NOFOLLOW)), &nd);
    if (error)
        return error;
    error = chmod_dentry(nd.dentry, mode);
    path_release(&nd);
    return error;
}

asmlinkage long sys_fchmodat(int dfd, const char __user *filename, unsigned int mode)
{
    return sys_fchmodat2(dfd, filename, mode, 0);
}

asmlinkage long sys_chmod(const char __user *filename, unsigned int mode)
{
    return sys_fchmodat2(AT_FDCWD, filename, mode, 0);
}

asmlinkage long sys_fchmod(unsigned int fd, unsigned int mode)
{
    struct file *file = fget(fd);
    int error = -EBADF;

    if (!file)
        return error;
    if (!(file->f_mode & FMODE_PATH))
        error = chmod_dentry(file->f_dentry, mode);
    fput(file);
    return error;
}

asmlinkage long sys_fchownat(int dfd, const char __user *filename, uid_t user, gid_t group, int flags)
{
    struct nameidata nd;
    int error;

    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    error = user_path_at(dfd, filename, at_lookup_flags(flags, !(flags & AT_SYMLINK_NOFOLLOW)), &nd);
    if (error)
        return error;
    error = chown_dentry(nd.dentry, user, group);
    path_release(&nd);
    return error;
}

asmlinkage long sys_chown(const char __user *filename, uid_t user, gid_t group)
{
    return sys_fchownat(AT_FDCWD, filename, user, group, 0);
}

asmlinkage long sys_lchown(const char __user *filename, uid_t user, gid_t group)
{
    return sys_fchownat(AT_FDCWD, filename, user, group, AT_SYMLINK_NOFOLLOW);
}

asmlinkage long sys_fchown(unsigned int fd, uid_t user, gid_t group)
{
    struct file *file = fget(fd);
    int error = -EBADF;

    if (!file)
        return error;
    if (!(file->f_mode & FMODE_PATH))
        error = chown_dentry(file->f_dentry, user, group);
    fput(file);
    return error;
}

static uid_t wide_id(old_uid_t id)
{
    return id == (old_uid_t)-1 ? (uid_t)-1 : id;
}

asmlinkage long sys_chown16(const char __user *filename, old_uid_t user, old_gid_t group)
{
    return sys_chown(filename, wide_id(user), wide_id(group));
}

asmlinkage long sys_lchown16(const char __user *filename, old_uid_t user, old_gid_t group)
{
    return sys_lchown(filename, wide_id(user), wide_id(group));
}

asmlinkage long sys_fchown16(unsigned int fd, old_uid_t user, old_gid_t group)
{
    return sys_fchown(fd, wide_id(user), wide_id(group));
}

static int truncate_path(struct nameidata *nd, loff_t length)
{
    struct inode *inode = nd->dentry->d_inode;
    int error;

    if (S_ISDIR(inode->i_mode))
        return -EISDIR;
    if (!S_ISREG(inode->i_mode))
        return -EINVAL;
    error = permission(inode, MAY_WRITE, nd);
    if (error)
        return error;
    error = get_write_access(inode);
    if (error)
        return error;
    error = do_truncate(nd->dentry, length);
    put_write_access(inode);
    return error;
}

static long do_sys_truncate(const char __user *path, loff_t length)
{
    struct nameidata nd;
    int error;

    if (length < 0)
        return -EINVAL;
    error = user_path_at(AT_FDCWD, path, LOOKUP_FOLLOW, &nd);
    if (error)
        return error;
    error = truncate_path(&nd, length);
    path_release(&nd);
    return error;
}

static long do_sys_ftruncate(unsigned int fd, loff_t length, int small)
{
    struct file *file;
    int error = -EINVAL;

    if (length < 0)
        return -EINVAL;
    file = fget(fd);
    if (!file)
        return -EBADF;
    if (file->f_mode & FMODE_PATH)
        error = -EBADF;
    else if (S_ISREG(file->f_dentry->d_inode->i_mode) && (file->f_mode & FMODE_WRITE)) {
        if (file->f_flags & O_LARGEFILE)
            small = 0;
        error = small && length > MAX_NON_LFS ? -EINVAL : do_truncate(file->f_dentry, length);
    }
    fput(file);
    return error;
}

asmlinkage long sys_truncate(const char __user *path, long length)
{
    return do_sys_truncate(path, length);
}

asmlinkage long sys_ftruncate(unsigned int fd, long length)
{
    return do_sys_ftruncate(fd, length, 1);
}

asmlinkage long sys_truncate64(const char __user *path, loff_t length)
{
    return do_sys_truncate(path, length);
}

asmlinkage long sys_ftruncate64(unsigned int fd, loff_t length)
{
    return do_sys_ftruncate(fd, length, 0);
}
