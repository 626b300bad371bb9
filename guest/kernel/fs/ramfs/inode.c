// SPDX-License-Identifier: MIT
// ramfs: a file system that is nothing but the VFS's own structures. Names are dentries that are never let go, data is
// pages that are never written anywhere; rootfs, which the initramfs is unpacked into, is one.
//
//   a name in a directory = 1 hold on its dentry (pin), dropped by unlink, rmdir, and rename onto it
//
// Truth: names are Linux 2.6's; link counts of directories as every Unix counts them (2 + subdirectories).
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/string.h>

static const struct inode_operations ramfs_dir_inode_operations;
static const struct inode_operations ramfs_link_inode_operations;

static int always_synced(struct file *file, struct dentry *dentry, int datasync)
{
    return 0;
}

static const struct file_operations ramfs_file_operations = {
    .llseek = generic_file_llseek,
    .read = generic_file_read,
    .write = generic_file_write,
    .mmap = generic_file_mmap,
    .open = generic_file_open,
    .fsync = always_synced,
};

static const struct file_operations ramfs_dir_operations = {
    .llseek = generic_file_llseek,
    .read = generic_read_dir,
    .readdir = dcache_readdir,
    .fsync = always_synced,
};

struct inode *ramfs_get_inode(struct super_block *sb, int mode, dev_t dev)
{
    struct inode *inode = new_inode(sb);

    if (!inode)
        return NULL;
    inode->i_mode = mode;
    inode->i_uid = current->fsuid;
    inode->i_gid = current->fsgid;
    switch (mode & S_IFMT) {
    case S_IFREG:
        inode->i_fop = &ramfs_file_operations;
        break;
    case S_IFDIR:
        inode->i_op = &ramfs_dir_inode_operations;
        inode->i_fop = &ramfs_dir_operations;
        inode->i_nlink = 2; // its name, and its own "."
        break;
    case S_IFLNK:
        inode->i_op = &ramfs_link_inode_operations;
        break;
    default:
        init_special_inode(inode, mode, dev);
    }
    return inode;
}

static void touch_dir(struct inode *dir)
{
    inode_update_time(dir);
}

// The name appears in the directory: the pin is set.
static void ramfs_add_name(struct inode *dir, struct dentry *dentry, struct inode *inode)
{
    d_instantiate(dentry, inode);
    dget(dentry);
    touch_dir(dir);
}

static void ramfs_remove_name(struct inode *dir, struct dentry *dentry)
{
    touch_dir(dir);
    dput(dentry); // the caller still holds it
}

static struct dentry *ramfs_lookup(struct inode *dir, struct dentry *dentry, struct nameidata *nd)
{
    d_add(dentry, NULL); // every name that exists is in memory: this one doesn't
    return NULL;
}

// In a directory with the set-gid bit new files get its group, and new directories the bit too.
static void inherit_group(struct inode *dir, struct inode *inode)
{
    if (!(dir->i_mode & S_ISGID))
        return;
    inode->i_gid = dir->i_gid;
    if (S_ISDIR(inode->i_mode))
        inode->i_mode |= S_ISGID;
}

static int ramfs_mknod(struct inode *dir, struct dentry *dentry, int mode, dev_t dev)
{
    struct inode *inode = ramfs_get_inode(dir->i_sb, mode, dev);

    if (!inode)
        return -ENOSPC;
    inherit_group(dir, inode);
    ramfs_add_name(dir, dentry, inode);
    return 0;
}

static int ramfs_mkdir(struct inode *dir, struct dentry *dentry, int mode)
{
    int error = ramfs_mknod(dir, dentry, mode | S_IFDIR, 0);

    if (!error)
        dir->i_nlink++; // the new directory's ".."
    return error;
}

static int ramfs_create(struct inode *dir, struct dentry *dentry, int mode, struct nameidata *nd)
{
    return ramfs_mknod(dir, dentry, mode | S_IFREG, 0);
}

static int ramfs_symlink(struct inode *dir, struct dentry *dentry, const char *symname)
{
    struct inode *inode = ramfs_get_inode(dir->i_sb, S_IFLNK | S_IRWXUGO, 0);

    if (!inode)
        return -ENOSPC;
    inode->u.i_link = kstrdup(symname, GFP_KERNEL);
    if (!inode->u.i_link) {
        iput(inode);
        return -ENOSPC;
    }
    inode->i_size = strlen(symname);
    inherit_group(dir, inode);
    ramfs_add_name(dir, dentry, inode);
    return 0;
}

static int ramfs_link(struct dentry *old_dentry, struct inode *dir, struct dentry *dentry)
{
    struct inode *inode = igrab(old_dentry->d_inode);

    inode->i_ctime = CURRENT_TIME;
    inode->i_nlink++;
    ramfs_add_name(dir, dentry, inode);
    return 0;
}

