// SPDX-License-Identifier: MIT
// /proc/PID/stat, status, limits, comm, mounts: numbers of a task as text. Truth: proc(5) for the fields' order.
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/namespace.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/signal.h>
#include <linux/tty.h>

static struct task_struct *task_of(struct seq_file *m)
{
    return find_task_by_pid((long)m->private);
}

static int thread_count(struct task_struct *task)
{
    struct task_struct *t = task;
    int n = 0;

    do {
        n++;
        t = next_thread(t);
    } while (t != task);
    return n;
}

// Which of signals 1..64 are ignored, which have a handler.
static void collect_sigign_sigcatch(struct task_struct *p, sigset_t *ign, sigset_t *caught)
{
    int sig;

    sigemptyset(ign);
    sigemptyset(caught);
    for (sig = 1; p->sighand && sig <= _NSIG; sig++) {
        if (p->sighand->action[sig - 1].sa.sa_handler == SIG_IGN)
            sigaddset(ign, sig);
        else if (p->sighand->action[sig - 1].sa.sa_handler != SIG_DFL)
            sigaddset(caught, sig);
    }
}

static unsigned long long start_clock(struct task_struct *task)
{
    return (unsigned long long)task->start_time.tv_sec * USER_HZ + task->start_time.tv_nsec / (NSEC_PER_SEC / USER_HZ);
}

static u32 tty_number(struct signal_struct *sig)
{
    return sig && sig->tty ? new_encode_dev(tty_devnum(sig->tty)) : 0;
}

int proc_pid_stat(struct seq_file *m, void *v)
{
    struct task_struct *p = task_of(m);
    struct signal_struct *sig = p ? p->signal : NULL;
    struct mm_struct *mm = p ? p->mm : NULL;
    sigset_t ign, caught;

    if (!p)
        return -ESRCH;
    collect_sigign_sigcatch(p, &ign, &caught);
    seq_printf(m, "%d (%s) %c %d %d %d %d %d %lu ", p->pid, p->comm, task_state_letter(p), p->real_parent->tgid,
               sig ? sig->pgrp : 0, sig ? sig->session : 0, tty_number(sig), sig && sig->tty ? sig->tty->pgrp : -1,
               p->flags);
    seq_printf(m, "%lu %lu %lu %lu %lu %lu %ld %ld ", p->min_flt, sig ? sig->cmin_flt : 0, p->maj_flt,
               sig ? sig->cmaj_flt : 0, (unsigned long)jiffies_to_clock_t(p->utime + (sig ? sig->utime : 0)),
               (unsigned long)jiffies_to_clock_t(p->stime + (sig ? sig->stime : 0)),
               (long)jiffies_to_clock_t(sig ? sig->cutime : 0), (long)jiffies_to_clock_t(sig ? sig->cstime : 0));
    seq_printf(m, "%d %d %d 0 %lu %lu %ld %lu ", task_prio(p), task_nice(p), thread_count(p),
               (unsigned long)start_clock(p), mm ? mm->total_vm << PAGE_SHIFT : 0, mm ? mm->rss : 0,
               sig ? sig->rlim[RLIMIT_RSS].rlim_cur : 0);
    seq_printf(m, "%lu %lu %lu %lu %lu ", mm ? mm->start_code : 0, mm ? mm->end_code : 0, mm ? mm->start_stack : 0,
               mm ? ((struct pt_regs *)p->thread.esp0 - 1)->esp : 0, mm ? ((struct pt_regs *)p->thread.esp0 - 1)->eip : 0);
    seq_printf(m, "%lu %lu %lu %lu 0 0 0 %d 0 %lu %lu\n", p->pending.signal.sig[0] & 0x7fffffff,
               p->blocked.sig[0] & 0x7fffffff, ign.sig[0] & 0x7fffffff, caught.sig[0] & 0x7fffffff, p->exit_signal,
               p->rt_priority, p->policy);
    return 0;
}

static const char *state_name(struct task_struct *p)
{
    switch (task_state_letter(p)) {
    case 'R':
        return "R (running)";
    case 'S':
        return "S (sleeping)";
    case 'D':
        return "D (disk sleep)";
    case 'T':
        return "T (stopped)";
    case 't':
        return "t (tracing stop)";
    case 'Z':
        return "Z (zombie)";
    default:
        return "X (dead)";
    }
}

static void show_ids(struct seq_file *m, struct task_struct *p)
{
    int i;

    seq_printf(m, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n", p->uid, p->euid, p->suid, p->fsuid, p->gid, p->egid,
               p->sgid, p->fsgid);
    seq_printf(m, "FDSize:\t%d\nGroups:\t", p->files ? p->files->max_fds : 0);
    for (i = 0; p->group_info && i < p->group_info->ngroups; i++)
        seq_printf(m, "%u ", p->group_info->gid[i]);
    seq_putc(m, '\n');
}

