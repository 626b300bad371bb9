// SPDX-License-Identifier: MIT
// Super blocks: one for each file system in use. A type either shows one and the same to every mount (proc, pipefs)
// or makes a fresh one (ramfs). Truth: names are Linux 2.6's.
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

LIST_HEAD(super_blocks);

// File systems without a device get numbers of major 0, as stat's st_dev shows them.
static dev_t next_anon_dev = MKDEV(0, 1);

struct super_block *sget(struct file_system_type *type, int flags)
{
    struct super_block *sb = kmalloc(sizeof(*sb), GFP_KERNEL);

    if (!sb)
        return NULL;
    memset(sb, 0, sizeof(*sb));
    sb->s_type = type;
    sb->s_flags = flags;
    sb->s_dev = next_anon_dev++;
    sb->s_blocksize = PAGE_SIZE;
    INIT_LIST_HEAD(&sb->s_inodes);
    list_add_tail(&sb->s_list, &super_blocks);
    return sb;
}

struct super_block *get_sb_nodev(struct file_system_type *type, int flags, void *data,
                                 int (*fill_super)(struct super_block *, void *))
{
    struct super_block *sb = sget(type, flags);
    int error;

    if (!sb)
        return ERR_PTR(-ENOMEM);
    error = fill_super(sb, data);
    if (error) {
        list_del(&sb->s_list);
        kfree(sb);
        return ERR_PTR(error);
    }
    return sb;
}

struct super_block *get_sb_single(struct file_system_type *type, int flags, void *data,
                                  int (*fill_super)(struct super_block *, void *))
{
    struct super_block *sb;

    list_for_each_entry(sb, &super_blocks, s_list)
        if (sb->s_type == type)
            return sb;
    return get_sb_nodev(type, flags, data, fill_super);
}

// Lets go of every name that the file system itself holds, deepest first. What is still open lives on until closed.
static void d_genocide(struct dentry *root)
{
    struct dentry *dir = root;

    for (;;) {
        struct dentry *parent = dir->d_parent;

        if (!list_empty(&dir->d_subdirs)) {
            dir = list_entry(dir->d_subdirs.next, struct dentry, d_child);
            continue;
        }
        if (dir == root)
            return;
        d_delete(dir);
        dput(dir);
        dir = parent;
    }
}

// The last mount of it is gone.
void deactivate_super(struct super_block *sb)
{
    if (--sb->s_active > 0 || sb->s_type->fs_flags & FS_SINGLE)
        return;
    d_genocide(sb->s_root);
    dput(sb->s_root);
    if (!list_empty(&sb->s_inodes)) {
        // Somebody who has no path to it any more holds a file; its inode still points at us.
        printk(KERN_WARNING "VFS: %s has open files after its last umount: super block kept\n", sb->s_type->name);
        return;
    }
    list_del(&sb->s_list);
    kfree(sb);
}
