// SPDX-License-Identifier: MIT
// readv(2), writev(2) and their positioned forms: the buffers are checked together, then served in order by the file's
// readv/writev, or by its read/write one buffer at a time until one is cut short.
// Truth: readv(2); names are Linux 2.6's.
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <asm/uaccess.h>

enum direction { READ, WRITE };

// Copies the vector into `fast` or fresh memory and checks each buffer and the sum. Returns the sum.
static ssize_t import_iovec(const struct iovec __user *uvector, unsigned long nr_segs, struct iovec *fast,
                            struct iovec **result)
{
    struct iovec *iov = fast;
    ssize_t total = 0;
    unsigned long i;

    *result = fast;
    if (nr_segs > UIO_MAXIOV)
        return -EINVAL;
    if (nr_segs > UIO_FASTIOV) {
        iov = kmalloc(nr_segs * sizeof(struct iovec), GFP_KERNEL);
        if (!iov)
            return -ENOMEM;
    }
    *result = iov;
    if (copy_from_user(iov, uvector, nr_segs * sizeof(struct iovec)))
        return -EFAULT;
    for (i = 0; i < nr_segs; i++) {
        if ((ssize_t)iov[i].iov_len < 0)
            return -EINVAL;
        if (!access_ok(VERIFY_WRITE, iov[i].iov_base, iov[i].iov_len))
            return -EFAULT;
        if (iov[i].iov_len > MAX_RW_COUNT - total)
            iov[i].iov_len = MAX_RW_COUNT - total;
        total += iov[i].iov_len;
    }
    return total;
}

static ssize_t one_segment(enum direction type, struct file *file, const struct iovec *iov, loff_t *pos)
{
    if (type == READ)
        return file->f_op->read(file, iov->iov_base, iov->iov_len, pos);
    return file->f_op->write(file, iov->iov_base, iov->iov_len, pos);
}

static ssize_t by_segments(enum direction type, struct file *file, const struct iovec *iov, unsigned long nr_segs,
                           loff_t *pos)
{
    ssize_t ret = 0, n;
    unsigned long i;

    for (i = 0; i < nr_segs; i++) {
        if (!iov[i].iov_len)
            continue;
        n = one_segment(type, file, &iov[i], pos);
        if (n < 0)
            return ret ? ret : n;
        ret += n;
        if ((size_t)n != iov[i].iov_len)
            break;
    }
    return ret;
}

static ssize_t do_readv_writev(enum direction type, struct file *file, const struct iovec __user *uvector,
                               unsigned long nr_segs, loff_t *pos)
{
    struct iovec fast[UIO_FASTIOV], *iov = fast;
    const struct file_operations *f_op = file->f_op;
    ssize_t ret;

    if (!(file->f_mode & (type == READ ? FMODE_READ : FMODE_WRITE)))
        return -EBADF;
    if (!f_op || (type == READ ? !f_op->read : !f_op->write))
        return -EINVAL;
    ret = import_iovec(uvector, nr_segs, fast, &iov);
    if (ret > 0) {
        if (type == READ && f_op->readv)
            ret = f_op->readv(file, iov, nr_segs, pos);
        else if (type == WRITE && f_op->writev)
            ret = f_op->writev(file, iov, nr_segs, pos);
        else
            ret = by_segments(type, file, iov, nr_segs, pos);
    }
    if (iov != fast)
        kfree(iov);
    return ret;
}

static ssize_t at_file_position(enum direction type, unsigned int fd, const struct iovec __user *vec,
                                unsigned long vlen)
{
    struct file *file = fget(fd);
    ssize_t ret = -EBADF;

    if (file) {
        loff_t pos = file->f_pos;

        ret = do_readv_writev(type, file, vec, vlen, &pos);
        file->f_pos = pos;
        fput(file);
    }
    return ret;
}

static ssize_t at_given_position(enum direction type, unsigned int fd, const struct iovec __user *vec,
                                 unsigned long vlen, unsigned long pos_low, unsigned long pos_high)
{
    loff_t pos = ((loff_t)pos_high << 32) | pos_low;
    struct file *file;
    ssize_t ret = -EBADF;

    if (pos < 0)
        return -EINVAL;
    file = fget(fd);
    if (file) {
        ret = file->f_mode & FMODE_PREAD ? do_readv_writev(type, file, vec, vlen, &pos)
              : file->f_mode & FMODE_PATH ? -EBADF
                                          : -ESPIPE;
        fput(file);
    }
    return ret;
}

asmlinkage ssize_t sys_readv(unsigned long fd, const struct iovec __user *vec, unsigned long vlen)
{
    return at_file_position(READ, fd, vec, vlen);
}

asmlinkage ssize_t sys_writev(unsigned long fd, const struct iovec __user *vec, unsigned long vlen)
{
    return at_file_position(WRITE, fd, vec, vlen);
}

asmlinkage ssize_t sys_preadv(unsigned long fd, const struct iovec __user *vec, unsigned long vlen,
                              unsigned long pos_low, unsigned long pos_high)
{
    return at_given_position(READ, fd, vec, vlen, pos_low, pos_high);
}

asmlinkage ssize_t sys_pwritev(unsigned long fd, const struct iovec __user *vec, unsigned long vlen,
                               unsigned long pos_low, unsigned long pos_high)
{
    return at_given_position(WRITE, fd, vec, vlen, pos_low, pos_high);
}
