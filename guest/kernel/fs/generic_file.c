// SPDX-License-Identifier: MIT
// Reading and writing regular files: page by page between the page cache and the caller's buffer. A hole reads as
// zeroes without getting a page. Row D15: generic_file_read is where read(2) of a ramfs file ends.
// Truth: read(2), write(2) (O_APPEND, EFBIG with SIGXFSZ, partial transfers); names are Linux 2.6's.
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <asm/uaccess.h>

// Copies from one page of the file. Bytes copied: fewer than asked if the user's memory ends.
static size_t read_from_page(struct address_space *mapping, unsigned long index, size_t offset, char __user *buf,
                             size_t n)
{
    struct page *page = find_get_page(mapping, index);
    size_t left;

    if (!page)
        return n - clear_user(buf, n);
    left = copy_to_user(buf, (char *)page_address(page) + offset, n);
    page_cache_release(page);
    return n - left;
}

noinline ssize_t generic_file_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
    struct inode *inode = file->f_dentry->d_inode;
    ssize_t done = 0;

    if (*ppos >= inode->i_size)
        return 0;
    if (count > inode->i_size - *ppos)
        count = inode->i_size - *ppos;
    while (count) {
        size_t offset = *ppos & ~PAGE_CACHE_MASK;
        size_t n = min_t(size_t, count, PAGE_CACHE_SIZE - offset);
        size_t copied = read_from_page(file->f_mapping, *ppos >> PAGE_CACHE_SHIFT, offset, buf, n);

        buf += copied;
        count -= copied;
        done += copied;
        *ppos += copied;
        if (copied < n) {
            if (!done)
                return -EFAULT;
            break;
        }
    }
    if (!(file->f_flags & O_NOATIME))
        update_atime(inode);
    return done;
}

// Where the write may end: RLIMIT_FSIZE, the size that O_LARGEFILE allows, and what a file can hold at all.
static int write_limit(struct file *file, loff_t pos, size_t *count)
{
    unsigned long fsize = current->signal->rlim[RLIMIT_FSIZE].rlim_cur;
    loff_t max = file->f_flags & O_LARGEFILE ? MAX_LFS_FILESIZE : MAX_NON_LFS;

    if (fsize != RLIM_INFINITY && pos >= fsize) {
        send_sig(SIGXFSZ, current, 0);
        return -EFBIG;
    }
    if (fsize != RLIM_INFINITY && fsize < max)
        max = fsize;
    if (pos >= max)
        return -EFBIG;
    if (*count > max - pos)
        *count = max - pos;
    return 0;
}

// A write by anyone but root takes the set-id bits away.
static void remove_suid(struct inode *inode)
{
    umode_t kill = inode->i_mode & S_ISUID;

    if ((inode->i_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
        kill |= S_ISGID;
    if (kill && !capable(CAP_FSETID))
        inode->i_mode &= ~kill;
}

// How many of `n` bytes (at most a page, so at most two pages of the user's) can be read. copy_from_user clears what it
// cannot fill, and the file's old bytes must not be lost to a bad pointer.
static size_t readable_bytes(const char __user *buf, size_t n)
{
    char c;

    if (get_user(c, buf))
        return 0;
    if (!get_user(c, buf + n - 1))
        return n;
    return PAGE_SIZE - ((unsigned long)buf & ~PAGE_MASK);
}

// Files may not take the last sixteenth of memory: the disk is full before programs have to be killed.
static int is_full(struct address_space *mapping, unsigned long index)
{
    return nr_free_pages() <= totalram_pages / 16 && !page_is_cached(mapping, index);
}

static ssize_t write_to_page(struct address_space *mapping, unsigned long index, size_t offset,
                             const char __user *buf, size_t n)
{
    struct page *page;
    size_t left;

    n = readable_bytes(buf, n);
    if (!n)
        return 0;
    page = is_full(mapping, index) ? NULL : find_or_create_page(mapping, index, GFP_USER);
    if (!page)
        return -ENOSPC;
    left = copy_from_user((char *)page_address(page) + offset, buf, n);
    page_cache_release(page);
    return n - left;
}

noinline ssize_t generic_file_write(struct file *file, const char __user *buf, size_t count, loff_t *ppos)
{
    struct inode *inode = file->f_dentry->d_inode;
    ssize_t done = 0;
    int error;

    if (file->f_flags & O_APPEND)
        *ppos = inode->i_size;
    if (!count)
        return 0;
    error = write_limit(file, *ppos, &count);
    if (error)
        return error;
    remove_suid(inode);
    while (count) {
        size_t offset = *ppos & ~PAGE_CACHE_MASK;
        size_t n = min_t(size_t, count, PAGE_CACHE_SIZE - offset);
        ssize_t copied = write_to_page(file->f_mapping, *ppos >> PAGE_CACHE_SHIFT, offset, buf, n);

        if (copied <= 0) {
            error = copied ? copied : -EFAULT;
            break;
        }
        buf += copied;
        count -= copied;
        done += copied;
        *ppos += copied;
        if (*ppos > inode->i_size)
            i_size_write(inode, *ppos);
        if ((size_t)copied < n)
            break;
    }
    inode_update_time(inode);
    return done ? done : error;
}
