// SPDX-License-Identifier: MIT
// From a dentry back to its path: d_path writes names from the end of a buffer towards its start while it climbs
// through parents and mount points. Truth: names are Linux 2.6's; getcwd(2) for the errors.
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/linkage.h>
#include <asm/uaccess.h>

static int prepend(char **end, int *room, const char *text, int len)
{
    if (*room < len)
        return -ENAMETOOLONG;
    *room -= len;
    *end -= len;
    memcpy(*end, text, len);
    return 0;
}

char *__d_path(struct dentry *dentry, struct vfsmount *mnt, struct dentry *root, struct vfsmount *rootmnt, char *buffer,
               int buflen)
{
    char *end = buffer + buflen;
    int error;

    error = prepend(&end, &buflen, "", 1);
    if (!error && dentry->d_parent != dentry && d_unhashed(dentry))
        error = prepend(&end, &buflen, " (deleted)", 10);
    while (!error && !(dentry == root && mnt == rootmnt)) {
        if (dentry == mnt->mnt_root || dentry->d_parent == dentry) {
            if (mnt->mnt_parent == mnt)
                break; // the very root: a directory outside the caller's root, or a pipe
            dentry = mnt->mnt_mountpoint;
            mnt = mnt->mnt_parent;
            continue;
        }
        error = prepend(&end, &buflen, (const char *)dentry->d_name.name, dentry->d_name.len);
        if (!error)
            error = prepend(&end, &buflen, "/", 1);
        dentry = dentry->d_parent;
    }
    if (!error && (*end == 0 || *end == ' '))
        error = prepend(&end, &buflen, "/", 1);
    return error ? ERR_PTR(error) : end;
}

char *d_path(struct dentry *dentry, struct vfsmount *mnt, char *buffer, int buflen)
{
    if (dentry->d_op && dentry->d_op->d_dname)
        return dentry->d_op->d_dname(dentry, buffer, buflen);
    return __d_path(dentry, mnt, current->fs->root, current->fs->rootmnt, buffer, buflen);
}

asmlinkage long sys_getcwd(char __user *buf, unsigned long size)
{
    struct fs_struct *fs = current->fs;
    char *page, *cwd;
    long error;

    if (fs->pwd->d_parent != fs->pwd && d_unhashed(fs->pwd))
        return -ENOENT; // the directory has been removed
    page = (char *)__get_free_page(GFP_KERNEL);
    if (!page)
        return -ENOMEM;
    cwd = d_path(fs->pwd, fs->pwdmnt, page, PAGE_SIZE);
    error = PTR_ERR(cwd);
    if (!IS_ERR(cwd)) {
        unsigned long len = page + PAGE_SIZE - cwd;

        error = len > size ? -ERANGE : len;
        if (error > 0 && copy_to_user(buf, cwd, len))
            error = -EFAULT;
    }
    free_page((unsigned long)page);
    return error;
}
