// SPDX-License-Identifier: MIT
// statfs(2) and fstatfs(2), narrow and 64-bit, and ustat(2). Truth: statfs(2); the layouts are Linux' i386 ABI.
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/linkage.h>
#include <linux/namei.h>
#include <linux/statfs.h>
#include <linux/string.h>
#include <asm/uaccess.h>

int vfs_statfs(struct super_block *sb, struct kstatfs *buf)
{
    memset(buf, 0, sizeof(*buf));
    buf->f_type = sb->s_magic;
    buf->f_bsize = buf->f_frsize = sb->s_blocksize;
    buf->f_namelen = NAME_MAX;
    return sb->s_op && sb->s_op->statfs ? sb->s_op->statfs(sb, buf) : 0;
}

static u32 statfs_flags(struct vfsmount *mnt)
{
    return ST_VALID | (mnt->mnt_sb->s_flags & MS_RDONLY) | (mnt->mnt_flags & (MNT_NOSUID | MNT_NODEV | MNT_NOEXEC)) << 1;
}

static long put_statfs(struct vfsmount *mnt, struct statfs __user *user)
{
    struct kstatfs st;
    struct statfs buf;
    int error = vfs_statfs(mnt->mnt_sb, &st);

    if (error)
        return error;
    memset(&buf, 0, sizeof(buf));
    buf.f_type = st.f_type;
    buf.f_bsize = st.f_bsize;
    buf.f_blocks = st.f_blocks;
    buf.f_bfree = st.f_bfree;
    buf.f_bavail = st.f_bavail;
    buf.f_files = st.f_files;
    buf.f_ffree = st.f_ffree;
    buf.f_namelen = st.f_namelen;
    buf.f_frsize = st.f_frsize;
    buf.f_flags = statfs_flags(mnt);
    return copy_to_user(user, &buf, sizeof(buf)) ? -EFAULT : 0;
}

static long put_statfs64(struct vfsmount *mnt, struct statfs64 __user *user)
{
    struct kstatfs st;
    struct statfs64 buf;
    int error = vfs_statfs(mnt->mnt_sb, &st);

    if (error)
        return error;
    memset(&buf, 0, sizeof(buf));
    buf.f_type = st.f_type;
    buf.f_bsize = st.f_bsize;
    buf.f_blocks = st.f_blocks;
    buf.f_bfree = st.f_bfree;
    buf.f_bavail = st.f_bavail;
    buf.f_files = st.f_files;
    buf.f_ffree = st.f_ffree;
    buf.f_namelen = st.f_namelen;
    buf.f_frsize = st.f_frsize;
    buf.f_flags = statfs_flags(mnt);
    return copy_to_user(user, &buf, sizeof(buf)) ? -EFAULT : 0;
}

asmlinkage long sys_statfs(const char __user *path, struct statfs __user *buf)
{
    struct nameidata nd;
    long error = user_path_at(AT_FDCWD, path, LOOKUP_FOLLOW, &nd);

    if (error)
        return error;
    error = put_statfs(nd.mnt, buf);
    path_release(&nd);
    return error;
}

asmlinkage long sys_statfs64(const char __user *path, size_t sz, struct statfs64 __user *buf)
{
    struct nameidata nd;
    long error;

    if (sz != sizeof(*buf))
        return -EINVAL;
    error = user_path_at(AT_FDCWD, path, LOOKUP_FOLLOW, &nd);
    if (error)
        return error;
    error = put_statfs64(nd.mnt, buf);
    path_release(&nd);
    return error;
}

asmlinkage long sys_fstatfs(unsigned int fd, struct statfs __user *buf)
{
    struct file *file = fget(fd);
    long error;

    if (!file)
        return -EBADF;
    error = put_statfs(file->f_vfsmnt, buf);
    fput(file);
    return error;
}

asmlinkage long sys_fstatfs64(unsigned int fd, size_t sz, struct statfs64 __user *buf)
{
    struct file *file;
    long error;

    if (sz != sizeof(*buf))
        return -EINVAL;
    file = fget(fd);
    if (!file)
        return -EBADF;
    error = put_statfs64(file->f_vfsmnt, buf);
    fput(file);
    return error;
}

struct ustat {
    int f_tfree;
    unsigned long f_tinode;
    char f_fname[6], f_fpack[6];
};

// What is free on the file system with this (old, 16-bit) device number.
asmlinkage long sys_ustat(unsigned int dev, struct ustat __user *ubuf)
{
    struct super_block *sb;
    struct kstatfs st;
    struct ustat tmp;

    list_for_each_entry(sb, &super_blocks, s_list) {
        if (sb->s_dev != new_decode_dev(dev))
            continue;
        vfs_statfs(sb, &st);
        memset(&tmp, 0, sizeof(tmp));
        tmp.f_tfree = st.f_bfree;
        tmp.f_tinode = st.f_ffree;
        return copy_to_user(ubuf, &tmp, sizeof(tmp)) ? -EFAULT : 0;
    }
    return -EINVAL;
}
