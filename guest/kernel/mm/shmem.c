// SPDX-License-Identifier: MIT
// Memory that processes share without a file: MAP_SHARED | MAP_ANONYMOUS (named /dev/zero in /proc/PID/maps) and the
// segments of System V (ipc/shm.c). Each is a file without a name in a ramfs that is mounted nowhere: its pages are in the
// page cache like any other file's, fork does not copy them, and they go with the last area.
// [linux-2.6.11] mm/shmem.c: shmem_file_setup, shmem_zero_setup.
#include "mmap.h"
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/mount.h>
#include <linux/sched.h>

static struct vfsmount *shm_mnt;

static char *shmem_dname(struct dentry *dentry, char *buffer, int buflen)
{
    snprintf(buffer, buflen, "/%s (deleted)", (const char *)dentry->d_name.name);
    return buffer;
}

static const struct dentry_operations shmem_dentry_operations = { .d_dname = shmem_dname };

struct file *shmem_file_setup(const char *name, loff_t size)
{
    if (IS_ERR(shm_mnt))
        return (void *)shm_mnt;
    if (size < 0 || size > MAX_LFS_FILESIZE)
        return ERR_PTR(-EINVAL);
    struct inode *inode = ramfs_get_inode(shm_mnt->mnt_sb, S_IFREG | S_IRWXUGO, 0);
    if (!inode)
        return ERR_PTR(-ENOSPC);
    inode->i_nlink = 0;
    inode->i_size = size;
    struct dentry *dentry = d_alloc_anon(inode, name);
    if (!dentry) {
        iput(inode);
        return ERR_PTR(-ENOMEM);
    }
    dentry->d_op = &shmem_dentry_operations;
    return dentry_open(dentry, mntget(shm_mnt), O_RDWR); // lets go of both if it fails
}

int shmem_zero_setup(struct vm_area_struct *vma)
{
    struct file *file = shmem_file_setup("dev/zero", vma->vm_end - vma->vm_start);
    if (IS_ERR(file))
        return PTR_ERR(file);
    vma->vm_file = file;
    vma->vm_pgoff = 0;
    return generic_file_mmap(file, vma);
}

static int __init init_shmem(void)
{
    shm_mnt = kern_mount("tmpfs");
    return IS_ERR(shm_mnt) ? PTR_ERR(shm_mnt) : 0;
}
fs_initcall(init_shmem);
