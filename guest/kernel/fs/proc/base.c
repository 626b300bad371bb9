// SPDX-License-Identifier: MIT
// /proc/PID: a directory that exists while the process does, its files and its links to files (exe, cwd, root).
// /proc/PID/task/TID (task_dir.c) is the same for one thread, without a `task` of its own.
// Truth: proc(5); names are Linux 2.6's. Inode numbers are PID * 65536 + the entry's number.
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <asm/uaccess.h>

// One name in /proc/PID: a file that `show` prints, a file with its own operations, a link, or a directory.
struct pid_entry {
    const char *name;
    umode_t mode;
    int (*show)(struct seq_file *, void *);
    const struct file_operations *fops;
    const struct inode_operations *iops;
};

static const struct inode_operations proc_pid_link_inode_operations;

// The first one is of processes only.
static const struct pid_entry tgid_base_stuff[] = {
    { "task", S_IFDIR | S_IRUGO | S_IXUGO, NULL, &proc_task_operations, &proc_task_inode_operations },
    { "fd", S_IFDIR | S_IRUSR | S_IXUSR, NULL, &proc_fd_operations, &proc_fd_inode_operations },
    { "environ", S_IFREG | S_IRUSR, NULL, &proc_environ_operations, NULL },
    { "auxv", S_IFREG | S_IRUSR, NULL, &proc_auxv_operations, NULL },
    { "status", S_IFREG | S_IRUGO, proc_pid_status, NULL, NULL },
    { "limits", S_IFREG | S_IRUGO, proc_pid_limits, NULL, NULL },
    { "cmdline", S_IFREG | S_IRUGO, NULL, &proc_cmdline_operations, NULL },
    { "comm", S_IFREG | S_IRUGO, proc_pid_comm, NULL, NULL },
    { "stat", S_IFREG | S_IRUGO, proc_pid_stat, NULL, NULL },
    { "statm", S_IFREG | S_IRUGO, proc_pid_statm, NULL, NULL },
    { "maps", S_IFREG | S_IRUGO, proc_pid_maps, NULL, NULL },
    { "mem", S_IFREG | S_IRUSR | S_IWUSR, NULL, &proc_mem_operations, NULL },
    { "mounts", S_IFREG | S_IRUGO, proc_pid_mounts, NULL, NULL },
    { "cwd", S_IFLNK | S_IRWXUGO, NULL, NULL, &proc_pid_link_inode_operations },
    { "root", S_IFLNK | S_IRWXUGO, NULL, NULL, &proc_pid_link_inode_operations },
    { "exe", S_IFLNK | S_IRWXUGO, NULL, NULL, &proc_pid_link_inode_operations },
};

// The task that an inode below /proc/PID tells of, or NULL if it is gone.
struct task_struct *proc_task(const struct inode *inode)
{
    return find_task_by_pid(inode->u.i_private);
}

static int pid_revalidate(struct dentry *dentry)
{
    return dentry->d_inode && proc_task(dentry->d_inode) != NULL;
}

const struct dentry_operations pid_dentry_operations = { .d_revalidate = pid_revalidate };

struct inode *proc_pid_make_inode(struct super_block *sb, struct task_struct *task, unsigned int type, umode_t mode)
{
    struct inode *inode = proc_make_inode(sb, ((unsigned long)task->pid << 16) | type, mode);

    if (inode) {
        inode->u.i_private = task->pid;
        inode->i_uid = task->euid;
        inode->i_gid = task->egid;
    }
    return inode;
}

// --- files of one show function

static int pid_show_open(struct inode *inode, struct file *file)
{
    const struct pid_entry *entry = &tgid_base_stuff[(inode->i_ino & 0xffff) - PROC_TGID_FIRST];

    return single_open(file, entry->show, (void *)inode->u.i_private);
}

static const struct file_operations proc_show_operations = {
    .llseek = seq_lseek,
    .read = seq_read,
    .open = pid_show_open,
    .release = single_release,
};

// --- links

static int may_look_into(struct task_struct *task)
{
    return (current->fsuid == task->euid && current->fsuid == task->uid) || task == current || capable(CAP_SYS_PTRACE);
}

// What the link named `name` of this task leads to, held. -ENOENT: nothing (kernel tasks have no program).
static int link_target(struct task_struct *task, const char *name, struct dentry **dentry, struct vfsmount **mnt)
{
    struct fs_struct *fs = task->fs;

    if (!strcmp(name, "exe")) {
        struct file *exe = task->mm ? task->mm->exe_file : NULL;

        if (!exe)
            return -ENOENT;
        *dentry = dget(exe->f_dentry);
        *mnt = mntget(exe->f_vfsmnt);
        return 0;
    }
    if (!fs)
        return -ENOENT;
    *dentry = dget(!strcmp(name, "cwd") ? fs->pwd : fs->root);
    *mnt = mntget(!strcmp(name, "cwd") ? fs->pwdmnt : fs->rootmnt);
    return 0;
}

static int get_link(struct dentry *link, struct dentry **dentry, struct vfsmount **mnt)
{
    struct task_struct *task = proc_task(link->d_inode);

    if (!task)
        return -ENOENT;
    if (!may_look_into(task))
        return -EACCES;
    return link_target(task, (const char *)link->d_name.name, dentry, mnt);
}

// The walk goes on at the file itself: no path is walked.
static const char *proc_pid_follow_link(struct dentry *link, struct nameidata *nd)
{
    struct dentry *dentry;
    struct vfsmount *mnt;
    int error = get_link(link, &dentry, &mnt);

    if (error)
        return ERR_PTR(error);
    dput(nd->dentry);
    mntput(nd->mnt);
    nd->dentry = dentry;
    nd->mnt = mnt;
    return NULL;
}

