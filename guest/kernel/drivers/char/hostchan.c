// SPDX-License-Identifier: MIT
// /dev/hostin, /dev/hostout, /dev/hosterr: the host's standard streams as byte channels, when they are no terminals.
// A read asks the device for so many bytes (it waits for the host, while guest time stands still) and takes what has
// come; a write hands bytes over and then looks whether the host could take them.
// Truth: the ports are documented in docs/ and in include/linux/host_channel.h; on other machines there are none.
#include <linux/fs.h>
#include <linux/host_channel.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/major.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <asm/io.h>
#include <asm/ioctls.h>
#include <asm/uaccess.h>

#define STREAMS 3
#define CHUNK 16384
#define STATUS_CLOSED 0x10 // the host's end is closed
#define STATUS_ERROR 0x20 // the host could not write

// Nothing sleeps between filling and emptying it, so one buffer serves all.
static char buffer[CHUNK];

static unsigned short port_of(struct file *filp)
{
    return HOST_STREAM(MINOR(filp->f_dentry->d_inode->i_rdev));
}

static ssize_t hostin_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
    unsigned short port = port_of(file);
    unsigned int n;

    if (!count)
        return 0;
    outw(min_t(size_t, count, CHUNK), port + HOST_COUNT);
    n = min_t(size_t, inw(port + HOST_COUNT), min_t(size_t, count, CHUNK));
    insb(port + HOST_DATA, buffer, n);
    return copy_to_user(buf, buffer, n) ? -EFAULT : (ssize_t)n;
}

// What became of the last bytes: 0, or the error.
static int write_status(unsigned short port)
{
    unsigned char status = inb(port + HOST_STATUS);

    if (status & STATUS_CLOSED) {
        send_sig(SIGPIPE, current, 0);
        return -EPIPE;
    }
    return status & STATUS_ERROR ? -EIO : 0;
}

static noinline ssize_t hostout_write(struct file *file, const char __user *buf, size_t count, loff_t *ppos)
{
    unsigned short port = port_of(file);
    size_t done, n;
    int error;

    for (done = 0; done < count; done += n) {
        n = min_t(size_t, count - done, CHUNK);
        n -= copy_from_user(buffer, buf + done, n);
        if (!n)
            return done ? (ssize_t)done : -EFAULT;
        outsb(port + HOST_DATA, buffer, n);
        error = write_status(port);
        if (error)
            return error;
    }
    return done;
}

static unsigned int hostin_poll(struct file *filp, poll_table *wait)
{
    return POLLIN | POLLRDNORM; // a read never sleeps in the guest
}

static unsigned int hostout_poll(struct file *filp, poll_table *wait)
{
    unsigned char status = inb(port_of(filp) + HOST_STATUS);

    return POLLOUT | POLLWRNORM | (status & STATUS_CLOSED ? POLLERR : 0);
}

static int hostin_ioctl(struct inode *inode, struct file *filp, unsigned int cmd, unsigned long arg)
{
    if (cmd == FIONREAD)
        return put_user((int)inw(port_of(filp) + HOST_COUNT), (int __user *)arg);
    return -ENOTTY;
}

static const struct file_operations hostin_fops = {
    .llseek = no_llseek, .read = hostin_read, .poll = hostin_poll, .ioctl = hostin_ioctl
};
static const struct file_operations hostout_fops = {
    .llseek = no_llseek, .write = hostout_write, .poll = hostout_poll
};

// ENXIO: there is no such channel, or the host's stream is a terminal, which is reached through ttyS0.
static int hostchan_open(struct inode *inode, struct file *filp)
{
    unsigned int minor = MINOR(inode->i_rdev);

    if (minor >= STREAMS || !host_channel_present() || (inl(HOST_FLAGS) & (1U << minor)))
        return -ENXIO;
    filp->f_op = minor == 0 ? &hostin_fops : &hostout_fops;
    return nonseekable_open(inode, filp);
}

static const struct file_operations hostchan_fops = { .open = hostchan_open };

static int __init hostchan_init(void)
{
    return register_chrdev(HOSTCHAN_MAJOR, "host", &hostchan_fops);
}

device_initcall(hostchan_init);
