// SPDX-License-Identifier: MIT
// fsync, fdatasync, sync: files live in memory only, so everything is always where it belongs; what can be wrong is
// the descriptor. Truth: fsync(2): EINVAL for what cannot be synchronised.
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/linkage.h>

asmlinkage long sys_sync(void)
{
    return 0;
}

static long do_fsync(unsigned int fd, int datasync)
{
    struct file *file = fget(fd);
    long ret = -EINVAL;

    if (!file)
        return -EBADF;
    if (file->f_mode & FMODE_PATH)
        ret = -EBADF;
    else if (file->f_op && file->f_op->fsync)
        ret = file->f_op->fsync(file, file->f_dentry, datasync);
    fput(file);
    return ret;
}

asmlinkage long sys_fsync(unsigned int fd)
{
    return do_fsync(fd, 0);
}

asmlinkage long sys_fdatasync(unsigned int fd)
{
    return do_fsync(fd, 1);
}

asmlinkage long sys_syncfs(unsigned int fd)
{
    struct file *file = fget(fd);

    if (!file)
        return -EBADF;
    fput(file);
    return 0;
}
