// SPDX-License-Identifier: MIT
// Making and removing names: mkdir, mknod, symlink, link, rmdir, unlink, each as a call for paths, as its *at twin, and
// as the vfs_ function that checks and hands over to the file system.
// Truth: names are Linux 2.6's; errors as the calls' manual pages give them.
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/linkage.h>
#include <linux/namei.h>
#include <linux/sched.h>

static int is_dead(struct inode *dir)
{
    return dir->i_nlink == 0;
}

int may_create(struct inode *dir, struct dentry *child)
{
    if (child->d_inode)
        return -EEXIST;
    if (is_dead(dir))
        return -ENOENT;
    return permission(dir, MAY_WRITE | MAY_EXEC, NULL);
}

// In a directory with the sticky bit only the owner of a name (or of the directory) may remove it.
static int sticky_forbids(struct inode *dir, struct inode *inode)
{
    if (!(dir->i_mode & S_ISVTX) || inode->i_uid == current->fsuid || dir->i_uid == current->fsuid)
        return 0;
    return !capable(CAP_FOWNER);
}

int may_delete(struct inode *dir, struct dentry *victim, int isdir)
{
    struct inode *inode = victim->d_inode;
    int error;

    if (!inode)
        return -ENOENT;
    error = permission(dir, MAY_WRITE | MAY_EXEC, NULL);
    if (error)
        return error;
    if (sticky_forbids(dir, inode))
        return -EPERM;
    if (isdir && !S_ISDIR(inode->i_mode))
        return -ENOTDIR;
    if (!isdir && S_ISDIR(inode->i_mode))
        return -EISDIR;
    return is_dead(dir) ? -ENOENT : 0;
}

int vfs_create(struct inode *dir, struct dentry *dentry, int mode, struct nameidata *nd)
{
    int error = may_create(dir, dentry);

    if (error)
        return error;
    if (!dir->i_op->create)
        return -EACCES;
    return dir->i_op->create(dir, dentry, (mode & S_IALLUGO) | S_IFREG, nd);
}

// The new name at the end of nd's path, not yet existing; -EEXIST if it does.
struct dentry *lookup_create(struct nameidata *nd, int is_dir)
{
    struct dentry *dentry;

    if (nd->last_type != LAST_NORM)
        return ERR_PTR(-EEXIST);
    dentry = lookup_hash(&nd->last, nd->dentry);
    if (IS_ERR(dentry))
        return dentry;
    if (dentry->d_inode) {
        dput(dentry);
        return ERR_PTR(-EEXIST);
    }
    if (!is_dir && nd->trailing_slash) {
        dput(dentry);
        return ERR_PTR(-ENOENT);
    }
    return dentry;
}

int vfs_mkdir(struct inode *dir, struct dentry *dentry, int mode)
{
    int error = may_create(dir, dentry);

    if (error)
        return error;
    return dir->i_op->mkdir ? dir->i_op->mkdir(dir, dentry, mode & (S_IRWXUGO | S_ISVTX)) : -EPERM;
}

int vfs_mknod(struct inode *dir, struct dentry *dentry, int mode, dev_t dev)
{
    int error = may_create(dir, dentry);

    if (error)
        return error;
    if ((S_ISCHR(mode) || S_ISBLK(mode)) && !capable(CAP_MKNOD))
        return -EPERM;
    return dir->i_op->mknod ? dir->i_op->mknod(dir, dentry, mode, dev) : -EPERM;
}

int vfs_symlink(struct inode *dir, struct dentry *dentry, const char *oldname)
{
    int error = may_create(dir, dentry);

    if (error)
        return error;
    return dir->i_op->symlink ? dir->i_op->symlink(dir, dentry, oldname) : -EPERM;
}