static int ramfs_unlink(struct inode *dir, struct dentry *dentry)
{
    struct inode *inode = dentry->d_inode;

    inode->i_ctime = CURRENT_TIME;
    inode->i_nlink--;
    ramfs_remove_name(dir, dentry);
    return 0;
}

static int ramfs_is_empty(struct dentry *dir)
{
    struct dentry *child;

    list_for_each_entry(child, &dir->d_subdirs, d_child)
        if (child->d_inode)
            return 0;
    return 1;
}

static int ramfs_rmdir(struct inode *dir, struct dentry *dentry)
{
    if (!ramfs_is_empty(dentry))
        return -ENOTEMPTY;
    dentry->d_inode->i_nlink = 0;
    dentry->d_inode->i_ctime = CURRENT_TIME;
    dir->i_nlink--;
    ramfs_remove_name(dir, dentry);
    return 0;
}

static int ramfs_rename(struct inode *old_dir, struct dentry *old_dentry, struct inode *new_dir,
                        struct dentry *new_dentry)
{
    int is_dir = S_ISDIR(old_dentry->d_inode->i_mode);
    int error = 0;

    if (new_dentry->d_inode)
        error = is_dir ? ramfs_rmdir(new_dir, new_dentry) : ramfs_unlink(new_dir, new_dentry);
    if (error)
        return error;
    if (is_dir) {
        old_dir->i_nlink--;
        new_dir->i_nlink++;
    }
    touch_dir(old_dir);
    touch_dir(new_dir);
    old_dentry->d_inode->i_ctime = CURRENT_TIME;
    return 0;
}

static const char *ramfs_follow_link(struct dentry *dentry, struct nameidata *nd)
{
    return dentry->d_inode->u.i_link;
}

static int ramfs_readlink(struct dentry *dentry, char __user *buffer, int buflen)
{
    return vfs_readlink(buffer, buflen, dentry->d_inode->u.i_link);
}

static const struct inode_operations ramfs_dir_inode_operations = {
    .create = ramfs_create,
    .lookup = ramfs_lookup,
    .link = ramfs_link,
    .unlink = ramfs_unlink,
    .symlink = ramfs_symlink,
    .mkdir = ramfs_mkdir,
    .rmdir = ramfs_rmdir,
    .mknod = ramfs_mknod,
    .rename = ramfs_rename,
};

static const struct inode_operations ramfs_link_inode_operations = {
    .readlink = ramfs_readlink,
    .follow_link = ramfs_follow_link,
};

static void ramfs_delete_inode(struct inode *inode)
{
    if (S_ISLNK(inode->i_mode))
        kfree(inode->u.i_link);
}

// The memory is the disk, but for the part that generic_file_write leaves to programs.
static int ramfs_statfs(struct super_block *sb, struct kstatfs *buf)
{
    unsigned long free = nr_free_pages(), reserve = totalram_pages / 16;

    buf->f_blocks = totalram_pages - reserve;
    buf->f_bfree = buf->f_bavail = free > reserve ? free - reserve : 0;
    return 0;
}

static const struct super_operations ramfs_ops = {
    .delete_inode = ramfs_delete_inode,
    .statfs = ramfs_statfs,
};

static int ramfs_fill_super(struct super_block *sb, void *data)
{
    struct inode *root;

    sb->s_magic = RAMFS_MAGIC;
    sb->s_op = &ramfs_ops;
    root = ramfs_get_inode(sb, S_IFDIR | 0755, 0);
    if (!root)
        return -ENOMEM;
    sb->s_root = d_alloc_root(root);
    if (!sb->s_root) {
        iput(root);
        return -ENOMEM;
    }
    return 0;
}

static struct super_block *ramfs_get_sb(struct file_system_type *type, int flags, const char *dev_name, void *data)
{
    return get_sb_nodev(type, flags, data, ramfs_fill_super);
}

static struct super_block *rootfs_get_sb(struct file_system_type *type, int flags, const char *dev_name, void *data)
{
    return get_sb_single(type, flags, data, ramfs_fill_super);
}

// tmpfs is ramfs under another name, as in Linux kernels that are built without it: mount options are ignored.
static struct file_system_type ramfs_fs_type = { .name = "ramfs", .get_sb = ramfs_get_sb };
static struct file_system_type tmpfs_fs_type = { .name = "tmpfs", .get_sb = ramfs_get_sb };
static struct file_system_type rootfs_fs_type = { .name = "rootfs", .fs_flags = FS_SINGLE, .get_sb = rootfs_get_sb };

void __init init_rootfs(void)
{
    register_filesystem(&rootfs_fs_type);
    register_filesystem(&ramfs_fs_type);
    register_filesystem(&tmpfs_fs_type);
}
