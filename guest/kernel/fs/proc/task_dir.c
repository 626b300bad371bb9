// SPDX-License-Identifier: MIT
// /proc/PID/task: the threads of a process, each a directory like /proc/PID.
// Truth: proc(5); names are Linux 2.6's.
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/string.h>

enum { FIRST_THREAD_POSITION = 2 }; // after the dots; then the TID itself

static struct dentry *proc_task_lookup(struct inode *dir, struct dentry *dentry, struct nameidata *nd)
{
    unsigned int tid = name_to_pid(&dentry->d_name);
    struct task_struct *leader = proc_task(dir), *task = tid ? find_task_by_pid(tid) : NULL;

    if (!leader || !task || task->tgid != leader->tgid)
        return ERR_PTR(-ENOENT);
    return proc_tid_directory(dir, dentry, task);
}

// In order of TID: the one with the smallest that is not below `from`, or NULL.
static struct task_struct *thread_from(struct task_struct *leader, pid_t from)
{
    struct task_struct *t = leader, *found = NULL;

    do {
        if (t->pid >= from && (!found || t->pid < found->pid))
            found = t;
    } while_each_thread(leader, t);
    return found;
}

static int proc_task_readdir(struct file *filp, void *dirent, filldir_t filldir)
{
    struct inode *inode = filp->f_dentry->d_inode;
    struct task_struct *leader = proc_task(inode), *t;
    char name[12];

    if (!leader)
        return -ENOENT;
    if (!proc_emit_dots(filp, dirent, filldir, filp->f_dentry->d_parent->d_inode->i_ino))
        return 0;
    while ((t = thread_from(leader, filp->f_pos - FIRST_THREAD_POSITION))) {
        pid_t tid = t->pid;

        filp->f_pos = FIRST_THREAD_POSITION + tid;
        sprintf(name, "%d", tid);
        if (filldir(dirent, name, strlen(name), filp->f_pos, proc_tid_ino(tid), DT_DIR) < 0)
            return 0;
        filp->f_pos++;
    }
    return 0;
}

const struct inode_operations proc_task_inode_operations = { .lookup = proc_task_lookup };
const struct file_operations proc_task_operations = {
    .llseek = generic_file_llseek, .read = generic_read_dir, .readdir = proc_task_readdir
};
