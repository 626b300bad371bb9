// SPDX-License-Identifier: MIT
// The line discipline on the way in: every received byte is a signal (^C ^\ ^Z), flow control (^S ^Q), an edit of the
// line (erase, kill, word erase, literal next, reprint), the end of a line, or data; and it may be echoed.
// Runs in the driver's interrupt handler. Truth: termios(3), "c_iflag", "c_lflag", "Canonical and noncanonical mode".
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/tty.h>

static unsigned char read_buf_at(struct tty_struct *tty, int i)
{
    return tty->n.read_buf[i & N_TTY_BUF_MASK];
}

static void put_tty_queue(struct tty_struct *tty, unsigned char c)
{
    if (tty->n.read_cnt >= N_TTY_BUF_SIZE)
        return;
    tty->n.read_buf[tty->n.read_head] = c;
    tty->n.read_head = (tty->n.read_head + 1) & N_TTY_BUF_MASK;
    tty->n.read_cnt++;
}

static int is_control(unsigned char c)
{
    return c < ' ' || c == 127;
}

static int is_continuation(struct tty_struct *tty, unsigned char c)
{
    return I_FLAG(tty, IUTF8) && (c & 0xc0) == 0x80;
}

// Echo: a control character shows as ^X.
static void echo_char(struct tty_struct *tty, unsigned char c)
{
    if (L_FLAG(tty, ECHOCTL) && is_control(c) && c != '\t' && c != '\n') {
        opost(tty, '^');
        opost(tty, c ^ 0100);
    } else
        opost(tty, c);
}

static void finish_erasing(struct tty_struct *tty)
{
    if (tty->n.erasing) {
        opost(tty, '/');
        tty->n.erasing = 0;
    }
}

// How many columns the byte at `i` took when it was echoed.
static int echo_width(struct tty_struct *tty, int i)
{
    unsigned char c = read_buf_at(tty, i);
    int column, pos;

    if (c == '\t') { // as far as the next tab stop, from where the line's text before it ends
        column = tty->n.canon_column;
        for (pos = tty->n.canon_head; pos != i; pos = (pos + 1) & N_TTY_BUF_MASK)
            column += read_buf_at(tty, pos) == '\t' ? 8 - (column & 7) : echo_width(tty, pos);
        return 8 - (column & 7);
    }
    if (is_control(c))
        return L_FLAG(tty, ECHOCTL) ? 2 : 0;
    return is_continuation(tty, c) ? 0 : 1;
}

static void erase_columns(struct tty_struct *tty, int width)
{
    while (width-- > 0) {
        opost(tty, '\b');
        opost(tty, ' ');
        opost(tty, '\b');
    }
}

// Takes the last character off the line, on the screen too. 0 if the line is empty.
static int erase_one(struct tty_struct *tty)
{
    int head = tty->n.read_head;
    unsigned char c;

    if (head == tty->n.canon_head)
        return 0;
    do { // all bytes of one UTF-8 character
        head = (head - 1) & N_TTY_BUF_MASK;
        c = read_buf_at(tty, head);
    } while (is_continuation(tty, c) && head != tty->n.canon_head);
    if (L_FLAG(tty, ECHO)) {
        if (L_FLAG(tty, ECHOPRT)) {
            if (!tty->n.erasing) {
                opost(tty, '\\');
                tty->n.erasing = 1;
            }
            echo_char(tty, c);
        } else if (!L_FLAG(tty, ECHOE))
            echo_char(tty, ERASE_CHAR(tty));
        else
            erase_columns(tty, is_continuation(tty, c) ? 1 : echo_width(tty, head));
    }
    tty->n.read_cnt -= (tty->n.read_head - head) & N_TTY_BUF_MASK;
    tty->n.read_head = head;
    return 1;
}

static int is_word(unsigned char c)
{
    return isalnum(c) || c == '_';
}

static void erase_word(struct tty_struct *tty)
{
    int seen = 0;

    while (tty->n.read_head != tty->n.canon_head) {
        unsigned char c = read_buf_at(tty, tty->n.read_head - 1);

        if (is_word(c))
            seen = 1;
        else if (seen)
            break;
        erase_one(tty);
    }
}

