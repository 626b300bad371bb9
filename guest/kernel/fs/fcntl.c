// SPDX-License-Identifier: MIT
// dup(2) and fcntl(2): copies of descriptors, and the flags of a descriptor and of an open file.
// Truth: dup(2), fcntl(2); names are Linux 2.6's.
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/pipe_fs_i.h>
#include <linux/sched.h>
#include <asm/uaccess.h>

long fcntl_getlk(struct file *filp, struct flock __user *l);
long fcntl_setlk(struct file *filp, unsigned int cmd, struct flock __user *l);
long fcntl_getlk64(struct file *filp, struct flock64 __user *l);
long fcntl_setlk64(struct file *filp, unsigned int cmd, struct flock64 __user *l);

static long dupfd(struct file *file, unsigned int start, int cloexec)
{
    int fd;

    if (start >= current->signal->rlim[RLIMIT_NOFILE].rlim_cur)
        return -EINVAL;
    fd = get_unused_fd_from(start);
    if (fd >= 0) {
        set_close_on_exec(fd, cloexec);
        get_file(file);
        fd_install(fd, file);
    }
    return fd;
}

asmlinkage long sys_dup(unsigned int fildes)
{
    struct file *file = fget(fildes);
    long ret;

    if (!file)
        return -EBADF;
    ret = dupfd(file, 0, 0);
    fput(file);
    return ret;
}

static long do_dup3(unsigned int oldfd, unsigned int newfd, int cloexec)
{
    struct file *file = fget(oldfd), *old;
    int error;

    if (!file)
        return -EBADF;
    error = reserve_fd(newfd, &old);
    if (error) {
        fput(file);
        return error;
    }
    set_close_on_exec(newfd, cloexec);
    fd_install(newfd, file); // the hold of fget becomes the table's
    if (old)
        filp_close(old, current->files);
    return newfd;
}

asmlinkage long sys_dup2(unsigned int oldfd, unsigned int newfd)
{
    if (oldfd == newfd)
        return fcheck_files(current->files, oldfd) ? (long)newfd : -EBADF;
    return do_dup3(oldfd, newfd, 0);
}

asmlinkage long sys_dup3(unsigned int oldfd, unsigned int newfd, int flags)
{
    if ((flags & ~O_CLOEXEC) || oldfd == newfd)
        return -EINVAL;
    return do_dup3(oldfd, newfd, !!(flags & O_CLOEXEC));
}

#define SETFL_MASK (O_APPEND | O_NONBLOCK | FASYNC | O_DIRECT | O_NOATIME)

static long setfl(int fd, struct file *filp, unsigned long arg)
{
    struct inode *inode = filp->f_dentry->d_inode;
    int error;

    if ((arg & O_NOATIME) && !(filp->f_flags & O_NOATIME) && current->fsuid != inode->i_uid && !capable(CAP_FOWNER))
        return -EPERM;
    if ((arg & O_DIRECT) && S_ISREG(inode->i_mode))
        return -EINVAL; // memory is all there is: no way round the page cache
    if (((arg ^ filp->f_flags) & FASYNC) && filp->f_op->fasync) {
        error = filp->f_op->fasync(fd, filp, !!(arg & FASYNC));
        if (error < 0)
            return error;
    }
    filp->f_flags = (arg & SETFL_MASK) | (filp->f_flags & ~SETFL_MASK);
    return 0;
}

// After O_PATH only what concerns the descriptor works.
static int allowed_on_path(unsigned int cmd)
{
    return cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC || cmd == F_GETFD || cmd == F_SETFD || cmd == F_GETFL;
}

// The two calls came with 2.6.32; glibc asks no other way who the owner is. A single thread (type 0) cannot be one here.
static long f_setown_ex(struct file *filp, const struct f_owner_ex __user *user)
{
    struct f_owner_ex owner;

    if (copy_from_user(&owner, user, sizeof(owner)))
        return -EFAULT;
    if ((owner.type != F_OWNER_PID && owner.type != F_OWNER_PGRP) || owner.pid < 0)
        return -EINVAL;
    f_setown(filp, owner.type == F_OWNER_PID ? owner.pid : -owner.pid, 1);
    return 0;
}

static long f_getown_ex(struct file *filp, struct f_owner_ex __user *user)
{
    int pid = filp->f_owner.pid;
    struct f_owner_ex owner = { pid < 0 ? F_OWNER_PGRP : F_OWNER_PID, pid < 0 ? -pid : pid };

    return copy_to_user(user, &owner, sizeof(owner)) ? -EFAULT : 0;
}

static long do_fcntl(unsigned int fd, unsigned int cmd, unsigned long arg, struct file *filp)
{
    switch (cmd) {
    case F_DUPFD:
        return dupfd(filp, arg, 0);
    case F_DUPFD_CLOEXEC:
        return dupfd(filp, arg, 1);
    case F_GETFD:
        return get_close_on_exec(fd) ? FD_CLOEXEC : 0;
    case F_SETFD:
        set_close_on_exec(fd, arg & FD_CLOEXEC);
        return 0;
    case F_GETFL:
        return filp->f_flags;
    case F_SETFL:
        return setfl(fd, filp, arg);
    case F_GETLK:
        return fcntl_getlk(filp, (struct flock __user *)arg);
    case F_SETLK:
    case F_SETLKW:
        return fcntl_setlk(filp, cmd, (struct flock __user *)arg);
    case F_GETOWN:
        return filp->f_owner.pid;
    case F_SETOWN:
        f_setown(filp, arg, 1);
        return 0;
    case F_SETOWN_EX:
        return f_setown_ex(filp, (const struct f_owner_ex __user *)arg);
    case F_GETOWN_EX:
        return f_getown_ex(filp, (struct f_owner_ex __user *)arg);
    case F_GETSIG:
        return filp->f_owner.signum;
    case F_SETSIG:
        if (arg > _NSIG)
            return -EINVAL;
        filp->f_owner.signum = arg;
        return 0;
    case F_GETPIPE_SZ:
        return filp->f_dentry->d_inode->i_pipe ? PIPE_SIZE : -EBADF;
    case F_SETPIPE_SZ:
        if (!filp->f_dentry->d_inode->i_pipe)
            return -EBADF;
        return arg <= PIPE_SIZE ? PIPE_SIZE : -EPERM; // pipes have one size here
    default:
        return -EINVAL;
    }
}

asmlinkage long sys_fcntl(unsigned int fd, unsigned int cmd, unsigned long arg)
{
    struct file *filp = fget(fd);
    long err;

    if (!filp)
        return -EBADF;
    err = (filp->f_mode & FMODE_PATH) && !allowed_on_path(cmd) ? -EBADF : do_fcntl(fd, cmd, arg, filp);
    fput(filp);
    return err;
}

asmlinkage long sys_fcntl64(unsigned int fd, unsigned int cmd, unsigned long arg)
{
    struct file *filp = fget(fd);
    long err;

    if (!filp)
        return -EBADF;
    if ((filp->f_mode & FMODE_PATH) && !allowed_on_path(cmd))
        err = -EBADF;
    else if (cmd == F_GETLK64)
        err = fcntl_getlk64(filp, (struct flock64 __user *)arg);
    else if (cmd == F_SETLK64 || cmd == F_SETLKW64)
        err = fcntl_setlk64(filp, cmd, (struct flock64 __user *)arg);
    else
        err = do_fcntl(fd, cmd, arg, filp);
    fput(filp);
    return err;
}
