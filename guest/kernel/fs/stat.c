// SPDX-License-Identifier: MIT
// stat(2) and its family: one kstat, five user layouts (include/linux/stat.h), and readlink(2).
// Truth: stat(2), statx(2), readlink(2); the layouts are Linux' i386 ABI, compared with a running Linux.
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/linkage.h>
#include <linux/namei.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/uaccess.h>

void generic_fillattr(struct inode *inode, struct kstat *stat)
{
    memset(stat, 0, sizeof(*stat));
    stat->dev = inode->i_sb->s_dev;
    stat->ino = inode->i_ino;
    stat->mode = inode->i_mode;
    stat->nlink = inode->i_nlink;
    stat->uid = inode->i_uid;
    stat->gid = inode->i_gid;
    stat->rdev = inode->i_rdev;
    stat->size = inode->i_size;
    stat->atime = inode->i_atime;
    stat->mtime = inode->i_mtime;
    stat->ctime = inode->i_ctime;
    stat->blksize = inode->i_blksize;
    stat->blocks = inode_blocks(inode);
}

int vfs_getattr(struct vfsmount *mnt, struct dentry *dentry, struct kstat *stat)
{
    struct inode *inode = dentry->d_inode;

    if (inode->i_op && inode->i_op->getattr)
        return inode->i_op->getattr(mnt, dentry, stat);
    generic_fillattr(inode, stat);
    return 0;
}

static int getattr_at(int dfd, const char __user *name, unsigned int lookup, struct kstat *stat)
{
    struct nameidata nd;
    int error = user_path_at(dfd, name, lookup, &nd);

    if (error)
        return error;
    error = vfs_getattr(nd.mnt, nd.dentry, stat);
    stat->mnt_id = nd.mnt->mnt_id;
    if (nd.dentry == nd.mnt->mnt_root)
        stat->attributes |= STATX_ATTR_MOUNT_ROOT;
    path_release(&nd);
    return error;
}

static int getattr_fd(unsigned int fd, struct kstat *stat)
{
    struct file *f = fget(fd);
    int error;

    if (!f)
        return -EBADF;
    error = vfs_getattr(f->f_vfsmnt, f->f_dentry, stat);
    fput(f);
    return error;
}

static int cp_old_stat(const struct kstat *stat, struct __old_kernel_stat __user *user)
{
    struct __old_kernel_stat tmp = {
        .st_dev = old_encode_dev(stat->dev),
        .st_ino = stat->ino,
        .st_mode = stat->mode,
        .st_nlink = stat->nlink,
        .st_uid = stat->uid > 0xffff ? 65534 : stat->uid,
        .st_gid = stat->gid > 0xffff ? 65534 : stat->gid,
        .st_rdev = old_encode_dev(stat->rdev),
        .st_size = stat->size,
        .st_atime = stat->atime.tv_sec,
        .st_mtime = stat->mtime.tv_sec,
        .st_ctime = stat->ctime.tv_sec,
    };

    if (stat->size > MAX_NON_LFS || !old_valid_dev(stat->dev) || !old_valid_dev(stat->rdev) || tmp.st_ino != stat->ino
        || tmp.st_nlink != stat->nlink)
        return -EOVERFLOW;
    return copy_to_user(user, &tmp, sizeof(tmp)) ? -EFAULT : 0;
}

static int cp_new_stat(const struct kstat *stat, struct stat __user *user)
{
    struct stat tmp = {
        .st_dev = old_encode_dev(stat->dev),
        .st_ino = stat->ino,
        .st_mode = stat->mode,
        .st_nlink = stat->nlink,
        .st_uid = stat->uid > 0xffff ? 65534 : stat->uid,
        .st_gid = stat->gid > 0xffff ? 65534 : stat->gid,
        .st_rdev = old_encode_dev(stat->rdev),
        .st_size = stat->size,
        .st_blksize = stat->blksize,
        .st_blocks = stat->blocks,
        .st_atime = stat->atime.tv_sec,
        .st_atime_nsec = stat->atime.tv_nsec,
        .st_mtime = stat->mtime.tv_sec,
        .st_mtime_nsec = stat->mtime.tv_nsec,
        .st_ctime = stat->ctime.tv_sec,
        .st_ctime_nsec = stat->ctime.tv_nsec,
    };

    if (stat->size > MAX_NON_LFS || !old_valid_dev(stat->dev) || !old_valid_dev(stat->rdev) || tmp.st_ino != stat->ino
        || tmp.st_nlink != stat->nlink)
        return -EOVERFLOW;
    return copy_to_user(user, &tmp, sizeof(tmp)) ? -EFAULT : 0;
}

