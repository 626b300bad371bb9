// SPDX-License-Identifier: MIT
// Who may do what with an inode: the nine mode bits against the caller's fsuid, fsgid and groups, and what root's
// capabilities override. access(2) asks the same for the real ids. Truth: path_resolution(7), capabilities(7), access(2).
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/linkage.h>
#include <linux/namei.h>
#include <linux/sched.h>

static int capability_overrides(struct inode *inode, int mask)
{
    // Root may read and write everything, and execute what somebody may execute.
    if (!(mask & MAY_EXEC) || (inode->i_mode & S_IXUGO) || S_ISDIR(inode->i_mode))
        if (capable(CAP_DAC_OVERRIDE))
            return 1;
    if (mask == MAY_READ || (S_ISDIR(inode->i_mode) && !(mask & MAY_WRITE)))
        return capable(CAP_DAC_READ_SEARCH);
    return 0;
}

static int generic_permission(struct inode *inode, int mask)
{
    umode_t mode = inode->i_mode;

    if (current->fsuid == inode->i_uid)
        mode >>= 6;
    else if (in_group_p(inode->i_gid))
        mode >>= 3;
    if ((mode & mask) == mask)
        return 0;
    return capability_overrides(inode, mask) ? 0 : -EACCES;
}

int permission(struct inode *inode, int mask, struct nameidata *nd)
{
    umode_t mode = inode->i_mode;

    mask &= MAY_READ | MAY_WRITE | MAY_EXEC;
    if ((mask & MAY_WRITE) && IS_RDONLY(inode) && (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode)))
        return -EROFS;
    if ((mask & MAY_EXEC) && S_ISREG(mode) && nd && (nd->mnt->mnt_flags & MNT_NOEXEC))
        return -EACCES;
    if (inode->i_op && inode->i_op->permission)
        return inode->i_op->permission(inode, mask, nd);
    return generic_permission(inode, mask);
}

static long access_at(int dfd, const char __user *filename, int mode, unsigned int lookup)
{
    struct nameidata nd;
    int error;

    error = user_path_at(dfd, filename, lookup, &nd);
    if (error)
        return error;
    error = permission(nd.dentry->d_inode, mode, &nd);
    path_release(&nd);
    return error;
}

// With the real ids in place of the effective ones, and root's power only if the real user is root.
static long access_as_real_user(int dfd, const char __user *filename, int mode, unsigned int lookup)
{
    uid_t fsuid = current->fsuid;
    gid_t fsgid = current->fsgid;
    kernel_cap_t caps = current->cap_effective;
    long error;

    current->fsuid = current->uid;
    current->fsgid = current->gid;
    if (current->uid)
        current->cap_effective = 0;
    else
        current->cap_effective = current->cap_permitted;
    error = access_at(dfd, filename, mode, lookup);
    current->fsuid = fsuid;
    current->fsgid = fsgid;
    current->cap_effective = caps;
    return error;
}

asmlinkage long sys_faccessat2(int dfd, const char __user *filename, int mode, int flags)
{
    unsigned int lookup = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;

    if (mode & ~(MAY_READ | MAY_WRITE | MAY_EXEC))
        return -EINVAL;
    if (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    if (flags & AT_EMPTY_PATH)
        lookup |= LOOKUP_EMPTY;
    if (flags & AT_EACCESS)
        return access_at(dfd, filename, mode, lookup);
    return access_as_real_user(dfd, filename, mode, lookup);
}

asmlinkage long sys_faccessat(int dfd, const char __user *filename, int mode)
{
    return sys_faccessat2(dfd, filename, mode, 0);
}

asmlinkage long sys_access(const char __user *filename, int mode)
{
    return sys_faccessat2(AT_FDCWD, filename, mode, 0);
}
