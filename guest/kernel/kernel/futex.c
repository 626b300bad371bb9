// SPDX-License-Identifier: MIT
// Futexes: sleep until the word at a user address changes. A waiter hangs on one of 64 queues, found by its key: the
// address space and the address, or, for memory that processes share, the page and the offset in it.
#include <linux/errno.h>
#include <linux/futex.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/pgtable.h>
#include <asm/uaccess.h>

struct futex_key {
    unsigned long space, address;
};
struct futex_q {
    struct list_head list;
    struct futex_key key;
    struct task_struct *task;
    u32 bitset;
    int woken;
};
static struct list_head queues[64];
static DEFINE_SPINLOCK(futex_lock); ///< the queues; a word is compared under it, too: its page has just been touched

static struct list_head *queue_of(const struct futex_key *key)
{
    unsigned long h = (key->space >> 5) ^ (key->address >> 2);
    struct list_head *q = &queues[(h ^ (h >> 6) ^ (h >> 12)) & 63];
    if (!q->next)
        INIT_LIST_HEAD(q);
    return q;
}

static int same_key(const struct futex_key *a, const struct futex_key *b)
{
    return a->space == b->space && a->address == b->address;
}

static int get_futex_key(unsigned long uaddr, struct futex_key *key)
{
    u32 value;
    if (uaddr & 3)
        return -EINVAL;
    if (get_user(value, (u32 __user *)uaddr)) // also brings the page in
        return -EFAULT;
    struct vm_area_struct *vma = find_vma(current->mm, uaddr);
    key->space = (unsigned long)current->mm;
    key->address = uaddr;
    if (vma && vma->vm_start <= uaddr && (vma->vm_flags & VM_MAYSHARE)) {
        pte_t *pte = pte_lookup(current->mm, uaddr);
        if (pte && pte_present(*pte)) {
            key->space = 1 + pte_pfn(*pte);
            key->address = uaddr & ~PAGE_MASK;
        }
    }
    return 0;
}

static void wake_one(struct futex_q *q)
{
    list_del_init(&q->list);
    q->woken = 1;
    wake_up_process(q->task);
}

static int wake_key(const struct futex_key *key, int nr_wake, u32 bitset)
{
    struct futex_q *q, *n;
    int woken = 0;
    spin_lock(&futex_lock);
    list_for_each_entry_safe(q, n, queue_of(key), list) {
        if (woken >= nr_wake)
            break;
        if (!same_key(&q->key, key) || !(q->bitset & bitset))
            continue;
        wake_one(q);
        woken++;
    }
    spin_unlock(&futex_lock);
    return woken;
}

static int wake(unsigned long uaddr, int nr_wake, u32 bitset)
{
    struct futex_key key;
    int error = get_futex_key(uaddr, &key);
    return error ? error : !bitset ? -EINVAL : wake_key(&key, nr_wake, bitset);
}
int futex_wake(unsigned long uaddr, int nr_wake) { return wake(uaddr, nr_wake, FUTEX_BITSET_MATCH_ANY); }

/// Queued only if the word still has the value that the caller saw: who changes it and then wakes finds the waiter.
static int queue_me(struct futex_q *q, unsigned long uaddr, u32 val)
{
    u32 now;
    int error = get_futex_key(uaddr, &q->key);
    if (error)
        return error;
    spin_lock(&futex_lock);
    if (get_user(now, (u32 __user *)uaddr))
        error = -EFAULT;
    else if (now != val)
        error = -EAGAIN;
    else
        list_add_tail(&q->list, queue_of(&q->key));
    spin_unlock(&futex_lock);
    return error;
}

static int unqueue_me(struct futex_q *q)
{
    spin_lock(&futex_lock);
    int woken = q->woken;
    if (!woken)
        list_del(&q->list);
    spin_unlock(&futex_lock);
    return woken;
}

static long futex_wait_restart(struct restart_block *restart);

