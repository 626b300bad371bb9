// SPDX-License-Identifier: MIT
// Terminals. Three layers, each with its own file of functions:
//
//   tty_io.c      the file: open, read, write, poll, ioctl, hang-up, controlling terminal
//   n_tty*.c      the line discipline: echo, editing of lines, signals from keys, newline to CR LF
//   8250.c        the driver: bytes in and out of the UART
//   pty.c         a driver without a device: what one side writes, the other side's line discipline receives
//
//   write(2): tty_write -> n_tty_write -> opost -> uart_write -> serial8250_start_tx -> outb          (row O02)
//   a key:    serial8250_interrupt -> receive_chars -> n_tty_receive_buf -> wakes n_tty_read
//
// Truth: names are Linux 2.6's; termios(3), credentials(7).
#pragma once

#include <linux/fs.h>
#include <linux/termios.h>
#include <linux/wait.h>

#define N_TTY 0
#define N_TTY_BUF_SIZE 4096 // a power of two
#define N_TTY_BUF_MASK (N_TTY_BUF_SIZE - 1)
#define WAKEUP_CHARS 256 // a writer is woken when fewer than this are left to send

struct tty_struct;
struct poll_table_struct;

// What a received byte came with.
#define TTY_NORMAL 0
#define TTY_BREAK 1
#define TTY_FRAME 2
#define TTY_PARITY 3
#define TTY_OVERRUN 4

#define TTY_DRIVER_TYPE_SERIAL 3
#define TTY_DRIVER_TYPE_PTY 4
#define PTY_TYPE_MASTER 1
#define PTY_TYPE_SLAVE 2

struct tty_driver {
    const char *name;
    int type, subtype;
    unsigned int major, minor_start, num;
    struct tty_struct **ttys;
    int (*open)(struct tty_struct *tty);
    void (*close)(struct tty_struct *tty);
    int (*write)(struct tty_struct *tty, const unsigned char *buf, int count);
    int (*write_room)(struct tty_struct *tty);
    int (*chars_in_buffer)(struct tty_struct *tty);
    void (*flush_buffer)(struct tty_struct *tty);
    void (*set_termios)(struct tty_struct *tty, struct termios *old);
    void (*throttle)(struct tty_struct *tty); // no more input, please
    void (*unthrottle)(struct tty_struct *tty);
    void (*stop)(struct tty_struct *tty);
    void (*start)(struct tty_struct *tty);
    void (*send_xchar)(struct tty_struct *tty, char ch);
    void (*break_ctl)(struct tty_struct *tty, int on);
    int (*tiocmget)(struct tty_struct *tty);
    void (*wait_until_sent)(struct tty_struct *tty);
    int (*ioctl)(struct tty_struct *tty, unsigned int cmd, unsigned long arg); // what only this driver knows
};

// The line discipline's input buffer and state. Bytes go in at read_head and out at read_tail; the interrupt handler
// puts, the reader takes, hence interrupts are off around every use by a task.
struct n_tty_data {
    unsigned char read_buf[N_TTY_BUF_SIZE];
    unsigned long read_flags[N_TTY_BUF_SIZE / 32]; // 1: this byte ends a line
    int read_head, read_tail, read_cnt;
    int canon_head; // where the line that is being typed begins
    int canon_data; // whole lines in the buffer
    int column, canon_column; // of the cursor; of the cursor when the line began
    unsigned lnext : 1; // the next byte is taken literally (after ^V)
    unsigned erasing : 1; // ECHOPRT: inside \.../
    unsigned throttled : 1;
};

struct tty_struct {
    struct tty_driver *driver;
    int index;
    int count; // open files
    struct termios termios;
    struct winsize winsize;
    int pgrp; // the foreground process group
    int session;
    unsigned stopped : 1; // by ^S or TCXONC
    unsigned packet_stopped : 1;
    unsigned exclusive : 1;
    struct tty_struct *link; // the other side of a pseudo-terminal
    unsigned other_closed : 1; // nobody has that side open any more
    unsigned pty_locked : 1; // a slave: TIOCSPTLCK
    wait_queue_head_t read_wait, write_wait;
    struct fasync_struct *fasync;
    unsigned do_write_wakeup : 1; // a write could not be taken whole: SIGIO when there is room
    unsigned char *write_buf;
    int write_busy; // one writer at a time
    void *driver_data;
    struct n_tty_data n;
};

