// SPDX-License-Identifier: MIT
// Hints and reservations: posix_fadvise(2) and readahead(2), which have nothing to do where every file is in memory but
// still check what they are given, and fallocate(2), which gives a file its pages in advance.
// Truth: posix_fadvise(2), readahead(2), fallocate(2).
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/linkage.h>
#include <linux/pagemap.h>

#define POSIX_FADV_NOREUSE 5
#define FALLOC_FL_KEEP_SIZE 1

asmlinkage long sys_fadvise64_64(int fd, loff_t offset, loff_t len, int advice)
{
    struct file *file = fget(fd);
    long ret = 0;

    if (!file || (file->f_mode & FMODE_PATH))
        ret = -EBADF;
    else if (S_ISFIFO(file->f_dentry->d_inode->i_mode))
        ret = -ESPIPE;
    else if (len < 0 || advice < 0 || advice > POSIX_FADV_NOREUSE)
        ret = -EINVAL;
    if (file)
        fput(file);
    return ret;
}

asmlinkage long sys_fadvise64(int fd, loff_t offset, size_t len, int advice)
{
    return sys_fadvise64_64(fd, offset, len, advice);
}

asmlinkage ssize_t sys_readahead(int fd, loff_t offset, size_t count)
{
    struct file *file = fget(fd);
    long ret = -EBADF;

    if (!file)
        return ret;
    if (file->f_mode & FMODE_READ)
        ret = S_ISREG(file->f_dentry->d_inode->i_mode) ? 0 : -EINVAL;
    fput(file);
    return ret;
}

static int allocate_pages(struct inode *inode, loff_t offset, loff_t len)
{
    unsigned long index = offset >> PAGE_CACHE_SHIFT, last = (offset + len - 1) >> PAGE_CACHE_SHIFT;

    for (; index <= last; index++) {
        struct page *page = NULL;

        if (nr_free_pages() > totalram_pages / 16)
            page = find_or_create_page(inode->i_mapping, index, GFP_USER);
        if (!page)
            return -ENOSPC;
        page_cache_release(page);
    }
    return 0;
}

static long do_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
    struct inode *inode = file->f_dentry->d_inode;
    int error;

    if (offset < 0 || len <= 0)
        return -EINVAL;
    if (mode & ~FALLOC_FL_KEEP_SIZE)
        return -EOPNOTSUPP; // no holes are punched, no ranges moved
    if (!(file->f_mode & FMODE_WRITE))
        return -EBADF;
    if (S_ISFIFO(inode->i_mode))
        return -ESPIPE;
    if (S_ISDIR(inode->i_mode))
        return -EISDIR;
    if (!S_ISREG(inode->i_mode))
        return -ENODEV;
    if (offset + len > MAX_LFS_FILESIZE || offset + len < 0)
        return -EFBIG;
    if (offset + len > inode->i_size && !(mode & FALLOC_FL_KEEP_SIZE)) {
        error = do_truncate(file->f_dentry, offset + len);
        if (error)
            return error;
    }
    return allocate_pages(inode, offset, len);
}

asmlinkage long sys_fallocate(int fd, int mode, loff_t offset, loff_t len)
{
    struct file *file = fget(fd);
    long ret;

    if (!file)
        return -EBADF;
    ret = file->f_mode & FMODE_PATH ? -EBADF : do_fallocate(file, mode, offset, len);
    fput(file);
    return ret;
}
