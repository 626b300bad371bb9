// SPDX-License-Identifier: MIT
// Terminals as files: /dev/ttyS0, /dev/console (the same line), /dev/tty (whatever terminal the caller belongs to),
// /dev/ptmx (a new pseudo-terminal's master) and /dev/pts/N (its slave).
// Truth: names are Linux 2.6's; tty(4), console(4).
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tty.h>
#include <asm/uaccess.h>

#define TTY_DEVICE MKDEV(TTYAUX_MAJOR, 0)
#define CONSOLE_DEVICE MKDEV(TTYAUX_MAJOR, 1)

#define PTMX_DEVICE MKDEV(TTYAUX_MAJOR, 2)

static struct tty_driver *serial_driver; // of major 4, and of the console
static struct tty_driver *pts_driver;
static const struct file_operations hung_up_tty_fops;

// What stty shows on a fresh terminal.
static const struct termios tty_std_termios = {
    .c_iflag = ICRNL | IXON,
    .c_oflag = OPOST | ONLCR,
    .c_cflag = B38400 | CS8 | CREAD | HUPCL | CLOCAL,
    .c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
    .c_cc = INIT_C_CC,
};

int tty_register_driver(struct tty_driver *driver)
{
    driver->ttys = kcalloc(driver->num, sizeof(struct tty_struct *), GFP_KERNEL);
    if (!driver->ttys)
        return -ENOMEM;
    if (driver->type == TTY_DRIVER_TYPE_SERIAL)
        serial_driver = driver;
    else if (driver->subtype == PTY_TYPE_SLAVE)
        pts_driver = driver;
    return 0;
}

dev_t tty_devnum(struct tty_struct *tty)
{
    return MKDEV(tty->driver->major, tty->driver->minor_start + tty->index);
}

int tty_hung_up_p(struct file *filp)
{
    return filp->f_op == &hung_up_tty_fops;
}

void tty_wakeup(struct tty_struct *tty)
{
    wake_up_interruptible_all(&tty->write_wait);
    if (tty->do_write_wakeup) {
        tty->do_write_wakeup = 0;
        kill_fasync(&tty->fasync, SIGIO, POLL_OUT);
    }
}

void stop_tty(struct tty_struct *tty)
{
    if (tty->stopped)
        return;
    tty->stopped = 1;
    tty->driver->stop(tty);
}

void start_tty(struct tty_struct *tty)
{
    if (!tty->stopped)
        return;
    tty->stopped = 0;
    tty->driver->start(tty);
    tty_wakeup(tty);
}

void tty_wait_until_sent(struct tty_struct *tty)
{
    if (!tty->stopped)
        tty->driver->wait_until_sent(tty);
}

struct tty_struct *alloc_tty_struct(struct tty_driver *driver, int index)
{
    struct tty_struct *tty = kzalloc(sizeof(*tty), GFP_KERNEL);

    if (!tty)
        return NULL;
    tty->write_buf = (unsigned char *)__get_free_page(GFP_KERNEL);
    if (!tty->write_buf) {
        kfree(tty);
        return NULL;
    }
    tty->driver = driver;
    tty->index = index;
    tty->termios = tty_std_termios;
    tty->pgrp = -1;
    init_waitqueue_head(&tty->read_wait);
    init_waitqueue_head(&tty->write_wait);
    driver->ttys[index] = tty;
    return tty;
}

void free_tty_struct(struct tty_struct *tty)
{
    free_page((unsigned long)tty->write_buf);
    kfree(tty);
}

// Settings and unread input of a serial line stay when nobody has it open: the structure is made once.
static struct tty_struct *get_tty(struct tty_driver *driver, unsigned int index)
{
    return driver->ttys[index] ? driver->ttys[index] : alloc_tty_struct(driver, index);
}

static struct tty_struct *lookup_pts(unsigned int index)
{
    if (!pts_driver || index >= pts_driver->num || !pts_driver->ttys[index])
        return ERR_PTR(-EIO);
    return pts_driver->ttys[index];
}

// Which terminal does this device number mean?
static struct tty_struct *lookup_tty(dev_t device)
{
    unsigned int minor = MINOR(device);

    if (device == TTY_DEVICE)
        return current->signal->tty ? current->signal->tty : ERR_PTR(-ENXIO);
    if (device == PTMX_DEVICE) {
        struct tty_struct *master = pty_new_pair();

        return master ? master : ERR_PTR(-EIO);
    }
    if (MAJOR(device) == UNIX98_PTY_SLAVE_MAJOR)
        return lookup_pts(minor);
    if (!serial_driver)
        return ERR_PTR(-ENODEV);
    if (device == CONSOLE_DEVICE)
        return get_tty(serial_driver, 0);
    if (minor < serial_driver->minor_start || minor >= serial_driver->minor_start + serial_driver->num)
        return ERR_PTR(-ENXIO);
    return get_tty(serial_driver, minor - serial_driver->minor_start);
}

static int tty_open(struct inode *inode, struct file *filp)
{
    struct tty_struct *tty = lookup_tty(inode->i_rdev);
    int error = 0;

    nonseekable_open(inode, filp);
    if (IS_ERR(tty))
        return PTR_ERR(tty);
    if (!tty)
        return -ENOMEM;
    if (tty->exclusive && !capable(CAP_SYS_ADMIN))
        return -EBUSY;
    if (!tty->count || tty->driver->type == TTY_DRIVER_TYPE_PTY)
        error = tty->driver->open(tty);
    if (error)
        return error;
    tty->count++;
    filp->private_data = tty;
    watch_host_window(tty);
    // A session leader without a terminal gets this one, unless it is the console, a master, or O_NOCTTY says no.
    if (!(filp->f_flags & O_NOCTTY) && inode->i_rdev != CONSOLE_DEVICE
        && tty->driver->subtype != PTY_TYPE_MASTER && current->signal->leader
        && !current->signal->tty && tty->session == 0)
        proc_set_tty(tty);
    return 0;
}

