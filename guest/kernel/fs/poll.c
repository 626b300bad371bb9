// SPDX-License-Identifier: MIT
// poll(2) and ppoll(2): an array of descriptors, each with the events of interest. Also the signal mask of ppoll and
// pselect. Truth: poll(2); names are Linux 2.6's.
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/poll_wqueues.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/ptrace.h>
#include <asm/uaccess.h>

// What is ready on one descriptor. A negative one is passed over, a closed one says so; errors need not be asked for.
static short poll_one(const struct pollfd *pfd, poll_table *wait)
{
    unsigned int mask = DEFAULT_POLLMASK;
    struct file *file;

    if (pfd->fd < 0)
        return 0;
    file = fget(pfd->fd);
    if (!file)
        return POLLNVAL;
    if (file->f_op && file->f_op->poll)
        mask = file->f_op->poll(file, wait);
    fput(file);
    return mask & (pfd->events | POLLERR | POLLHUP);
}

static noinline int do_poll(struct pollfd *fds, unsigned int nfds, long *timeout)
{
    struct poll_wqueues table;
    poll_table *wait = &table.pt;
    unsigned int i;
    int count;

    poll_initwait(&table);
    for (;;) {
        set_current_state(TASK_INTERRUPTIBLE);
        count = 0;
        for (i = 0; i < nfds; i++) {
            fds[i].revents = poll_one(&fds[i], *timeout && !count ? wait : NULL);
            if (fds[i].revents)
                count++;
        }
        wait = NULL;
        if (count || table.error || !*timeout)
            break;
        if (signal_pending(current)) {
            count = -EINTR;
            break;
        }
        *timeout = schedule_timeout(*timeout);
    }
    __set_current_state(TASK_RUNNING);
    poll_freewait(&table);
    return table.error ? table.error : count;
}

static long poll_user(struct pollfd __user *ufds, unsigned int nfds, long *timeout)
{
    struct pollfd *fds;
    unsigned int i;
    long ret;

    if (nfds > current->signal->rlim[RLIMIT_NOFILE].rlim_cur)
        return -EINVAL;
    fds = kmalloc(nfds * sizeof(*fds) + 1, GFP_KERNEL);
    if (!fds)
        return -ENOMEM;
    ret = -EFAULT;
    if (copy_from_user(fds, ufds, nfds * sizeof(*fds)))
        goto out;
    ret = do_poll(fds, nfds, timeout);
    for (i = 0; ret >= 0 && i < nfds; i++)
        if (put_user(fds[i].revents, &ufds[i].revents))
            ret = -EFAULT;
out:
    kfree(fds);
    return ret;
}

static long do_restart_poll(struct restart_block *restart);

// A handler ends the wait with EINTR; after a stop it goes on for what was left of its time (as since Linux 2.6.24).
static long restartable_poll(struct pollfd __user *ufds, unsigned int nfds, long timeout)
{
    struct restart_block *restart = &current_thread_info()->restart_block;
    long ret = poll_user(ufds, nfds, &timeout);

    if (ret != -EINTR)
        return ret;
    restart->fn = do_restart_poll;
    restart->arg0 = (unsigned long)ufds;
    restart->arg1 = nfds;
    restart->arg2 = timeout == MAX_SCHEDULE_TIMEOUT;
    restart->arg3 = jiffies + timeout;
    return -ERESTART_RESTARTBLOCK;
}

static long do_restart_poll(struct restart_block *restart)
{
    long left = (long)(restart->arg3 - jiffies);

    restart->fn = do_no_restart_syscall;
    return restartable_poll((struct pollfd __user *)restart->arg0, restart->arg1,
                            restart->arg2 ? MAX_SCHEDULE_TIMEOUT : max(left, 0L));
}

asmlinkage long sys_poll(struct pollfd __user *ufds, unsigned int nfds, long timeout)
{
    long ticks = timeout < 0 ? MAX_SCHEDULE_TIMEOUT : (long)msecs_to_jiffies(timeout);

    if (timeout > 0 && ticks < MAX_SCHEDULE_TIMEOUT)
        ticks++; // the tick that is under way doesn't count
    return restartable_poll(ufds, nfds, ticks);
}

