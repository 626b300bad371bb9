// SPDX-License-Identifier: MIT
// Input that announces itself: fcntl(F_SETFL, O_ASYNC) puts a file on the list of what it reads from, and SIGIO, or the
// signal that F_SETSIG chose, goes to the process or group that F_SETOWN named.
// Truth: fcntl(2) "Managing signals"; names and rules are [linux-2.6.11] fs/fcntl.c's.
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_RWLOCK(fasync_lock); // all lists; also taken where interrupts bring input

// si_band of POLL_IN, POLL_OUT, POLL_MSG, POLL_ERR, POLL_PRI, POLL_HUP: what poll(2) would say.
static const long band_table[NSIGPOLL] = {
    POLLIN | POLLRDNORM, POLLOUT | POLLWRNORM | POLLWRBAND, POLLIN | POLLRDNORM | POLLMSG,
    POLLERR, POLLPRI | POLLRDBAND, POLLHUP | POLLERR,
};

static void f_modown(struct file *filp, int pid, int force)
{
    write_lock_irq(&fasync_lock);
    if (force || !filp->f_owner.pid) {
        filp->f_owner.pid = pid;
        filp->f_owner.uid = current->uid;
        filp->f_owner.euid = current->euid;
    }
    write_unlock_irq(&fasync_lock);
}

/// `arg`: a process, or minus a group. Without `force` an owner that is there stays.
void f_setown(struct file *filp, int arg, int force)
{
    f_modown(filp, arg, force);
}

// Who asked for the signal must have been allowed to send it: it is told whom by the file, not by its caller.
static int sigio_perm(const struct task_struct *p, const struct fown_struct *fown)
{
    return fown->euid == 0 || fown->euid == p->suid || fown->euid == p->uid || fown->uid == p->suid
           || fown->uid == p->uid;
}

static void send_sigio_to_task(struct task_struct *p, const struct fown_struct *fown, int fd, int reason)
{
    siginfo_t si = { .si_signo = fown->signum, .si_code = reason };

    if (!sigio_perm(p, fown))
        return;
    if (fown->signum) {
        si.si_band = band_table[reason - POLL_IN];
        si.si_fd = fd;
        if (!send_group_sig_info(fown->signum, &si, p))
            return;
    }
    send_group_sig_info(SIGIO, SEND_SIG_PRIV, p); // also when the queue of the chosen signal is full
}

void send_sigio(struct fown_struct *fown, int fd, int band)
{
    struct task_struct *p;
    int pid = fown->pid;

    if (!pid)
        return;
    read_lock(&tasklist_lock);
    if (pid > 0) {
        p = find_task_by_pid(pid);
        if (p)
            send_sigio_to_task(p, fown, fd, band);
    } else {
        do_each_task_pid(-pid, PIDTYPE_PGID, p) {
            send_sigio_to_task(p, fown, fd, band);
        } while_each_task_pid(-pid, PIDTYPE_PGID, p);
    }
    read_unlock(&tasklist_lock);
}

/// Puts `filp` on the list, or takes it off. 1 if the list has changed, 0 if not, or -ENOMEM.
int fasync_helper(int fd, struct file *filp, int on, struct fasync_struct **fapp)
{
    struct fasync_struct *fa, **fp, *new = NULL;
    int changed = 1;

    if (on) {
        new = kmalloc(sizeof(*new), GFP_KERNEL);
        if (!new)
            return -ENOMEM;
    }
    write_lock_irq(&fasync_lock);
    for (fp = fapp; (fa = *fp) && fa->fa_file != filp; fp = &fa->fa_next)
        ;
    if (fa && on) {
        fa->fa_fd = fd;
        changed = 0;
    } else if (fa) {
        *fp = fa->fa_next;
        new = fa;
    } else if (on) {
        *new = (struct fasync_struct){ .fa_fd = fd, .fa_file = filp, .fa_next = *fapp };
        *fapp = new;
        new = NULL;
    } else
        changed = 0;
    write_unlock_irq(&fasync_lock);
    kfree(new); // the place that was not needed, or is not any more
    return changed;
}

/// Input, room or an end has come: `band` is POLL_IN, POLL_OUT …
void kill_fasync(struct fasync_struct **fp, int sig, int band)
{
    struct fasync_struct *fa;
    unsigned long flags;

    if (!*fp)
        return;
    read_lock_irqsave(&fasync_lock, flags);
    for (fa = *fp; fa; fa = fa->fa_next)
        // SIGURG has a way of its own when nobody chose a signal
        if (sig != SIGURG || fa->fa_file->f_owner.signum)
            send_sigio(&fa->fa_file->f_owner, fa->fa_fd, band);
    read_unlock_irqrestore(&fasync_lock, flags);
}