static void erase_line(struct tty_struct *tty)
{
    if (L_FLAG(tty, ECHO) && !(L_FLAG(tty, ECHOK) && L_FLAG(tty, ECHOKE) && L_FLAG(tty, ECHOE))) {
        tty->n.read_cnt -= (tty->n.read_head - tty->n.canon_head) & N_TTY_BUF_MASK;
        tty->n.read_head = tty->n.canon_head;
        finish_erasing(tty);
        echo_char(tty, KILL_CHAR(tty));
        if (L_FLAG(tty, ECHOK))
            opost(tty, '\n');
        return;
    }
    while (erase_one(tty))
        ;
}

static void reprint_line(struct tty_struct *tty)
{
    int pos;

    finish_erasing(tty);
    echo_char(tty, REPRINT_CHAR(tty));
    opost(tty, '\n');
    for (pos = tty->n.canon_head; pos != tty->n.read_head; pos = (pos + 1) & N_TTY_BUF_MASK)
        echo_char(tty, read_buf_at(tty, pos));
}

// The key for a signal: to the whole foreground process group, and unless NOFLSH what was typed is forgotten.
static void isig(struct tty_struct *tty, int sig, unsigned char c)
{
    if (!L_FLAG(tty, NOFLSH)) {
        n_tty_flush_buffer(tty);
        tty->driver->flush_buffer(tty);
    }
    if (I_FLAG(tty, IXON))
        start_tty(tty);
    if (L_FLAG(tty, ECHO))
        echo_char(tty, c);
    if (tty->pgrp > 0)
        kill_pg(tty->pgrp, sig, 1);
}

static int signal_of(struct tty_struct *tty, unsigned char c)
{
    if (!L_FLAG(tty, ISIG) || c == __DISABLED_CHAR)
        return 0;
    return c == INTR_CHAR(tty) ? SIGINT : c == QUIT_CHAR(tty) ? SIGQUIT : c == SUSP_CHAR(tty) ? SIGTSTP : 0;
}

static int is_char(unsigned char c, unsigned char special)
{
    return c == special && special != __DISABLED_CHAR;
}

// The line is complete, `c` being its last byte.
static void end_line(struct tty_struct *tty, unsigned char c)
{
    if (tty->n.read_cnt >= N_TTY_BUF_SIZE)
        return;
    tty->n.read_flags[tty->n.read_head / 32] |= 1UL << (tty->n.read_head % 32);
    put_tty_queue(tty, c);
    tty->n.canon_head = tty->n.read_head;
    tty->n.canon_data++;
    kill_fasync(&tty->fasync, SIGIO, POLL_IN);
    wake_up_interruptible_all(&tty->read_wait);
}

static void echo_data(struct tty_struct *tty, unsigned char c)
{
    finish_erasing(tty);
    if (!L_FLAG(tty, ECHO))
        return;
    if (tty->n.canon_head == tty->n.read_head) // the line begins here
        tty->n.canon_column = tty->n.column;
    echo_char(tty, c);
}

// Canonical mode's special bytes. 1 if `c` was one.
static int receive_canonical(struct tty_struct *tty, unsigned char c)
{
    if (is_char(c, ERASE_CHAR(tty))) {
        erase_one(tty);
        return 1;
    }
    if (is_char(c, KILL_CHAR(tty))) {
        erase_line(tty);
        return 1;
    }
    if (L_FLAG(tty, IEXTEN) && is_char(c, WERASE_CHAR(tty))) {
        erase_word(tty);
        return 1;
    }
    if (L_FLAG(tty, IEXTEN) && is_char(c, LNEXT_CHAR(tty))) {
        tty->n.lnext = 1;
        if (L_FLAG(tty, ECHO) && L_FLAG(tty, ECHOCTL)) {
            opost(tty, '^');
            opost(tty, '\b');
        }
        return 1;
    }
    if (L_FLAG(tty, IEXTEN) && L_FLAG(tty, ECHO) && is_char(c, REPRINT_CHAR(tty))) {
        reprint_line(tty);
        return 1;
    }
    if (c == '\n') {
        finish_erasing(tty);
        if (L_FLAG(tty, ECHO) || L_FLAG(tty, ECHONL))
            opost(tty, '\n');
        end_line(tty, c);
        return 1;
    }
    if (is_char(c, EOF_CHAR(tty))) {
        end_line(tty, __DISABLED_CHAR); // marks the end; the reader doesn't get it
        return 1;
    }
    if (is_char(c, EOL_CHAR(tty)) || (L_FLAG(tty, IEXTEN) && is_char(c, EOL2_CHAR(tty)))) {
        echo_data(tty, c);
        end_line(tty, c);
        return 1;
    }
    return 0;
}

// Is there no room for a data byte? A line keeps one place for its end.
static int is_full(struct tty_struct *tty)
{
    return tty->n.read_cnt >= N_TTY_BUF_SIZE - 1;
}

