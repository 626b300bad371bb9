// SPDX-License-Identifier: MIT
// select(2) and its relatives: three sets of descriptors in, three sets of ready ones out.
// Truth: select(2), pselect(2): Linux writes the time that is left back; names are Linux 2.6's.
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/poll_wqueues.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/uaccess.h>

#define POLLIN_SET (POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR)
#define POLLOUT_SET (POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR)
#define POLLEX_SET (POLLPRI)

enum { IN, OUT, EX, SETS };
static const unsigned int ready_bits[SETS] = { POLLIN_SET, POLLOUT_SET, POLLEX_SET };

// The six bitmaps of one call: what is asked, what is ready.
struct fd_sets {
    int words; // of 32 descriptors each
    unsigned long *asked[SETS], *ready[SETS];
};

static unsigned int poll_file(struct file *file, poll_table *wait)
{
    return file->f_op && file->f_op->poll ? file->f_op->poll(file, wait) : DEFAULT_POLLMASK;
}

// One descriptor: how many of the sets it is ready in; -EBADF if it isn't open.
static int check_fd(struct fd_sets *fds, int word, unsigned long bit, unsigned int fd, poll_table *wait)
{
    struct file *file = fget(fd);
    unsigned int mask;
    int i, found = 0;

    if (!file)
        return -EBADF;
    mask = poll_file(file, wait);
    fput(file);
    for (i = 0; i < SETS; i++)
        if ((fds->asked[i][word] & bit) && (mask & ready_bits[i])) {
            fds->ready[i][word] |= bit;
            found++;
        }
    return found;
}

static int check_all(struct fd_sets *fds, int n, poll_table *wait)
{
    int word, i, got, found = 0;

    for (word = 0; word < fds->words; word++) {
        unsigned long any = fds->asked[IN][word] | fds->asked[OUT][word] | fds->asked[EX][word];

        for (i = 0; any && i < 32; i++) {
            if (!(any & (1UL << i)) || word * 32 + i >= n)
                continue;
            got = check_fd(fds, word, 1UL << i, word * 32 + i, wait);
            if (got < 0)
                return got;
            found += got;
        }
    }
    return found;
}

static noinline int do_select(int n, struct fd_sets *fds, long *timeout)
{
    struct poll_wqueues table;
    poll_table *wait = &table.pt;
    int found;

    poll_initwait(&table);
    for (;;) {
        set_current_state(TASK_INTERRUPTIBLE);
        found = check_all(fds, n, *timeout ? wait : NULL);
        wait = NULL; // queued once is enough
        if (found || table.error || !*timeout)
            break;
        if (signal_pending(current)) {
            found = -ERESTARTNOHAND;
            break;
        }
        *timeout = schedule_timeout(*timeout);
    }
    __set_current_state(TASK_RUNNING);
    poll_freewait(&table);
    return table.error ? table.error : found;
}

static int alloc_sets(struct fd_sets *fds, int words)
{
    unsigned long *block = kmalloc(2 * SETS * words * sizeof(long) + 1, GFP_KERNEL);
    int i;

    if (!block)
        return -ENOMEM;
    memset(block, 0, 2 * SETS * words * sizeof(long));
    fds->words = words;
    for (i = 0; i < SETS; i++) {
        fds->asked[i] = block + i * words;
        fds->ready[i] = block + (SETS + i) * words;
    }
    return 0;
}

// `user` are the three sets, any of them NULL.
static long core_sys_select(int n, unsigned long __user *user[SETS], long *timeout)
{
    struct fd_sets fds;
    size_t bytes;
    long ret;
    int i;

    if (n < 0)
        return -EINVAL;
    if (n > current->files->max_fds)
        n = current->files->max_fds;
    ret = alloc_sets(&fds, FD_WORDS(n));
    if (ret)
        return ret;
    bytes = fds.words * sizeof(long);
    ret = -EFAULT;
    for (i = 0; i < SETS; i++)
        if (user[i] && copy_from_user(fds.asked[i], user[i], bytes))
            goto out;
    ret = do_select(n, &fds, timeout);
    if (ret < 0)
        goto out;
    for (i = 0; i < SETS; i++)
        if (user[i] && copy_to_user(user[i], fds.ready[i], bytes))
            ret = -EFAULT;
out:
    kfree(fds.asked[0]);
    return ret;
}

