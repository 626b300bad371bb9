// SPDX-License-Identifier: MIT
// Files of /proc/PID that are pieces of the task's own memory: cmdline, environ, auxv, mem. Truth: proc(5).
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/uaccess.h>

// May the caller read the task's memory?
static int may_ptrace(struct task_struct *task)
{
    if (task->tgid == current->tgid || capable(CAP_SYS_PTRACE))
        return 1;
    return current->uid == task->euid && current->uid == task->suid && current->uid == task->uid;
}

// Copies [address, end) of the task's memory to the reader, from *ppos on.
static ssize_t read_range(struct task_struct *task, unsigned long start, unsigned long end, char __user *buf,
                          size_t count, loff_t *ppos)
{
    char *page = (char *)__get_free_page(GFP_KERNEL);
    ssize_t done = 0;

    if (!page)
        return -ENOMEM;
    while (count && *ppos < end - start) {
        unsigned long address = start + (unsigned long)*ppos;
        int n = min_t(unsigned long, min_t(unsigned long, count, PAGE_SIZE), end - address);

        n = access_process_vm(task, address, page, n, 0);
        if (n <= 0)
            break;
        if (copy_to_user(buf + done, page, n)) {
            if (!done)
                done = -EFAULT;
            break;
        }
        done += n;
        count -= n;
        *ppos += n;
    }
    free_page((unsigned long)page);
    return done;
}

static ssize_t cmdline_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
    struct task_struct *task = proc_task(file->f_dentry->d_inode);

    if (!task)
        return -ESRCH;
    if (!task->mm || !task->mm->arg_end)
        return 0;
    return read_range(task, task->mm->arg_start, task->mm->arg_end, buf, count, ppos);
}

static ssize_t environ_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
    struct task_struct *task = proc_task(file->f_dentry->d_inode);

    if (!task)
        return -ESRCH;
    if (!may_ptrace(task))
        return -EPERM;
    if (!task->mm)
        return 0;
    return read_range(task, task->mm->env_start, task->mm->env_end, buf, count, ppos);
}

static ssize_t auxv_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
    struct task_struct *task = proc_task(file->f_dentry->d_inode);
    unsigned long *auxv;
    size_t size = 0;

    if (!task)
        return -ESRCH;
    if (!may_ptrace(task))
        return -EPERM;
    if (!task->mm)
        return 0;
    auxv = task->mm->saved_auxv;
    while (size < AT_VECTOR_SIZE - 2 && auxv[size])
        size += 2;
    size = (size + 2) * sizeof(long); // with the pair of AT_NULL
    if (*ppos >= size)
        return 0;
    count = min_t(size_t, count, size - *ppos);
    if (copy_to_user(buf, (char *)auxv + *ppos, count))
        return -EFAULT;
    *ppos += count;
    return count;
}

static ssize_t mem_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
    struct task_struct *task = proc_task(file->f_dentry->d_inode);
    ssize_t n;

    if (!task)
        return -ESRCH;
    if (!may_ptrace(task))
        return -EPERM;
    if (!task->mm || *ppos >= TASK_SIZE)
        return 0;
    n = read_range(task, 0, TASK_SIZE, buf, count, ppos);
    return n == 0 && count ? -EIO : n;
}

static ssize_t mem_write(struct file *file, const char __user *buf, size_t count, loff_t *ppos)
{
    struct task_struct *task = proc_task(file->f_dentry->d_inode);
    char chunk[256];
    ssize_t done = 0;

    if (!task)
        return -ESRCH;
    if (!may_ptrace(task))
        return -EPERM;
    while (task->mm && (size_t)done < count && *ppos < TASK_SIZE) {
        int n = min_t(size_t, count - done, sizeof(chunk));

        if (copy_from_user(chunk, buf + done, n))
            return done ? done : -EFAULT;
        n = access_process_vm(task, *ppos, chunk, n, 1);
        if (n <= 0)
            break;
        done += n;
        *ppos += n;
    }
    return done || !count ? done : -EIO;
}

const struct file_operations proc_cmdline_operations = { .llseek = generic_file_llseek, .read = cmdline_read };
const struct file_operations proc_environ_operations = { .llseek = generic_file_llseek, .read = environ_read };
const struct file_operations proc_auxv_operations = { .llseek = generic_file_llseek, .read = auxv_read };
const struct file_operations proc_mem_operations = {
    .llseek = generic_file_llseek, .read = mem_read, .write = mem_write
};