int vfs_link(struct dentry *old_dentry, struct inode *dir, struct dentry *new_dentry)
{
    struct inode *inode = old_dentry->d_inode;
    int error;

    if (!inode)
        return -ENOENT;
    error = may_create(dir, new_dentry);
    if (error)
        return error;
    if (dir->i_sb != inode->i_sb)
        return -EXDEV;
    if (S_ISDIR(inode->i_mode) || !dir->i_op->link)
        return -EPERM;
    if (inode->i_nlink == 0)
        return -ENOENT;
    return dir->i_op->link(old_dentry, dir, new_dentry);
}

int vfs_rmdir(struct inode *dir, struct dentry *dentry)
{
    int error = may_delete(dir, dentry, 1);

    if (error)
        return error;
    if (!dir->i_op->rmdir)
        return -EPERM;
    if (d_mountpoint(dentry))
        return -EBUSY;
    error = dir->i_op->rmdir(dir, dentry);
    if (!error)
        d_delete(dentry);
    return error;
}

int vfs_unlink(struct inode *dir, struct dentry *dentry)
{
    int error = may_delete(dir, dentry, 0);

    if (error)
        return error;
    if (!dir->i_op->unlink)
        return -EPERM;
    if (d_mountpoint(dentry))
        return -EBUSY;
    error = dir->i_op->unlink(dir, dentry);
    if (!error)
        d_delete(dentry);
    return error;
}

asmlinkage long sys_mkdirat(int dfd, const char __user *pathname, int mode)
{
    struct nameidata nd;
    struct dentry *dentry;
    char *tmp;
    int error = user_path_parent(dfd, pathname, &nd, &tmp);

    if (error)
        return error;
    dentry = lookup_create(&nd, 1);
    error = PTR_ERR(dentry);
    if (!IS_ERR(dentry)) {
        error = vfs_mkdir(nd.dentry->d_inode, dentry, mode & ~current->fs->umask);
        dput(dentry);
    }
    path_release(&nd);
    putname(tmp);
    return error;
}

static int make_node(struct inode *dir, struct dentry *dentry, int mode, dev_t dev)
{
    switch (mode & S_IFMT) {
    case 0:
    case S_IFREG:
        return vfs_create(dir, dentry, mode, NULL);
    case S_IFCHR:
    case S_IFBLK:
        return vfs_mknod(dir, dentry, mode, dev);
    case S_IFIFO:
    case S_IFSOCK:
        return vfs_mknod(dir, dentry, mode, 0);
    case S_IFDIR:
        return -EPERM;
    default:
        return -EINVAL;
    }
}

asmlinkage long sys_mknodat(int dfd, const char __user *filename, int mode, unsigned int dev)
{
    struct nameidata nd;
    struct dentry *dentry;
    char *tmp;
    int error;

    if (S_ISDIR(mode))
        return -EPERM;
    error = user_path_parent(dfd, filename, &nd, &tmp);
    if (error)
        return error;
    dentry = lookup_create(&nd, 0);
    error = PTR_ERR(dentry);
    if (!IS_ERR(dentry)) {
        error = make_node(nd.dentry->d_inode, dentry, mode & ~current->fs->umask, new_decode_dev(dev));
        dput(dentry);
    }
    path_release(&nd);
    putname(tmp);
    return error;
}

asmlinkage long sys_symlinkat(const char __user *oldname, int dfd, const char __user *newname)
{
    struct nameidata nd;
    struct dentry *dentry;
    char *from, *tmp;
    int error;

    from = getname(oldname);
    if (IS_ERR(from))
        return PTR_ERR(from);
    error = user_path_parent(dfd, newname, &nd, &tmp);
    if (error)
        goto out;
    dentry = lookup_create(&nd, 0);
    error = PTR_ERR(dentry);
    if (!IS_ERR(dentry)) {
        error = vfs_symlink(nd.dentry->d_inode, dentry, from);
        dput(dentry);
    }
    path_release(&nd);
    putname(tmp);
out:
    putname(from);
    return error;
}