int set_wait_sigmask(const sigset_t __user *mask, size_t size, sigset_t *saved)
{
    sigset_t set;

    if (size != sizeof(set))
        return -EINVAL;
    if (copy_from_user(&set, mask, sizeof(set)))
        return -EFAULT;
    sigdelset(&set, SIGKILL);
    sigdelset(&set, SIGSTOP);
    return sigprocmask(SIG_SETMASK, &set, saved);
}

int do_signal(struct pt_regs *regs, sigset_t *oldset);

// The old mask comes back; but a signal that has ended the wait is delivered under the new one first, and its
// handler's frame remembers the old one. -ERESTARTNOHAND: no handler, only a stop: the caller waits on.
long restore_wait_sigmask(long ret, sigset_t *saved)
{
    struct pt_regs *regs = (struct pt_regs *)current->thread.esp0 - 1;

    if (ret == -EINTR || ret == -ERESTARTNOHAND) {
        regs->eax = -EINTR;
        if (do_signal(regs, saved))
            return regs->eax; // the way out stores this again: what the handler finds in EAX
        ret = -ERESTARTNOHAND;
    }
    sigprocmask(SIG_SETMASK, saved, NULL);
    return ret;
}

static long do_ppoll(struct pollfd __user *ufds, unsigned int nfds, long *timeout, const sigset_t __user *sigmask,
                     size_t size)
{
    sigset_t saved;
    long ret;

    if (!sigmask)
        return poll_user(ufds, nfds, timeout);
    do {
        ret = set_wait_sigmask(sigmask, size, &saved);
        if (ret)
            return ret;
        ret = poll_user(ufds, nfds, timeout);
        ret = restore_wait_sigmask(ret, &saved);
    } while (ret == -ERESTARTNOHAND);
    return ret;
}

asmlinkage long sys_ppoll(struct pollfd __user *ufds, unsigned int nfds, struct timespec __user *tsp,
                          const sigset_t __user *sigmask, size_t size)
{
    long timeout = MAX_SCHEDULE_TIMEOUT, ret;
    struct timespec ts;

    if (tsp) {
        if (copy_from_user(&ts, tsp, sizeof(ts)))
            return -EFAULT;
        if (!timespec_valid(&ts))
            return -EINVAL;
        timeout = timespec_to_jiffies(&ts);
    }
    ret = do_ppoll(ufds, nfds, &timeout, sigmask, size);
    if (tsp) {
        jiffies_to_timespec(timeout, &ts);
        if (copy_to_user(tsp, &ts, sizeof(ts)) && ret == -ERESTARTNOHAND)
            ret = -EINTR;
    }
    return ret;
}

asmlinkage long sys_ppoll_time64(struct pollfd __user *ufds, unsigned int nfds, struct __kernel_timespec __user *tsp,
                                 const sigset_t __user *sigmask, size_t size)
{
    long timeout = MAX_SCHEDULE_TIMEOUT, ret;
    struct __kernel_timespec wide;
    struct timespec ts;

    if (tsp) {
        if (copy_from_user(&wide, tsp, sizeof(wide)))
            return -EFAULT;
        ts = (struct timespec){ wide.tv_sec > LONG_MAX ? LONG_MAX : (time_t)wide.tv_sec, (long)wide.tv_nsec };
        if (wide.tv_sec < 0 || !timespec_valid(&ts))
            return -EINVAL;
        timeout = timespec_to_jiffies(&ts);
    }
    ret = do_ppoll(ufds, nfds, &timeout, sigmask, size);
    if (tsp) {
        jiffies_to_timespec(timeout, &ts);
        wide = (struct __kernel_timespec){ ts.tv_sec, ts.tv_nsec };
        if (copy_to_user(tsp, &wide, sizeof(wide)) && ret == -ERESTARTNOHAND)
            ret = -EINTR;
    }
    return ret;
}
