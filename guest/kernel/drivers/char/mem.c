// SPDX-License-Identifier: MIT
// The devices without hardware: /dev/null, zero, full, random, urandom. Truth: null(4), full(4), random(4).
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/major.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <asm/uaccess.h>

static ssize_t read_null(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
    return 0;
}

static ssize_t write_null(struct file *file, const char __user *buf, size_t count, loff_t *ppos)
{
    return count;
}

static ssize_t read_zero(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
    size_t left = clear_user(buf, count);

    return left == count && count ? -EFAULT : (ssize_t)(count - left);
}

static ssize_t write_full(struct file *file, const char __user *buf, size_t count, loff_t *ppos)
{
    return -ENOSPC;
}

// Without page-fault functions of its own a private mapping is anonymous memory, which is what /dev/zero promises.
static int mmap_zero(struct file *file, struct vm_area_struct *vma)
{
    return vma->vm_flags & VM_SHARED ? -ENODEV : 0;
}

// The generator is seeded alike in every run: same inputs, same bytes.
static ssize_t urandom_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
    u8 block[256];
    size_t done, n;

    for (done = 0; done < count; done += n) {
        n = min_t(size_t, count - done, sizeof(block));
        get_random_bytes(block, n);
        if (copy_to_user(buf + done, block, n))
            return done ? (ssize_t)done : -EFAULT;
        if (signal_pending(current) && done + n < count)
            return done + n;
    }
    return done;
}

static loff_t null_lseek(struct file *file, loff_t offset, int origin)
{
    return file->f_pos = 0;
}

static const struct file_operations null_fops = { .llseek = null_lseek, .read = read_null, .write = write_null };
static const struct file_operations zero_fops = {
    .llseek = null_lseek, .read = read_zero, .write = write_null, .mmap = mmap_zero
};
static const struct file_operations full_fops = { .llseek = null_lseek, .read = read_zero, .write = write_full };
static const struct file_operations urandom_fops = { .llseek = no_llseek, .read = urandom_read, .write = write_null };

static const struct file_operations *const minors[] = {
    [3] = &null_fops, [5] = &zero_fops, [7] = &full_fops, [8] = &urandom_fops, [9] = &urandom_fops,
};

static int memory_open(struct inode *inode, struct file *filp)
{
    unsigned int minor = MINOR(inode->i_rdev);

    if (minor >= ARRAY_SIZE(minors) || !minors[minor])
        return -ENXIO;
    filp->f_op = minors[minor];
    return 0;
}

static const struct file_operations memory_fops = { .open = memory_open };

static int __init chr_dev_init(void)
{
    return register_chrdev(MEM_MAJOR, "mem", &memory_fops);
}

fs_initcall(chr_dev_init);
