// SPDX-License-Identifier: MIT
// Pseudo-terminals: two terminals back to back. Opening /dev/ptmx makes a pair: the master, which a program like script
// holds, and the slave /dev/pts/N, which looks like any terminal to the programs that run in it.
//
//   program -> write(slave)  -> n_tty_write -> opost -> pty_write -> the master's buffer -> read(master)
//   write(master) -> n_tty_write -> pty_write -> the slave's n_tty_receive_buf: echo, lines, signals -> read(slave)
//
// The slave goes dead when the master is closed (hang-up); the master reads EIO when the last slave is closed.
// Truth: pty(7), pts(4), ioctl_tty(2); names are Linux 2.6's.
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tty.h>
#include <asm/uaccess.h>

#define NR_PTYS 64

static struct tty_driver ptm_driver, pts_driver;

static int is_master(struct tty_struct *tty)
{
    return tty->driver->subtype == PTY_TYPE_MASTER;
}

// How much `to` takes. An endless line must not block: one byte is always taken (and dropped).
static int receive_room(struct tty_struct *to)
{
    int left = N_TTY_BUF_SIZE - to->n.read_cnt - 1;

    return left > 0 ? left : L_FLAG(to, ICANON) && !to->n.canon_data;
}

static int pty_write_room(struct tty_struct *tty)
{
    return tty->stopped || !tty->link->count ? 0 : receive_room(tty->link);
}

static int pty_write(struct tty_struct *tty, const unsigned char *buf, int count)
{
    int room, done = 0;
    unsigned long flags;

    local_irq_save(flags);
    while (done < count && (room = pty_write_room(tty)) > 0) {
        int n = min(count - done, room);

        n_tty_receive_buf(tty->link, buf + done, NULL, n);
        done += n;
    }
    local_irq_restore(flags);
    return done;
}

// What waits for the other side's reader, as far as a writer should care.
static int pty_chars_in_buffer(struct tty_struct *tty)
{
    int n = tty->link->n.read_cnt;

    return n < N_TTY_BUF_SIZE / 2 ? 0 : n;
}

static void pty_flush_buffer(struct tty_struct *tty)
{
    n_tty_flush_buffer(tty->link);
    tty_wakeup(tty);
}

// Our reader has made room: the writer on the other side may go on.
static void pty_unthrottle(struct tty_struct *tty)
{
    tty_wakeup(tty->link);
}

static void pty_send_xchar(struct tty_struct *tty, char ch)
{
    pty_write(tty, (unsigned char *)&ch, 1);
}

static void pty_nothing(struct tty_struct *tty)
{
}

static void pty_set_termios(struct tty_struct *tty, struct termios *old)
{
    tty->termios.c_cflag = (tty->termios.c_cflag & ~CSIZE) | CS8 | CREAD;
}

static void pty_break_ctl(struct tty_struct *tty, int on)
{
}

// For every open. EIO: still locked, or the master is gone.
static int pts_open(struct tty_struct *tty)
{
    if (tty->pty_locked || !tty->link->count)
        return -EIO;
    tty->link->other_closed = 0;
    return 0;
}

static int ptm_open(struct tty_struct *tty)
{
    return 0;
}

// Nobody has this side open any more.
static void pty_close(struct tty_struct *tty)
{
    struct tty_struct *other = tty->link;

    other->other_closed = 1;
    wake_up_interruptible_all(&other->read_wait);
    wake_up_interruptible_all(&other->write_wait);
    if (is_master(tty)) {
        devpts_pty_kill(tty->index);
        tty_vhangup(other);
    } else
        session_clear_tty(tty);
}

static int ptm_ioctl(struct tty_struct *tty, unsigned int cmd, unsigned long arg)
{
    int lock;

    switch (cmd) {
    case TIOCGPTN:
        return put_user(tty->index, (int __user *)arg);
    case TIOCSPTLCK:
        if (get_user(lock, (int __user *)arg))
            return -EFAULT;
        tty->link->pty_locked = lock != 0;
        return 0;
    default:
        return -ENOTTY;
    }
}

#define PTY_OPERATIONS \
    .type = TTY_DRIVER_TYPE_PTY, .num = NR_PTYS, .close = pty_close, .write = pty_write, .write_room = pty_write_room, \
    .chars_in_buffer = pty_chars_in_buffer, .flush_buffer = pty_flush_buffer, .set_termios = pty_set_termios, \
    .throttle = pty_nothing, .unthrottle = pty_unthrottle, .stop = pty_nothing, .start = pty_nothing, \
    .send_xchar = pty_send_xchar, .break_ctl = pty_break_ctl, .wait_until_sent = pty_nothing

static struct tty_driver ptm_driver = {
    .name = "ptm", .subtype = PTY_TYPE_MASTER, .major = 128, .open = ptm_open, .ioctl = ptm_ioctl, PTY_OPERATIONS
};
static struct tty_driver pts_driver = {
    .name = "pts/", .subtype = PTY_TYPE_SLAVE, .major = UNIX98_PTY_SLAVE_MAJOR, .open = pts_open, PTY_OPERATIONS
};

static int free_index(void)
{
    int index = 0;

    while (index < NR_PTYS && pts_driver.ttys[index])
        index++;
    return index < NR_PTYS ? index : -1;
}

static void forget_pair(struct tty_struct *master)
{
    int index = master->index;

    free_tty_struct(master->link);
    free_tty_struct(master);
    ptm_driver.ttys[index] = pts_driver.ttys[index] = NULL;
}

// A new master with its slave, locked, and the slave's node. NULL: no number or no memory is left.
struct tty_struct *pty_new_pair(void)
{
    int index = free_index();
    struct tty_struct *master, *slave;

    if (index < 0)
        return NULL;
    master = alloc_tty_struct(&ptm_driver, index);
    if (!master)
        return NULL;
    slave = alloc_tty_struct(&pts_driver, index);
    if (!slave) {
        free_tty_struct(master);
        ptm_driver.ttys[index] = NULL;
        return NULL;
    }
    master->link = slave;
    slave->link = master;
    slave->pty_locked = 1;
    master->termios.c_iflag = master->termios.c_oflag = master->termios.c_lflag = 0; // bytes pass as they are
    if (!devpts_pty_new(index, tty_devnum(slave)))
        return master;
    forget_pair(master);
    return NULL;
}

// Called when a side has been closed for the last time: when both are, the pair is gone.
void pty_free_pair(struct tty_struct *tty)
{
    if (tty->count || tty->link->count)
        return;
    forget_pair(is_master(tty) ? tty : tty->link);
}

static int __init pty_init(void)
{
    int error = tty_register_driver(&ptm_driver);

    return error ? error : tty_register_driver(&pts_driver);
}

device_initcall(pty_init);
