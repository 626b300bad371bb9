// SPDX-License-Identifier: MIT
// The tree of mounts and the calls that change it: mount(2), umount(2), and the boot's mount of rootfs.
//
//   namespace->root (rootfs)        lookup_mnt(mnt, dentry) answers: what covers this dentry of this mount?
//      `-- /proc  <- vfsmount (proc): mnt_parent, mnt_mountpoint lead back up, mnt_root is what is seen
//
// Truth: names are Linux 2.6's; errors as mount(2) and umount(2) list them.
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/namespace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/uaccess.h>

struct vfsmount *lookup_mnt(struct vfsmount *mnt, struct dentry *dentry)
{
    struct vfsmount *child;

    if (!mnt->mnt_namespace)
        return NULL;
    list_for_each_entry_reverse(child, &mnt->mnt_namespace->list, mnt_list)
        if (child->mnt_parent == mnt && child->mnt_mountpoint == dentry && child != mnt)
            return mntget(child);
    return NULL;
}

struct vfsmount *alloc_vfsmnt(const char *devname, struct super_block *sb, struct dentry *root)
{
    static int next_id = 1;
    struct vfsmount *mnt = kmalloc(sizeof(*mnt), GFP_KERNEL);

    if (!mnt)
        return NULL;
    memset(mnt, 0, sizeof(*mnt));
    mnt->mnt_devname = kmalloc(strlen(devname) + 1, GFP_KERNEL);
    if (!mnt->mnt_devname) {
        kfree(mnt);
        return NULL;
    }
    strcpy(mnt->mnt_devname, devname);
    atomic_set(&mnt->mnt_count, 1);
    INIT_LIST_HEAD(&mnt->mnt_list);
    mnt->mnt_id = next_id++;
    mnt->mnt_sb = sb;
    mnt->mnt_root = dget(root);
    mnt->mnt_mountpoint = root;
    mnt->mnt_parent = mnt;
    sb->s_active++;
    return mnt;
}

void __mntput(struct vfsmount *mnt)
{
    dput(mnt->mnt_root);
    deactivate_super(mnt->mnt_sb);
    kfree(mnt->mnt_devname);
    kfree(mnt);
}

static struct vfsmount *do_kern_mount(const char *fstype, int flags, const char *name, void *data)
{
    struct file_system_type *type = get_fs_type(fstype);
    struct super_block *sb;
    struct vfsmount *mnt;

    if (!type)
        return ERR_PTR(-ENODEV);
    sb = type->get_sb(type, flags & MS_RDONLY, name, data);
    if (IS_ERR(sb))
        return ERR_PTR(PTR_ERR(sb));
    mnt = alloc_vfsmnt(name, sb, sb->s_root);
    if (mnt)
        return mnt;
    sb->s_active++; // a fresh one goes with its only mount
    deactivate_super(sb);
    return ERR_PTR(-ENOMEM);
}

// A mount that no path leads to, e.g. of pipefs.
struct vfsmount *kern_mount(const char *fstype)
{
    return do_kern_mount(fstype, 0, fstype, NULL);
}

static int mnt_flags_of(unsigned long flags)
{
    return (flags & MS_NOSUID ? MNT_NOSUID : 0) | (flags & MS_NODEV ? MNT_NODEV : 0)
           | (flags & MS_NOEXEC ? MNT_NOEXEC : 0);
}

// Puts `mnt` on top of a dentry of `parent`, in the same namespace.
void attach_mnt(struct vfsmount *mnt, struct vfsmount *parent, struct dentry *mountpoint)
{
    mnt->mnt_parent = mntget(parent);
    mnt->mnt_mountpoint = dget(mountpoint);
    mnt->mnt_namespace = parent->mnt_namespace;
    mountpoint->d_mounted++;
    list_add_tail(&mnt->mnt_list, &mnt->mnt_namespace->list);
}

// Out of its tree; the root of a tree has nothing above it.
void detach_mnt(struct vfsmount *mnt)
{
    struct vfsmount *parent = mnt->mnt_parent;
    struct dentry *mountpoint = mnt->mnt_mountpoint;

    list_del_init(&mnt->mnt_list);
    mnt->mnt_namespace = NULL;
    if (parent == mnt)
        return;
    mnt->mnt_parent = mnt;
    mnt->mnt_mountpoint = mnt->mnt_root;
    mountpoint->d_mounted--;
    dput(mountpoint);
    mntput(parent);
}

// Is it in the tree that we see? Open directories lead to mounts of other trees, or of none any more.
static int check_mnt(struct vfsmount *mnt)
{
    return mnt->mnt_namespace && mnt->mnt_namespace == current->namespace;
}

static int do_add_mount(struct vfsmount *mnt, struct nameidata *nd, unsigned long flags)
{
    int error = 0;

    if (!S_ISDIR(nd->dentry->d_inode->i_mode) != !S_ISDIR(mnt->mnt_root->d_inode->i_mode))
        error = -ENOTDIR;
    else if (!(flags & MS_BIND) && nd->mnt->mnt_sb == mnt->mnt_sb && nd->mnt->mnt_root == nd->dentry)
        error = -EBUSY; // the same file system on top of itself
    else if (!check_mnt(nd->mnt))
        error = -EINVAL;
    if (error) {
        mntput(mnt);
        return error;
    }
    mnt->mnt_flags = mnt_flags_of(flags);
    attach_mnt(mnt, nd->mnt, nd->dentry);
    return 0;
}