static int readlink_of(struct dentry *dentry, struct vfsmount *mnt, char __user *buffer, int buflen)
{
    char *page = (char *)__get_free_page(GFP_KERNEL), *path;
    int error;

    if (!page)
        return -ENOMEM;
    path = d_path(dentry, mnt, page, PAGE_SIZE);
    error = IS_ERR(path) ? PTR_ERR(path) : vfs_readlink(buffer, buflen, path);
    free_page((unsigned long)page);
    return error;
}

static int proc_pid_readlink(struct dentry *link, char __user *buffer, int buflen)
{
    struct dentry *dentry;
    struct vfsmount *mnt;
    int error = get_link(link, &dentry, &mnt);

    if (error)
        return error;
    error = readlink_of(dentry, mnt, buffer, buflen);
    dput(dentry);
    mntput(mnt);
    return error;
}

static const struct inode_operations proc_pid_link_inode_operations = {
    .readlink = proc_pid_readlink, .follow_link = proc_pid_follow_link
};

// --- the directory /proc/PID

static unsigned int first_entry(const struct inode *dir)
{
    return (dir->i_ino & 0xffff) == PROC_TID_INO ? 1 : 0;
}

static struct dentry *proc_tgid_base_lookup(struct inode *dir, struct dentry *dentry, struct nameidata *nd)
{
    struct task_struct *task = proc_task(dir);
    const struct pid_entry *entry = NULL;
    struct inode *inode;
    unsigned int i;

    for (i = first_entry(dir); i < ARRAY_SIZE(tgid_base_stuff); i++)
        if (!strcmp(tgid_base_stuff[i].name, (const char *)dentry->d_name.name))
            entry = &tgid_base_stuff[i];
    if (!entry || !task)
        return ERR_PTR(-ENOENT);
    inode = proc_pid_make_inode(dir->i_sb, task, PROC_TGID_FIRST + (entry - tgid_base_stuff), entry->mode);
    if (!inode)
        return ERR_PTR(-ENOMEM);
    inode->i_op = entry->iops;
    inode->i_fop = entry->show ? &proc_show_operations : entry->fops;
    dentry->d_op = &pid_dentry_operations;
    d_add(dentry, inode);
    return NULL;
}

static int proc_tgid_base_readdir(struct file *filp, void *dirent, filldir_t filldir)
{
    struct inode *inode = filp->f_dentry->d_inode;
    unsigned int i;

    if (!proc_task(inode))
        return -ENOENT;
    if (!proc_emit_dots(filp, dirent, filldir, PROC_ROOT_INO))
        return 0;
    for (i = filp->f_pos - 2 + first_entry(inode); i < ARRAY_SIZE(tgid_base_stuff); i++, filp->f_pos++) {
        const struct pid_entry *entry = &tgid_base_stuff[i];

        if (filldir(dirent, entry->name, strlen(entry->name), filp->f_pos,
                    (inode->u.i_private << 16) | (PROC_TGID_FIRST + i), (entry->mode >> 12) & 15)
            < 0)
            return 0;
    }
    return 0;
}

static const struct inode_operations proc_tgid_base_inode_operations = { .lookup = proc_tgid_base_lookup };
static const struct file_operations proc_tgid_base_operations = {
    .llseek = generic_file_llseek, .read = generic_read_dir, .readdir = proc_tgid_base_readdir
};

// A name of digits without a leading zero, or 0.
unsigned int name_to_pid(const struct qstr *name)
{
    unsigned int pid = 0, i;

    if (name->len > 5 || name->name[0] == '0')
        return 0;
    for (i = 0; i < name->len; i++) {
        if (name->name[i] < '0' || name->name[i] > '9')
            return 0;
        pid = pid * 10 + name->name[i] - '0';
    }
    return pid;
}

static struct dentry *add_directory(struct inode *dir, struct dentry *dentry, struct task_struct *task, int type)
{
    struct inode *inode = proc_pid_make_inode(dir->i_sb, task, type, S_IFDIR | S_IRUGO | S_IXUGO);

    if (!inode)
        return ERR_PTR(-ENOMEM);
    inode->i_op = &proc_tgid_base_inode_operations;
    inode->i_fop = &proc_tgid_base_operations;
    dentry->d_op = &pid_dentry_operations;
    d_add(dentry, inode);
    return NULL;
}

struct dentry *proc_pid_lookup(struct inode *dir, struct dentry *dentry)
{
    unsigned int pid = name_to_pid(&dentry->d_name);
    struct task_struct *task = pid ? find_task_by_pid(pid) : NULL;

    return task ? add_directory(dir, dentry, task, PROC_TGID_INO) : ERR_PTR(-ENOENT);
}

/// The directory of a thread, in /proc/PID/task.
struct dentry *proc_tid_directory(struct inode *dir, struct dentry *dentry, struct task_struct *task)
{
    return add_directory(dir, dentry, task, PROC_TID_INO);
}

// Processes in order of PID; the position is FIRST_PROCESS_POSITION + the PID to go on with.
int proc_pid_readdir(struct file *filp, void *dirent, filldir_t filldir)
{
    int pid = filp->f_pos - FIRST_PROCESS_POSITION;
    char name[12];

    for (; pid < pid_max; pid++) {
        struct task_struct *task = pid ? find_task_by_pid(pid) : NULL;

        if (!task || !thread_group_leader(task))
            continue;
        filp->f_pos = FIRST_PROCESS_POSITION + pid;
        sprintf(name, "%d", pid);
        if (filldir(dirent, name, strlen(name), filp->f_pos, ((unsigned long)pid << 16) | PROC_TGID_INO, DT_DIR) < 0)
            return 0;
    }
    filp->f_pos = FIRST_PROCESS_POSITION + pid_max;
    return 0;
}