// Unless somebody else was named, the foreground group is told.
static int tty_fasync(int fd, struct file *filp, int on)
{
    struct tty_struct *tty = filp->private_data;
    int ret = fasync_helper(fd, filp, on, &tty->fasync);

    if (ret > 0 && on)
        f_setown(filp, tty->pgrp > 0 ? -tty->pgrp : current->pid, 0);
    return ret < 0 ? ret : 0;
}

static int tty_release(struct inode *inode, struct file *filp)
{
    struct tty_struct *tty = filp->private_data;

    tty_fasync(-1, filp, 0);

    if (--tty->count == 0) {
        tty_wait_until_sent(tty);
        tty->exclusive = 0;
        tty->driver->close(tty);
        if (tty->driver->type == TTY_DRIVER_TYPE_PTY)
            pty_free_pair(tty);
    }
    return 0;
}

static noinline ssize_t tty_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
    ssize_t n = n_tty_read(file->private_data, file, (unsigned char __user *)buf, count);

    if (n > 0)
        file->f_dentry->d_inode->i_atime = CURRENT_TIME_SEC;
    return n;
}

static int lock_writer(struct tty_struct *tty, struct file *file)
{
    if (tty->write_busy && (file->f_flags & O_NONBLOCK))
        return -EAGAIN;
    if (wait_event_interruptible(tty->write_wait, !tty->write_busy))
        return -ERESTARTSYS;
    tty->write_busy = 1;
    return 0;
}

static void unlock_writer(struct tty_struct *tty)
{
    tty->write_busy = 0;
    tty_wakeup(tty);
}

// A page at a time through the kernel's buffer to the line discipline.
static noinline ssize_t tty_write(struct file *file, const char __user *buf, size_t count, loff_t *ppos)
{
    struct tty_struct *tty = file->private_data;
    ssize_t done = 0, n;
    int error = lock_writer(tty, file);

    if (error)
        return error;
    while (count) {
        size_t size = min_t(size_t, count, PAGE_SIZE);

        error = -EFAULT;
        if (copy_from_user(tty->write_buf, buf, size))
            break;
        n = n_tty_write(tty, file, tty->write_buf, size);
        error = n;
        if (n <= 0)
            break;
        buf += n;
        count -= n;
        done += n;
        if ((size_t)n < size || signal_pending(current))
            break;
    }
    unlock_writer(tty);
    if (done)
        file->f_dentry->d_inode->i_mtime = CURRENT_TIME_SEC;
    return done ? done : error;
}

static unsigned int tty_poll(struct file *filp, poll_table *wait)
{
    return n_tty_poll(filp->private_data, filp, wait);
}

static int tty_ioctl(struct inode *inode, struct file *file, unsigned int cmd, unsigned long arg)
{
    struct tty_struct *tty = file->private_data;
    struct tty_struct *real_tty = tty->driver->subtype == PTY_TYPE_MASTER ? tty->link : tty;
    int error = tty_jobctrl_ioctl(tty, real_tty, cmd, arg);

    return error == -ENOIOCTLCMD ? tty_mode_ioctl(tty, file, cmd, arg) : error;
}

static const struct file_operations tty_fops = {
    .llseek = no_llseek,
    .read = tty_read,
    .write = tty_write,
    .poll = tty_poll,
    .ioctl = tty_ioctl,
    .fasync = tty_fasync,
    .open = tty_open,
    .release = tty_release,
};

// --- after a hang-up a file reads as at its end and takes nothing

static ssize_t hung_up_tty_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
    return 0;
}

static ssize_t hung_up_tty_write(struct file *file, const char __user *buf, size_t count, loff_t *ppos)
{
    return -EIO;
}

static unsigned int hung_up_tty_poll(struct file *filp, poll_table *wait)
{
    return POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM;
}

static int hung_up_tty_ioctl(struct inode *inode, struct file *file, unsigned int cmd, unsigned long arg)
{
    return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
}

static const struct file_operations hung_up_tty_fops = {
    .llseek = no_llseek,
    .read = hung_up_tty_read,
    .write = hung_up_tty_write,
    .poll = hung_up_tty_poll,
    .ioctl = hung_up_tty_ioctl,
    .release = tty_release,
};

// Every open file of this terminal goes dead; a console stays, as on Linux.
static void hang_up_files(struct tty_struct *tty)
{
    struct file *filp;

    list_for_each_entry(filp, &file_list, f_list)
        if (filp->f_op == &tty_fops && filp->private_data == tty
            && filp->f_dentry->d_inode->i_rdev != CONSOLE_DEVICE) {
            tty_fasync(-1, filp, 0);
            filp->f_op = &hung_up_tty_fops;
        }
}

void tty_vhangup(struct tty_struct *tty)
{
    tty_wait_until_sent(tty);
    hang_up_files(tty);
    n_tty_flush_buffer(tty);
    tty->termios = tty_std_termios;
    tty->stopped = 0;
    wake_up_interruptible_all(&tty->read_wait);
    wake_up_interruptible_all(&tty->write_wait);
    hang_up_session(tty);
}

void tty_vhangup_current(void)
{
    if (current->signal->tty)
        tty_vhangup(current->signal->tty);
}

static int __init tty_init(void)
{
    int error = register_chrdev(TTY_MAJOR, "ttyS", &tty_fops);

    if (!error)
        error = register_chrdev(UNIX98_PTY_SLAVE_MAJOR, "pts", &tty_fops);
    return error ? error : register_chrdev(TTYAUX_MAJOR, "/dev/tty", &tty_fops);
}

subsys_initcall(tty_init);
