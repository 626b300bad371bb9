// SPDX-License-Identifier: MIT
// /proc/sys/kernel: settings of the kernel as files; a few can be written by root.
// Truth: proc(5); the limits of pid_max are [linux-2.6.11]'s.
#include <linux/binfmts.h>
#include <linux/capability.h>
#include <linux/ctype.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/pid.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/utsname.h>
#include <asm/uaccess.h>

// Either a text of `size` bytes or a number between two limits.
struct sysctl {
    const char *name;
    char *text;
    size_t size;
    int *number;
    int min, max; // equal: cannot be written
};

static int max_files = 8192;
static int ngroups_max = 32;

static struct sysctl table[] = {
    { .name = "hostname", .text = system_utsname.nodename, .size = 65, .max = 1 },
    { .name = "domainname", .text = system_utsname.domainname, .size = 65, .max = 1 },
    { .name = "ostype", .text = system_utsname.sysname, .size = 65 },
    { .name = "osrelease", .text = system_utsname.release, .size = 65 },
    { .name = "version", .text = system_utsname.version, .size = 65 },
    { .name = "pid_max", .number = &pid_max, .min = RESERVED_PIDS + 1, .max = PID_MAX_DEFAULT },
    { .name = "threads-max", .number = &max_threads, .min = 1, .max = INT_MAX },
    { .name = "ngroups_max", .number = &ngroups_max },
    { .name = "core_uses_pid", .number = &core_uses_pid, .min = INT_MIN, .max = INT_MAX },
    { .name = "core_pattern", .text = core_pattern, .size = CORENAME_MAX_SIZE, .max = 1 },
};

static struct sysctl fs_table[] = {
    { .name = "file-max", .number = &max_files },
};

static struct sysctl *ctl_of(struct file *file)
{
    return ((struct proc_dir_entry *)file->f_dentry->d_inode->u.generic_ip)->data;
}

static ssize_t sysctl_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
    struct sysctl *ctl = ctl_of(file);
    char text[80];
    int len = ctl->text ? scnprintf(text, sizeof(text), "%s\n", ctl->text)
                        : scnprintf(text, sizeof(text), "%d\n", *ctl->number);

    if (*ppos >= len)
        return 0;
    if (count > len - *ppos)
        count = len - *ppos;
    if (copy_to_user(buf, text + *ppos, count))
        return -EFAULT;
    *ppos += count;
    return count;
}

static int set_number(struct sysctl *ctl, const char *text)
{
    char *end;
    long value = simple_strtol(text, &end, 10);

    if (end == text || (*end && !isspace(*end)) || value < ctl->min || value > ctl->max)
        return -EINVAL;
    *ctl->number = value;
    return 0;
}

static ssize_t sysctl_write(struct file *file, const char __user *buf, size_t count, loff_t *ppos)
{
    struct sysctl *ctl = ctl_of(file);
    char text[80];
    size_t n = min_t(size_t, count, sizeof(text) - 1);
    int error;

    if (current->euid) // who opened it does not matter: who writes does
        return -EPERM;
    if (*ppos)
        return count;
    if (copy_from_user(text, buf, n))
        return -EFAULT;
    text[n] = 0;
    if (ctl->number) {
        error = set_number(ctl, text);
        if (error)
            return error;
    } else {
        text[strcspn(text, "\n")] = 0;
        strlcpy(ctl->text, text, ctl->size);
    }
    *ppos += count;
    return count;
}

static const struct file_operations sysctl_operations = {
    .llseek = generic_file_llseek, .read = sysctl_read, .write = sysctl_write
};

static void __init add_table(struct proc_dir_entry *dir, struct sysctl *ctl, int n)
{
    for (; n--; ctl++) {
        struct proc_dir_entry *de = create_proc_entry(ctl->name, ctl->min < ctl->max ? 0644 : 0444, dir);

        if (de) {
            de->data = ctl;
            de->proc_fops = &sysctl_operations;
        }
    }
}

void __init proc_sysctl_init(void)
{
    struct proc_dir_entry *sys = proc_mkdir("sys", NULL);

    add_table(proc_mkdir("fs", sys), fs_table, ARRAY_SIZE(fs_table));
    add_table(proc_mkdir("kernel", sys), table, ARRAY_SIZE(table));
}
