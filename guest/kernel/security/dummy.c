// SPDX-License-Identifier: MIT
// The default security hooks: everything is allowed, a task has no security data. What a module leaves out is filled in
// with these. Names: [linux-2.6.11] security/dummy.c; row P02.
#include <linux/sched.h>
#include <linux/security.h>

static int dummy_task_create(unsigned long clone_flags) { return 0; }
static int dummy_task_alloc_security(struct task_struct *p) { return 0; }
static void dummy_task_free_security(struct task_struct *p) { }

struct security_operations dummy_security_ops;

void security_fixup_ops(struct security_operations *ops)
{
    if (!ops->task_create)
        ops->task_create = dummy_task_create;
    if (!ops->task_alloc_security)
        ops->task_alloc_security = dummy_task_alloc_security;
    if (!ops->task_free_security)
        ops->task_free_security = dummy_task_free_security;
}
