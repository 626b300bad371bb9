// SPDX-License-Identifier: MIT
// open(2) and close(2): a path becomes a struct file, and that a descriptor.
//
//   sys_open -> getname -> filp_open -> open_namei (find or make, check) -> dentry_open -> f_op->open -> fd_install
//
// Truth: names are Linux 2.6's; open(2), close(2).
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/namei.h>
#include <linux/sched.h>
#include <linux/uio.h>

static const struct file_operations path_only_fops = { };

static void set_mode_of(struct file *f, int flags)
{
    f->f_flags = flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC);
    f->f_mode = ((flags + 1) & O_ACCMODE) | FMODE_LSEEK | FMODE_PREAD;
    if (flags & O_PATH) {
        f->f_flags = flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW);
        f->f_mode = FMODE_PATH;
    }
}

// Opens what has been found. Uses up the holds on dentry and mnt, also when it fails.
struct file *dentry_open(struct dentry *dentry, struct vfsmount *mnt, int flags)
{
    struct inode *inode = dentry->d_inode;
    struct file *f = get_empty_filp();
    int error = -ENFILE;

    if (!f)
        goto out;
    set_mode_of(f, flags);
    f->f_mapping = inode->i_mapping;
    f->f_op = f->f_mode & FMODE_PATH ? &path_only_fops : inode->i_fop;
    if ((f->f_mode & FMODE_WRITE) && S_ISREG(inode->i_mode)) {
        error = get_write_access(inode);
        if (error) {
            f->f_mode = 0;
            fput(f);
            goto out;
        }
    }
    f->f_dentry = dentry;
    f->f_vfsmnt = mnt;
    if (f->f_op && f->f_op->open) {
        error = f->f_op->open(inode, f);
        if (error) {
            f->f_op = NULL; // what was never opened is not released
            fput(f);
            return ERR_PTR(error);
        }
    }
    f->f_flags &= ~O_NOCTTY; // only the terminal that was opened wanted to know
    return f;
out:
    dput(dentry);
    mntput(mnt);
    return ERR_PTR(error);
}

static struct file *do_filp_open(int dfd, const char *filename, int flags, int mode)
{
    struct nameidata nd;
    struct dentry *dentry;
    struct vfsmount *mnt;
    int error = open_namei(dfd, filename, flags, mode, &nd);

    if (error)
        return ERR_PTR(error);
    dentry = dget(nd.dentry);
    mnt = mntget(nd.mnt);
    path_release(&nd);
    return dentry_open(dentry, mnt, flags);
}

noinline struct file *filp_open(const char *filename, int flags, int mode)
{
    return do_filp_open(AT_FDCWD, filename, flags, mode);
}

int generic_file_open(struct inode *inode, struct file *filp)
{
    if (!(filp->f_flags & O_LARGEFILE) && inode->i_size > MAX_NON_LFS)
        return -EOVERFLOW;
    return 0;
}

// Pipes and terminals have no position.
int nonseekable_open(struct inode *inode, struct file *filp)
{
    filp->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD);
    return 0;
}

static long do_sys_open(int dfd, const char __user *filename, int flags, int mode)
{
    char *tmp = getname(filename);
    struct file *f;
    int fd;

    if (IS_ERR(tmp))
        return PTR_ERR(tmp);
    if (flags & O_PATH)
        flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    fd = get_unused_fd();
    if (fd >= 0) {
        f = dfd == AT_FDCWD ? filp_open(tmp, flags, mode) : do_filp_open(dfd, tmp, flags, mode);
        if (IS_ERR(f)) {
            put_unused_fd(fd);
            fd = PTR_ERR(f);
        } else {
            set_close_on_exec(fd, !!(flags & O_CLOEXEC));
            fd_install(fd, f);
        }
    }
    putname(tmp);
    return fd;
}

asmlinkage long sys_open(const char __user *filename, int flags, int mode)
{
    return do_sys_open(AT_FDCWD, filename, flags, mode);
}

asmlinkage long sys_openat(int dfd, const char __user *filename, int flags, int mode)
{
    return do_sys_open(dfd, filename, flags, mode);
}

asmlinkage long sys_creat(const char __user *pathname, int mode)
{
    return sys_open(pathname, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

// One descriptor of the file goes away.
int filp_close(struct file *filp, struct files_struct *files)
{
    int error = 0;

    if (filp->f_op && filp->f_op->flush)
        error = filp->f_op->flush(filp);
    locks_remove_posix(filp, files);
    fput(filp);
    return error;
}

static struct file *take_fd(unsigned int fd)
{
    struct files_struct *files = current->files;
    struct file *filp = fcheck_files(files, fd);

    if (filp) {
        files->fd[fd] = NULL;
        set_close_on_exec(fd, 0);
        put_unused_fd(fd);
    }
    return filp;
}

asmlinkage long sys_close(unsigned int fd)
{
    struct file *filp = take_fd(fd);
    int error;

    if (!filp)
        return -EBADF;
    error = filp_close(filp, current->files);
    // The descriptor is gone: the call must not be restarted.
    return error == -ERESTARTSYS || error == -ERESTARTNOINTR ? -EINTR : error;
}

#define CLOSE_RANGE_CLOEXEC 4

// close_range(first, last): all of them at once.
asmlinkage long sys_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
    struct files_struct *files = current->files;
    struct file *filp;
    unsigned int fd;

    if ((flags & ~CLOSE_RANGE_CLOEXEC) || first > last)
        return -EINVAL;
    for (fd = first; fd <= last && fd < (unsigned int)files->max_fds; fd++) {
        if (flags & CLOSE_RANGE_CLOEXEC) {
            if (fcheck_files(files, fd))
                set_close_on_exec(fd, 1);
        } else if ((filp = take_fd(fd)))
            filp_close(filp, files);
    }
    return 0;
}

// Hangs up the caller's terminal.
void tty_vhangup_current(void);

asmlinkage long sys_vhangup(void)
{
    if (!capable(CAP_SYS_TTY_CONFIG))
        return -EPERM;
    tty_vhangup_current();
    return 0;
}
