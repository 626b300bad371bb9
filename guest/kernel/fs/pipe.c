// SPDX-License-Identifier: MIT
// Pipes: pipe(2), and reading, writing, polling and closing for pipes and fifos alike.
// Truth: pipe(7); names are Linux 2.6's. Row D15: pipe_read is where read(2) of a pipe ends.
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/pipe_fs_i.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/ioctls.h>
#include <asm/uaccess.h>

struct pipe_inode_info *pipe_new(struct inode *inode)
{
    struct pipe_inode_info *pipe = kmalloc(sizeof(*pipe), GFP_KERNEL);

    if (!pipe)
        return NULL;
    memset(pipe, 0, sizeof(*pipe));
    init_MUTEX(&pipe->sem);
    init_waitqueue_head(&pipe->wait);
    inode->i_pipe = pipe;
    return pipe;
}

// Both ends are closed: what was still in the pipe is gone.
void pipe_put_if_unused(struct inode *inode)
{
    struct pipe_inode_info *pipe = inode->i_pipe;
    int i;

    if (!pipe || pipe->readers || pipe->writers)
        return;
    for (i = 0; i < PIPE_BUFFERS; i++)
        if (pipe->page[i])
            free_page((unsigned long)pipe->page[i]);
    kfree(pipe);
    inode->i_pipe = NULL;
}

static unsigned int pipe_room(const struct pipe_inode_info *pipe)
{
    return PIPE_SIZE - pipe->len;
}

static struct pipe_inode_info *pipe_of(struct file *filp)
{
    return filp->f_dentry->d_inode->i_pipe;
}

// A page that has been emptied goes back, except the one that the next byte will go into.
static void drop_page_before(struct pipe_inode_info *pipe, unsigned int index)
{
    if (pipe->len && pipe->start / PAGE_SIZE != index && (pipe->start + pipe->len - 1) % PIPE_SIZE / PAGE_SIZE != index) {
        free_page((unsigned long)pipe->page[index]);
        pipe->page[index] = NULL;
    }
}

// Moves up to `count` bytes from the ring to the reader. Bytes moved, or -EFAULT if none could be.
static ssize_t take_bytes(struct pipe_inode_info *pipe, char __user *buf, size_t count)
{
    ssize_t done = 0;

    while (count && pipe->len) {
        unsigned int index = pipe->start / PAGE_SIZE, offset = pipe->start % PAGE_SIZE;
        size_t n = min_t(size_t, min_t(size_t, count, pipe->len), PAGE_SIZE - offset);

        if (copy_to_user(buf, pipe->page[index] + offset, n))
            return done ? done : -EFAULT;
        pipe->start = (pipe->start + n) % PIPE_SIZE;
        pipe->len -= n;
        if (pipe->start / PAGE_SIZE != index)
            drop_page_before(pipe, index);
        buf += n;
        count -= n;
        done += n;
    }
    if (!pipe->len)
        pipe->start = 0; // an empty ring starts over, so that small traffic stays in one page
    return done;
}

static int pipe_add_page(struct pipe_inode_info *pipe, unsigned int index)
{
    pipe->page[index] = (char *)__get_free_page(GFP_KERNEL);
    return pipe->page[index] ? 0 : -ENOMEM;
}

// Moves up to `count` bytes (there is room for them) into the ring. Bytes moved, or an error if none could be.
static ssize_t put_bytes(struct pipe_inode_info *pipe, const char __user *buf, size_t count)
{
    ssize_t done = 0;

    while (count) {
        unsigned int end = (pipe->start + pipe->len) % PIPE_SIZE;
        unsigned int index = end / PAGE_SIZE, offset = end % PAGE_SIZE;
        size_t n = min_t(size_t, count, PAGE_SIZE - offset);

        if (!pipe->page[index]) {
            if (pipe_add_page(pipe, index))
                return done ? done : -ENOMEM;
        }
        if (copy_from_user(pipe->page[index] + offset, buf, n))
            return done ? done : -EFAULT;
        pipe->len += n;
        buf += n;
        count -= n;
        done += n;
    }
    return done;
}

// Until there are bytes to read: 1; 0 at the end; or an error. The semaphore is held before and after, not while it sleeps.
static int wait_for_bytes(struct pipe_inode_info *pipe, struct file *filp)
{
    int error;

    while (!pipe->len) {
        if (!pipe->writers)
            return 0;
        if (filp->f_flags & O_NONBLOCK)
            return -EAGAIN;
        up(&pipe->sem);
        error = wait_event_interruptible(pipe->wait, pipe->len || !pipe->writers);
        down(&pipe->sem);
        if (error)
            return error;
    }
    return 1;
}

static noinline ssize_t pipe_read(struct file *filp, char __user *buf, size_t count, loff_t *ppos)
{
    struct pipe_inode_info *pipe = pipe_of(filp);
    ssize_t ret;

    if (!count)
        return 0;
    down(&pipe->sem);
    ret = wait_for_bytes(pipe, filp);
    if (ret > 0)
        ret = take_bytes(pipe, buf, count);
    up(&pipe->sem);
    if (ret > 0) {
        wake_up_interruptible_all(&pipe->wait);
        kill_fasync(&pipe->fasync_writers, SIGIO, POLL_OUT);
    }
    return ret;
}

