// SPDX-License-Identifier: MIT
// Opening a fifo: each side waits in open(2) until the other side has come. Afterwards it is a pipe.
// Truth: fifo(7); names are Linux 2.6's.
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/pipe_fs_i.h>
#include <linux/sched.h>

// Waits until somebody has opened the other side, even if he has gone again: his counter has moved.
static int wait_for_partner(struct pipe_inode_info *pipe, unsigned int *counter, unsigned int seen)
{
    return wait_event_interruptible(pipe->wait, *counter != seen);
}

static int fifo_open_read(struct file *filp, struct pipe_inode_info *pipe)
{
    unsigned int seen = pipe->w_counter;

    pipe->r_counter++;
    if (pipe->readers++ == 0)
        wake_up_interruptible_all(&pipe->wait);
    if (pipe->writers)
        return 0;
    if (filp->f_flags & O_NONBLOCK) {
        filp->f_version = pipe->w_counter; // no POLLHUP before the first writer
        return 0;
    }
    if (wait_for_partner(pipe, &pipe->w_counter, seen)) {
        pipe->readers--;
        return -ERESTARTSYS;
    }
    return 0;
}

static int fifo_open_write(struct file *filp, struct pipe_inode_info *pipe)
{
    unsigned int seen = pipe->r_counter;

    if ((filp->f_flags & O_NONBLOCK) && !pipe->readers)
        return -ENXIO;
    pipe->w_counter++;
    if (pipe->writers++ == 0)
        wake_up_interruptible_all(&pipe->wait);
    if (pipe->readers)
        return 0;
    if (wait_for_partner(pipe, &pipe->r_counter, seen)) {
        pipe->writers--;
        wake_up_interruptible_all(&pipe->wait);
        return -ERESTARTSYS;
    }
    return 0;
}

static int fifo_open_both(struct file *filp, struct pipe_inode_info *pipe)
{
    pipe->readers++;
    pipe->writers++;
    pipe->r_counter++;
    pipe->w_counter++;
    wake_up_interruptible_all(&pipe->wait);
    return 0;
}

static int fifo_open(struct inode *inode, struct file *filp)
{
    struct pipe_inode_info *pipe = inode->i_pipe ? inode->i_pipe : pipe_new(inode);
    int error = -EINVAL;

    if (!pipe)
        return -ENOMEM;
    filp->f_op = &pipe_fops;
    filp->f_version = 0;
    nonseekable_open(inode, filp);
    switch (filp->f_mode & (FMODE_READ | FMODE_WRITE)) {
    case FMODE_READ:
        error = fifo_open_read(filp, pipe);
        break;
    case FMODE_WRITE:
        error = fifo_open_write(filp, pipe);
        break;
    case FMODE_READ | FMODE_WRITE:
        error = fifo_open_both(filp, pipe);
        break;
    }
    if (error)
        pipe_put_if_unused(inode);
    return error;
}

const struct file_operations def_fifo_fops = {
    .open = fifo_open,
};
