// SPDX-License-Identifier: MIT
// What all processes of one user share: how many they are. Each task points at its user's struct (task->user) and holds one
// reference; the struct goes with the last. Found by number in a hash table.
//
//   fork     __count +1, processes +1           (copy_process)
//   setuid   both move to the new user          (switch_uid)
//   wait     processes -1                       (release_task); __count -1 when the task_struct itself is freed
//
// [linux-2.6.11] kernel/user.c; rows L03, P11.
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/user.h>

#define UIDHASH_BITS 8
#define UIDHASH_SZ (1 << UIDHASH_BITS)
#define uidhashentry(uid) (uidhash_table + ((((uid) >> UIDHASH_BITS) + (uid)) & (UIDHASH_SZ - 1)))

static struct list_head uidhash_table[UIDHASH_SZ];
static kmem_cache_t *uid_cachep;
static DEFINE_SPINLOCK(uidhash_lock);
/// Never freed: one reference is for being root, one is the first task's.
struct user_struct root_user = { .__count = ATOMIC_INIT(2), .processes = ATOMIC_INIT(1) };

static struct user_struct *uid_hash_find(uid_t uid)
{
    struct user_struct *user;
    list_for_each_entry(user, uidhashentry(uid), uidhash_list)
        if (user->uid == uid)
            return get_uid(user);
    return NULL;
}

/// The user's struct with one more reference, or NULL if nobody is that user.
struct user_struct *find_user(uid_t uid)
{
    spin_lock(&uidhash_lock);
    struct user_struct *user = uid_hash_find(uid);
    spin_unlock(&uidhash_lock);
    return user;
}

/// The same, made if it is not there. NULL: no memory.
struct user_struct *alloc_uid(uid_t uid)
{
    struct user_struct *user = find_user(uid);
    if (user)
        return user;
    struct user_struct *new = kmem_cache_alloc(uid_cachep, SLAB_KERNEL);
    if (!new)
        return NULL;
    memset(new, 0, sizeof(*new));
    atomic_set(&new->__count, 1);
    new->uid = uid;
    spin_lock(&uidhash_lock);
    user = uid_hash_find(uid); // somebody else may have made it in the meantime
    if (!user)
        list_add(&new->uidhash_list, uidhashentry(uid));
    spin_unlock(&uidhash_lock);
    if (!user)
        return new;
    kmem_cache_free(uid_cachep, new);
    return user;
}

void free_uid(struct user_struct *user)
{
    if (!atomic_dec_and_lock(&user->__count, &uidhash_lock))
        return;
    list_del(&user->uidhash_list);
    spin_unlock(&uidhash_lock);
    kmem_cache_free(uid_cachep, user);
}

/// The running task becomes another user's; it takes over the caller's reference on new_user.
void switch_uid(struct user_struct *new_user)
{
    struct user_struct *old = current->user;
    atomic_inc(&new_user->processes);
    atomic_dec(&old->processes);
    current->user = new_user;
    free_uid(old);
}

static int __init uid_cache_init(void)
{
    uid_cachep = kmem_cache_create("uid_cache", sizeof(struct user_struct), 0, SLAB_PANIC, NULL, NULL);
    for (int i = 0; i < UIDHASH_SZ; i++)
        INIT_LIST_HEAD(&uidhash_table[i]);
    list_add(&root_user.uidhash_list, uidhashentry(0));
    return 0;
}
__initcall(uid_cache_init);