static void receive_data(struct tty_struct *tty, unsigned char c)
{
    if (is_full(tty)) {
        if (I_FLAG(tty, IMAXBEL))
            opost(tty, '\a');
        return;
    }
    echo_data(tty, c);
    if (c == 0xff && I_FLAG(tty, PARMRK))
        put_tty_queue(tty, c);
    put_tty_queue(tty, c);
}

// ^S and ^Q. 1 if `c` was one.
static int receive_flow_control(struct tty_struct *tty, unsigned char c)
{
    if (!I_FLAG(tty, IXON))
        return 0;
    if (is_char(c, START_CHAR(tty))) {
        start_tty(tty);
        return 1;
    }
    if (is_char(c, STOP_CHAR(tty))) {
        stop_tty(tty);
        return 1;
    }
    return 0;
}

static void receive_char(struct tty_struct *tty, unsigned char c)
{
    int sig;

    if (I_FLAG(tty, ISTRIP))
        c &= 0x7f;
    if (I_FLAG(tty, IUCLC) && L_FLAG(tty, IEXTEN))
        c = tolower(c);
    if (tty->stopped && I_FLAG(tty, IXON) && I_FLAG(tty, IXANY))
        start_tty(tty);
    if (tty->n.lnext) {
        tty->n.lnext = 0;
        receive_data(tty, c);
        return;
    }
    if (receive_flow_control(tty, c))
        return;
    sig = signal_of(tty, c);
    if (sig) {
        isig(tty, sig, c);
        return;
    }
    if (c == '\r') {
        if (I_FLAG(tty, IGNCR))
            return;
        if (I_FLAG(tty, ICRNL))
            c = '\n';
    } else if (c == '\n' && I_FLAG(tty, INLCR))
        c = '\r';
    if (L_FLAG(tty, ICANON) && receive_canonical(tty, c))
        return;
    if (!L_FLAG(tty, ICANON) && c == '\n' && L_FLAG(tty, ECHO)) {
        if (!is_full(tty)) {
            opost(tty, '\n');
            put_tty_queue(tty, c);
        }
        return;
    }
    receive_data(tty, c);
}

static void receive_break(struct tty_struct *tty)
{
    if (I_FLAG(tty, IGNBRK))
        return;
    if (I_FLAG(tty, BRKINT)) {
        n_tty_flush_buffer(tty);
        if (tty->pgrp > 0)
            kill_pg(tty->pgrp, SIGINT, 1);
        return;
    }
    if (I_FLAG(tty, PARMRK)) {
        put_tty_queue(tty, 0xff);
        put_tty_queue(tty, 0);
    }
    put_tty_queue(tty, 0);
}

static void receive_damaged(struct tty_struct *tty, unsigned char c)
{
    if (I_FLAG(tty, IGNPAR))
        return;
    if (I_FLAG(tty, PARMRK)) {
        put_tty_queue(tty, 0xff);
        put_tty_queue(tty, 0);
        put_tty_queue(tty, c);
    } else
        put_tty_queue(tty, I_FLAG(tty, INPCK) ? 0 : c);
}

// Hold the sender back before the buffer is full. In canonical mode an endless line must not: only its end helps.
static void check_throttle(struct tty_struct *tty)
{
    if (tty->n.read_cnt < N_TTY_BUF_SIZE - 512 || tty->n.throttled)
        return;
    if (L_FLAG(tty, ICANON) && !tty->n.canon_data)
        return;
    tty->n.throttled = 1;
    tty->driver->throttle(tty);
}

noinline void n_tty_receive_buf(struct tty_struct *tty, const unsigned char *cp, const unsigned char *flags, int count)
{
    int i;

    for (i = 0; i < count; i++) {
        switch (flags ? flags[i] : TTY_NORMAL) {
        case TTY_NORMAL:
            receive_char(tty, cp[i]);
            break;
        case TTY_BREAK:
            receive_break(tty);
            break;
        case TTY_OVERRUN:
            printk(KERN_WARNING "%s%d: input overrun: bytes are lost\n", tty->driver->name, tty->index);
            break;
        default:
            receive_damaged(tty, cp[i]);
        }
    }
    if (!L_FLAG(tty, ICANON) && tty->n.read_cnt) {
        kill_fasync(&tty->fasync, SIGIO, POLL_IN);
        wake_up_interruptible_all(&tty->read_wait);
    }
    check_throttle(tty);
}
