// SPDX-License-Identifier: MIT
// /proc/PID/fd: a link for each open descriptor. Opening the link opens the same file once more.
// Truth: proc(5).
#include <linux/err.h>
#include <linux/file.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/string.h>

#define PROC_FD_INO 0x8000

// The open file behind the link, held; an error if the task or its descriptor is gone.
static struct file *file_of(const struct dentry *link)
{
    struct task_struct *task = proc_task(link->d_inode);
    struct files_struct *files = task ? task->files : NULL;
    struct file *file = files ? fcheck_files(files, (link->d_inode->i_ino & 0xffff) - PROC_FD_INO) : NULL;

    if (file)
        get_file(file);
    return file;
}

static const char *proc_fd_follow_link(struct dentry *link, struct nameidata *nd)
{
    struct file *file = file_of(link);

    if (!file)
        return ERR_PTR(-ENOENT);
    dput(nd->dentry);
    mntput(nd->mnt);
    nd->dentry = dget(file->f_dentry);
    nd->mnt = mntget(file->f_vfsmnt);
    fput(file);
    return NULL;
}

static int proc_fd_readlink(struct dentry *link, char __user *buffer, int buflen)
{
    struct file *file = file_of(link);
    char *page, *path;
    int error = -ENOMEM;

    if (!file)
        return -ENOENT;
    page = (char *)__get_free_page(GFP_KERNEL);
    if (page) {
        path = d_path(file->f_dentry, file->f_vfsmnt, page, PAGE_SIZE);
        error = IS_ERR(path) ? PTR_ERR(path) : vfs_readlink(buffer, buflen, path);
        free_page((unsigned long)page);
    }
    fput(file);
    return error;
}

static const struct inode_operations proc_fd_link_inode_operations = {
    .readlink = proc_fd_readlink, .follow_link = proc_fd_follow_link
};

static int fd_revalidate(struct dentry *dentry)
{
    struct file *file = dentry->d_inode ? file_of(dentry) : NULL;

    if (!file)
        return 0;
    fput(file);
    return 1;
}

static const struct dentry_operations fd_dentry_operations = { .d_revalidate = fd_revalidate };

static int name_to_fd(const struct qstr *name)
{
    unsigned int fd = 0, i;

    if (name->len > 5 || (name->name[0] == '0' && name->len > 1))
        return -1;
    for (i = 0; i < name->len; i++) {
        if (name->name[i] < '0' || name->name[i] > '9')
            return -1;
        fd = fd * 10 + name->name[i] - '0';
    }
    return fd;
}

// The link's own mode says how the file is open.
static umode_t link_mode(const struct file *file)
{
    return S_IFLNK | (file->f_mode & FMODE_READ ? S_IRUSR | S_IXUSR : 0)
           | (file->f_mode & FMODE_WRITE ? S_IWUSR | S_IXUSR : 0);
}

static struct dentry *proc_fd_lookup(struct inode *dir, struct dentry *dentry, struct nameidata *nd)
{
    struct task_struct *task = proc_task(dir);
    int fd = name_to_fd(&dentry->d_name);
    struct file *file = task && task->files && fd >= 0 ? fcheck_files(task->files, fd) : NULL;
    struct inode *inode;

    if (!file)
        return ERR_PTR(-ENOENT);
    inode = proc_pid_make_inode(dir->i_sb, task, PROC_FD_INO + fd, link_mode(file));
    if (!inode)
        return ERR_PTR(-ENOMEM);
    inode->i_op = &proc_fd_link_inode_operations;
    inode->i_size = 64;
    dentry->d_op = &fd_dentry_operations;
    d_add(dentry, inode);
    return NULL;
}

static int proc_fd_readdir(struct file *filp, void *dirent, filldir_t filldir)
{
    struct inode *inode = filp->f_dentry->d_inode;
    struct task_struct *task = proc_task(inode);
    char name[12];
    int fd;

    if (!task)
        return -ENOENT;
    if (!proc_emit_dots(filp, dirent, filldir, filp->f_dentry->d_parent->d_inode->i_ino) || !task->files)
        return 0;
    for (fd = filp->f_pos - 2; fd < task->files->max_fds; fd++, filp->f_pos++) {
        if (!fcheck_files(task->files, fd))
            continue;
        sprintf(name, "%d", fd);
        if (filldir(dirent, name, strlen(name), filp->f_pos, (inode->u.i_private << 16) | (PROC_FD_INO + fd), DT_LNK)
            < 0)
            return 0;
    }
    return 0;
}

// A task may always look at its own descriptors, whatever it has become by a set-id program.
static int proc_fd_permission(struct inode *inode, int mask, struct nameidata *nd)
{
    struct task_struct *task = proc_task(inode);

    if ((task && task->tgid == current->tgid) || capable(CAP_DAC_OVERRIDE))
        return 0;
    return current->fsuid == inode->i_uid && !(mask & MAY_WRITE) ? 0 : -EACCES;
}

const struct inode_operations proc_fd_inode_operations = { .lookup = proc_fd_lookup, .permission = proc_fd_permission };
const struct file_operations proc_fd_operations = { .llseek = generic_file_llseek, .read = generic_read_dir, .readdir = proc_fd_readdir };