static void show_memory(struct seq_file *m, struct mm_struct *mm)
{
    unsigned long kb = PAGE_SIZE / 1024, text = (PAGE_ALIGN(mm->end_code) - (mm->start_code & PAGE_MASK)) >> 10;

    seq_printf(m, "VmSize:\t%8lu kB\nVmLck:\t%8lu kB\nVmRSS:\t%8lu kB\nVmData:\t%8lu kB\nVmStk:\t%8lu kB\n"
                  "VmExe:\t%8lu kB\nVmLib:\t%8lu kB\n",
               mm->total_vm * kb, mm->locked_vm * kb, mm->rss * kb, (mm->total_vm - mm->stack_vm) * kb - text,
               mm->stack_vm * kb, text, (mm->exec_vm * kb > text ? mm->exec_vm * kb - text : 0));
}

static void show_set(struct seq_file *m, const char *name, const sigset_t *set)
{
    seq_printf(m, "%s:\t%08lx%08lx\n", name, set->sig[1], set->sig[0]);
}

int proc_pid_status(struct seq_file *m, void *v)
{
    struct task_struct *p = task_of(m);
    sigset_t ign, caught;

    if (!p)
        return -ESRCH;
    collect_sigign_sigcatch(p, &ign, &caught);
    seq_printf(m, "Name:\t%s\nState:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\nTracerPid:\t%d\n", p->comm, state_name(p),
               p->tgid, p->pid, p->real_parent->tgid, p->ptrace ? p->parent->pid : 0);
    show_ids(m, p);
    if (p->mm)
        show_memory(m, p->mm);
    seq_printf(m, "Threads:\t%d\n", thread_count(p));
    show_set(m, "SigPnd", &p->pending.signal);
    if (p->signal)
        show_set(m, "ShdPnd", &p->signal->shared_pending.signal);
    show_set(m, "SigBlk", &p->blocked);
    show_set(m, "SigIgn", &ign);
    show_set(m, "SigCgt", &caught);
    seq_printf(m, "CapInh:\t%016x\nCapPrm:\t%016x\nCapEff:\t%016x\n", p->cap_inheritable, p->cap_permitted,
               p->cap_effective);
    seq_printf(m, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n", p->nvcsw, p->nivcsw);
    return 0;
}

int proc_pid_comm(struct seq_file *m, void *v)
{
    struct task_struct *p = task_of(m);

    if (!p)
        return -ESRCH;
    return seq_printf(m, "%s\n", p->comm);
}

static void show_limit(struct seq_file *m, unsigned long value)
{
    if (value == RLIM_INFINITY)
        seq_printf(m, "%-20s ", "unlimited");
    else
        seq_printf(m, "%-20lu ", value);
}

int proc_pid_limits(struct seq_file *m, void *v)
{
    static const struct {
        const char *name, *unit;
    } names[RLIM_NLIMITS] = {
        { "Max cpu time", "seconds" },       { "Max file size", "bytes" },       { "Max data size", "bytes" },
        { "Max stack size", "bytes" },       { "Max core file size", "bytes" },  { "Max resident set", "bytes" },
        { "Max processes", "processes" },    { "Max open files", "files" },      { "Max locked memory", "bytes" },
        { "Max address space", "bytes" },    { "Max file locks", "locks" },      { "Max pending signals", "signals" },
        { "Max msgqueue size", "bytes" },
    };
    struct task_struct *p = task_of(m);
    int i;

    if (!p || !p->signal)
        return -ESRCH;
    seq_printf(m, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
    for (i = 0; i < RLIM_NLIMITS; i++) {
        seq_printf(m, "%-25s ", names[i].name);
        show_limit(m, p->signal->rlim[i].rlim_cur);
        show_limit(m, p->signal->rlim[i].rlim_max);
        seq_printf(m, "%-10s\n", names[i].unit);
    }
    return 0;
}

/// The mounts that the process sees: those of its namespace. A zombie has none.
int proc_pid_mounts(struct seq_file *m, void *v)
{
    struct task_struct *p = task_of(m);
    struct vfsmount *mnt;

    if (!p || !p->namespace)
        return -EINVAL;
    list_for_each_entry(mnt, &p->namespace->list, mnt_list) {
        seq_printf(m, "%s ", mnt->mnt_devname);
        seq_path(m, mnt, mnt->mnt_root, " \t\n\\");
        seq_printf(m, " %s %s%s%s%s 0 0\n", mnt->mnt_sb->s_type->name, mnt->mnt_sb->s_flags & MS_RDONLY ? "ro" : "rw",
                   mnt->mnt_flags & MNT_NOSUID ? ",nosuid" : "", mnt->mnt_flags & MNT_NODEV ? ",nodev" : "",
                   mnt->mnt_flags & MNT_NOEXEC ? ",noexec" : "");
    }
    return 0;
}