/// A wait that a stop has interrupted goes on until the same moment; a handler ends it with EINTR.
static int interrupted_wait(unsigned long uaddr, u32 val, long timeout, u32 bitset)
{
    struct restart_block *restart = &current_thread_info()->restart_block;
    if (timeout == MAX_SCHEDULE_TIMEOUT)
        return -ERESTARTSYS;
    restart->fn = futex_wait_restart;
    restart->arg0 = uaddr;
    restart->arg1 = val;
    restart->arg2 = jiffies + timeout;
    restart->arg3 = bitset;
    return -ERESTART_RESTARTBLOCK;
}

/// Only sleeps if the word still has the value that the caller saw; `timeout` in ticks.
static int wait(unsigned long uaddr, u32 val, long timeout, u32 bitset)
{
    struct futex_q q = { .task = current, .bitset = bitset };
    if (!bitset)
        return -EINVAL;
    int error = queue_me(&q, uaddr, val);
    if (error)
        return error;
    while (!error && !q.woken) {
        set_current_state(TASK_INTERRUPTIBLE);
        if (q.woken)
            break;
        if (signal_pending(current))
            error = -EINTR;
        else if (!timeout)
            error = -ETIMEDOUT;
        else
            timeout = schedule_timeout(timeout);
    }
    set_current_state(TASK_RUNNING);
    if (unqueue_me(&q))
        return 0;
    return error == -EINTR ? interrupted_wait(uaddr, val, timeout, bitset) : error;
}

static long futex_wait_restart(struct restart_block *restart)
{
    long left = (long)(restart->arg2 - jiffies);
    restart->fn = do_no_restart_syscall;
    return wait(restart->arg0, restart->arg1, left > 0 ? left : 0, restart->arg3);
}

static int move_waiters(const struct futex_key *from, const struct futex_key *to, int nr_wake, int nr_requeue)
{
    struct futex_q *q, *n;
    int done = 0;
    list_for_each_entry_safe(q, n, queue_of(from), list) {
        if (!same_key(&q->key, from))
            continue;
        if (done < nr_wake) {
            wake_one(q);
        } else if (done - nr_wake < nr_requeue) {
            q->key = *to;
            list_move_tail(&q->list, queue_of(to));
        } else {
            break;
        }
        done++;
    }
    return done;
}

static int requeue(unsigned long uaddr, unsigned long uaddr2, int nr_wake, int nr_requeue, const u32 *expected)
{
    struct futex_key from, to;
    u32 now;
    if (nr_wake < 0 || nr_requeue < 0)
        return -EINVAL;
    int error = get_futex_key(uaddr, &from);
    if (!error)
        error = get_futex_key(uaddr2, &to);
    if (error)
        return error;
    spin_lock(&futex_lock);
    if (expected && get_user(now, (u32 __user *)uaddr))
        error = -EFAULT;
    else if (expected && now != *expected)
        error = -EAGAIN;
    else
        error = move_waiters(&from, &to, nr_wake, nr_requeue);
    spin_unlock(&futex_lock);
    return error;
}

static int apply_op(int op, int arg, int old)
{
    switch (op) {
    case 0: return arg;
    case 1: return old + arg;
    case 2: return old | arg;
    case 3: return old & ~arg;
    default: return old ^ arg;
    }
}

static int compare(int cmp, int old, int arg)
{
    switch (cmp) {
    case 0: return old == arg;
    case 1: return old != arg;
    case 2: return old < arg;
    case 3: return old <= arg;
    case 4: return old > arg;
    default: return old >= arg;
    }
}

