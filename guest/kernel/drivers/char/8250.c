// SPDX-License-Identifier: MIT
// Driver of the 16550 UART behind /dev/ttyS0. Bytes to send wait in a ring of one page; as many as the chip takes go
// out at once, the rest when it interrupts because it is empty. Received bytes go straight to the line discipline.
// Truth: PC16550D data sheet; names are Linux 2.6's. Row O02: write(2) on a terminal ends in transmit_chars' outb.
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/major.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/serial_reg.h>
#include <linux/string.h>
#include <linux/tty.h>
#include <asm/io.h>

#define UART_PORTS 1
#define XMIT_SIZE PAGE_SIZE

struct uart_port {
    unsigned short iobase;
    unsigned char irq;
    unsigned char ier; // what IER holds
    unsigned char x_char; // to be sent before all else
    struct tty_struct *tty; // NULL while nobody has it open
    unsigned char *xmit; // ring of bytes to send
    unsigned int head, tail; // count up for ever; modulo XMIT_SIZE
};

static struct uart_port ports[UART_PORTS] = { { .iobase = 0x3f8, .irq = 4 } };

static unsigned int serial_in(struct uart_port *port, int reg)
{
    return inb(port->iobase + reg);
}

static void serial_out(struct uart_port *port, int reg, unsigned char value)
{
    outb(value, port->iobase + reg);
}

static struct uart_port *port_of(struct tty_struct *tty)
{
    return tty->driver_data;
}

static unsigned int pending(const struct uart_port *port)
{
    return port->head - port->tail;
}

static void set_ier(struct uart_port *port, unsigned char ier)
{
    if (port->ier != ier) {
        port->ier = ier;
        serial_out(port, UART_IER, ier);
    }
}

// The transmitter is empty: fill its FIFO. Interrupts are off.
static noinline void transmit_chars(struct uart_port *port)
{
    int room = UART_FIFO_SIZE;

    if (port->x_char) {
        serial_out(port, UART_TX, port->x_char);
        port->x_char = 0;
        room--;
    }
    while (room-- && pending(port) && !port->tty->stopped)
        serial_out(port, UART_TX, port->xmit[port->tail++ % XMIT_SIZE]);
    if (pending(port) < WAKEUP_CHARS)
        tty_wakeup(port->tty);
}

static int has_work(struct uart_port *port)
{
    return port->x_char || (pending(port) && !port->tty->stopped);
}

// Sends what the chip takes now; if more is left, its interrupt asks for it.
static noinline void serial8250_start_tx(struct uart_port *port)
{
    unsigned long flags;

    local_irq_save(flags);
    while (has_work(port) && (serial_in(port, UART_LSR) & UART_LSR_THRE))
        transmit_chars(port);
    set_ier(port, has_work(port) ? port->ier | UART_IER_THRI : port->ier & ~UART_IER_THRI);
    local_irq_restore(flags);
}

static unsigned char error_flag(unsigned int status)
{
    return status & UART_LSR_BI ? TTY_BREAK : status & UART_LSR_PE ? TTY_PARITY : status & UART_LSR_FE ? TTY_FRAME
                                                                                                        : TTY_NORMAL;
}

static noinline void receive_chars(struct uart_port *port, unsigned int status)
{
    unsigned char chars[64], flags[64];
    int n = 0, errors = 0;

    do {
        chars[n] = serial_in(port, UART_RX);
        flags[n] = error_flag(status);
        errors |= flags[n];
        n++;
        if ((status & UART_LSR_OE) && n < 64) {
            flags[n] = TTY_OVERRUN;
            chars[n++] = 0;
            errors = 1;
        }
        status = serial_in(port, UART_LSR);
    } while ((status & UART_LSR_DR) && n < 63);
    n_tty_receive_buf(port->tty, chars, errors ? flags : NULL, n);
}

static noinline irqreturn_t serial8250_interrupt(int irq, void *dev_id, struct pt_regs *regs)
{
    struct uart_port *port = dev_id;
    int handled = 0, passes = 0;

    // Until the chip has nothing more to say; bounded, so that a chip gone mad cannot hang the machine.
    while (!(serial_in(port, UART_IIR) & UART_IIR_NO_INT) && passes++ < 256) {
        unsigned int status = serial_in(port, UART_LSR);

        handled = 1;
        if ((status & UART_LSR_DR) && (port->ier & UART_IER_RDI))
            receive_chars(port, status);
        if ((port->ier & UART_IER_THRI) && (serial_in(port, UART_LSR) & UART_LSR_THRE))
            serial8250_start_tx(port);
    }
    return handled ? IRQ_HANDLED : IRQ_NONE;
}

static void set_speed(struct uart_port *port, unsigned int divisor)
{
    serial_out(port, UART_LCR, UART_LCR_DLAB | UART_LCR_WLEN8);
    serial_out(port, UART_DLL, divisor & 0xff);
    serial_out(port, UART_DLM, divisor >> 8);
    serial_out(port, UART_LCR, UART_LCR_WLEN8);
}

static unsigned int divisor_of(struct tty_struct *tty)
{
    switch (C_FLAG(tty, CBAUD)) {
    case B9600:
        return UART_CLOCK / 9600;
    case B38400:
        return UART_CLOCK / 38400;
    default:
        return 1;
    }
}

static int uart_open(struct tty_struct *tty)
{
    struct uart_port *port = &ports[tty->index];
    int error;

    if (!port->xmit)
        port->xmit = (unsigned char *)__get_free_page(GFP_KERNEL);
    if (!port->xmit)
        return -ENOMEM;
    port->tty = tty;
    tty->driver_data = port;
    error = request_irq(port->irq, serial8250_interrupt, 0, "serial", port);
    if (error)
        return error;
    set_speed(port, divisor_of(tty));
    serial_out(port, UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_8);
    serial_out(port, UART_MCR, UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2);
    port->ier = 0;
    set_ier(port, UART_IER_RDI | UART_IER_RLSI);
    return 0;
}

