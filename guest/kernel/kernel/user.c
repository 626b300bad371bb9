// SPDX-License-Identifier: MIT
// Per-user counts, found by user number.
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/user.h>

static LIST_HEAD(users);
struct user_struct root_user = { .__count = ATOMIC_INIT(2), .processes = ATOMIC_INIT(1) };

struct user_struct *find_user(uid_t uid)
{
    struct user_struct *user;
    if (!uid)
        return get_uid(&root_user);
    list_for_each_entry(user, &users, uidhash_list)
        if (user->uid == uid)
            return get_uid(user);
    return NULL;
}

struct user_struct *alloc_uid(uid_t uid)
{
    struct user_struct *user = find_user(uid);
    if (user)
        return user;
    user = kzalloc(sizeof(*user), GFP_KERNEL);
    if (!user)
        return NULL;
    atomic_set(&user->__count, 1);
    user->uid = uid;
    list_add(&user->uidhash_list, &users);
    return user;
}

void free_uid(struct user_struct *user)
{
    if (!atomic_dec_and_test(&user->__count) || user == &root_user)
        return;
    list_del(&user->uidhash_list);
    kfree(user);
}

void switch_uid(struct user_struct *new_user)
{
    struct user_struct *old = current->user;
    atomic_inc(&new_user->processes);
    atomic_dec(&old->processes);
    current->user = new_user;
    free_uid(old);
}
