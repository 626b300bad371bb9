// SPDX-License-Identifier: MIT
// Auditing: a record of each system call of each audited task (kernel/auditsc.c). Row X02.
#pragma once

#include <linux/types.h>

struct task_struct;

/// The call that a task is in, from audit_syscall_entry to audit_syscall_exit.
struct audit_context {
    int in_syscall;
    int major; ///< its number
    unsigned long argv[4];
};

extern int audit_enabled;
int audit_alloc(struct task_struct *tsk);
void audit_free(struct task_struct *tsk);
void audit_syscall_entry(struct task_struct *tsk, int major, unsigned long a1, unsigned long a2, unsigned long a3,
                         unsigned long a4);
void audit_syscall_exit(struct task_struct *tsk, int return_code);
