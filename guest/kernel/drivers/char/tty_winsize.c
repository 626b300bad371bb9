// SPDX-License-Identifier: MIT
// The size of a terminal's window: kept for programs, asked of the host for the serial line, and told to the foreground
// group by SIGWINCH when it changes. Truth: ioctl_tty(2); names are Linux 2.6's.
#include <linux/host_channel.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/tty.h>
#include <asm/uaccess.h>

#define LOOK_EVERY (HZ / 10)

static struct tty_struct *watched; // the line whose window is the host's
static void look_at_window(unsigned long unused);
static struct timer_list window_timer = { .function = look_at_window };

// 1 if the host knows a size and it is not what we have.
static int take_host_size(struct tty_struct *tty)
{
    u32 size = inl(HOST_WINSIZE);
    unsigned short rows = size & 0xffff, columns = size >> 16;

    if (!size || (rows == tty->winsize.ws_row && columns == tty->winsize.ws_col))
        return 0;
    tty->winsize.ws_row = rows;
    tty->winsize.ws_col = columns;
    return 1;
}

// The host channel has no interrupt: while somebody has the line open, its window is looked at ten times a second.
static void look_at_window(unsigned long unused)
{
    if (!watched->count)
        return;
    if (take_host_size(watched) && watched->pgrp > 0)
        kill_pg(watched->pgrp, SIGWINCH, 1);
    mod_timer(&window_timer, jiffies + LOOK_EVERY);
}

// The line has been opened. A host without a terminal has no window that could change.
void watch_host_window(struct tty_struct *tty)
{
    if (tty->driver->type != TTY_DRIVER_TYPE_SERIAL || tty->index || !host_channel_present() || !inl(HOST_WINSIZE))
        return;
    take_host_size(tty);
    watched = tty;
    if (!timer_pending(&window_timer))
        mod_timer(&window_timer, jiffies + LOOK_EVERY);
}

// A size that was set by hand stays where the host knows none.
int tiocgwinsz(struct tty_struct *tty, struct winsize __user *arg)
{
    if (tty == watched && take_host_size(tty) && tty->pgrp > 0)
        kill_pg(tty->pgrp, SIGWINCH, 1);
    return copy_to_user(arg, &tty->winsize, sizeof(tty->winsize)) ? -EFAULT : 0;
}

// Both sides of a pseudo-terminal show the same size.
int tiocswinsz(struct tty_struct *tty, struct tty_struct *real_tty, const struct winsize __user *arg)
{
    struct winsize new;

    if (copy_from_user(&new, arg, sizeof(new)))
        return -EFAULT;
    if (!memcmp(&new, &tty->winsize, sizeof(new)))
        return 0;
    if (tty->pgrp > 0)
        kill_pg(tty->pgrp, SIGWINCH, 1);
    if (real_tty->pgrp > 0 && real_tty->pgrp != tty->pgrp)
        kill_pg(real_tty->pgrp, SIGWINCH, 1);
    tty->winsize = real_tty->winsize = new;
    if (tty->link)
        tty->link->winsize = new;
    return 0;
}
