// SPDX-License-Identifier: MIT
// Auditing of system calls. Booted with audit=1, every task gets an audit_context and the flag TIF_SYSCALL_AUDIT, which takes all
// of its calls through do_syscall_trace: the number and four arguments are noted at the entry, the result at the exit.
// Names: [linux-2.6.11] kernel/auditsc.c. Row X02.
//
// Linux hands the records to a daemon by netlink, which also brings the rules that choose among the calls. Without sockets there
// is one rule, "all", and the last 256 records stand in /proc/audit, in the words of Linux' records:
//
//     audit(SECONDS.MILLISECONDS:SERIAL): syscall=N exit=RESULT a0=... a1=... a2=... a3=... pid=... uid=... ...
#include <linux/audit.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/time.h>

#define AUDIT_RECORDS 256

struct audit_record {
    unsigned long serial;
    struct timespec time;
    struct audit_context call;
    int return_valid, return_code; ///< exit never returns
    pid_t pid;
    uid_t uid, euid;
    gid_t gid, egid;
    char comm[16];
};

int audit_enabled;
static struct audit_record records[AUDIT_RECORDS]; ///< a ring: record n stands at n % AUDIT_RECORDS
static unsigned long audit_serial;                 ///< of the next record

/// For a new task. What dup_task_struct has copied is the parent's.
int audit_alloc(struct task_struct *tsk)
{
    tsk->audit_context = NULL;
    clear_tsk_thread_flag(tsk, TIF_SYSCALL_AUDIT);
    if (likely(!audit_enabled))
        return 0;
    struct audit_context *context = kmalloc(sizeof(*context), GFP_KERNEL);
    if (!context)
        return -ENOMEM;
    memset(context, 0, sizeof(*context));
    tsk->audit_context = context;
    set_tsk_thread_flag(tsk, TIF_SYSCALL_AUDIT);
    return 0;
}

static void audit_log_exit(struct task_struct *tsk, int valid, int return_code)
{
    unsigned long flags;
    local_irq_save(flags);
    struct audit_record *record = &records[audit_serial % AUDIT_RECORDS];
    record->serial = audit_serial++;
    record->time = xtime;
    record->call = *tsk->audit_context;
    record->return_valid = valid;
    record->return_code = return_code;
    record->pid = tsk->pid;
    record->uid = tsk->uid;
    record->euid = tsk->euid;
    record->gid = tsk->gid;
    record->egid = tsk->egid;
    memcpy(record->comm, tsk->comm, sizeof(record->comm));
    local_irq_restore(flags);
}

/// The task is gone. A call that did not return (exit, a deadly signal) is recorded now.
void audit_free(struct task_struct *tsk)
{
    struct audit_context *context = tsk->audit_context;
    if (likely(!context))
        return;
    if (context->in_syscall)
        audit_log_exit(tsk, 0, 0);
    tsk->audit_context = NULL;
    clear_tsk_thread_flag(tsk, TIF_SYSCALL_AUDIT);
    kfree(context);
}

void audit_syscall_entry(struct task_struct *tsk, int major, unsigned long a1, unsigned long a2, unsigned long a3,
                         unsigned long a4)
{
    struct audit_context *context = tsk->audit_context;
    *context = (struct audit_context){ .in_syscall = 1, .major = major, .argv = { a1, a2, a3, a4 } };
}

/// A child comes here first: its fork was its parent's call.
void audit_syscall_exit(struct task_struct *tsk, int return_code)
{
    struct audit_context *context = tsk->audit_context;
    if (context->in_syscall)
        audit_log_exit(tsk, 1, return_code);
    context->in_syscall = 0;
}

static void show_record(struct seq_file *m, const struct audit_record *r)
{
    const struct audit_context *c = &r->call;
    seq_printf(m, "audit(%lu.%03lu:%lu): syscall=%d ", (unsigned long)r->time.tv_sec,
               (unsigned long)r->time.tv_nsec / 1000000, r->serial, c->major);
    if (r->return_valid)
        seq_printf(m, "exit=%d ", r->return_code);
    seq_printf(m, "a0=%lx a1=%lx a2=%lx a3=%lx pid=%d uid=%u gid=%u euid=%u egid=%u comm=%s\n", c->argv[0], c->argv[1],
               c->argv[2], c->argv[3], r->pid, r->uid, r->gid, r->euid, r->egid, r->comm);
}

static int audit_show(struct seq_file *m, void *v)
{
    unsigned long end = audit_serial, at = end > AUDIT_RECORDS ? end - AUDIT_RECORDS : 0;
    for (; at != end; at++)
        show_record(m, &records[at % AUDIT_RECORDS]);
    return 0;
}

/// Before the first task is made.
static int __init audit_enable(char *value)
{
    audit_enabled = value[0] == '1';
    return 1;
}
__setup("audit=", audit_enable);

static int __init audit_init(void)
{
    if (!audit_enabled)
        return 0;
    printk(KERN_INFO "audit: enabled, every system call is recorded in /proc/audit\n");
    return create_proc_show("audit", NULL, audit_show) ? 0 : -ENOMEM;
}
__initcall(audit_init);
