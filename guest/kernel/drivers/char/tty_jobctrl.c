// SPDX-License-Identifier: MIT
// Terminals and sessions: the controlling terminal, the foreground process group, and what happens when the session
// leader is gone. Truth: credentials(7), setsid(2), tcsetpgrp(3), ioctl_tty(2); names are Linux 2.6's.
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/tty.h>
#include <asm/uaccess.h>

// The caller's session gets this terminal, the caller's group the foreground.
void proc_set_tty(struct tty_struct *tty)
{
    current->signal->tty = tty;
    current->signal->tty_old_pgrp = 0;
    tty->session = current->signal->session;
    tty->pgrp = process_group(current);
}

// May the caller change the terminal? A background process is stopped by SIGTTOU, unless it ignores or blocks that.
int tty_check_change(struct tty_struct *tty)
{
    if (current->signal->tty != tty || tty->pgrp <= 0 || process_group(current) == tty->pgrp)
        return 0;
    if (sigismember(&current->blocked, SIGTTOU) || sig_fatal_ignored(current, SIGTTOU))
        return 0;
    if (is_orphaned_pgrp(process_group(current)))
        return -EIO;
    kill_pg(process_group(current), SIGTTOU, 1);
    return -ERESTARTSYS;
}

static void forget_tty_in_session(int session)
{
    struct task_struct *p;

    for_each_process(p)
        if (p->signal && p->signal->session == session)
            p->signal->tty = NULL;
}

// Nobody belongs to the terminal any more.
void session_clear_tty(struct tty_struct *tty)
{
    if (tty->session > 0)
        forget_tty_in_session(tty->session);
    tty->session = 0;
    tty->pgrp = -1;
}

// The line is gone: the session leader hears of it, and remembers the foreground group, which hears of it when he exits.
void hang_up_session(struct tty_struct *tty)
{
    struct task_struct *p;

    if (tty->session <= 0)
        return;
    for_each_process(p)
        if (p->signal && p->signal->session == tty->session && p->signal->leader) {
            if (tty->pgrp > 0)
                p->signal->tty_old_pgrp = tty->pgrp;
            send_group_sig_info(SIGHUP, SEND_SIG_PRIV, p);
            send_group_sig_info(SIGCONT, SEND_SIG_PRIV, p);
        }
    session_clear_tty(tty);
}

// The session leader exits (on_exit) or gives its terminal up: SIGHUP to the foreground, and the terminal is free.
void disassociate_ctty(int on_exit)
{
    struct tty_struct *tty = current->signal->tty;
    int pgrp;

    if (!tty) {
        pgrp = current->signal->tty_old_pgrp;
        if (pgrp > 0) {
            kill_pg(pgrp, SIGHUP, on_exit);
            kill_pg(pgrp, SIGCONT, on_exit);
        }
        return;
    }
    pgrp = tty->pgrp;
    if (on_exit && tty->driver->type != TTY_DRIVER_TYPE_PTY)
        tty_vhangup(tty);
    if (pgrp > 0) {
        kill_pg(pgrp, SIGHUP, on_exit);
        kill_pg(pgrp, SIGCONT, on_exit);
    }
    current->signal->tty_old_pgrp = 0;
    session_clear_tty(tty);
    forget_tty_in_session(current->signal->session);
}

static int tiocsctty(struct tty_struct *tty, unsigned long arg)
{
    if (current->signal->leader && current->signal->session == tty->session)
        return 0;
    if (!current->signal->leader || current->signal->tty)
        return -EPERM;
    if (tty->session > 0) { // somebody else's
        if (arg != 1 || !capable(CAP_SYS_ADMIN))
            return -EPERM;
        forget_tty_in_session(tty->session);
    }
    proc_set_tty(tty);
    return 0;
}

static int tiocnotty(struct tty_struct *tty)
{
    if (current->signal->tty != tty)
        return -ENOTTY;
    if (current->signal->leader)
        disassociate_ctty(0);
    current->signal->tty = NULL;
    return 0;
}

// A master's owner may ask about the slave, which is not its own terminal.
static int tiocgpgrp(struct tty_struct *tty, struct tty_struct *real_tty, int __user *p)
{
    if (tty == real_tty && current->signal->tty != real_tty)
        return -ENOTTY;
    return put_user(real_tty->pgrp > 0 ? real_tty->pgrp : 0, p);
}

static int tiocspgrp(struct tty_struct *tty, int __user *p)
{
    int pgrp, session, error = tty_check_change(tty);

    if (error == -EIO)
        return -ENOTTY;
    if (error)
        return error;
    if (current->signal->tty != tty || tty->session != current->signal->session)
        return -ENOTTY;
    if (get_user(pgrp, p))
        return -EFAULT;
    if (pgrp < 0)
        return -EINVAL;
    session = session_of_pgrp(pgrp);
    if (session < 0)
        return -ESRCH;
    if (session != current->signal->session)
        return -EPERM;
    tty->pgrp = pgrp;
    return 0;
}

static int tiocgsid(struct tty_struct *tty, struct tty_struct *real_tty, int __user *p)
{
    if ((tty == real_tty && current->signal->tty != real_tty) || real_tty->session <= 0)
        return -ENOTTY;
    return put_user(real_tty->session, p);
}

int tty_jobctrl_ioctl(struct tty_struct *tty, struct tty_struct *real_tty, unsigned int cmd, unsigned long arg)
{
    switch (cmd) {
    case TIOCSCTTY:
        return tiocsctty(tty, arg);
    case TIOCNOTTY:
        return tiocnotty(tty);
    case TIOCGPGRP:
        return tiocgpgrp(tty, real_tty, (int __user *)arg);
    case TIOCSPGRP:
        return tiocspgrp(real_tty, (int __user *)arg);
    case TIOCGSID:
        return tiocgsid(tty, real_tty, (int __user *)arg);
    default:
        return -ENOIOCTLCMD;
    }
}
