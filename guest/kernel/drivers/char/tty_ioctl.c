// SPDX-License-Identifier: MIT
// Terminal requests that are not about jobs: settings, flow control, flushing, counts.
// Truth: ioctl_tty(2), termios(3).
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/tty.h>
#include <asm/uaccess.h>

#define TERMIOS_FLUSH 1
#define TERMIOS_WAIT 2
#define TERMIOS_OLD 4

static void termio_to_termios(struct termios *termios, const struct termio *termio)
{
    termios->c_iflag = (termios->c_iflag & 0xffff0000) | termio->c_iflag;
    termios->c_oflag = (termios->c_oflag & 0xffff0000) | termio->c_oflag;
    termios->c_cflag = (termios->c_cflag & 0xffff0000) | termio->c_cflag;
    termios->c_lflag = (termios->c_lflag & 0xffff0000) | termio->c_lflag;
    termios->c_line = termio->c_line;
    memcpy(termios->c_cc, termio->c_cc, NCC);
}

static void change_termios(struct tty_struct *tty, const struct termios *new)
{
    struct termios old = tty->termios;

    tty->termios = *new;
    tty->termios.c_line = N_TTY;
    tty->driver->set_termios(tty, &old);
    n_tty_set_termios(tty, &old);
    if (!I_FLAG(tty, IXON) && (old.c_iflag & IXON))
        start_tty(tty);
}

static int set_termios(struct tty_struct *tty, void __user *arg, int opt)
{
    struct termios termios = tty->termios;
    struct termio termio;
    int error = tty_check_change(tty);

    if (error)
        return error;
    if (opt & TERMIOS_OLD) {
        if (copy_from_user(&termio, arg, sizeof(termio)))
            return -EFAULT;
        termio_to_termios(&termios, &termio);
    } else if (copy_from_user(&termios, arg, sizeof(termios)))
        return -EFAULT;
    if (opt & TERMIOS_FLUSH)
        n_tty_flush_buffer(tty);
    if (opt & TERMIOS_WAIT)
        tty_wait_until_sent(tty);
    change_termios(tty, &termios);
    return 0;
}

static int get_termio(struct tty_struct *tty, struct termio __user *arg)
{
    struct termio termio = {
        .c_iflag = tty->termios.c_iflag,
        .c_oflag = tty->termios.c_oflag,
        .c_cflag = tty->termios.c_cflag,
        .c_lflag = tty->termios.c_lflag,
        .c_line = tty->termios.c_line,
    };

    memcpy(termio.c_cc, tty->termios.c_cc, NCC);
    return copy_to_user(arg, &termio, sizeof(termio)) ? -EFAULT : 0;
}

static int tcxonc(struct tty_struct *tty, unsigned long arg)
{
    int error = tty_check_change(tty);

    if (error)
        return error;
    switch (arg) {
    case TCOOFF:
        stop_tty(tty);
        return 0;
    case TCOON:
        start_tty(tty);
        return 0;
    case TCIOFF:
        if (STOP_CHAR(tty) != __DISABLED_CHAR)
            tty->driver->send_xchar(tty, STOP_CHAR(tty));
        return 0;
    case TCION:
        if (START_CHAR(tty) != __DISABLED_CHAR)
            tty->driver->send_xchar(tty, START_CHAR(tty));
        return 0;
    default:
        return -EINVAL;
    }
}

static int tcflsh(struct tty_struct *tty, unsigned long arg)
{
    int error = tty_check_change(tty);

    if (error)
        return error;
    if (arg > TCIOFLUSH)
        return -EINVAL;
    if (arg != TCOFLUSH)
        n_tty_flush_buffer(tty);
    if (arg != TCIFLUSH)
        tty->driver->flush_buffer(tty);
    return 0;
}

static int send_break(struct tty_struct *tty, long duration)
{
    tty->driver->break_ctl(tty, 1);
    set_current_state(TASK_INTERRUPTIBLE);
    schedule_timeout(duration);
    tty->driver->break_ctl(tty, 0);
    return signal_pending(current) ? -EINTR : 0;
}