static int timeout_of(const struct timespec *ts, long *timeout)
{
    if (ts->tv_sec < 0 || ts->tv_nsec < 0 || ts->tv_nsec >= NSEC_PER_SEC)
        return -EINVAL;
    *timeout = timespec_to_jiffies(ts);
    return 0;
}

asmlinkage long sys_select(int n, unsigned long __user *inp, unsigned long __user *outp, unsigned long __user *exp,
                           struct timeval __user *tvp)
{
    unsigned long __user *user[SETS] = { inp, outp, exp };
    long timeout = MAX_SCHEDULE_TIMEOUT, ret;
    struct timeval tv;
    struct timespec ts;

    if (tvp) {
        if (copy_from_user(&tv, tvp, sizeof(tv)))
            return -EFAULT;
        if (tv.tv_sec < 0 || tv.tv_usec < 0)
            return -EINVAL;
        ts.tv_sec = tv.tv_sec + tv.tv_usec / USEC_PER_SEC;
        ts.tv_nsec = (tv.tv_usec % USEC_PER_SEC) * NSEC_PER_USEC;
        timeout_of(&ts, &timeout);
    }
    ret = core_sys_select(n, user, &timeout);
    if (tvp) {
        jiffies_to_timeval(timeout, &tv);
        if (copy_to_user(tvp, &tv, sizeof(tv)) && ret == -ERESTARTNOHAND)
            ret = -EINTR; // the rest of the time isn't recorded: no restart
    }
    return ret;
}

// The sixth argument of pselect6: a mask and its size.
struct sigset_arg {
    const sigset_t __user *ss;
    size_t ss_len;
};

static long do_pselect(int n, unsigned long __user *user[SETS], long *timeout, struct sigset_arg __user *sig)
{
    struct sigset_arg arg = { NULL, 0 };
    sigset_t saved;
    long ret;

    if (sig && copy_from_user(&arg, sig, sizeof(arg)))
        return -EFAULT;
    if (!arg.ss)
        return core_sys_select(n, user, timeout);
    do {
        ret = set_wait_sigmask(arg.ss, arg.ss_len, &saved);
        if (ret)
            return ret;
        ret = core_sys_select(n, user, timeout);
        ret = restore_wait_sigmask(ret, &saved);
    } while (ret == -ERESTARTNOHAND);
    return ret;
}

asmlinkage long sys_pselect6(int n, unsigned long __user *inp, unsigned long __user *outp, unsigned long __user *exp,
                             struct timespec __user *tsp, struct sigset_arg __user *sig)
{
    unsigned long __user *user[SETS] = { inp, outp, exp };
    long timeout = MAX_SCHEDULE_TIMEOUT, ret;
    struct timespec ts;

    if (tsp) {
        if (copy_from_user(&ts, tsp, sizeof(ts)))
            return -EFAULT;
        if (timeout_of(&ts, &timeout))
            return -EINVAL;
    }
    ret = do_pselect(n, user, &timeout, sig);
    if (tsp) {
        jiffies_to_timespec(timeout, &ts);
        if (copy_to_user(tsp, &ts, sizeof(ts)) && ret == -ERESTARTNOHAND)
            ret = -EINTR;
    }
    return ret;
}

asmlinkage long sys_pselect6_time64(int n, unsigned long __user *inp, unsigned long __user *outp,
                                    unsigned long __user *exp, struct __kernel_timespec __user *tsp,
                                    struct sigset_arg __user *sig)
{
    unsigned long __user *user[SETS] = { inp, outp, exp };
    long timeout = MAX_SCHEDULE_TIMEOUT, ret;
    struct __kernel_timespec wide;
    struct timespec ts;

    if (tsp) {
        if (copy_from_user(&wide, tsp, sizeof(wide)))
            return -EFAULT;
        ts = (struct timespec){ wide.tv_sec > LONG_MAX ? LONG_MAX : (time_t)wide.tv_sec, (long)wide.tv_nsec };
        if (wide.tv_sec < 0 || timeout_of(&ts, &timeout))
            return -EINVAL;
    }
    ret = do_pselect(n, user, &timeout, sig);
    if (tsp) {
        jiffies_to_timespec(timeout, &ts);
        wide = (struct __kernel_timespec){ ts.tv_sec, ts.tv_nsec };
        if (copy_to_user(tsp, &wide, sizeof(wide)) && ret == -ERESTARTNOHAND)
            ret = -EINTR;
    }
    return ret;
}
