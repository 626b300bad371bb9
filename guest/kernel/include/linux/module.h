// SPDX-License-Identifier: MIT
// Modules, as far as a kernel has them that loads none: parts that could be modules are linked in. Most have none
// (THIS_MODULE is NULL); a few have a module object, and its use count is kept as if the part could go away: it can, by
// delete_module, once. Names: [linux-2.6.11] include/linux/module.h. Row P12.
#pragma once

#include <linux/init.h>
#include <linux/list.h>
#include <asm/atomic.h>
#define module_init(fn) __initcall(fn)
#define module_exit(fn)
#define EXPORT_SYMBOL(x)
#define EXPORT_SYMBOL_GPL(x)
#define MODULE_LICENSE(x)
#define MODULE_AUTHOR(x)
#define MODULE_DESCRIPTION(x)

enum module_state { MODULE_STATE_LIVE, MODULE_STATE_COMING, MODULE_STATE_GOING };
#define MODULE_NAME_LEN 60

struct task_struct;
struct module {
    enum module_state state;
    struct list_head list;
    const char *name;
    atomic_t refcount;          ///< tasks and calls that are inside
    struct task_struct *waiter; ///< who waits in delete_module for the last of them
    void (*exit)(void);         ///< NULL: it stays
};
#define THIS_MODULE ((struct module *)0)
/// The module object of a part that is linked in.
#define LINKED_MODULE(object, its_name, its_exit) \
    struct module object = { .state = MODULE_STATE_LIVE, .name = its_name, .refcount = ATOMIC_INIT(0), .exit = its_exit }

static inline int module_is_live(struct module *module) { return module->state != MODULE_STATE_GOING; }
int try_module_get(struct module *module);
void __module_get(struct module *module);
void module_put(struct module *module);
void register_linked_module(struct module *module);
