// SPDX-License-Identifier: MIT
// The table of security hooks: at first the default one (dummy.c), which never says no. One module may register another.
// Names: [linux-2.6.11] security/security.c; row P02.
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/security.h>

extern struct security_operations dummy_security_ops;
extern initcall_t __security_initcall_start[], __security_initcall_end[];

struct security_operations *security_ops = &dummy_security_ops;

int __init security_init(void)
{
    security_fixup_ops(&dummy_security_ops);
    for (initcall_t *call = __security_initcall_start; call < __security_initcall_end; call++)
        (*call)();
    return 0;
}

/// Only the first module gets the table; hooks that it has not are the default ones.
int register_security(struct security_operations *ops)
{
    if (!ops)
        return -EINVAL;
    if (security_ops != &dummy_security_ops)
        return -EAGAIN;
    security_fixup_ops(ops);
    security_ops = ops;
    return 0;
}

int security_task_create(unsigned long clone_flags) { return security_ops->task_create(clone_flags); }
int security_task_alloc(struct task_struct *p) { return security_ops->task_alloc_security(p); }
void security_task_free(struct task_struct *p) { security_ops->task_free_security(p); }
