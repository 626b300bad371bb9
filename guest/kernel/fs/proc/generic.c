// SPDX-License-Identifier: MIT
// The registered part of /proc: a tree of proc_dir_entry, looked up and listed. Truth: names are Linux 2.6's.
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

static int single_show_open(struct inode *inode, struct file *file)
{
    struct proc_dir_entry *de = inode->u.generic_ip;

    return single_open(file, (int (*)(struct seq_file *, void *))de->data, NULL);
}

static const struct file_operations single_show_fops = {
    .llseek = seq_lseek,
    .read = seq_read,
    .open = single_show_open,
    .release = single_release,
};

static const struct inode_operations proc_dir_inode_operations = { .lookup = proc_lookup };
static const struct file_operations proc_dir_operations = { .llseek = generic_file_llseek, .read = generic_read_dir, .readdir = proc_readdir };

// New entries go to the end: /proc lists in the order of registration.
static void link_entry(struct proc_dir_entry *parent, struct proc_dir_entry *de)
{
    struct proc_dir_entry **link = &parent->subdir;

    while (*link)
        link = &(*link)->next;
    *link = de;
    de->parent = parent;
}

struct proc_dir_entry *create_proc_entry(const char *name, mode_t mode, struct proc_dir_entry *parent)
{
    static unsigned int next_ino = PROC_DYNAMIC_FIRST;
    struct proc_dir_entry *de = kzalloc(sizeof(*de), GFP_KERNEL);

    if (!de)
        return NULL;
    de->low_ino = next_ino++;
    de->name = name;
    de->mode = mode & S_IFMT ? mode : mode | S_IFREG;
    link_entry(parent ? parent : &proc_root, de);
    return de;
}

struct proc_dir_entry *proc_mkdir(const char *name, struct proc_dir_entry *parent)
{
    struct proc_dir_entry *de = create_proc_entry(name, S_IFDIR | S_IRUGO | S_IXUGO, parent);

    if (de) {
        de->proc_iops = &proc_dir_inode_operations;
        de->proc_fops = &proc_dir_operations;
    }
    return de;
}

struct proc_dir_entry *create_proc_show(const char *name, struct proc_dir_entry *parent,
                                        int (*show)(struct seq_file *, void *))
{
    struct proc_dir_entry *de = create_proc_entry(name, S_IRUGO, parent);

    if (de) {
        de->data = (void *)show;
        de->proc_fops = &single_show_fops;
    }
    return de;
}

struct inode *proc_make_inode(struct super_block *sb, unsigned long ino, umode_t mode)
{
    struct inode *inode = new_inode(sb);

    if (!inode)
        return NULL;
    inode->i_ino = ino;
    inode->i_mode = mode;
    inode->i_nlink = S_ISDIR(mode) ? 2 : 1;
    inode->i_blksize = 1024;
    return inode;
}

static struct inode *proc_get_inode(struct super_block *sb, struct proc_dir_entry *de)
{
    struct inode *inode = proc_make_inode(sb, de->low_ino, de->mode);

    if (inode) {
        inode->i_op = de->proc_iops;
        inode->i_fop = de->proc_fops;
        inode->u.generic_ip = de;
    }
    return inode;
}

struct dentry *proc_lookup(struct inode *dir, struct dentry *dentry, struct nameidata *nd)
{
    struct proc_dir_entry *parent = dir->u.generic_ip, *de;
    struct inode *inode;

    for (de = parent->subdir; de; de = de->next)
        if (!strcmp(de->name, (const char *)dentry->d_name.name)) {
            inode = proc_get_inode(dir->i_sb, de);
            if (!inode)
                return ERR_PTR(-ENOMEM);
            d_add(dentry, inode);
            return NULL;
        }
    return ERR_PTR(-ENOENT); // also for who would create the name: nobody can
}

// "." and "..". 0: the reader's buffer is full.
int proc_emit_dots(struct file *filp, void *dirent, filldir_t filldir, unsigned long parent_ino)
{
    if (filp->f_pos == 0) {
        if (filldir(dirent, ".", 1, 0, filp->f_dentry->d_inode->i_ino, DT_DIR) < 0)
            return 0;
        filp->f_pos = 1;
    }
    if (filp->f_pos == 1) {
        if (filldir(dirent, "..", 2, 1, parent_ino, DT_DIR) < 0)
            return 0;
        filp->f_pos = 2;
    }
    return 1;
}

int proc_readdir(struct file *filp, void *dirent, filldir_t filldir)
{
    struct proc_dir_entry *parent = filp->f_dentry->d_inode->u.generic_ip, *de = parent->subdir;
    loff_t i;

    if (!proc_emit_dots(filp, dirent, filldir, filp->f_dentry->d_parent->d_inode->i_ino))
        return 0;
    for (i = 2; de && i < filp->f_pos; i++)
        de = de->next;
    for (; de; de = de->next, filp->f_pos++)
        if (filldir(dirent, de->name, strlen(de->name), filp->f_pos, de->low_ino, (de->mode >> 12) & 15) < 0)
            return 0;
    return 1;
}
