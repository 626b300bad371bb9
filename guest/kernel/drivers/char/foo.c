// SPDX-License-Identifier: MIT
// /dev/foo: what sys_foo tells, as a file. The same answer without a new system call: a node with a major number, read
// by the calls that are there already, and a shell script can ask, too. Rows N18, N19.
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/major.h>
#include <asm/thread_info.h>
#include <asm/uaccess.h>

static ssize_t read_foo(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
    char text[64];
    size_t length = sprintf(text, "The kernel stack size is %ld\n", (long)THREAD_SIZE);

    if (*ppos < 0 || *ppos >= length)
        return 0;
    count = min_t(size_t, count, length - *ppos);
    if (copy_to_user(buf, text + *ppos, count))
        return -EFAULT;
    *ppos += count;
    return count;
}

static const struct file_operations foo_fops = { .read = read_foo };

static int __init foo_init(void)
{
    return register_chrdev(FOO_MAJOR, "foo", &foo_fops);
}

fs_initcall(foo_init);
