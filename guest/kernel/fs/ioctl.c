// SPDX-License-Identifier: MIT
// ioctl(2): a few requests that every file knows, the rest is the file's own business.
// Truth: ioctl(2), ioctl_tty(2); names are Linux 2.6's.
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/linkage.h>
#include <asm/ioctls.h>
#include <asm/uaccess.h>

static long set_nonblocking(struct file *filp, int __user *arg)
{
    int on;

    if (get_user(on, arg))
        return -EFAULT;
    if (on)
        filp->f_flags |= O_NONBLOCK;
    else
        filp->f_flags &= ~O_NONBLOCK;
    return 0;
}

static int set_asynchronous(unsigned int fd, struct file *filp, int __user *arg)
{
    int on, error = 0;

    if (get_user(on, arg))
        return -EFAULT;
    if (!on != !(filp->f_flags & FASYNC))
        error = filp->f_op && filp->f_op->fasync ? filp->f_op->fasync(fd, filp, !!on) : -ENOTTY;
    if (error < 0)
        return error;
    filp->f_flags = on ? filp->f_flags | FASYNC : filp->f_flags & ~FASYNC;
    return 0;
}

static long file_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
    struct inode *inode = filp->f_dentry->d_inode;

    if (S_ISREG(inode->i_mode) && cmd == FIONREAD)
        return put_user((int)(inode->i_size - filp->f_pos), (int __user *)arg);
    if (filp->f_op && filp->f_op->ioctl)
        return filp->f_op->ioctl(inode, filp, cmd, arg);
    return -ENOTTY;
}

asmlinkage long sys_ioctl(unsigned int fd, unsigned int cmd, unsigned long arg)
{
    struct file *filp = fget(fd);
    long error = 0;

    if (!filp)
        return -EBADF;
    if (filp->f_mode & FMODE_PATH)
        error = -EBADF;
    else if (cmd == FIOCLEX || cmd == FIONCLEX)
        set_close_on_exec(fd, cmd == FIOCLEX);
    else if (cmd == FIONBIO)
        error = set_nonblocking(filp, (int __user *)arg);
    else if (cmd == FIOASYNC)
        error = set_asynchronous(fd, filp, (int __user *)arg);
    else
        error = file_ioctl(filp, cmd, arg);
    fput(filp);
    return error;
}
