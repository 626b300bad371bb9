// SPDX-License-Identifier: MIT
// sendfile(2): from one descriptor to another through one kernel page, with the files' own read and write functions.
// Truth: sendfile(2).
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/uaccess.h>

// Writes all of the page's `count` bytes, unless the sink takes no more. The number written, or an error if none was.
static ssize_t write_out(struct file *out, const char *page, size_t count, loff_t *pos)
{
    size_t done = 0;

    while (done < count) {
        ssize_t n = vfs_write(out, (const char __user *)page + done, count - done, pos);

        if (n <= 0)
            return done ? (ssize_t)done : n;
        done += n;
    }
    return done;
}

static ssize_t copy_pages(struct file *in, loff_t *in_pos, struct file *out, loff_t *out_pos, size_t count, char *page)
{
    ssize_t total = 0, got, put;

    while (count) {
        got = vfs_read(in, (char __user *)page, min_t(size_t, count, PAGE_SIZE), in_pos);
        if (got <= 0)
            return total ? total : got;
        put = write_out(out, page, got, out_pos);
        if (put < got)
            *in_pos -= got - max_t(ssize_t, put, 0); // what wasn't written was not consumed
        if (put <= 0)
            return total ? total : put;
        total += put;
        count -= put;
        if (put < got || signal_pending(current))
            break;
    }
    return total;
}

static ssize_t send_between(struct file *in, loff_t *in_pos, struct file *out, size_t count)
{
    char *page = (char *)__get_free_page(GFP_KERNEL);
    mm_segment_t old_fs = get_fs();
    loff_t out_pos = out->f_pos;
    ssize_t ret;

    if (!page)
        return -ENOMEM;
    set_fs(KERNEL_DS);
    ret = copy_pages(in, in_pos, out, &out_pos, min_t(size_t, count, MAX_RW_COUNT), page);
    set_fs(old_fs);
    out->f_pos = out_pos;
    free_page((unsigned long)page);
    return ret;
}

// The source must be something that can be mapped, as on Linux: a regular file (or a device such as /dev/zero).
static int check_source(struct file *in, int positioned)
{
    if (!(in->f_mode & FMODE_READ))
        return -EBADF;
    if (positioned && !(in->f_mode & FMODE_PREAD))
        return -ESPIPE;
    if (!in->f_op || !in->f_op->read || !S_ISREG(in->f_dentry->d_inode->i_mode))
        return -EINVAL;
    return 0;
}

static int check_sink(struct file *out)
{
    if (!(out->f_mode & FMODE_WRITE))
        return -EBADF;
    return out->f_op && out->f_op->write && !(out->f_flags & O_APPEND) ? 0 : -EINVAL;
}

static ssize_t do_sendfile(int out_fd, int in_fd, loff_t *ppos, size_t count)
{
    struct file *in = fget(in_fd), *out = fget(out_fd);
    ssize_t ret = -EBADF;

    if (in && out) {
        ret = check_source(in, ppos != NULL);
        if (!ret)
            ret = check_sink(out);
        if (!ret && ppos && *ppos < 0)
            ret = -EINVAL;
        if (!ret)
            ret = send_between(in, ppos ? ppos : &in->f_pos, out, count);
    }
    if (in)
        fput(in);
    if (out)
        fput(out);
    return ret;
}

asmlinkage ssize_t sys_sendfile64(int out_fd, int in_fd, loff_t __user *offset, size_t count)
{
    loff_t pos;
    ssize_t ret;

    if (!offset)
        return do_sendfile(out_fd, in_fd, NULL, count);
    if (copy_from_user(&pos, offset, sizeof(pos)))
        return -EFAULT;
    ret = do_sendfile(out_fd, in_fd, &pos, count);
    return copy_to_user(offset, &pos, sizeof(pos)) ? -EFAULT : ret;
}

asmlinkage ssize_t sys_sendfile(int out_fd, int in_fd, off_t __user *offset, size_t count)
{
    loff_t pos;
    off_t off;
    ssize_t ret;

    if (!offset)
        return do_sendfile(out_fd, in_fd, NULL, count);
    if (get_user(off, offset))
        return -EFAULT;
    pos = off;
    ret = do_sendfile(out_fd, in_fd, &pos, count);
    return put_user((off_t)pos, offset) ? -EFAULT : ret;
}
