// SPDX-License-Identifier: MIT
// Use counts of modules. What has a module object is linked in and listed at boot; delete_module removes it as Linux does:
// it lets no new users in (try_module_get fails), waits for the last old one, and calls the module's exit function.
// Names: [linux-2.6.11] kernel/module.c; row P12.
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/uaccess.h>

static LIST_HEAD(modules);

/// 0: the module is going away, keep out. What is no module is always there.
int try_module_get(struct module *module)
{
    if (!module)
        return 1;
    if (!module_is_live(module))
        return 0;
    atomic_inc(&module->refcount);
    return 1;
}

/// For those who know that somebody is inside already.
void __module_get(struct module *module)
{
    if (module)
        atomic_inc(&module->refcount);
}

void module_put(struct module *module)
{
    if (!module)
        return;
    BUG_ON(atomic_read(&module->refcount) <= 0);
    atomic_dec(&module->refcount);
    if (unlikely(!module_is_live(module)) && module->waiter)
        wake_up_process(module->waiter);
}

void register_linked_module(struct module *module) { list_add_tail(&module->list, &modules); }

static struct module *find_module(const char *name)
{
    struct module *module;
    list_for_each_entry(module, &modules, list)
        if (!strcmp(module->name, name))
            return module;
    return NULL;
}

static void wait_for_zero_refcount(struct module *module)
{
    module->waiter = current;
    for (;;) {
        set_current_state(TASK_UNINTERRUPTIBLE);
        if (!atomic_read(&module->refcount))
            break;
        schedule();
    }
    set_current_state(TASK_RUNNING);
    module->waiter = NULL;
}

/// A module that is in use: EWOULDBLOCK with O_NONBLOCK, else the call waits. O_TRUNC, removal by force, is not there.
asmlinkage long sys_delete_module(const char __user *user_name, unsigned int flags)
{
    char name[MODULE_NAME_LEN];
    if (!capable(CAP_SYS_MODULE))
        return -EPERM;
    if (strncpy_from_user(name, user_name, MODULE_NAME_LEN - 1) < 0)
        return -EFAULT;
    name[MODULE_NAME_LEN - 1] = 0;
    struct module *module = find_module(name);
    if (!module)
        return -ENOENT;
    if (module->state != MODULE_STATE_LIVE || !module->exit)
        return -EBUSY;
    if ((flags & O_NONBLOCK) && atomic_read(&module->refcount))
        return -EWOULDBLOCK;
    module->state = MODULE_STATE_GOING;
    wait_for_zero_refcount(module);
    module->exit();
    list_del(&module->list);
    return 0;
}
