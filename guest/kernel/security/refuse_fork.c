// SPDX-License-Identifier: MIT
// A small security module, on with `security=refuse-fork` on the command line: nobody (user 65534) may make no task at all,
// and others only so many generations below the first program. It has both ways to refuse: early in task_create, with
// nothing to free, and late in task_alloc_security, when copy_process must undo what it has done. Row P02.
#include <linux/errno.h>
#include <linux/bootmem.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/string.h>

#define NOBODY 65534
#define MOST_GENERATIONS 8

/// What task_struct.security points to. NULL: the tasks that are older than the policy.
struct refuse_fork_security {
    int generation;
};

static int generation_of(struct task_struct *p)
{
    struct refuse_fork_security *security = p->security;
    return security ? security->generation : 0;
}

static int refuse_fork_task_create(unsigned long clone_flags) { return current->uid == NOBODY ? -EPERM : 0; }

/// Threads are no new generation.
static int refuse_fork_task_alloc(struct task_struct *p)
{
    int generation = generation_of(current) + !(p->tgid == current->tgid);
    if (generation > MOST_GENERATIONS)
        return -EACCES;
    struct refuse_fork_security *security = kmalloc(sizeof(*security), GFP_KERNEL);
    if (!security)
        return -ENOMEM;
    security->generation = generation;
    p->security = security;
    return 0;
}

static void refuse_fork_task_free(struct task_struct *p)
{
    kfree(p->security);
    p->security = NULL;
}

static struct security_operations refuse_fork_ops = {
    .task_create = refuse_fork_task_create,
    .task_alloc_security = refuse_fork_task_alloc,
    .task_free_security = refuse_fork_task_free,
};

static int __init refuse_fork_init(void)
{
    char name[32];
    if (!get_option_word("security", name, sizeof(name)))
        return 0;
    if (strcmp(name, "refuse-fork")) {
        printk(KERN_WARNING "security: there is no module %s\n", name);
        return 0;
    }
    return register_security(&refuse_fork_ops);
}
security_initcall(refuse_fork_init);
