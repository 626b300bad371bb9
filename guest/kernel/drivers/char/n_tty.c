// SPDX-License-Identifier: MIT
// The line discipline for the reader: a line at a time (ICANON), or bytes as VMIN and VTIME say. Also poll, and what
// changes when the mode does. Truth: termios(3) "Canonical and noncanonical mode"; names are Linux 2.6's.
#include <linux/kernel.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/tty.h>
#include <asm/uaccess.h>

static int test_line_end(struct tty_struct *tty, int i)
{
    return (tty->n.read_flags[i / 32] >> (i % 32)) & 1;
}

static void clear_line_end(struct tty_struct *tty, int i)
{
    tty->n.read_flags[i / 32] &= ~(1UL << (i % 32));
}

void n_tty_flush_buffer(struct tty_struct *tty)
{
    struct n_tty_data *n = &tty->n;
    unsigned long flags;

    local_irq_save(flags);
    n->read_head = n->read_tail = n->read_cnt = n->canon_head = n->canon_data = 0;
    n->erasing = 0;
    memset(n->read_flags, 0, sizeof(n->read_flags));
    n_tty_check_unthrottle(tty);
    local_irq_restore(flags);
}

void n_tty_check_unthrottle(struct tty_struct *tty)
{
    if (!tty->n.throttled || tty->n.read_cnt > 128)
        return;
    tty->n.throttled = 0;
    tty->driver->unthrottle(tty);
}

// From line mode to byte mode the bytes of an unfinished line become readable. In the other direction all that is
// there counts as one line.
void n_tty_set_termios(struct tty_struct *tty, struct termios *old)
{
    unsigned long flags;
    int was_canon = old ? old->c_lflag & ICANON : L_FLAG(tty, ICANON);

    if (!was_canon == !L_FLAG(tty, ICANON))
        return;
    local_irq_save(flags);
    memset(tty->n.read_flags, 0, sizeof(tty->n.read_flags));
    tty->n.canon_head = L_FLAG(tty, ICANON) ? tty->n.read_head : tty->n.read_tail;
    tty->n.canon_data = 0;
    tty->n.erasing = tty->n.lnext = 0;
    if (L_FLAG(tty, ICANON) && tty->n.read_cnt) {
        int last = (tty->n.read_head - 1) & N_TTY_BUF_MASK;

        tty->n.read_flags[last / 32] |= 1UL << (last % 32);
        tty->n.canon_data = 1;
    }
    local_irq_restore(flags);
    wake_up_interruptible_all(&tty->read_wait);
}

static int input_available_p(struct tty_struct *tty, int amount)
{
    if (L_FLAG(tty, ICANON))
        return tty->n.canon_data > 0;
    return tty->n.read_cnt >= (amount ? amount : 1);
}

// FIONREAD. In canonical mode whole lines count, without the marks of ^D.
int n_tty_chars_in_buffer(struct tty_struct *tty)
{
    unsigned long flags;
    int i, n;

    local_irq_save(flags);
    n = tty->n.read_cnt;
    if (L_FLAG(tty, ICANON)) {
        n = 0;
        for (i = tty->n.read_tail; tty->n.canon_data && i != tty->n.canon_head; i = (i + 1) & N_TTY_BUF_MASK)
            if (!(test_line_end(tty, i) && tty->n.read_buf[i] == __DISABLED_CHAR))
                n++;
    }
    local_irq_restore(flags);
    return n;
}

static unsigned char take_char(struct tty_struct *tty)
{
    unsigned char c = tty->n.read_buf[tty->n.read_tail];

    tty->n.read_tail = (tty->n.read_tail + 1) & N_TTY_BUF_MASK;
    tty->n.read_cnt--;
    return c;
}

