// SPDX-License-Identifier: MIT
// /proc/cpuinfo: what CPUID said at boot. One record for each processor, of which there is one.
// Row O01: read(2) -> vfs_read -> seq_read -> show_cpuinfo.
// Truth: proc(5); the flags' names are those that Linux prints for CPUID.1:EDX.
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <asm/processor.h>

static const char *const x86_cap_flags[32] = {
    "fpu", "vme", "de", "pse", "tsc", "msr", "pae", "mce", "cx8", "apic", NULL, "sep", "mtrr", "pge", "mca", "cmov",
    "pat", "pse36", "pn", "clflush", NULL, "dts", "acpi", "mmx", "fxsr", "sse", "sse2", "ss", "ht", "tm", "ia64", "pbe",
};

static const char *yes_no(int x)
{
    return x ? "yes" : "no";
}

noinline int show_cpuinfo(struct seq_file *m, void *v)
{
    struct cpuinfo_x86 *c = v;
    int i;

    seq_printf(m, "processor\t: 0\nvendor_id\t: %s\ncpu family\t: %d\nmodel\t\t: %d\nmodel name\t: %s\n",
               c->x86_vendor_id[0] ? c->x86_vendor_id : "unknown", c->x86, c->x86_model, c->x86_model_id);
    if (c->x86_mask || c->cpuid_level >= 0)
        seq_printf(m, "stepping\t: %d\n", c->x86_mask);
    else
        seq_puts(m, "stepping\t: unknown\n");
    if (c->tsc_khz)
        seq_printf(m, "cpu MHz\t\t: %lu.%03lu\n", (unsigned long)c->tsc_khz / 1000, (unsigned long)c->tsc_khz % 1000);
    seq_printf(m, "fdiv_bug\t: no\nhlt_bug\t\t: no\nf00f_bug\t: no\ncoma_bug\t: no\nfpu\t\t: %s\nfpu_exception\t: %s\n",
               yes_no(c->hard_math), yes_no(c->hard_math));
    seq_printf(m, "cpuid level\t: %d\nwp\t\t: yes\nflags\t\t:", c->cpuid_level);
    for (i = 0; i < 32; i++)
        if (((c->x86_capability[0] >> i) & 1) && x86_cap_flags[i])
            seq_printf(m, " %s", x86_cap_flags[i]);
    seq_printf(m, "\nbogomips\t: %lu.%02lu\n\n", c->loops_per_jiffy / (500000 / HZ),
               (c->loops_per_jiffy / (5000 / HZ)) % 100);
    return 0;
}

static void *c_start(struct seq_file *m, loff_t *pos)
{
    return *pos == 0 ? &boot_cpu_data : NULL;
}

static void *c_next(struct seq_file *m, void *v, loff_t *pos)
{
    ++*pos;
    return c_start(m, pos);
}

static void c_stop(struct seq_file *m, void *v)
{
}

static const struct seq_operations cpuinfo_op = { c_start, c_stop, c_next, show_cpuinfo };

static int cpuinfo_open(struct inode *inode, struct file *file)
{
    return seq_open(file, &cpuinfo_op);
}

static const struct file_operations proc_cpuinfo_operations = {
    .llseek = seq_lseek,
    .read = seq_read,
    .open = cpuinfo_open,
    .release = seq_release,
};

void __init proc_cpuinfo_init(void)
{
    struct proc_dir_entry *de = create_proc_entry("cpuinfo", S_IRUGO, NULL);

    if (de)
        de->proc_fops = &proc_cpuinfo_operations;
}
