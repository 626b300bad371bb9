// SPDX-License-Identifier: MIT
// Character devices: the major number of a device node finds the driver's file operations, which take the open file
// over. Truth: names are Linux 2.6's.
#include <linux/fs.h>
#include <linux/kernel.h>

#define MAX_CHRDEV 256

static struct {
    const char *name;
    const struct file_operations *fops;
} chrdevs[MAX_CHRDEV];

int register_chrdev(unsigned int major, const char *name, const struct file_operations *fops)
{
    if (major == 0 || major >= MAX_CHRDEV)
        return -EINVAL;
    if (chrdevs[major].fops)
        return -EBUSY;
    chrdevs[major].name = name;
    chrdevs[major].fops = fops;
    return 0;
}

int get_chrdev_list(char *page, int size)
{
    int major, len = scnprintf(page, size, "Character devices:\n");

    for (major = 0; major < MAX_CHRDEV; major++)
        if (chrdevs[major].fops)
            len += scnprintf(page + len, size - len, "%3d %s\n", major, chrdevs[major].name);
    len += scnprintf(page + len, size - len, "\nBlock devices:\n");
    return len;
}

static int chrdev_open(struct inode *inode, struct file *filp)
{
    unsigned int major = MAJOR(inode->i_rdev);

    if (major >= MAX_CHRDEV || !chrdevs[major].fops)
        return -ENXIO;
    filp->f_op = chrdevs[major].fops;
    return filp->f_op->open ? filp->f_op->open(inode, filp) : 0;
}

const struct file_operations def_chr_fops = {
    .open = chrdev_open,
};