// Takes bytes out of the buffer, up to the end of a line in canonical mode. *line_end: the line is finished.
static int take_input(struct tty_struct *tty, unsigned char *chunk, int room, int *line_end)
{
    int canonical = L_FLAG(tty, ICANON), n = 0;
    unsigned long flags;

    *line_end = 0;
    local_irq_save(flags);
    while (tty->n.read_cnt && !*line_end) {
        int tail = tty->n.read_tail;
        int end = canonical && test_line_end(tty, tail);
        int eof_mark = end && tty->n.read_buf[tail] == __DISABLED_CHAR;

        if (n == room && !eof_mark) // a full buffer still swallows the mark of ^D
            break;
        if (end) {
            clear_line_end(tty, tail);
            tty->n.canon_data--;
            *line_end = 1;
        }
        if (eof_mark)
            take_char(tty);
        else
            chunk[n++] = take_char(tty);
    }
    n_tty_check_unthrottle(tty);
    local_irq_restore(flags);
    return n;
}

// Background processes must not read: SIGTTIN stops them, or EIO if nobody would ever continue them.
static int job_control(struct tty_struct *tty)
{
    if (current->signal->tty != tty || tty->pgrp <= 0 || process_group(current) == tty->pgrp)
        return 0;
    if (sigismember(&current->blocked, SIGTTIN) || sig_fatal_ignored(current, SIGTTIN)
        || is_orphaned_pgrp(process_group(current)))
        return -EIO;
    kill_pg(process_group(current), SIGTTIN, 1);
    return -ERESTARTSYS;
}

// VMIN and VTIME: how many bytes to wait for, how long for the first, how long between two (0: no limit).
static void read_limits(struct tty_struct *tty, int *minimum, long *timeout, long *interbyte)
{
    *minimum = 1;
    *timeout = MAX_SCHEDULE_TIMEOUT;
    *interbyte = 0;
    if (L_FLAG(tty, ICANON))
        return;
    if (MIN_CHAR(tty)) {
        *minimum = MIN_CHAR(tty);
        *interbyte = TIME_CHAR(tty) * (HZ / 10);
    } else
        *timeout = TIME_CHAR(tty) * (HZ / 10);
}

noinline ssize_t n_tty_read(struct tty_struct *tty, struct file *file, unsigned char __user *buf, size_t nr)
{
    DECLARE_WAITQUEUE(wait, current);
    unsigned char chunk[128];
    int minimum, line_end = 0, n;
    long timeout, interbyte;
    ssize_t done = 0, retval;

    retval = job_control(tty);
    if (retval)
        return retval;
    read_limits(tty, &minimum, &timeout, &interbyte);
    add_wait_queue(&tty->read_wait, &wait);
    while (nr) {
        set_current_state(TASK_INTERRUPTIBLE);
        if (tty_hung_up_p(file))
            break;
        if (!input_available_p(tty, 0)) {
            if (tty->other_closed) {
                retval = -EIO;
                break;
            }
            if (!timeout)
                break;
            if (file->f_flags & O_NONBLOCK) {
                retval = -EAGAIN;
                break;
            }
            if (signal_pending(current)) {
                retval = -ERESTARTSYS;
                break;
            }
            timeout = schedule_timeout(timeout);
            continue;
        }
        __set_current_state(TASK_RUNNING);
        n = take_input(tty, chunk, min_t(size_t, nr, sizeof(chunk)), &line_end);
        if (copy_to_user(buf + done, chunk, n)) {
            retval = -EFAULT;
            break;
        }
        done += n;
        nr -= n;
        if (L_FLAG(tty, ICANON) ? line_end : done >= minimum && !tty->n.read_cnt)
            break;
        if (interbyte)
            timeout = interbyte;
    }
    __set_current_state(TASK_RUNNING);
    remove_wait_queue(&tty->read_wait, &wait);
    return done ? done : retval;
}

unsigned int n_tty_poll(struct tty_struct *tty, struct file *file, struct poll_table_struct *wait)
{
    unsigned int mask = 0;

    poll_wait(file, &tty->read_wait, wait);
    poll_wait(file, &tty->write_wait, wait);
    if (input_available_p(tty, TIME_CHAR(tty) ? 0 : MIN_CHAR(tty)))
        mask |= POLLIN | POLLRDNORM;
    if (tty_hung_up_p(file) || tty->other_closed)
        mask |= POLLHUP;
    if (tty->driver->chars_in_buffer(tty) < WAKEUP_CHARS && tty->driver->write_room(tty) > 0)
        mask |= POLLOUT | POLLWRNORM;
    return mask;
}
