// SPDX-License-Identifier: MIT
// Inodes: made by a file system, shared by names and open files, gone when the last of both is gone.
// Truth: names are Linux 2.6's.
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time.h>

struct inode *new_inode(struct super_block *sb)
{
    static unsigned long last_ino = 1;
    struct inode *inode = kmalloc(sizeof(*inode), GFP_KERNEL);

    if (!inode)
        return NULL;
    memset(inode, 0, sizeof(*inode));
    atomic_set(&inode->i_count, 1);
    inode->i_nlink = 1;
    inode->i_ino = ++last_ino;
    inode->i_sb = sb;
    inode->i_blksize = PAGE_SIZE;
    inode->i_atime = inode->i_mtime = inode->i_ctime = CURRENT_TIME;
    INIT_LIST_HEAD(&inode->i_flock);
    init_waitqueue_head(&inode->i_flock_wait);
    address_space_init(&inode->i_data, inode);
    inode->i_mapping = &inode->i_data;
    list_add_tail(&inode->i_sb_list, &sb->s_inodes);
    return inode;
}

struct inode *igrab(struct inode *inode)
{
    atomic_inc(&inode->i_count);
    return inode;
}

// ramfs counts its names in d_inode holds: when the last hold goes, nothing can reach the file any more.
void iput(struct inode *inode)
{
    if (!inode || !atomic_dec_and_test(&inode->i_count))
        return;
    if (inode->i_sb->s_op && inode->i_sb->s_op->delete_inode)
        inode->i_sb->s_op->delete_inode(inode);
    truncate_inode_pages(&inode->i_data, 0);
    list_del(&inode->i_sb_list);
    kfree(inode);
}

static int no_open(struct inode *inode, struct file *filp)
{
    return -ENXIO;
}

// Opening a block device or a socket's name: there are no drivers for them.
const struct file_operations no_open_fops = {
    .open = no_open,
};

// Device nodes and fifos behave alike in every file system: their f_op does not come from it.
void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev)
{
    inode->i_mode = mode;
    inode->i_rdev = rdev;
    if (S_ISCHR(mode))
        inode->i_fop = &def_chr_fops;
    else if (S_ISFIFO(mode))
        inode->i_fop = &def_fifo_fops;
    else
        inode->i_fop = &no_open_fops;
}

static int older(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

// "relatime": the time of the last access is only kept newer than the last change, or one day old. That is what
// a Linux of today does by default.
void update_atime(struct inode *inode)
{
    struct timespec now = CURRENT_TIME;

    if (IS_RDONLY(inode))
        return;
    if (older(&inode->i_mtime, &inode->i_atime) && older(&inode->i_ctime, &inode->i_atime)
        && now.tv_sec - inode->i_atime.tv_sec < 24 * 60 * 60)
        return;
    inode->i_atime = now;
}

void inode_update_time(struct inode *inode)
{
    inode->i_mtime = inode->i_ctime = CURRENT_TIME;
}

// In units of 512 bytes: the memory that the file's pages take.
unsigned long long inode_blocks(const struct inode *inode)
{
    return (unsigned long long)inode->i_data.nrpages << (PAGE_SHIFT - 9);
}

void vfs_caches_init(unsigned long mempages)
{
    dcache_init();
    init_rootfs();
    mnt_init();
}