static int do_new_mount(struct nameidata *nd, const char *type, unsigned long flags, const char *name, void *data)
{
    struct vfsmount *mnt;

    if (!type)
        return -EINVAL;
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    mnt = do_kern_mount(type, flags, name ? name : "none", data);
    return IS_ERR(mnt) ? PTR_ERR(mnt) : do_add_mount(mnt, nd, flags);
}

// mount --bind: a second view of a directory that is already there.
static int do_loopback(struct nameidata *nd, const char *old_name)
{
    struct nameidata old;
    struct vfsmount *mnt;
    int error;

    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (!old_name || !*old_name)
        return -EINVAL;
    error = path_lookup(old_name, LOOKUP_FOLLOW, &old);
    if (error)
        return error;
    mnt = alloc_vfsmnt(old.mnt->mnt_devname, old.mnt->mnt_sb, old.dentry);
    path_release(&old);
    return mnt ? do_add_mount(mnt, nd, MS_BIND) : -ENOMEM;
}

static int do_remount(struct nameidata *nd, unsigned long flags)
{
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (nd->dentry != nd->mnt->mnt_root || !check_mnt(nd->mnt))
        return -EINVAL;
    nd->mnt->mnt_sb->s_flags = (nd->mnt->mnt_sb->s_flags & ~MS_RDONLY) | (flags & MS_RDONLY);
    nd->mnt->mnt_flags = mnt_flags_of(flags);
    return 0;
}

// The order of the checks is 2.6.11's: first the place, then, for each kind of mount, who may.
long do_mount(const char *dev_name, const char *dir_name, const char *type, unsigned long flags, void *data)
{
    struct nameidata nd;
    int error;

    if (!dir_name || !*dir_name)
        return -EINVAL;
    error = path_lookup(dir_name, LOOKUP_FOLLOW, &nd);
    if (error)
        return error;
    if (flags & MS_REMOUNT)
        error = do_remount(&nd, flags);
    else if (flags & MS_BIND)
        error = do_loopback(&nd, dev_name);
    else if (flags & MS_MOVE)
        error = capable(CAP_SYS_ADMIN) ? -EINVAL : -EPERM; // not supported: said by the errno of an impossible move
    else
        error = do_new_mount(&nd, type, flags, dev_name, data);
    path_release(&nd);
    return error;
}

static char no_text[1];

static void put_mount_string(char *name)
{
    if (name && name != no_text)
        putname(name);
}

// A string argument of mount(2) may be NULL or empty, which are not the same.
static int copy_mount_string(const char __user *user, char **kernel)
{
    *kernel = NULL;
    if (!user)
        return 0;
    *kernel = getname(user);
    if (!IS_ERR(*kernel))
        return 0;
    if (PTR_ERR(*kernel) == -ENOENT) { // getname refuses what is empty
        *kernel = no_text;
        return 0;
    }
    return PTR_ERR(*kernel);
}

asmlinkage long sys_mount(char __user *dev_name, char __user *dir_name, char __user *type, unsigned long flags,
                          void __user *data)
{
    char *kernel_type, *kernel_dev = NULL, *kernel_dir;
    long error;

    if ((flags & 0xffff0000) == 0xc0ed0000) // a magic number from before the flags grew
        flags &= 0xffff;
    error = copy_mount_string(type, &kernel_type);
    if (error)
        return error;
    error = copy_mount_string(dev_name, &kernel_dev);
    if (error)
        goto out_type;
    kernel_dir = getname(dir_name);
    error = PTR_ERR(kernel_dir);
    if (!IS_ERR(kernel_dir)) {
        error = do_mount(kernel_dev, kernel_dir, kernel_type, flags, NULL);
        putname(kernel_dir);
    }
    put_mount_string(kernel_dev);
out_type:
    put_mount_string(kernel_type);
    return error;
}

static int has_children(struct vfsmount *mnt)
{
    struct vfsmount *child;

    list_for_each_entry(child, &mnt->mnt_namespace->list, mnt_list)
        if (child->mnt_parent == mnt && child != mnt)
            return 1;
    return 0;
}

asmlinkage long sys_umount(char __user *name, int flags)
{
    struct nameidata nd;
    struct vfsmount *mnt;
    int error;

    error = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW, &nd);
    if (error)
        return error;
    mnt = nd.mnt;
    if (nd.dentry != mnt->mnt_root || !check_mnt(mnt))
        error = -EINVAL;
    else if (!capable(CAP_SYS_ADMIN))
        error = -EPERM;
    else if (mnt == current->namespace->root)
        error = -EBUSY;
    else if (atomic_read(&mnt->mnt_count) > 2 || has_children(mnt)) // ours and the tree's
        error = -EBUSY;
    path_release(&nd);
    if (error)
        return error;
    detach_mnt(mnt);
    mntput(mnt);
    return 0;
}

asmlinkage long sys_oldumount(char __user *name)
{
    return sys_umount(name, 0);
}

static struct namespace init_namespace = {
    .count = ATOMIC_INIT(1), // process 0's; its children share it
    .list = LIST_HEAD_INIT(init_namespace.list),
};

// The first mount: everything else hangs below it, and init's root and working directory are its root.
void __init mnt_init(void)
{
    struct vfsmount *root = do_kern_mount("rootfs", 0, "none", NULL); // df passes over a device named rootfs

    if (IS_ERR(root))
        panic("VFS: cannot make the root file system (error %ld)", -PTR_ERR(root));
    root->mnt_namespace = &init_namespace;
    list_add(&root->mnt_list, &init_namespace.list);
    init_namespace.root = root;
    init_task.namespace = &init_namespace;
    set_fs_root(&init_fs, root, root->mnt_root);
    set_fs_pwd(&init_fs, root, root->mnt_root);
}
