// SPDX-License-Identifier: MIT
// Changing an inode's attributes: who may (inode_change_ok), and the change itself (notify_change -> inode_setattr).
// Truth: chmod(2), chown(2), utimensat(2), truncate(2); names are Linux 2.6's.
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/signal.h>

static int is_owner(const struct inode *inode)
{
    return current->fsuid == inode->i_uid || capable(CAP_FOWNER);
}

static int may_chown(const struct inode *inode, uid_t uid)
{
    return (current->fsuid == inode->i_uid && uid == inode->i_uid) || capable(CAP_CHOWN);
}

// The owner may give a file to a group that he is in.
static int may_chgrp(const struct inode *inode, gid_t gid)
{
    return (current->fsuid == inode->i_uid && (in_group_p(gid) || gid == inode->i_gid)) || capable(CAP_CHOWN);
}

int inode_change_ok(struct inode *inode, struct iattr *attr)
{
    unsigned int ia_valid = attr->ia_valid;

    if (ia_valid & ATTR_FORCE)
        return 0;
    if ((ia_valid & ATTR_UID) && !may_chown(inode, attr->ia_uid))
        return -EPERM;
    if ((ia_valid & ATTR_GID) && !may_chgrp(inode, attr->ia_gid))
        return -EPERM;
    if (ia_valid & ATTR_MODE) {
        gid_t gid = ia_valid & ATTR_GID ? attr->ia_gid : inode->i_gid;

        if (!is_owner(inode))
            return -EPERM;
        if (!in_group_p(gid) && !capable(CAP_FSETID))
            attr->ia_mode &= ~S_ISGID;
    }
    if ((ia_valid & (ATTR_MTIME_SET | ATTR_ATIME_SET)) && !is_owner(inode))
        return -EPERM;
    return 0;
}

void inode_setattr(struct inode *inode, struct iattr *attr)
{
    if (attr->ia_valid & ATTR_UID)
        inode->i_uid = attr->ia_uid;
    if (attr->ia_valid & ATTR_GID)
        inode->i_gid = attr->ia_gid;
    if (attr->ia_valid & ATTR_ATIME)
        inode->i_atime = attr->ia_atime;
    if (attr->ia_valid & ATTR_MTIME)
        inode->i_mtime = attr->ia_mtime;
    if (attr->ia_valid & ATTR_CTIME)
        inode->i_ctime = attr->ia_ctime;
    if (attr->ia_valid & ATTR_MODE)
        inode->i_mode = (inode->i_mode & S_IFMT) | (attr->ia_mode & S_IALLUGO);
}

// A chown (even one that changes nothing) or a new size takes the set-id bits away (set-gid only where group execution makes it one).
static void drop_suid(struct inode *inode, struct iattr *attr)
{
    umode_t mode = attr->ia_valid & ATTR_MODE ? attr->ia_mode : inode->i_mode;

    if (S_ISDIR(inode->i_mode) || !(attr->ia_valid & (ATTR_KILL_PRIV | ATTR_SIZE)))
        return;
    if ((attr->ia_valid & ATTR_SIZE) && capable(CAP_FSETID))
        return;
    if (mode & S_ISUID)
        mode &= ~S_ISUID;
    if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
        mode &= ~S_ISGID;
    if (mode != inode->i_mode) {
        attr->ia_mode = mode;
        attr->ia_valid |= ATTR_MODE;
    }
}

int notify_change(struct dentry *dentry, struct iattr *attr)
{
    struct inode *inode = dentry->d_inode;
    struct timespec now = CURRENT_TIME;
    int error;

    if (IS_RDONLY(inode))
        return -EROFS;
    error = inode_change_ok(inode, attr);
    if (error)
        return error;
    attr->ia_ctime = now;
    attr->ia_valid |= ATTR_CTIME;
    if (!(attr->ia_valid & ATTR_ATIME_SET))
        attr->ia_atime = now;
    if (!(attr->ia_valid & ATTR_MTIME_SET))
        attr->ia_mtime = now;
    drop_suid(inode, attr);
    if (inode->i_op && inode->i_op->setattr)
        return inode->i_op->setattr(dentry, attr);
    if (attr->ia_valid & ATTR_SIZE) {
        error = vmtruncate(inode, attr->ia_size);
        if (error)
            return error;
    }
    inode_setattr(inode, attr);
    return 0;
}

int do_truncate(struct dentry *dentry, loff_t length)
{
    struct iattr attr = { .ia_valid = ATTR_SIZE | ATTR_MTIME | ATTR_FORCE, .ia_size = length };

    if (length < 0)
        return -EINVAL;
    return notify_change(dentry, &attr);
}

// Sets the size; what lies beyond is gone from the file and from every mapping of it.
int vmtruncate(struct inode *inode, loff_t size)
{
    if (size > inode->i_size) {
        if ((unsigned long long)size > current->signal->rlim[RLIMIT_FSIZE].rlim_cur
            && current->signal->rlim[RLIMIT_FSIZE].rlim_cur != RLIM_INFINITY) {
            send_sig(SIGXFSZ, current, 0);
            return -EFBIG;
        }
        if ((unsigned long long)size > MAX_LFS_FILESIZE)
            return -EFBIG;
        i_size_write(inode, size);
        return 0;
    }
    i_size_write(inode, size);
    unmap_mapping_range(inode->i_mapping, (size + PAGE_SIZE - 1) & ~(loff_t)(PAGE_SIZE - 1), 0, 1);
    truncate_inode_pages(inode->i_mapping, size);
    return 0;
}