static int cp_new_stat64(const struct kstat *stat, struct stat64 __user *user)
{
    struct stat64 tmp;

    memset(&tmp, 0, sizeof(tmp));
    tmp.st_dev = new_encode_dev(stat->dev);
    tmp.__st_ino = stat->ino;
    tmp.st_ino = stat->ino;
    tmp.st_mode = stat->mode;
    tmp.st_nlink = stat->nlink;
    tmp.st_uid = stat->uid;
    tmp.st_gid = stat->gid;
    tmp.st_rdev = new_encode_dev(stat->rdev);
    tmp.st_size = stat->size;
    tmp.st_blksize = stat->blksize;
    tmp.st_blocks = stat->blocks;
    tmp.st_atime = stat->atime.tv_sec;
    tmp.st_atime_nsec = stat->atime.tv_nsec;
    tmp.st_mtime = stat->mtime.tv_sec;
    tmp.st_mtime_nsec = stat->mtime.tv_nsec;
    tmp.st_ctime = stat->ctime.tv_sec;
    tmp.st_ctime_nsec = stat->ctime.tv_nsec;
    return copy_to_user(user, &tmp, sizeof(tmp)) ? -EFAULT : 0;
}

static struct statx_timestamp statx_time(const struct timespec *t)
{
    return (struct statx_timestamp){ .tv_sec = t->tv_sec, .tv_nsec = t->tv_nsec };
}

static int cp_statx(const struct kstat *stat, struct statx __user *user)
{
    struct statx tmp;

    memset(&tmp, 0, sizeof(tmp));
    tmp.stx_mask = STATX_BASIC_STATS | STATX_MNT_ID;
    tmp.stx_blksize = stat->blksize;
    tmp.stx_attributes = stat->attributes;
    tmp.stx_attributes_mask = STATX_ATTR_MOUNT_ROOT;
    tmp.stx_nlink = stat->nlink;
    tmp.stx_uid = stat->uid;
    tmp.stx_gid = stat->gid;
    tmp.stx_mode = stat->mode;
    tmp.stx_ino = stat->ino;
    tmp.stx_size = stat->size;
    tmp.stx_blocks = stat->blocks;
    tmp.stx_atime = statx_time(&stat->atime);
    tmp.stx_ctime = statx_time(&stat->ctime);
    tmp.stx_mtime = statx_time(&stat->mtime);
    tmp.stx_rdev_major = MAJOR(stat->rdev);
    tmp.stx_rdev_minor = MINOR(stat->rdev);
    tmp.stx_dev_major = MAJOR(stat->dev);
    tmp.stx_dev_minor = MINOR(stat->dev);
    tmp.stx_mnt_id = stat->mnt_id;
    return copy_to_user(user, &tmp, sizeof(tmp)) ? -EFAULT : 0;
}

#define AT_STAT_FLAGS (AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)

static unsigned int stat_lookup(int flags)
{
    return at_lookup_flags(flags, !(flags & AT_SYMLINK_NOFOLLOW));
}

asmlinkage long sys_stat(char __user *filename, struct __old_kernel_stat __user *statbuf)
{
    struct kstat stat;
    int error = getattr_at(AT_FDCWD, filename, LOOKUP_FOLLOW, &stat);

    return error ? error : cp_old_stat(&stat, statbuf);
}

asmlinkage long sys_lstat(char __user *filename, struct __old_kernel_stat __user *statbuf)
{
    struct kstat stat;
    int error = getattr_at(AT_FDCWD, filename, 0, &stat);

    return error ? error : cp_old_stat(&stat, statbuf);
}

