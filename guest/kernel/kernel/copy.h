// SPDX-License-Identifier: MIT
// What copy_process copies or shares: fork_copy.c.
#pragma once
#include <linux/sched.h>
struct task_struct *dup_task_struct(struct task_struct *orig);
void free_task(struct task_struct *tsk);
int copy_sighand(unsigned long clone_flags, struct task_struct *tsk);
int copy_signal(unsigned long clone_flags, struct task_struct *tsk);
int copy_mm(unsigned long clone_flags, struct task_struct *tsk);