// TCSBRK with an argument is how tcdrain(3) waits.
static int tcsbrk(struct tty_struct *tty, unsigned int cmd, unsigned long arg)
{
    int error = tty_check_change(tty);

    if (error)
        return error;
    tty_wait_until_sent(tty);
    if (cmd == TCSBRK && arg)
        return 0;
    return send_break(tty, cmd == TCSBRKP && arg ? arg * (HZ / 10) : HZ / 4);
}

// Types a byte as if it had come from the line.
static int tiocsti(struct tty_struct *tty, char __user *p)
{
    unsigned char c;

    if (current->signal->tty != tty && !capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (get_user(c, (unsigned char __user *)p))
        return -EFAULT;
    local_irq_disable();
    n_tty_receive_buf(tty, &c, NULL, 1);
    local_irq_enable();
    return 0;
}

static int softcar(struct tty_struct *tty, int __user *p)
{
    int on;

    if (get_user(on, p))
        return -EFAULT;
    tty->termios.c_cflag = (tty->termios.c_cflag & ~CLOCAL) | (on ? CLOCAL : 0);
    return 0;
}

static int set_discipline(int __user *p)
{
    int discipline;

    if (get_user(discipline, p))
        return -EFAULT;
    return discipline == N_TTY ? 0 : -EINVAL; // there is no other
}

/// The settings of a pseudo-terminal are its slave's, whichever side asks.
int tty_mode_ioctl(struct tty_struct *tty, struct file *file, unsigned int cmd, unsigned long arg)
{
    struct tty_struct *real_tty = tty->driver->subtype == PTY_TYPE_MASTER ? tty->link : tty;
    void __user *p = (void __user *)arg;

    switch (cmd) {
    case TCGETS:
        return copy_to_user(p, &real_tty->termios, sizeof(struct termios)) ? -EFAULT : 0;
    case TCSETS:
        return set_termios(real_tty, p, 0);
    case TCSETSW:
        return set_termios(real_tty, p, TERMIOS_WAIT);
    case TCSETSF:
        return set_termios(real_tty, p, TERMIOS_WAIT | TERMIOS_FLUSH);
    case TCGETA:
        return get_termio(real_tty, p);
    case TCSETA:
        return set_termios(real_tty, p, TERMIOS_OLD);
    case TCSETAW:
        return set_termios(real_tty, p, TERMIOS_OLD | TERMIOS_WAIT);
    case TCSETAF:
        return set_termios(real_tty, p, TERMIOS_OLD | TERMIOS_WAIT | TERMIOS_FLUSH);
    case TIOCGWINSZ:
        return tiocgwinsz(tty, p);
    case TIOCSWINSZ:
        return tiocswinsz(tty, real_tty, p);
    case TCXONC:
        return tcxonc(tty, arg);
    case TCFLSH:
        return tcflsh(tty, arg);
    case TCSBRK:
    case TCSBRKP:
        return tcsbrk(tty, cmd, arg);
    case TIOCOUTQ:
        return put_user(tty->driver->chars_in_buffer(tty), (int __user *)p);
    case FIONREAD:
        return put_user(n_tty_chars_in_buffer(tty), (int __user *)p);
    case TIOCSTI:
        return tiocsti(tty, p);
    case TIOCEXCL:
    case TIOCNXCL:
        tty->exclusive = cmd == TIOCEXCL;
        return 0;
    case TIOCGSOFTCAR:
        return put_user(C_FLAG(tty, CLOCAL) ? 1 : 0, (int __user *)p);
    case TIOCSSOFTCAR:
        return softcar(tty, p);
    case TIOCGETD:
        return put_user(N_TTY, (int __user *)p);
    case TIOCSETD:
        return set_discipline(p);
    case TIOCMGET:
        return tty->driver->tiocmget ? put_user(tty->driver->tiocmget(tty), (int __user *)p) : -EINVAL;
    default:
        return tty->driver->ioctl ? tty->driver->ioctl(tty, cmd, arg) : -ENOTTY;
    }
}
