// SPDX-License-Identifier: MIT
// devpts: a directory in which a node appears for each open pseudo-terminal and goes with it. There is one, whoever mounts
// it and wherever; mount options are not looked at. A node belongs to who opened /dev/ptmx, mode 0600.
// Truth: pts(4); names are Linux 2.6's.
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/statfs.h>
#include <linux/string.h>
#include <linux/tty.h>

#define DEVPTS_SUPER_MAGIC 0x1cd1

static struct vfsmount *devpts_mnt;

static struct dentry *devpts_lookup(struct inode *dir, struct dentry *dentry, struct nameidata *nd)
{
    d_add(dentry, NULL); // the names that exist are all in memory
    return NULL;
}

static const struct inode_operations devpts_dir_inode_operations = { .lookup = devpts_lookup };

static const struct file_operations devpts_dir_operations = {
    .llseek = generic_file_llseek,
    .read = generic_read_dir,
    .readdir = dcache_readdir,
};

static int devpts_statfs(struct super_block *sb, struct kstatfs *buf)
{
    return 0;
}

static const struct super_operations devpts_ops = { .statfs = devpts_statfs };

static int devpts_fill_super(struct super_block *sb, void *data)
{
    struct inode *root = new_inode(sb);

    if (!root)
        return -ENOMEM;
    sb->s_magic = DEVPTS_SUPER_MAGIC;
    sb->s_op = &devpts_ops;
    root->i_mode = S_IFDIR | S_IRWXU | S_IRUGO | S_IXUGO;
    root->i_op = &devpts_dir_inode_operations;
    root->i_fop = &devpts_dir_operations;
    root->i_nlink = 2;
    sb->s_root = d_alloc_root(root);
    if (sb->s_root)
        return 0;
    iput(root);
    return -ENOMEM;
}

static struct super_block *devpts_get_sb(struct file_system_type *type, int flags, const char *dev_name, void *data)
{
    return get_sb_single(type, flags, data, devpts_fill_super);
}

static struct file_system_type devpts_fs_type = { .name = "devpts", .fs_flags = FS_SINGLE, .get_sb = devpts_get_sb };

// The dentry of this number, new or (perhaps negative) old, held.
static struct dentry *get_node(int number)
{
    char name[12];
    struct qstr this = { .name = (unsigned char *)name };
    struct dentry *root = devpts_mnt->mnt_sb->s_root, *dentry;

    this.len = sprintf(name, "%d", number);
    this.hash = full_name_hash(this.name, this.len);
    dentry = d_lookup(root, &this);
    if (dentry)
        return dentry;
    dentry = d_alloc(root, &this);
    if (dentry)
        d_add(dentry, NULL);
    return dentry;
}

int devpts_pty_new(int number, dev_t device)
{
    struct inode *inode = new_inode(devpts_mnt->mnt_sb);
    struct dentry *dentry;

    if (!inode)
        return -ENOMEM;
    inode->i_uid = current->fsuid;
    inode->i_gid = current->fsgid;
    inode->i_mode = S_IFCHR | S_IRUSR | S_IWUSR;
    init_special_inode(inode, inode->i_mode, device);
    dentry = get_node(number);
    if (!dentry) {
        iput(inode);
        return -ENOMEM;
    }
    d_instantiate(dentry, inode); // the hold that get_node gave is the name's own
    return 0;
}

void devpts_pty_kill(int number)
{
    struct dentry *dentry = get_node(number);

    if (!dentry)
        return;
    if (dentry->d_inode) {
        dentry->d_inode->i_nlink--;
        d_delete(dentry);
        dput(dentry);
    }
    dput(dentry);
}

static int __init init_devpts_fs(void)
{
    int error = register_filesystem(&devpts_fs_type);

    if (!error) {
        devpts_mnt = kern_mount("devpts");
        error = IS_ERR(devpts_mnt) ? PTR_ERR(devpts_mnt) : 0;
    }
    return error;
}

fs_initcall(init_devpts_fs);
