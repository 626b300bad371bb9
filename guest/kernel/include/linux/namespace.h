// SPDX-License-Identifier: MIT
// A tree of mounts that a task sees. Children share their parent's; CLONE_NEWNS gives one a copy of its own.
// Names: [linux-2.6.11] include/linux/namespace.h. Row P27.
#pragma once

#include <linux/list.h>
#include <asm/atomic.h>

struct task_struct;
struct vfsmount;

struct namespace {
    atomic_t count;        ///< tasks
    struct vfsmount *root; ///< what nobody can unmount
    struct list_head list; ///< all its mounts, in the order of mounting: parents before children
};

int copy_namespace(unsigned long clone_flags, struct task_struct *tsk);
void exit_namespace(struct task_struct *tsk);
void put_namespace(struct namespace *namespace);