/// Changes the second word, wakes on the first, and on the second if its old value compares.
static int wake_op(unsigned long uaddr, unsigned long uaddr2, int nr_wake, int nr_wake2, int encoded)
{
    int op = (encoded >> 28) & 7, cmp = (encoded >> 24) & 15, op_arg = (encoded << 8) >> 20,
        cmp_arg = (encoded << 20) >> 20;
    int old;
    if (op > 4 || cmp > 5)
        return -ENOSYS;
    if (encoded < 0)
        op_arg = 1 << (op_arg & 31);
    if ((uaddr2 & 3) || get_user(old, (int __user *)uaddr2) ||
        put_user(apply_op(op, op_arg, old), (int __user *)uaddr2))
        return -EFAULT;
    int woken = futex_wake(uaddr, nr_wake);
    if (woken >= 0 && compare(cmp, old, cmp_arg)) {
        int more = futex_wake(uaddr2, nr_wake2);
        return more < 0 ? more : woken + more;
    }
    return woken;
}

long do_futex(unsigned long uaddr, int op, int val, unsigned long timeout, unsigned long uaddr2, int val2, int val3)
{
    switch (op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)) {
    case FUTEX_WAIT: return wait(uaddr, val, timeout, FUTEX_BITSET_MATCH_ANY);
    case FUTEX_WAIT_BITSET: return wait(uaddr, val, timeout, val3);
    case FUTEX_WAKE: return wake(uaddr, val, FUTEX_BITSET_MATCH_ANY);
    case FUTEX_WAKE_BITSET: return wake(uaddr, val, val3);
    case FUTEX_REQUEUE: return requeue(uaddr, uaddr2, val, val2, NULL);
    case FUTEX_CMP_REQUEUE: return requeue(uaddr, uaddr2, val, val2, (u32 *)&val3);
    case FUTEX_WAKE_OP: return wake_op(uaddr, uaddr2, val, val2, val3);
    default: return -ENOSYS; // FUTEX_FD and the priority-inheriting ones: glibc says ENOTSUP
    }
}

static int has_timeout(int op)
{
    int cmd = op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
    return cmd == FUTEX_WAIT || cmd == FUTEX_WAIT_BITSET;
}

/// FUTEX_WAIT's time is relative, WAIT_BITSET's absolute.
static long ticks_of(int op, struct timespec *t)
{
    struct timespec now;
    if ((op & 127) == FUTEX_WAIT_BITSET) {
        if (op & FUTEX_CLOCK_REALTIME)
            getnstimeofday(&now);
        else
            do_posix_clock_monotonic_gettime(&now);
        set_normalized_timespec(t, t->tv_sec - now.tv_sec, t->tv_nsec - now.tv_nsec);
        if (t->tv_sec < 0)
            return 0;
    }
    return timespec_to_jiffies(t) + (t->tv_sec || t->tv_nsec);
}

asmlinkage long sys_futex(u32 __user *uaddr, int op, int val, struct timespec __user *utime, u32 __user *uaddr2,
                          int val3)
{
    struct timespec t;
    long timeout = MAX_SCHEDULE_TIMEOUT;
    if (utime && has_timeout(op)) {
        if (copy_from_user(&t, utime, sizeof(t)))
            return -EFAULT;
        if (!timespec_valid(&t))
            return -EINVAL;
        timeout = ticks_of(op, &t);
    }
    return do_futex((unsigned long)uaddr, op, val, timeout, (unsigned long)uaddr2, (int)(unsigned long)utime, val3);
}

asmlinkage long sys_futex_time64(u32 __user *uaddr, int op, int val, struct __kernel_timespec __user *utime,
                                 u32 __user *uaddr2, int val3)
{
    struct __kernel_timespec kts;
    long timeout = MAX_SCHEDULE_TIMEOUT;
    if (utime && has_timeout(op)) {
        if (copy_from_user(&kts, utime, sizeof(kts)))
            return -EFAULT;
        struct timespec t = { kts.tv_sec > INT_MAX ? INT_MAX : (time_t)kts.tv_sec, kts.tv_nsec };
        if (!timespec_valid(&t))
            return -EINVAL;
        timeout = ticks_of(op, &t);
    }
    return do_futex((unsigned long)uaddr, op, val, timeout, (unsigned long)uaddr2, (int)(unsigned long)utime, val3);
}
