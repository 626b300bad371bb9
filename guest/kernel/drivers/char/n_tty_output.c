// SPDX-License-Identifier: MIT
// The line discipline on the way out: output processing (OPOST) and n_tty_write, which waits for room in the driver.
// The column of the cursor is tracked, so that tabs can be expanded and erased. Truth: termios(3), "c_oflag".
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/tty.h>

static void put_char(struct tty_struct *tty, unsigned char c)
{
    tty->driver->write(tty, &c, 1);
}

// One byte through output processing. 0, or -1 if the driver has no room for what it becomes.
int opost(struct tty_struct *tty, unsigned char c)
{
    int room = tty->driver->write_room(tty), spaces;

    if (!room)
        return -1;
    if (!O_FLAG(tty, OPOST)) {
        put_char(tty, c);
        return 0;
    }
    switch (c) {
    case '\n':
        if (O_FLAG(tty, ONLRET))
            tty->n.column = 0;
        if (O_FLAG(tty, ONLCR)) {
            if (room < 2)
                return -1;
            put_char(tty, '\r');
            tty->n.column = 0;
        }
        tty->n.canon_column = tty->n.column;
        break;
    case '\r':
        if (O_FLAG(tty, ONOCR) && tty->n.column == 0)
            return 0;
        if (O_FLAG(tty, OCRNL)) {
            c = '\n';
            if (O_FLAG(tty, ONLRET))
                tty->n.canon_column = tty->n.column = 0;
            break;
        }
        tty->n.canon_column = tty->n.column = 0;
        break;
    case '\t':
        spaces = 8 - (tty->n.column & 7);
        if (O_FLAG(tty, TABDLY) == XTABS) {
            if (room < spaces)
                return -1;
            tty->n.column += spaces;
            tty->driver->write(tty, (const unsigned char *)"        ", spaces);
            return 0;
        }
        tty->n.column += spaces;
        break;
    case '\b':
        if (tty->n.column > 0)
            tty->n.column--;
        break;
    default:
        if (O_FLAG(tty, OLCUC) && c >= 'a' && c <= 'z')
            c -= 'a' - 'A';
        if (c >= ' ' && c != 127 && !(I_FLAG(tty, IUTF8) && (c & 0xc0) == 0x80))
            tty->n.column++;
    }
    put_char(tty, c);
    return 0;
}

static int is_plain(struct tty_struct *tty, unsigned char c)
{
    return c >= ' ' && c != 127 && !O_FLAG(tty, OLCUC) && (c < 0x80 || !I_FLAG(tty, IUTF8));
}

// The bytes up to the first that needs a closer look, in one piece. How many were taken.
int opost_block(struct tty_struct *tty, const unsigned char *buf, int nr)
{
    int room = tty->driver->write_room(tty), n = 0;

    if (nr > room)
        nr = room;
    while (n < nr && is_plain(tty, buf[n]))
        n++;
    if (!n)
        return 0;
    n = tty->driver->write(tty, buf, n);
    tty->n.column += n;
    return n;
}

// As much as the driver takes now.
static int write_some(struct tty_struct *tty, const unsigned char *buf, size_t nr)
{
    size_t done = 0;

    if (!O_FLAG(tty, OPOST))
        return tty->driver->write(tty, buf, nr);
    while (done < nr) {
        done += opost_block(tty, buf + done, nr - done);
        if (done == nr || opost(tty, buf[done]))
            break;
        done++;
    }
    return done;
}

noinline ssize_t n_tty_write(struct tty_struct *tty, struct file *file, const unsigned char *buf, size_t nr)
{
    DECLARE_WAITQUEUE(wait, current);
    const unsigned char *b = buf;
    unsigned long flags;
    ssize_t retval = 0;

    if (L_FLAG(tty, TOSTOP)) {
        retval = tty_check_change(tty);
        if (retval)
            return retval;
    }
    add_wait_queue(&tty->write_wait, &wait);
    for (;;) {
        int n;

        set_current_state(TASK_INTERRUPTIBLE);
        if (signal_pending(current)) {
            retval = -ERESTARTSYS;
            break;
        }
        if (tty_hung_up_p(file) || (tty->link && !tty->link->count)) {
            retval = -EIO;
            break;
        }
        local_irq_save(flags); // echo comes from the interrupt handler and shares column and driver buffer
        n = write_some(tty, b, nr);
        local_irq_restore(flags);
        b += n;
        nr -= n;
        if (!nr)
            break;
        if (file->f_flags & O_NONBLOCK) {
            retval = -EAGAIN;
            break;
        }
        schedule();
    }
    __set_current_state(TASK_RUNNING);
    remove_wait_queue(&tty->write_wait, &wait);
    if (nr && tty->fasync)
        tty->do_write_wakeup = 1;
    return b != buf ? b - buf : retval;
}