#define INTR_CHAR(tty) ((tty)->termios.c_cc[VINTR])
#define QUIT_CHAR(tty) ((tty)->termios.c_cc[VQUIT])
#define ERASE_CHAR(tty) ((tty)->termios.c_cc[VERASE])
#define KILL_CHAR(tty) ((tty)->termios.c_cc[VKILL])
#define EOF_CHAR(tty) ((tty)->termios.c_cc[VEOF])
#define TIME_CHAR(tty) ((tty)->termios.c_cc[VTIME])
#define MIN_CHAR(tty) ((tty)->termios.c_cc[VMIN])
#define START_CHAR(tty) ((tty)->termios.c_cc[VSTART])
#define STOP_CHAR(tty) ((tty)->termios.c_cc[VSTOP])
#define SUSP_CHAR(tty) ((tty)->termios.c_cc[VSUSP])
#define EOL_CHAR(tty) ((tty)->termios.c_cc[VEOL])
#define REPRINT_CHAR(tty) ((tty)->termios.c_cc[VREPRINT])
#define WERASE_CHAR(tty) ((tty)->termios.c_cc[VWERASE])
#define LNEXT_CHAR(tty) ((tty)->termios.c_cc[VLNEXT])
#define EOL2_CHAR(tty) ((tty)->termios.c_cc[VEOL2])

#define I_FLAG(tty, f) ((tty)->termios.c_iflag & (f))
#define O_FLAG(tty, f) ((tty)->termios.c_oflag & (f))
#define C_FLAG(tty, f) ((tty)->termios.c_cflag & (f))
#define L_FLAG(tty, f) ((tty)->termios.c_lflag & (f))

// tty_io.c
int tty_register_driver(struct tty_driver *driver);
struct tty_struct *alloc_tty_struct(struct tty_driver *driver, int index);
void free_tty_struct(struct tty_struct *tty);
void start_tty(struct tty_struct *tty);
void stop_tty(struct tty_struct *tty);
void tty_wakeup(struct tty_struct *tty);
int tty_hung_up_p(struct file *filp);
void tty_wait_until_sent(struct tty_struct *tty);
// tty_jobctrl.c
int tty_check_change(struct tty_struct *tty);
void disassociate_ctty(int on_exit);
void proc_set_tty(struct tty_struct *tty);
void session_clear_tty(struct tty_struct *tty);
void hang_up_session(struct tty_struct *tty);
int tty_jobctrl_ioctl(struct tty_struct *tty, struct tty_struct *real_tty, unsigned int cmd, unsigned long arg);
void tty_vhangup(struct tty_struct *tty);
dev_t tty_devnum(struct tty_struct *tty);
// pty.c, fs/devpts/inode.c
struct tty_struct *pty_new_pair(void);
void pty_free_pair(struct tty_struct *tty);
int devpts_pty_new(int number, dev_t device);
void devpts_pty_kill(int number);
// tty_winsize.c
int tiocgwinsz(struct tty_struct *tty, struct winsize __user *arg);
int tiocswinsz(struct tty_struct *tty, struct tty_struct *real_tty, const struct winsize __user *arg);
void watch_host_window(struct tty_struct *tty);
// tty_ioctl.c
int tty_mode_ioctl(struct tty_struct *tty, struct file *file, unsigned int cmd, unsigned long arg);
// n_tty.c, n_tty_input.c, n_tty_output.c
ssize_t n_tty_read(struct tty_struct *tty, struct file *file, unsigned char __user *buf, size_t nr);
ssize_t n_tty_write(struct tty_struct *tty, struct file *file, const unsigned char *buf, size_t nr);
unsigned int n_tty_poll(struct tty_struct *tty, struct file *file, struct poll_table_struct *wait);
void n_tty_receive_buf(struct tty_struct *tty, const unsigned char *cp, const unsigned char *flags, int count);
void n_tty_flush_buffer(struct tty_struct *tty);
void n_tty_set_termios(struct tty_struct *tty, struct termios *old);
int n_tty_chars_in_buffer(struct tty_struct *tty);
int opost(struct tty_struct *tty, unsigned char c);
int opost_block(struct tty_struct *tty, const unsigned char *buf, int nr);
void n_tty_check_unthrottle(struct tty_struct *tty);
