// SPDX-License-Identifier: MIT
// Moving the position of an open file. Truth: lseek(2), _llseek(2); names are Linux 2.6's.
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/linkage.h>
#include <asm/uaccess.h>

// SEEK_DATA and SEEK_HOLE: a file without known holes is one piece of data with a hole at its end.
loff_t generic_file_llseek(struct file *file, loff_t offset, int origin)
{
    loff_t size = file->f_dentry->d_inode->i_size;

    switch (origin) {
    case SEEK_SET:
        break;
    case SEEK_CUR:
        offset += file->f_pos;
        break;
    case SEEK_END:
        offset += size;
        break;
    case SEEK_DATA:
    case SEEK_HOLE:
        if (offset < 0 || offset >= size)
            return -ENXIO;
        if (origin == SEEK_HOLE)
            offset = size;
        break;
    default:
        return -EINVAL;
    }
    if (offset < 0 || offset > MAX_LFS_FILESIZE)
        return -EINVAL;
    file->f_pos = offset;
    return offset;
}

loff_t no_llseek(struct file *file, loff_t offset, int origin)
{
    return -ESPIPE;
}

static loff_t vfs_llseek(struct file *file, loff_t offset, int origin)
{
    if (file->f_mode & FMODE_PATH)
        return -EBADF;
    if (!(file->f_mode & FMODE_LSEEK))
        return -ESPIPE;
    if (file->f_op && file->f_op->llseek)
        return file->f_op->llseek(file, offset, origin);
    return generic_file_llseek(file, offset, origin);
}

asmlinkage long sys_lseek(unsigned int fd, off_t offset, unsigned int origin)
{
    struct file *file = fget(fd);
    loff_t result;

    if (!file)
        return -EBADF;
    result = origin > SEEK_HOLE ? -EINVAL : vfs_llseek(file, offset, origin);
    fput(file);
    return result > LONG_MAX ? -EOVERFLOW : (long)result;
}

asmlinkage long sys_llseek(unsigned int fd, unsigned long offset_high, unsigned long offset_low, loff_t __user *result,
                           unsigned int origin)
{
    struct file *file = fget(fd);
    loff_t offset;

    if (!file)
        return -EBADF;
    offset = -EINVAL;
    if (origin <= SEEK_HOLE)
        offset = vfs_llseek(file, ((loff_t)offset_high << 32) | offset_low, origin);
    fput(file);
    if (offset < 0)
        return (long)offset;
    return copy_to_user(result, &offset, sizeof(offset)) ? -EFAULT : 0;
}
