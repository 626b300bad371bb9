// SPDX-License-Identifier: MIT
// Security modules: a table of functions that the kernel asks at the points where a policy may want to say no.
// Names: [linux-2.6.11] include/linux/security.h; only the hooks of making and ending a task are here. Row P02.
//
//   copy_process   security_task_create    may a task be made with these flags?      before anything is allocated
//                  security_task_alloc     the new task's own security data          after the user's and system's limits
//                  security_task_free      gives them back                           on the ladder, and with the last use
#pragma once

#include <linux/init.h>

struct task_struct;

struct security_operations {
    int (*task_create)(unsigned long clone_flags);
    int (*task_alloc_security)(struct task_struct *p);
    void (*task_free_security)(struct task_struct *p);
};

extern struct security_operations *security_ops;
void security_fixup_ops(struct security_operations *ops);
int register_security(struct security_operations *ops);
int security_init(void);

int security_task_create(unsigned long clone_flags);
int security_task_alloc(struct task_struct *p);
void security_task_free(struct task_struct *p);

/// A module's function of this kind runs in security_init, before the first task is forked.
#define security_initcall(fn) static initcall_t __initcall_##fn __section(".security_initcall.init") = fn
