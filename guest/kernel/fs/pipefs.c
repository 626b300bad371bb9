// SPDX-License-Identifier: MIT
// pipe(2): an inode of a file system that is mounted nowhere, opened twice, once for each end.
// Truth: pipe(2); names are Linux 2.6's.
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/pipe_fs_i.h>
#include <linux/sched.h>
#include <linux/statfs.h>
#include <linux/string.h>
#include <asm/uaccess.h>

static struct vfsmount *pipe_mnt;

static char *pipe_dname(struct dentry *dentry, char *buffer, int buflen)
{
    snprintf(buffer, buflen, "pipe:[%lu]", dentry->d_inode->i_ino);
    return buffer;
}

static const struct dentry_operations pipefs_dentry_operations = { .d_dname = pipe_dname };

static struct dentry *get_pipe_dentry(void)
{
    struct inode *inode = new_inode(pipe_mnt->mnt_sb);
    struct dentry *dentry;

    if (!inode)
        return NULL;
    inode->i_mode = S_IFIFO | S_IRUSR | S_IWUSR;
    inode->i_uid = current->fsuid;
    inode->i_gid = current->fsgid;
    inode->i_fop = &pipe_fops;
    dentry = d_alloc_anon(inode, "");
    if (!dentry) {
        iput(inode);
        return NULL;
    }
    dentry->d_op = &pipefs_dentry_operations;
    return dentry;
}

static struct file *pipe_end(struct dentry *dentry, int flags)
{
    return dentry_open(dget(dentry), mntget(pipe_mnt), flags);
}

// Both ends, or neither.
static int create_pipe_files(struct file *files[2], int flags)
{
    struct dentry *dentry = get_pipe_dentry();
    int error = 0;

    if (!dentry)
        return -ENFILE;
    files[0] = pipe_end(dentry, O_RDONLY | flags);
    if (IS_ERR(files[0])) {
        error = PTR_ERR(files[0]);
    } else {
        files[1] = pipe_end(dentry, O_WRONLY | flags);
        if (IS_ERR(files[1])) {
            error = PTR_ERR(files[1]);
            fput(files[0]);
        }
    }
    dput(dentry);
    return error;
}

asmlinkage long sys_pipe2(int __user *fildes, int flags)
{
    struct file *files[2];
    int fd[2], error;

    if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
        return -EINVAL;
    if (flags & O_DIRECT)
        return -EINVAL; // packet mode is not there; the errno is that of kernels without it
    error = create_pipe_files(files, flags & O_NONBLOCK);
    if (error)
        return error;
    error = fd[0] = get_unused_fd();
    if (error < 0)
        goto out_files;
    error = fd[1] = get_unused_fd();
    if (error < 0)
        goto out_fd0;
    error = -EFAULT;
    if (copy_to_user(fildes, fd, sizeof(fd)))
        goto out_fd1;
    set_close_on_exec(fd[0], !!(flags & O_CLOEXEC));
    set_close_on_exec(fd[1], !!(flags & O_CLOEXEC));
    fd_install(fd[0], files[0]);
    fd_install(fd[1], files[1]);
    return 0;
out_fd1:
    put_unused_fd(fd[1]);
out_fd0:
    put_unused_fd(fd[0]);
out_files:
    fput(files[0]);
    fput(files[1]);
    return error;
}

asmlinkage long sys_pipe(int __user *fildes)
{
    return sys_pipe2(fildes, 0);
}

static int pipefs_fill_super(struct super_block *sb, void *data)
{
    struct inode *root = new_inode(sb);

    if (!root)
        return -ENOMEM;
    sb->s_magic = PIPEFS_MAGIC;
    root->i_mode = S_IFDIR | S_IRUSR | S_IWUSR;
    sb->s_root = d_alloc_anon(root, "pipe:");
    return sb->s_root ? 0 : -ENOMEM;
}

static struct super_block *pipefs_get_sb(struct file_system_type *type, int flags, const char *dev_name, void *data)
{
    return get_sb_single(type, flags, data, pipefs_fill_super);
}

static struct file_system_type pipe_fs_type = { .name = "pipefs", .fs_flags = FS_SINGLE, .get_sb = pipefs_get_sb };

static int __init init_pipe_fs(void)
{
    int error = register_filesystem(&pipe_fs_type);

    if (!error) {
        pipe_mnt = kern_mount("pipefs");
        error = IS_ERR(pipe_mnt) ? PTR_ERR(pipe_mnt) : 0;
    }
    return error;
}

fs_initcall(init_pipe_fs);
