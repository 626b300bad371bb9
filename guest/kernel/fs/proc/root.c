// SPDX-License-Identifier: MIT
// /proc itself: first the registered entries, then "self", then a directory for each process.
// Truth: names are Linux 2.6's; proc(5).
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/namei.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/statfs.h>
#include <linux/string.h>

static struct dentry *proc_root_lookup(struct inode *dir, struct dentry *dentry, struct nameidata *nd)
{
    struct dentry *result = proc_lookup(dir, dentry, nd);

    return PTR_ERR(result) == -ENOENT ? proc_pid_lookup(dir, dentry) : result;
}

static int proc_root_readdir(struct file *filp, void *dirent, filldir_t filldir)
{
    if (filp->f_pos < FIRST_PROCESS_POSITION) {
        int whole = proc_readdir(filp, dirent, filldir);

        if (whole <= 0)
            return whole;
        filp->f_pos = FIRST_PROCESS_POSITION;
    }
    return proc_pid_readdir(filp, dirent, filldir);
}

static const struct inode_operations proc_root_inode_operations = { .lookup = proc_root_lookup };
static const struct file_operations proc_root_operations = {
    .llseek = generic_file_llseek, .read = generic_read_dir, .readdir = proc_root_readdir
};

struct proc_dir_entry proc_root = {
    .low_ino = PROC_ROOT_INO,
    .name = "/proc",
    .mode = S_IFDIR | S_IRUGO | S_IXUGO,
    .proc_iops = &proc_root_inode_operations,
    .proc_fops = &proc_root_operations,
};

static int proc_statfs(struct super_block *sb, struct kstatfs *buf)
{
    return 0; // nothing takes any room
}

static const struct super_operations proc_sops = { .statfs = proc_statfs };

static int proc_fill_super(struct super_block *sb, void *data)
{
    struct inode *root;

    sb->s_magic = PROC_SUPER_MAGIC;
    sb->s_op = &proc_sops;
    root = proc_make_inode(sb, PROC_ROOT_INO, proc_root.mode);
    if (!root)
        return -ENOMEM;
    root->i_op = &proc_root_inode_operations;
    root->i_fop = &proc_root_operations;
    root->u.generic_ip = &proc_root;
    sb->s_root = d_alloc_root(root);
    return sb->s_root ? 0 : -ENOMEM;
}

static struct super_block *proc_get_sb(struct file_system_type *type, int flags, const char *dev_name, void *data)
{
    return get_sb_single(type, flags, data, proc_fill_super);
}

static struct file_system_type proc_fs_type = { .name = "proc", .fs_flags = FS_SINGLE, .get_sb = proc_get_sb };

void __init proc_root_init(void)
{
    register_filesystem(&proc_fs_type);
    proc_misc_init();
    proc_cpuinfo_init();
    proc_sysctl_init();
}
