// SPDX-License-Identifier: MIT
// read(2) and write(2): check the descriptor, its access mode and the buffer, then let the file's own function do it.
//
//   sys_read -> fget -> vfs_read -> file->f_op->read    (rows D15, D18, G02: the last one differs from file to file)
//
// Truth: names are Linux 2.6's; read(2), write(2), pread(2), lseek(2) for the errors and their order.
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/smp_lock.h>
#include <asm/uaccess.h>

// Files whose read and write guard themselves say so (f_op->preemptible). The others rely on being alone between two
// sleeping points, which in a preemptible kernel the big kernel lock gives them.
#ifdef CONFIG_PREEMPT
static void lock_file_op(struct file *file)
{
    if (!file->f_op->preemptible)
        lock_kernel();
}
static void unlock_file_op(struct file *file)
{
    if (!file->f_op->preemptible)
        unlock_kernel();
}
#else
#define lock_file_op(file) do { } while (0)
#define unlock_file_op(file) do { } while (0)
#endif

noinline ssize_t vfs_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
    if (!(file->f_mode & FMODE_READ))
        return -EBADF;
    if (!file->f_op || !file->f_op->read)
        return -EINVAL;
    if (!access_ok(VERIFY_WRITE, buf, count))
        return -EFAULT;
    if (*pos < 0 || (ssize_t)count < 0)
        return -EINVAL;
    if (count > MAX_RW_COUNT)
        count = MAX_RW_COUNT;
    lock_file_op(file);
    count = file->f_op->read(file, buf, count, pos);
    unlock_file_op(file);
    return count;
}

noinline ssize_t vfs_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
    if (!(file->f_mode & FMODE_WRITE))
        return -EBADF;
    if (!file->f_op || !file->f_op->write)
        return -EINVAL;
    if (!access_ok(VERIFY_READ, buf, count))
        return -EFAULT;
    if (*pos < 0 || (ssize_t)count < 0)
        return -EINVAL;
    if (count > MAX_RW_COUNT)
        count = MAX_RW_COUNT;
    lock_file_op(file);
    count = file->f_op->write(file, buf, count, pos);
    unlock_file_op(file);
    return count;
}

// The position is copied out and back so that the two calls' file functions need not know whose position they move.
asmlinkage ssize_t sys_read(unsigned int fd, char __user *buf, size_t count)
{
    struct file *file = fget(fd);
    ssize_t ret = -EBADF;

    if (file) {
        loff_t pos = file->f_pos;

        ret = vfs_read(file, buf, count, &pos);
        file->f_pos = pos;
        fput(file);
    }
    return ret;
}

asmlinkage ssize_t sys_write(unsigned int fd, const char __user *buf, size_t count)
{
    struct file *file = fget(fd);
    ssize_t ret = -EBADF;

    if (file) {
        loff_t pos = file->f_pos;

        ret = vfs_write(file, buf, count, &pos);
        file->f_pos = pos;
        fput(file);
    }
    return ret;
}

asmlinkage ssize_t sys_pread64(unsigned int fd, char __user *buf, size_t count, loff_t pos)
{
    struct file *file;
    ssize_t ret = -EBADF;

    if (pos < 0)
        return -EINVAL;
    file = fget(fd);
    if (file) {
        ret = file->f_mode & FMODE_PATH ? -EBADF : -ESPIPE;
        if (file->f_mode & FMODE_PREAD)
            ret = vfs_read(file, buf, count, &pos);
        fput(file);
    }
    return ret;
}

asmlinkage ssize_t sys_pwrite64(unsigned int fd, const char __user *buf, size_t count, loff_t pos)
{
    struct file *file;
    ssize_t ret = -EBADF;

    if (pos < 0)
        return -EINVAL;
    file = fget(fd);
    if (file) {
        ret = file->f_mode & FMODE_PATH ? -EBADF : -ESPIPE;
        if (file->f_mode & FMODE_PREAD)
            ret = vfs_write(file, buf, count, &pos);
        fput(file);
    }
    return ret;
}

int kernel_read(struct file *file, unsigned long offset, char *addr, unsigned long count)
{
    mm_segment_t old_fs = get_fs();
    loff_t pos = offset;
    int result;

    set_fs(KERNEL_DS);
    result = vfs_read(file, (char __user *)addr, count, &pos);
    set_fs(old_fs);
    return result;
}
