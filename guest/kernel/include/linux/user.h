// SPDX-License-Identifier: MIT
// Per-user counts.
#pragma once

#include <linux/list.h>
#include <asm/atomic.h>
#include <linux/types.h>
struct user_struct {
    atomic_t __count, processes, files, sigpending;
    struct list_head uidhash_list;
    uid_t uid;
};
extern struct user_struct root_user;
#define INIT_USER (&root_user)
struct user_struct *alloc_uid(uid_t uid);
struct user_struct *find_user(uid_t uid);
void free_uid(struct user_struct *user);
static inline struct user_struct *get_uid(struct user_struct *u)
{
    atomic_inc(&u->__count);
    return u;
}
struct task_struct;
void switch_uid(struct user_struct *new_user);