asmlinkage long sys_fstat(unsigned int fd, struct __old_kernel_stat __user *statbuf)
{
    struct kstat stat;
    int error = getattr_fd(fd, &stat);

    return error ? error : cp_old_stat(&stat, statbuf);
}

asmlinkage long sys_newstat(char __user *filename, struct stat __user *statbuf)
{
    struct kstat stat;
    int error = getattr_at(AT_FDCWD, filename, LOOKUP_FOLLOW, &stat);

    return error ? error : cp_new_stat(&stat, statbuf);
}

asmlinkage long sys_newlstat(char __user *filename, struct stat __user *statbuf)
{
    struct kstat stat;
    int error = getattr_at(AT_FDCWD, filename, 0, &stat);

    return error ? error : cp_new_stat(&stat, statbuf);
}

asmlinkage long sys_newfstat(unsigned int fd, struct stat __user *statbuf)
{
    struct kstat stat;
    int error = getattr_fd(fd, &stat);

    return error ? error : cp_new_stat(&stat, statbuf);
}

asmlinkage long sys_stat64(char __user *filename, struct stat64 __user *statbuf)
{
    struct kstat stat;
    int error = getattr_at(AT_FDCWD, filename, LOOKUP_FOLLOW, &stat);

    return error ? error : cp_new_stat64(&stat, statbuf);
}

asmlinkage long sys_lstat64(char __user *filename, struct stat64 __user *statbuf)
{
    struct kstat stat;
    int error = getattr_at(AT_FDCWD, filename, 0, &stat);

    return error ? error : cp_new_stat64(&stat, statbuf);
}

asmlinkage long sys_fstat64(unsigned long fd, struct stat64 __user *statbuf)
{
    struct kstat stat;
    int error = getattr_fd(fd, &stat);

    return error ? error : cp_new_stat64(&stat, statbuf);
}

asmlinkage long sys_fstatat64(int dfd, char __user *filename, struct stat64 __user *statbuf, int flags)
{
    struct kstat stat;
    int error;

    if (flags & ~AT_STAT_FLAGS)
        return -EINVAL;
    error = getattr_at(dfd, filename, stat_lookup(flags), &stat);
    return error ? error : cp_new_stat64(&stat, statbuf);
}

asmlinkage long sys_statx(int dfd, const char __user *filename, unsigned int flags, unsigned int mask,
                          struct statx __user *buffer)
{
    struct kstat stat;
    int error;

    if (mask & STATX__RESERVED)
        return -EINVAL;
    if ((flags & ~(AT_STAT_FLAGS | AT_STATX_SYNC_TYPE)) || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
        return -EINVAL;
    error = getattr_at(dfd, filename, stat_lookup(flags), &stat);
    return error ? error : cp_statx(&stat, buffer);
}

int vfs_readlink(char __user *buffer, int buflen, const char *text)
{
    int len = strlen(text);

    if (len > buflen)
        len = buflen;
    return copy_to_user(buffer, text, len) ? -EFAULT : len;
}

asmlinkage long sys_readlinkat(int dfd, const char __user *path, char __user *buf, int bufsiz)
{
    struct nameidata nd;
    struct inode *inode;
    int error, empty;
    char first;

    if (bufsiz <= 0)
        return -EINVAL;
    error = user_path_at(dfd, path, LOOKUP_EMPTY, &nd);
    if (error)
        return error;
    empty = !get_user(first, path) && !first;
    inode = nd.dentry->d_inode;
    error = empty ? -ENOENT : -EINVAL;
    if (inode->i_op && inode->i_op->readlink) {
        update_atime(inode);
        error = inode->i_op->readlink(nd.dentry, buf, bufsiz);
    }
    path_release(&nd);
    return error;
}

asmlinkage long sys_readlink(const char __user *path, char __user *buf, int bufsiz)
{
    return sys_readlinkat(AT_FDCWD, path, buf, bufsiz);
}
