// SPDX-License-Identifier: MIT
// Advisory locks. POSIX locks (fcntl) cover ranges of bytes and belong to a table of descriptors (a process); flock
// locks cover the whole file and belong to one open file. Both hang in the inode's list; the two kinds ignore each
// other. A lock that is changed in part is cut in two; neighbours of one owner and kind are not joined, which nobody
// can observe. Truth: fcntl(2) "Advisory record locking", flock(2).
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/uaccess.h>

#define LOCK_END 0x7fffffffffffffffLL

enum lock_kind { POSIX, FLOCK };

struct file_lock {
    struct list_head fl_link;
    enum lock_kind fl_kind;
    void *fl_owner; // files_struct (POSIX) or file (FLOCK)
    int fl_pid;
    short fl_type;
    loff_t fl_start, fl_end; // both included
    // While it waits:
    struct inode *fl_inode;
    void *fl_next_owner; // whose lock is in the way; NULL: woken, it will look again
};

static LIST_HEAD(blocked_list); // locks that are waited for

static int overlaps(const struct file_lock *a, const struct file_lock *b)
{
    return a->fl_start <= b->fl_end && b->fl_start <= a->fl_end;
}

// The lock that stands in the way of `want`, or NULL.
static struct file_lock *find_conflict(struct inode *inode, const struct file_lock *want)
{
    struct file_lock *fl;

    list_for_each_entry(fl, &inode->i_flock, fl_link) {
        if (fl->fl_kind != want->fl_kind || fl->fl_owner == want->fl_owner || !overlaps(fl, want))
            continue;
        if (fl->fl_type == F_WRLCK || want->fl_type == F_WRLCK)
            return fl;
    }
    return NULL;
}

static struct file_lock *insert_copy(struct inode *inode, const struct file_lock *from, loff_t start, loff_t end)
{
    struct file_lock *fl = kmalloc(sizeof(*fl), GFP_KERNEL);

    if (!fl)
        return NULL;
    *fl = *from;
    fl->fl_start = start;
    fl->fl_end = end;
    list_add_tail(&fl->fl_link, &inode->i_flock);
    return fl;
}

// Takes the range of `range` out of what the same owner holds. May leave a piece on either side.
static int cut_out(struct inode *inode, const struct file_lock *range)
{
    struct file_lock *fl, *next;

    list_for_each_entry_safe(fl, next, &inode->i_flock, fl_link) {
        if (fl->fl_kind != range->fl_kind || fl->fl_owner != range->fl_owner || !overlaps(fl, range))
            continue;
        if (fl->fl_start < range->fl_start && fl->fl_end > range->fl_end) {
            if (!insert_copy(inode, fl, range->fl_end + 1, fl->fl_end))
                return -ENOLCK;
            fl->fl_end = range->fl_start - 1;
        } else if (fl->fl_start < range->fl_start)
            fl->fl_end = range->fl_start - 1;
        else if (fl->fl_end > range->fl_end)
            fl->fl_start = range->fl_end + 1;
        else {
            list_del(&fl->fl_link);
            kfree(fl);
        }
    }
    return 0;
}

// Would the wait for `blocker` never end, since its owner waits, perhaps over others, for us? Owners are processes: two
// threads of one that wait for different locks can be taken for a circle, as in [linux-2.6.11] fs/locks.c.
static int posix_locks_deadlock(const struct file_lock *caller, const struct file_lock *blocker)
{
    const void *next_owner = blocker->fl_owner;
    int hops = 100; // threads may have made a circle that we are not part of
    const struct file_lock *fl;

next_task:
    if (!hops--)
        return 0;
    if (next_owner == caller->fl_owner)
        return 1;
    list_for_each_entry(fl, &blocked_list, fl_link)
        if (fl->fl_owner == next_owner && fl->fl_next_owner) {
            next_owner = fl->fl_next_owner;
            goto next_task;
        }
    return 0;
}