asmlinkage long sys_linkat(int olddfd, const char __user *oldname, int newdfd, const char __user *newname, int flags)
{
    struct nameidata old, nd;
    struct dentry *dentry;
    char *tmp;
    int error;

    if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    error = user_path_at(olddfd, oldname, at_lookup_flags(flags, flags & AT_SYMLINK_FOLLOW), &old);
    if (error)
        return error;
    error = user_path_parent(newdfd, newname, &nd, &tmp);
    if (error)
        goto out;
    dentry = lookup_create(&nd, 0);
    error = PTR_ERR(dentry);
    if (!IS_ERR(dentry)) {
        error = old.mnt != nd.mnt ? -EXDEV : vfs_link(old.dentry, nd.dentry->d_inode, dentry);
        dput(dentry);
    }
    path_release(&nd);
    putname(tmp);
out:
    path_release(&old);
    return error;
}

static long do_rmdir(int dfd, const char __user *pathname)
{
    static const int wrong_last[] = { [LAST_ROOT] = -EBUSY, [LAST_DOT] = -EINVAL, [LAST_DOTDOT] = -ENOTEMPTY };
    struct nameidata nd;
    struct dentry *dentry;
    char *tmp;
    int error = user_path_parent(dfd, pathname, &nd, &tmp);

    if (error)
        return error;
    error = wrong_last[nd.last_type];
    if (nd.last_type == LAST_NORM) {
        dentry = lookup_hash(&nd.last, nd.dentry);
        error = PTR_ERR(dentry);
        if (!IS_ERR(dentry)) {
            error = vfs_rmdir(nd.dentry->d_inode, dentry);
            dput(dentry);
        }
    }
    path_release(&nd);
    putname(tmp);
    return error;
}

static int unlink_dentry(struct nameidata *nd, struct dentry *dentry)
{
    if (nd->trailing_slash) // "name/" can only be a directory, which unlink doesn't remove
        return !dentry->d_inode ? -ENOENT : S_ISDIR(dentry->d_inode->i_mode) ? -EISDIR : -ENOTDIR;
    return vfs_unlink(nd->dentry->d_inode, dentry);
}

static long do_unlink(int dfd, const char __user *pathname)
{
    struct nameidata nd;
    struct dentry *dentry;
    char *tmp;
    int error = user_path_parent(dfd, pathname, &nd, &tmp);

    if (error)
        return error;
    error = -EISDIR;
    if (nd.last_type == LAST_NORM) {
        dentry = lookup_hash(&nd.last, nd.dentry);
        error = PTR_ERR(dentry);
        if (!IS_ERR(dentry)) {
            error = unlink_dentry(&nd, dentry);
            dput(dentry);
        }
    }
    path_release(&nd);
    putname(tmp);
    return error;
}

asmlinkage long sys_unlinkat(int dfd, const char __user *pathname, int flag)
{
    if (flag & ~AT_REMOVEDIR)
        return -EINVAL;
    return flag & AT_REMOVEDIR ? do_rmdir(dfd, pathname) : do_unlink(dfd, pathname);
}

asmlinkage long sys_mkdir(const char __user *pathname, int mode)
{
    return sys_mkdirat(AT_FDCWD, pathname, mode);
}

asmlinkage long sys_mknod(const char __user *filename, int mode, unsigned int dev)
{
    return sys_mknodat(AT_FDCWD, filename, mode, dev);
}

asmlinkage long sys_symlink(const char __user *oldname, const char __user *newname)
{
    return sys_symlinkat(oldname, AT_FDCWD, newname);
}

asmlinkage long sys_link(const char __user *oldname, const char __user *newname)
{
    return sys_linkat(AT_FDCWD, oldname, AT_FDCWD, newname, 0);
}

asmlinkage long sys_rmdir(const char __user *pathname)
{
    return do_rmdir(AT_FDCWD, pathname);
}

asmlinkage long sys_unlink(const char __user *pathname)
{
    return do_unlink(AT_FDCWD, pathname);
}
