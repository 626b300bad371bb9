// SPDX-License-Identifier: MIT
// Open files: from descriptor to struct file (fget), and the end of a struct file when its last user lets go (fput).
// Truth: names are Linux 2.6's.
#include <linux/eventpoll.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp_lock.h>
#include <linux/string.h>

#define MAX_FILES 8192 // in the whole system; root may exceed it

LIST_HEAD(file_list);
static int nr_files;

struct file *get_empty_filp(void)
{
    struct file *file;

    if (nr_files >= MAX_FILES && !capable(CAP_SYS_ADMIN)) {
        printk(KERN_INFO "VFS: file-max limit %d reached\n", MAX_FILES);
        return NULL;
    }
    file = kmalloc(sizeof(*file), GFP_KERNEL);
    if (!file)
        return NULL;
    memset(file, 0, sizeof(*file));
    atomic_set(&file->f_count, 1);
    INIT_LIST_HEAD(&file->f_ep_links);
    list_add_tail(&file->f_list, &file_list);
    nr_files++;
    return file;
}

// The open file of this descriptor, held, or NULL.
noinline struct file *fget(unsigned int fd)
{
    struct files_struct *files = current->files;
    struct file *file;

    spin_lock(&files->file_lock); // a thread that shares the table may close it before we hold it
    file = fcheck_files(files, fd);
    if (file)
        get_file(file);
    spin_unlock(&files->file_lock);
    return file;
}

static noinline void __fput(struct file *file)
{
    struct inode *inode = file->f_dentry ? file->f_dentry->d_inode : NULL;

    lock_kernel();
    if (!list_empty(&file->f_ep_links))
        eventpoll_release_file(file);
    if (inode) {
        locks_remove_flock(file);
        if (file->f_op && file->f_op->release)
            file->f_op->release(inode, file);
        if ((file->f_mode & FMODE_WRITE) && S_ISREG(inode->i_mode))
            put_write_access(inode);
    }
    dput(file->f_dentry);
    mntput(file->f_vfsmnt);
    list_del(&file->f_list);
    nr_files--;
    unlock_kernel();
    kfree(file);
}

void fput(struct file *file)
{
    if (atomic_dec_and_test(&file->f_count))
        __fput(file);
}

// i_writecount > 0 counts writers, < 0 counts running programs: a file cannot be both (ETXTBSY).
int get_write_access(struct inode *inode)
{
    if (atomic_read(&inode->i_writecount) < 0)
        return -ETXTBSY;
    atomic_inc(&inode->i_writecount);
    return 0;
}

void put_write_access(struct inode *inode)
{
    atomic_dec(&inode->i_writecount);
}

int deny_write_access(struct file *file)
{
    struct inode *inode = file->f_dentry->d_inode;

    if (atomic_read(&inode->i_writecount) > 0)
        return -ETXTBSY;
    atomic_dec(&inode->i_writecount);
    return 0;
}

void allow_write_access(struct file *file)
{
    if (file)
        atomic_inc(&file->f_dentry->d_inode->i_writecount);
}