static void uart_close(struct tty_struct *tty)
{
    struct uart_port *port = port_of(tty);

    set_ier(port, 0);
    free_irq(port->irq, port);
}

static noinline int uart_write(struct tty_struct *tty, const unsigned char *buf, int count)
{
    struct uart_port *port = port_of(tty);
    unsigned long flags;
    int n = 0;

    local_irq_save(flags);
    for (; n < count && pending(port) < XMIT_SIZE; n++)
        port->xmit[port->head++ % XMIT_SIZE] = buf[n];
    local_irq_restore(flags);
    serial8250_start_tx(port);
    return n;
}

static int uart_write_room(struct tty_struct *tty)
{
    return XMIT_SIZE - pending(port_of(tty));
}

static int uart_chars_in_buffer(struct tty_struct *tty)
{
    return pending(port_of(tty));
}

static void uart_flush_buffer(struct tty_struct *tty)
{
    struct uart_port *port = port_of(tty);

    port->tail = port->head;
    tty_wakeup(tty);
}

static void uart_set_termios(struct tty_struct *tty, struct termios *old)
{
    if ((old->c_cflag ^ tty->termios.c_cflag) & CBAUD)
        set_speed(port_of(tty), divisor_of(tty));
}

// While the reader is behind, received bytes wait in the chip, and the sender with them.
static void uart_throttle(struct tty_struct *tty)
{
    struct uart_port *port = port_of(tty);

    set_ier(port, port->ier & ~(UART_IER_RDI | UART_IER_RLSI));
    serial_out(port, UART_MCR, UART_MCR_DTR | UART_MCR_OUT2);
}

static void uart_unthrottle(struct tty_struct *tty)
{
    struct uart_port *port = port_of(tty);

    serial_out(port, UART_MCR, UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2);
    set_ier(port, port->ier | UART_IER_RDI | UART_IER_RLSI);
}

static void uart_stop(struct tty_struct *tty)
{
    struct uart_port *port = port_of(tty);

    set_ier(port, port->ier & ~UART_IER_THRI);
}

static void uart_start(struct tty_struct *tty)
{
    serial8250_start_tx(port_of(tty));
}

static void uart_send_xchar(struct tty_struct *tty, char ch)
{
    port_of(tty)->x_char = ch;
    serial8250_start_tx(port_of(tty));
}

static void uart_break_ctl(struct tty_struct *tty, int on)
{
    serial_out(port_of(tty), UART_LCR, UART_LCR_WLEN8 | (on ? UART_LCR_SBC : 0));
}

// Modem lines as TIOCM_ bits: DTR 2, RTS 4, CTS 0x20, CAR 0x40, RNG 0x80, DSR 0x100.
static int uart_tiocmget(struct tty_struct *tty)
{
    unsigned int status = serial_in(port_of(tty), UART_MSR);

    return 6 | (status & 0x10 ? 0x20 : 0) | (status & 0x20 ? 0x100 : 0) | (status & 0x40 ? 0x80 : 0)
           | (status & 0x80 ? 0x40 : 0);
}

static int is_sent(struct uart_port *port)
{
    return !pending(port) && (serial_in(port, UART_LSR) & UART_LSR_TEMT);
}

static void uart_wait_until_sent(struct tty_struct *tty)
{
    struct uart_port *port = port_of(tty);

    serial8250_start_tx(port);
    while (port->xmit && !is_sent(port) && !tty->stopped) {
        set_current_state(TASK_UNINTERRUPTIBLE);
        schedule_timeout(1);
    }
}

static struct tty_driver serial8250_driver = {
    .name = "ttyS",
    .type = TTY_DRIVER_TYPE_SERIAL,
    .major = TTY_MAJOR,
    .minor_start = 64,
    .num = UART_PORTS,
    .open = uart_open,
    .close = uart_close,
    .write = uart_write,
    .write_room = uart_write_room,
    .chars_in_buffer = uart_chars_in_buffer,
    .flush_buffer = uart_flush_buffer,
    .set_termios = uart_set_termios,
    .throttle = uart_throttle,
    .unthrottle = uart_unthrottle,
    .stop = uart_stop,
    .start = uart_start,
    .send_xchar = uart_send_xchar,
    .break_ctl = uart_break_ctl,
    .tiocmget = uart_tiocmget,
    .wait_until_sent = uart_wait_until_sent,
};

// The machine is about to stop, with interrupts on or off: whatever is still in the ring goes out now.
void serial8250_flush(void)
{
    struct uart_port *port = &ports[0];
    int tries = 1000000;

    while (port->tty && pending(port) && tries--)
        if (serial_in(port, UART_LSR) & UART_LSR_THRE)
            transmit_chars(port);
}

// A chip is there if its scratch register remembers.
static int __init serial8250_present(struct uart_port *port)
{
    serial_out(port, UART_SCR, 0x5a);
    if (serial_in(port, UART_SCR) != 0x5a)
        return 0;
    serial_out(port, UART_SCR, 0xa5);
    return serial_in(port, UART_SCR) == 0xa5;
}

static int __init serial8250_init(void)
{
    if (!serial8250_present(&ports[0])) {
        printk(KERN_WARNING "ttyS0: no UART at I/O 0x%x\n", ports[0].iobase);
        return 0;
    }
    printk(KERN_INFO "ttyS0 at I/O 0x%x (irq = %d) is a 16550A\n", ports[0].iobase, ports[0].irq);
    return tty_register_driver(&serial8250_driver);
}

device_initcall(serial8250_init);