// Somebody's lock has gone or changed. Who waits is on no circle until it has looked again.
static void wake_blocked(struct inode *inode)
{
    struct file_lock *fl;

    list_for_each_entry(fl, &blocked_list, fl_link)
        if (fl->fl_inode == inode)
            fl->fl_next_owner = NULL;
    wake_up_interruptible_all(&inode->i_flock_wait);
}

// Sleeps until nobody's lock is in the way of `want`. -EDEADLK for POSIX locks that would wait in a circle; flock's never look.
static int wait_for_lock(struct inode *inode, struct file_lock *want)
{
    struct file_lock *blocker;
    DEFINE_WAIT(wait);
    int error = 0;

    want->fl_inode = inode;
    want->fl_next_owner = NULL;
    list_add(&want->fl_link, &blocked_list);
    for (;;) {
        prepare_to_wait(&inode->i_flock_wait, &wait, TASK_INTERRUPTIBLE);
        blocker = find_conflict(inode, want);
        if (!blocker)
            break;
        if (want->fl_kind == POSIX && posix_locks_deadlock(want, blocker)) {
            error = -EDEADLK;
            break;
        }
        if (signal_pending(current)) {
            error = -ERESTARTSYS;
            break;
        }
        want->fl_next_owner = blocker->fl_owner;
        schedule();
        want->fl_next_owner = NULL;
    }
    finish_wait(&inode->i_flock_wait, &wait);
    list_del(&want->fl_link);
    return error;
}

// Sets, changes or removes a lock; `wait`: sleeps while somebody else's lock is in the way.
static int set_lock(struct inode *inode, struct file_lock *want, int wait)
{
    int error = 0;

    if (want->fl_type != F_UNLCK && find_conflict(inode, want))
        error = wait ? wait_for_lock(inode, want) : -EAGAIN;
    if (error)
        return error;
    error = cut_out(inode, want);
    if (!error && want->fl_type != F_UNLCK && !insert_copy(inode, want, want->fl_start, want->fl_end))
        error = -ENOLCK;
    wake_blocked(inode);
    return error;
}

// From whence/start/len to first and last byte. len 0 reaches to the end of all files; a negative len goes backwards.
static int flock64_to_posix_lock(struct file *filp, struct file_lock *fl, const struct flock64 *l)
{
    loff_t start = l->l_start;

    if (l->l_type != F_RDLCK && l->l_type != F_WRLCK && l->l_type != F_UNLCK)
        return -EINVAL;
    if (l->l_whence == SEEK_CUR)
        start += filp->f_pos;
    else if (l->l_whence == SEEK_END)
        start += filp->f_dentry->d_inode->i_size;
    else if (l->l_whence != SEEK_SET)
        return -EINVAL;
    fl->fl_start = l->l_len < 0 ? start + l->l_len : start;
    fl->fl_end = l->l_len == 0 ? LOCK_END : l->l_len < 0 ? start - 1 : start + l->l_len - 1;
    if (fl->fl_start < 0)
        return -EINVAL;
    if (fl->fl_end < fl->fl_start)
        return -EOVERFLOW;
    fl->fl_kind = POSIX;
    fl->fl_type = l->l_type;
    fl->fl_owner = current->files;
    fl->fl_pid = current->tgid;
    return 0;
}

static int getlk(struct file *filp, struct flock64 *l)
{
    struct file_lock want, *fl;
    int error;

    if (l->l_type != F_RDLCK && l->l_type != F_WRLCK)
        return -EINVAL;
    error = flock64_to_posix_lock(filp, &want, l);
    if (error)
        return error;
    fl = find_conflict(filp->f_dentry->d_inode, &want);
    l->l_type = F_UNLCK;
    if (fl) {
        l->l_type = fl->fl_type;
        l->l_whence = SEEK_SET;
        l->l_start = fl->fl_start;
        l->l_len = fl->fl_end == LOCK_END ? 0 : fl->fl_end - fl->fl_start + 1;
        l->l_pid = fl->fl_pid;
    }
    return 0;
}