// How many of `count` bytes may go in now. A write of up to PIPE_BUF bytes goes in whole or not at all.
static size_t admissible(const struct pipe_inode_info *pipe, size_t count, int atomic)
{
    unsigned int room = pipe_room(pipe);

    if (atomic)
        return room >= count ? count : 0;
    return min_t(size_t, room, count);
}

static ssize_t no_readers(ssize_t done)
{
    if (done)
        return done;
    send_sig(SIGPIPE, current, 0);
    return -EPIPE;
}

// Until `count` bytes, or some of them, may go in: 0, or an error. The semaphore as in wait_for_bytes.
static int wait_for_room(struct pipe_inode_info *pipe, struct file *filp, size_t count, int atomic)
{
    int error;

    while (pipe->readers && !admissible(pipe, count, atomic)) {
        if (filp->f_flags & O_NONBLOCK)
            return -EAGAIN;
        up(&pipe->sem);
        error = wait_event_interruptible(pipe->wait, admissible(pipe, count, atomic) || !pipe->readers);
        down(&pipe->sem);
        if (error)
            return error;
    }
    return 0;
}

// REQUIRES: the semaphore is held.
static ssize_t write_all(struct pipe_inode_info *pipe, struct file *filp, const char __user *buf, size_t count)
{
    int atomic = count <= PIPE_BUF;
    ssize_t done = 0, n;
    int error;

    while (count) {
        error = wait_for_room(pipe, filp, count, atomic);
        if (error)
            return done ? done : error;
        if (!pipe->readers)
            return no_readers(done);
        n = admissible(pipe, count, atomic);
        n = put_bytes(pipe, buf, n);
        if (n < 0)
            return done ? done : n;
        wake_up_interruptible_all(&pipe->wait);
        kill_fasync(&pipe->fasync_readers, SIGIO, POLL_IN);
        buf += n;
        count -= n;
        done += n;
    }
    return done;
}

static noinline ssize_t pipe_write(struct file *filp, const char __user *buf, size_t count, loff_t *ppos)
{
    struct pipe_inode_info *pipe = pipe_of(filp);
    ssize_t ret;

    if (!count)
        return 0;
    down(&pipe->sem);
    ret = write_all(pipe, filp, buf, count);
    up(&pipe->sem);
    if (ret > 0)
        inode_update_time(filp->f_dentry->d_inode);
    return ret;
}

static unsigned int pipe_poll(struct file *filp, poll_table *wait)
{
    struct pipe_inode_info *pipe = pipe_of(filp);
    unsigned int mask = 0;

    poll_wait(filp, &pipe->wait, wait);
    if (filp->f_mode & FMODE_READ) {
        if (pipe->len)
            mask |= POLLIN | POLLRDNORM;
        if (!pipe->writers && filp->f_version != pipe->w_counter)
            mask |= POLLHUP;
    }
    if (filp->f_mode & FMODE_WRITE) {
        if (pipe_room(pipe) >= PIPE_BUF)
            mask |= POLLOUT | POLLWRNORM;
        if (!pipe->readers)
            mask |= POLLERR;
    }
    return mask;
}

static int pipe_ioctl(struct inode *inode, struct file *filp, unsigned int cmd, unsigned long arg)
{
    if (cmd == FIONREAD)
        return put_user((int)inode->i_pipe->len, (int __user *)arg);
    return -ENOTTY;
}

// pipe(2) opens both ends here; so does open(2) of /proc/PID/fd/N, which makes one more end.
static int pipe_open(struct inode *inode, struct file *filp)
{
    struct pipe_inode_info *pipe = inode->i_pipe;

    if (!(filp->f_mode & (FMODE_READ | FMODE_WRITE)))
        return -EINVAL; // access mode 3 is no end at all
    if (!pipe)
        pipe = pipe_new(inode);
    if (!pipe)
        return -ENOMEM;
    if (filp->f_mode & FMODE_READ) {
        pipe->readers++;
        pipe->r_counter++;
    }
    if (filp->f_mode & FMODE_WRITE) {
        pipe->writers++;
        pipe->w_counter++;
    }
    return nonseekable_open(inode, filp);
}

static int pipe_fasync(int fd, struct file *filp, int on)
{
    struct pipe_inode_info *pipe = pipe_of(filp);
    int ret = 0;

    if (filp->f_mode & FMODE_READ)
        ret = fasync_helper(fd, filp, on, &pipe->fasync_readers);
    if (ret >= 0 && (filp->f_mode & FMODE_WRITE))
        ret = fasync_helper(fd, filp, on, &pipe->fasync_writers);
    return ret;
}

static int pipe_release(struct inode *inode, struct file *filp)
{
    struct pipe_inode_info *pipe = inode->i_pipe;

    pipe_fasync(-1, filp, 0);

    if (filp->f_mode & FMODE_READ)
        pipe->readers--;
    if (filp->f_mode & FMODE_WRITE)
        pipe->writers--;
    wake_up_interruptible_all(&pipe->wait);
    kill_fasync(&pipe->fasync_readers, SIGIO, POLL_IN);
    kill_fasync(&pipe->fasync_writers, SIGIO, POLL_OUT);
    pipe_put_if_unused(inode);
    return 0;
}

const struct file_operations pipe_fops = {
    .llseek = no_llseek,
    .read = pipe_read,
    .write = pipe_write,
    .poll = pipe_poll,
    .ioctl = pipe_ioctl,
    .fasync = pipe_fasync,
    .open = pipe_open,
    .release = pipe_release,
    .preemptible = 1,
};
