// SPDX-License-Identifier: MIT
// The calls that set a file's times: utime, utimes, utimensat and its 64-bit form. All come down to do_utimes.
// Truth: utimensat(2), utime(2).
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/linkage.h>
#include <linux/namei.h>
#include <linux/sched.h>
#include <asm/uaccess.h>

struct utimbuf {
    time_t actime, modtime;
};

static int valid_nsec(long nsec)
{
    return nsec == UTIME_NOW || nsec == UTIME_OMIT || (nsec >= 0 && nsec < NSEC_PER_SEC);
}

static void set_one(struct iattr *attr, struct timespec *field, const struct timespec *time, unsigned int bit,
                    unsigned int set_bit)
{
    if (time->tv_nsec == UTIME_OMIT)
        return;
    attr->ia_valid |= bit;
    if (time->tv_nsec != UTIME_NOW) {
        attr->ia_valid |= set_bit;
        *field = *time;
    }
}

// Setting both to "now" is allowed to everyone who may write; any other time only to the owner.
static int utimes_dentry(struct dentry *dentry, const struct timespec *times)
{
    static const struct timespec now[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
    struct inode *inode = dentry->d_inode;
    struct iattr attr = { .ia_valid = 0 };
    int error;

    if (!times)
        times = now;
    if (times[0].tv_nsec == UTIME_OMIT && times[1].tv_nsec == UTIME_OMIT)
        return 0;
    if (times[0].tv_nsec == UTIME_NOW && times[1].tv_nsec == UTIME_NOW) {
        if (current->fsuid != inode->i_uid) {
            error = permission(inode, MAY_WRITE, NULL);
            if (error)
                return error;
        }
    } else if (current->fsuid != inode->i_uid && !capable(CAP_FOWNER))
        return -EPERM;
    set_one(&attr, &attr.ia_atime, &times[0], ATTR_ATIME, ATTR_ATIME_SET);
    set_one(&attr, &attr.ia_mtime, &times[1], ATTR_MTIME, ATTR_MTIME_SET);
    return notify_change(dentry, &attr);
}

static long do_utimes(int dfd, const char __user *filename, const struct timespec *times, int flags)
{
    struct nameidata nd;
    int error;

    if (times && (!valid_nsec(times[0].tv_nsec) || !valid_nsec(times[1].tv_nsec)))
        return -EINVAL;
    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    if (!filename && dfd != AT_FDCWD) { // futimens: the descriptor itself
        struct file *file = fget(dfd);

        if (!file)
            return -EBADF;
        error = flags ? -EINVAL : utimes_dentry(file->f_dentry, times);
        fput(file);
        return error;
    }
    error = user_path_at(dfd, filename, at_lookup_flags(flags, !(flags & AT_SYMLINK_NOFOLLOW)), &nd);
    if (error)
        return error;
    error = utimes_dentry(nd.dentry, times);
    path_release(&nd);
    return error;
}

asmlinkage long sys_utimensat(int dfd, const char __user *filename, struct timespec __user *utimes, int flags)
{
    struct timespec times[2];

    if (utimes && copy_from_user(times, utimes, sizeof(times)))
        return -EFAULT;
    return do_utimes(dfd, filename, utimes ? times : NULL, flags);
}

asmlinkage long sys_utimensat_time64(int dfd, const char __user *filename, struct __kernel_timespec __user *utimes,
                                     int flags)
{
    struct __kernel_timespec wide[2];
    struct timespec times[2];
    int i;

    if (!utimes)
        return do_utimes(dfd, filename, NULL, flags);
    if (copy_from_user(wide, utimes, sizeof(wide)))
        return -EFAULT;
    for (i = 0; i < 2; i++) // the upper half of the nanoseconds is padding for 32-bit callers
        times[i] = (struct timespec){ (time_t)wide[i].tv_sec, (long)wide[i].tv_nsec };
    return do_utimes(dfd, filename, times, flags);
}

static long do_utimes_timeval(int dfd, const char __user *filename, struct timeval __user *utimes)
{
    struct timeval tv[2];
    struct timespec times[2];
    int i;

    if (!utimes)
        return do_utimes(dfd, filename, NULL, 0);
    if (copy_from_user(tv, utimes, sizeof(tv)))
        return -EFAULT;
    for (i = 0; i < 2; i++) {
        if (tv[i].tv_usec < 0 || tv[i].tv_usec >= USEC_PER_SEC)
            return -EINVAL;
        times[i] = (struct timespec){ tv[i].tv_sec, tv[i].tv_usec * NSEC_PER_USEC };
    }
    return do_utimes(dfd, filename, times, 0);
}

asmlinkage long sys_utimes(char __user *filename, struct timeval __user *utimes)
{
    return do_utimes_timeval(AT_FDCWD, filename, utimes);
}

asmlinkage long sys_futimesat(int dfd, char __user *filename, struct timeval __user *utimes)
{
    return do_utimes_timeval(dfd, filename, utimes);
}

asmlinkage long sys_utime(char __user *filename, struct utimbuf __user *times)
{
    struct utimbuf buf;
    struct timespec ts[2];

    if (!times)
        return do_utimes(AT_FDCWD, filename, NULL, 0);
    if (copy_from_user(&buf, times, sizeof(buf)))
        return -EFAULT;
    ts[0] = (struct timespec){ buf.actime, 0 };
    ts[1] = (struct timespec){ buf.modtime, 0 };
    return do_utimes(AT_FDCWD, filename, ts, 0);
}
