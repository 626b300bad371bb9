// SPDX-License-Identifier: MIT
// Robust futexes: a thread keeps a list of the locks it holds in its own memory; when it dies, the kernel walks that list,
// marks each lock as its owner's legacy and wakes one waiter. Truth: get_robust_list(2), names of Linux 2.6.17.
//
//   robust_list_head:  next        -> first entry -> ... -> back to the head    (bit 0: a priority-inheriting lock)
//                      futex_offset  from an entry to its lock word
//                      list_op_pending  the lock that is just being taken or given back
//   lock word: bits 0-29 owner's tid, 30 FUTEX_OWNER_DIED, 31 FUTEX_WAITERS
#include <linux/errno.h>
#include <linux/futex.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <asm/uaccess.h>

#define ROBUST_LIST_LIMIT 2048 ///< the list is the user's: it may go in circles

/// The lock word at `uaddr`, if the dying thread owns it. -1: not readable, the list is broken.
static int handle_futex_death(u32 __user *uaddr, struct task_struct *curr)
{
    u32 value;
    if (((unsigned long)uaddr & 3) || get_user(value, uaddr))
        return -1;
    if ((value & FUTEX_TID_MASK) != (u32)curr->pid)
        return 0;
    if (put_user((value & FUTEX_WAITERS) | FUTEX_OWNER_DIED, uaddr))
        return -1;
    if (value & FUTEX_WAITERS)
        futex_wake((unsigned long)uaddr, 1);
    return 0;
}

/// Bit 0 of an entry only says which kind of lock it is.
static int fetch_robust_entry(unsigned long *entry, unsigned long __user *at)
{
    if (get_user(*entry, at))
        return -1;
    *entry &= ~1UL;
    return 0;
}

void exit_robust_list(struct task_struct *curr)
{
    struct robust_list_head __user *head = curr->robust_list;
    unsigned long entry, next, pending, end = (unsigned long)&head->next;
    long offset;
    int limit = ROBUST_LIST_LIMIT, broken = 0;
    curr->robust_list = NULL;
    if (fetch_robust_entry(&entry, &head->next) || get_user(offset, &head->futex_offset) ||
        fetch_robust_entry(&pending, &head->list_op_pending))
        return;
    for (; entry != end && limit-- && !broken; entry = next) {
        broken = fetch_robust_entry(&next, (unsigned long __user *)entry); // before a waiter may change it
        if (entry != pending && handle_futex_death((u32 __user *)(entry + offset), curr))
            return;
    }
    if (pending)
        handle_futex_death((u32 __user *)(pending + offset), curr);
}

asmlinkage long sys_set_robust_list(struct robust_list_head __user *head, size_t len)
{
    if (len != sizeof(*head))
        return -EINVAL;
    current->robust_list = head;
    return 0;
}

asmlinkage long sys_get_robust_list(int pid, struct robust_list_head __user *__user *head, size_t __user *len)
{
    struct task_struct *p = pid ? find_task_by_pid(pid) : current;
    if (!p)
        return -ESRCH;
    if (pid && current->euid != p->uid && current->euid != p->euid && !capable(CAP_SYS_PTRACE))
        return -EPERM;
    return put_user(sizeof(**head), len) || put_user(p->robust_list, head) ? -EFAULT : 0;
}
