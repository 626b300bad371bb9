// SPDX-License-Identifier: MIT
// The one-page files of /proc that tell of the whole machine. Truth: proc(5).
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/pagemap.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/utsname.h>

int get_chrdev_list(char *page, int size);

static int loadavg_show(struct seq_file *m, void *v)
{
    int i;

    for (i = 0; i < 3; i++) { // fixed point, 11 bits behind the point; rounded to hundredths
        unsigned long load = avenrun[i] + (1 << 11) / 200;

        seq_printf(m, "%lu.%02lu ", load >> 11, ((load & 2047) * 100) >> 11);
    }
    seq_printf(m, "%lu/%d %d\n", nr_running(), nr_threads, last_pid);
    return 0;
}

static int uptime_show(struct seq_file *m, void *v)
{
    unsigned long idle = kstat.idle;
    struct timespec up;

    do_posix_clock_monotonic_gettime(&up);
    seq_printf(m, "%lu.%02lu %lu.%02lu\n", (unsigned long)up.tv_sec, (unsigned long)up.tv_nsec / (NSEC_PER_SEC / 100),
               idle / HZ, idle % HZ * 100 / HZ);
    return 0;
}

static int meminfo_show(struct seq_file *m, void *v)
{
    struct sysinfo i = { 0 };
    unsigned long kb = PAGE_SIZE / 1024, cached = nr_pagecache * kb;

    si_meminfo(&i);
    seq_printf(m,
               "MemTotal:     %8lu kB\nMemFree:      %8lu kB\nMemAvailable: %8lu kB\nBuffers:      %8lu kB\n"
               "Cached:       %8lu kB\nSwapCached:   %8lu kB\nActive:       %8lu kB\nInactive:     %8lu kB\n",
               i.totalram * kb, i.freeram * kb, i.freeram * kb, 0UL, cached, 0UL, cached, 0UL);
    seq_printf(m,
               "HighTotal:    %8lu kB\nHighFree:     %8lu kB\nLowTotal:     %8lu kB\nLowFree:      %8lu kB\n"
               "SwapTotal:    %8lu kB\nSwapFree:     %8lu kB\nDirty:        %8lu kB\nWriteback:    %8lu kB\n",
               i.totalhigh * kb, i.freehigh * kb, (i.totalram - i.totalhigh) * kb, (i.freeram - i.freehigh) * kb, 0UL,
               0UL, 0UL, 0UL);
    seq_printf(m, "Shmem:        %8lu kB\nSReclaimable: %8lu kB\n", 0UL, 0UL);
    return 0;
}

static unsigned long to_clock_t(unsigned long ticks)
{
    return jiffies_to_clock_t(ticks);
}

static void show_cpu_times(struct seq_file *m, const char *name)
{
    seq_printf(m, "%s %lu %lu %lu %lu 0 0 0 0\n", name, to_clock_t(kstat.user), to_clock_t(kstat.nice),
               to_clock_t(kstat.system), to_clock_t(kstat.idle));
}

static int stat_show(struct seq_file *m, void *v)
{
    unsigned long interrupts = 0;
    int i;

    for (i = 0; i < NR_IRQS; i++)
        interrupts += kstat_irqs[i];
    show_cpu_times(m, "cpu ");
    show_cpu_times(m, "cpu0");
    seq_printf(m, "intr %lu", interrupts);
    for (i = 0; i < NR_IRQS; i++)
        seq_printf(m, " %lu", kstat_irqs[i]);
    seq_printf(m, "\nctxt %lu\nbtime %ld\nprocesses %lu\nprocs_running %lu\nprocs_blocked %lu\n",
               (unsigned long)nr_context_switches(), (long)-wall_to_monotonic.tv_sec, total_forks, nr_running(),
               nr_uninterruptible());
    return 0;
}

static int version_show(struct seq_file *m, void *v)
{
    seq_printf(m, "%s version %s (gcc version %s) %s\n", system_utsname.sysname, system_utsname.release, __VERSION__,
               system_utsname.version);
    return 0;
}

static int cmdline_show(struct seq_file *m, void *v)
{
    seq_printf(m, "%s\n", saved_command_line);
    return 0;
}

static int interrupts_show(struct seq_file *m, void *v)
{
    int i;

    seq_puts(m, "           CPU0\n");
    for (i = 0; i < NR_IRQS; i++)
        if (irq_name(i))
            seq_printf(m, "%3d: %10lu          XT-PIC  %s\n", i, kstat_irqs[i], irq_name(i));
    return 0;
}

// A function that prints into a page, as a show function.
static int show_page(struct seq_file *m, int (*print)(char *, int))
{
    char *page = (char *)__get_free_page(GFP_KERNEL);

    if (!page)
        return -ENOMEM;
    print(page, PAGE_SIZE);
    seq_puts(m, page);
    free_page((unsigned long)page);
    return 0;
}

static int filesystems_show(struct seq_file *m, void *v)
{
    return show_page(m, get_filesystem_list);
}

static int devices_show(struct seq_file *m, void *v)
{
    return show_page(m, get_chrdev_list);
}

// --- links: /proc/self and /proc/mounts

static const char *self_follow_link(struct dentry *dentry, struct nameidata *nd)
{
    snprintf(nd->link_text, sizeof(nd->link_text), "%d", current->tgid);
    return nd->link_text;
}

static int self_readlink(struct dentry *dentry, char __user *buffer, int buflen)
{
    char text[16];

    snprintf(text, sizeof(text), "%d", current->tgid);
    return vfs_readlink(buffer, buflen, text);
}

static const struct inode_operations proc_self_inode_operations = {
    .readlink = self_readlink, .follow_link = self_follow_link
};

static const char *mounts_follow_link(struct dentry *dentry, struct nameidata *nd)
{
    return "self/mounts";
}

static int mounts_readlink(struct dentry *dentry, char __user *buffer, int buflen)
{
    return vfs_readlink(buffer, buflen, "self/mounts");
}

static const struct inode_operations proc_mounts_inode_operations = {
    .readlink = mounts_readlink, .follow_link = mounts_follow_link
};

static void __init create_link(const char *name, const struct inode_operations *ops)
{
    struct proc_dir_entry *de = create_proc_entry(name, S_IFLNK | S_IRWXUGO, NULL);

    if (de)
        de->proc_iops = ops;
}

void __init proc_misc_init(void)
{
    static const struct {
        const char *name;
        int (*show)(struct seq_file *, void *);
    } files[] = {
        { "cmdline", cmdline_show },     { "devices", devices_show }, { "filesystems", filesystems_show },
        { "interrupts", interrupts_show }, { "loadavg", loadavg_show }, { "meminfo", meminfo_show },
        { "stat", stat_show },           { "uptime", uptime_show },   { "version", version_show },
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(files); i++)
        create_proc_show(files[i].name, NULL, files[i].show);
    create_link("self", &proc_self_inode_operations);
    create_link("mounts", &proc_mounts_inode_operations);
}
