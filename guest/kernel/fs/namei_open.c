// SPDX-License-Identifier: MIT
// The name part of open(2): find the file, or make it, and check that the caller may open it that way.
// Truth: names are Linux 2.6's; the order of errors is open(2)'s and was compared with a running Linux.
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/namei.h>
#include <linux/sched.h>

// O_RDONLY, O_WRONLY, O_RDWR, and 3, which asks for both rights and gives none (for ioctls).
static const int access_modes[] = { MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE, MAY_READ | MAY_WRITE };

static int acc_mode_of(int flag)
{
    int acc_mode = access_modes[flag & O_ACCMODE];

    if (flag & O_TRUNC)
        acc_mode |= MAY_WRITE;
    return flag & O_PATH ? 0 : acc_mode;
}

static int lookup_flags_of(int flag)
{
    return (flag & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flag & O_DIRECTORY ? LOOKUP_DIRECTORY : 0);
}

static int truncate_at_open(struct nameidata *nd)
{
    struct inode *inode = nd->dentry->d_inode;
    int error = get_write_access(inode);

    if (error)
        return error;
    error = do_truncate(nd->dentry, 0);
    put_write_access(inode);
    return error;
}

// The file exists and nd stands on it.
int may_open(struct nameidata *nd, int acc_mode, int flag)
{
    struct inode *inode = nd->dentry->d_inode;
    int error;

    if (!inode)
        return -ENOENT;
    if (flag & O_PATH)
        return 0;
    if (S_ISLNK(inode->i_mode))
        return -ELOOP;
    if (S_ISDIR(inode->i_mode) && (acc_mode & MAY_WRITE))
        return -EISDIR;
    error = permission(inode, acc_mode, nd);
    if (error)
        return error;
    if ((S_ISCHR(inode->i_mode) || S_ISBLK(inode->i_mode)) && (nd->mnt->mnt_flags & MNT_NODEV))
        return -EACCES;
    if ((flag & O_NOATIME) && current->fsuid != inode->i_uid && !capable(CAP_FOWNER))
        return -EPERM;
    if ((flag & O_TRUNC) && S_ISREG(inode->i_mode))
        return truncate_at_open(nd);
    return 0;
}

// The last component of a path that is opened with O_CREAT: nd stands on its directory. 0: nd stands on the file;
// 1: it was a link, nd->last is the next name to try; *created tells whether the file is new.
static int open_last(struct nameidata *nd, int flag, int mode, int *created)
{
    struct dentry *dir = nd->dentry, *dentry;
    struct vfsmount *mnt;
    const char *rest = "";
    int error;

    if (nd->last_type != LAST_NORM)
        return flag & O_EXCL ? -EEXIST : -EISDIR;
    if (nd->trailing_slash)
        return -EISDIR;
    dentry = lookup_hash(&nd->last, dir);
    if (IS_ERR(dentry))
        return PTR_ERR(dentry);
    if (!dentry->d_inode) {
        error = vfs_create(dir->d_inode, dentry, mode & ~current->fs->umask, nd);
        if (error) {
            dput(dentry);
            return error;
        }
        *created = 1;
        dput(dir);
        nd->dentry = dentry;
        return 0;
    }
    error = -EEXIST;
    if (flag & O_EXCL)
        goto out;
    if (S_ISLNK(dentry->d_inode->i_mode)) {
        error = -ELOOP;
        if (flag & O_NOFOLLOW)
            goto out;
        error = do_follow_link(nd, dentry, &rest);
        if (error)
            return error;
        if (!nd->depth || !*rest)
            return 0; // a link of /proc: nd has been moved to its target
        error = link_path_walk(rest, nd);
        return error ? error : 1;
    }
    mnt = mntget(nd->mnt);
    follow_mount(&mnt, &dentry);
    dput(nd->dentry);
    mntput(nd->mnt);
    nd->dentry = dentry;
    nd->mnt = mnt;
    return S_ISDIR(dentry->d_inode->i_mode) ? -EISDIR : 0;
out:
    dput(dentry);
    return error;
}

static int open_namei_create(int dfd, const char *pathname, int flag, int mode, struct nameidata *nd)
{
    int error = path_lookup_at(dfd, pathname, LOOKUP_PARENT, nd);
    int created = 0;

    if (error)
        return error;
    do
        error = open_last(nd, flag, mode, &created);
    while (error == 1);
    // The creator may open it whatever the mode says; there is nothing to truncate.
    if (!error && !created)
        error = may_open(nd, acc_mode_of(flag), flag);
    if (error)
        path_release(nd);
    return error;
}

noinline int open_namei(int dfd, const char *pathname, int flag, int mode, struct nameidata *nd)
{
    int error;

    if ((flag & O_CREAT) && (flag & O_DIRECTORY))
        return -EINVAL;
    if ((flag & O_TMPFILE) == O_TMPFILE) { // files without a name: the errno of a file system that has none
        error = path_lookup_at(dfd, pathname, lookup_flags_of(flag), nd);
        if (!error)
            path_release(nd);
        return error ? error : -EOPNOTSUPP;
    }
    if (flag & O_CREAT)
        return open_namei_create(dfd, pathname, flag, (mode & S_IALLUGO) | S_IFREG, nd);
    error = path_lookup_at(dfd, pathname, lookup_flags_of(flag), nd);
    if (error)
        return error;
    error = may_open(nd, acc_mode_of(flag), flag);
    if (error)
        path_release(nd);
    return error;
}