static int setlk(struct file *filp, const struct flock64 *l, int wait)
{
    struct file_lock want;
    int error = flock64_to_posix_lock(filp, &want, l);

    if (error)
        return error;
    if ((want.fl_type == F_RDLCK && !(filp->f_mode & FMODE_READ))
        || (want.fl_type == F_WRLCK && !(filp->f_mode & FMODE_WRITE)))
        return -EBADF;
    return set_lock(filp->f_dentry->d_inode, &want, wait);
}

static int read_flock(struct flock64 *l, const struct flock __user *user)
{
    struct flock narrow;

    if (copy_from_user(&narrow, user, sizeof(narrow)))
        return -EFAULT;
    *l = (struct flock64){ narrow.l_type, narrow.l_whence, narrow.l_start, narrow.l_len, narrow.l_pid };
    return 0;
}

long fcntl_getlk(struct file *filp, struct flock __user *user)
{
    struct flock64 l;
    struct flock narrow;
    int error = read_flock(&l, user);

    if (!error)
        error = getlk(filp, &l);
    if (error)
        return error;
    if (l.l_start > LONG_MAX || l.l_len > LONG_MAX)
        return -EOVERFLOW;
    narrow = (struct flock){ l.l_type, l.l_whence, l.l_start, l.l_len, l.l_pid };
    return copy_to_user(user, &narrow, sizeof(narrow)) ? -EFAULT : 0;
}

long fcntl_setlk(struct file *filp, unsigned int cmd, struct flock __user *user)
{
    struct flock64 l;
    int error = read_flock(&l, user);

    return error ? error : setlk(filp, &l, cmd == F_SETLKW);
}

long fcntl_getlk64(struct file *filp, struct flock64 __user *user)
{
    struct flock64 l;
    int error;

    if (copy_from_user(&l, user, sizeof(l)))
        return -EFAULT;
    error = getlk(filp, &l);
    if (error)
        return error;
    return copy_to_user(user, &l, sizeof(l)) ? -EFAULT : 0;
}

long fcntl_setlk64(struct file *filp, unsigned int cmd, struct flock64 __user *user)
{
    struct flock64 l;

    if (copy_from_user(&l, user, sizeof(l)))
        return -EFAULT;
    return setlk(filp, &l, cmd == F_SETLKW64);
}

static void remove_locks(struct inode *inode, enum lock_kind kind, void *owner)
{
    struct file_lock all = { .fl_kind = kind, .fl_owner = owner, .fl_start = 0, .fl_end = LOCK_END };

    if (list_empty(&inode->i_flock))
        return;
    cut_out(inode, &all);
    wake_blocked(inode);
}

// A process that closes any descriptor of a file loses all its POSIX locks on it.
void locks_remove_posix(struct file *filp, struct files_struct *owner)
{
    if (filp->f_dentry)
        remove_locks(filp->f_dentry->d_inode, POSIX, owner);
}

void locks_remove_flock(struct file *filp)
{
    remove_locks(filp->f_dentry->d_inode, FLOCK, filp);
}

asmlinkage long sys_flock(unsigned int fd, unsigned int cmd)
{
    static const short types[] = { [LOCK_SH] = F_RDLCK, [LOCK_EX] = F_WRLCK, [LOCK_UN] = F_UNLCK };
    struct file *filp = fget(fd);
    unsigned int op = cmd & ~LOCK_NB;
    int error = -EINVAL;

    if (!filp)
        return -EBADF;
    if (filp->f_mode & FMODE_PATH)
        error = -EBADF;
    else if (op == LOCK_SH || op == LOCK_EX || op == LOCK_UN) {
        struct file_lock want = { .fl_kind = FLOCK, .fl_owner = filp, .fl_pid = current->tgid, .fl_type = types[op],
                                  .fl_start = 0, .fl_end = LOCK_END };

        error = set_lock(filp->f_dentry->d_inode, &want, !(cmd & LOCK_NB));
    }
    fput(filp);
    return error;
}
