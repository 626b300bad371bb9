// SPDX-License-Identifier: MIT
// Pseudo-terminals and job control: lines, echo, keys for signals, window size, background groups, orphaned groups, hang-up.
// The same answers on a host's Linux. Rows: W08 (EIO of a terminal that fails), linux-facts "Other interfaces: tty".

#include "probe.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

#define TIOCGPTN 0x80045430
#define TIOCSPTLCK 0x40045431

static char slave_name[32];
static int master, held = -1; ///< the parent holds a slave open, so that the master does not read EIO between two children
static volatile int hits, last;
static void count(int signal) { hits++, last = signal; }

static void open_pair(void)
{
    int number = -1, zero = 0;
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    check(master >= 0, "open /dev/ptmx: %d, errno %d", master, errno);
    check(ioctl(master, TIOCGPTN, &number) == 0, "its number is %d", number);
    snprintf(slave_name, sizeof slave_name, "/dev/pts/%d", number);
    check(open(slave_name, O_RDWR | O_NOCTTY) == -1 && errno == EIO, "locked, the slave cannot be opened: errno %d", errno);
    check(ioctl(master, TIOCSPTLCK, &zero) == 0, "unlocked");
}

/// What comes out of the master within a moment.
static const char *output(void)
{
    static char text[512];
    struct pollfd one = {master, POLLIN, 0};
    int n = 0;
    while (n < 500 && poll(&one, 1, n ? 30 : 1000) > 0 && (one.revents & POLLIN)) {
        int got = read(master, text + n, 500 - n);
        if (got <= 0)
            break;
        n += got;
    }
    text[n] = 0;
    return text;
}

static void type(const char *text) { write(master, text, strlen(text)); }

/// A child in a session of its own with the slave as its terminal and descriptors 0 to 2; there when this returns.
static pid_t child(void (*function)(void))
{
    int ready[2];
    char byte;
    pipe(ready);
    pid_t pid = fork();
    if (pid) {
        close(ready[1]);
        read(ready[0], &byte, 1); // the end, when the child has closed its copy
        close(ready[0]);
        return pid;
    }
    setsid();
    int fd = open(slave_name, O_RDWR);
    if (fd < 0)
        _exit(100);
    close(ready[0]);
    close(ready[1]);
    close(master);
    close(held);
    dup2(fd, 0), dup2(fd, 1), dup2(fd, 2);
    if (fd > 2)
        close(fd);
    function();
    _exit(0);
}

static int wait_for(pid_t pid)
{
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

static void one_line(void)
{
    char line[64];
    int n = read(0, line, sizeof line);
    dprintf(1, "[%d:%.*s]", n, n > 0 ? n - 1 : 0, line);
}

static void lines(void)
{
    pid_t pid = child(one_line);
    type("heX\177llo\n");
    const char *seen = output();
    check(strcmp(seen, "heX\b \bllo\r\n[6:hello]") == 0, "a line is edited and echoed: %s", seen);
    check(wait_for(pid) == 0, "the reader ended");
    char byte;
    check(read(master, &byte, 1) == -1 && errno == EIO, "after the last slave is closed the master reads EIO: errno %d", errno);
    struct pollfd one = {master, POLLIN, 0};
    check(poll(&one, 1, 0) == 1 && (one.revents & POLLHUP), "and polls as hung up: %x", one.revents);
}

static void sleeper(void)
{
    signal(SIGINT, SIG_DFL);
    dprintf(1, "ready");
    for (;;)
        pause();
}

static void keys(void)
{
    pid_t pid = child(sleeper);
    check(strcmp(output(), "ready") == 0, "a child sleeps");
    int group = 0;
    check(ioctl(master, TIOCGPGRP, &group) == 0 && group == pid, "the master knows the foreground group: %d", group);
    type("\003");
    check(strcmp(output(), "^C") == 0, "^C is echoed");
    int status = wait_for(pid);
    check((status & 0x7f) == SIGINT, "and kills the foreground: status %04x", status);
}

static void winch(void)
{
    struct winsize size;
    signal(SIGWINCH, count);
    dprintf(1, "ready");
    while (!hits)
        usleep(2000);
    ioctl(0, TIOCGWINSZ, &size);
    dprintf(1, "%dx%d", size.ws_row, size.ws_col);
}

static void window(void)
{
    struct winsize size = {33, 99, 0, 0};
    pid_t pid = child(winch);
    output();
    check(ioctl(master, TIOCSWINSZ, &size) == 0, "the size is set at the master");
    const char *seen = output();
    check(strcmp(seen, "33x99") == 0, "SIGWINCH, and the slave shows the size: %s", seen);
    wait_for(pid);
}

/// A group in the background must not read, and with TOSTOP not write.
static void background(void)
{
    signal(SIGTTOU, SIG_IGN);
    for (int step = 0; step < 4; step++) {
        struct termios mode;
        ioctl(0, TCGETS, &mode);
        if (step == 1)
            mode.c_lflag |= TOSTOP;
        ioctl(0, TCSETS, &mode);
        pid_t pid = fork();
        if (pid == 0) {
            char byte;
            setpgid(0, 0);
            signal(SIGTTOU, SIG_DFL);
            if (step == 2)
                signal(SIGTTIN, SIG_IGN);
            if (step == 0 || step == 2)
                _exit(read(0, &byte, 1) < 0 ? errno : 0);
            if (step == 1)
                write(1, "x", 1);
            else
                ioctl(0, TCSETS, &mode);
            _exit(0);
        }
        int status = -1;
        waitpid(pid, &status, WUNTRACED);
        if (WIFSTOPPED(status))
            kill(pid, SIGKILL), waitpid(pid, NULL, 0);
        dprintf(1, "<%d:%x>", step, status);
    }
}

static void groups(void)
{
    pid_t pid = child(background);
    const char *seen = output();
    check(strcmp(seen, "<0:157f><1:167f><2:500><3:167f>") == 0,
          "reading stops by SIGTTIN, writing with TOSTOP by SIGTTOU, ignored reading gives EIO, settings by SIGTTOU: %s", seen);
    wait_for(pid);
}

/// What setsid, setpgid, TIOCSCTTY, TIOCSPGRP and TIOCNOTTY refuse. The errno of each, in one line.
static void refusals(void)
{
    int group, other = getppid(), none = 30000, me = getpid();
    char text[200];
    int n = 0;
    signal(SIGTTOU, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
#define TRY(call) n += snprintf(text + n, sizeof text - n, "%d ", (call) < 0 ? errno : 0)
    TRY(setsid()); // a leader has a session already
    TRY(setpgid(0, 0)); // and stays in its group
    TRY(setpgid(none, 0));
    TRY(setpgid(0, -5));
    TRY(ioctl(0, TIOCSPGRP, &other)); // a group of another session
    TRY(ioctl(0, TIOCSPGRP, &none));
    group = -1;
    TRY(ioctl(0, TIOCSPGRP, &group));
    TRY(ioctl(0, TIOCSPGRP, (void *)0x1000));
    TRY(ioctl(0, TIOCSCTTY, 0)); // it is mine
    pid_t pid = fork();
    if (pid == 0) {
        TRY(setpgid(0, me) < 0 || setpgid(0, 0) < 0 ? -1 : 0);
        TRY(ioctl(0, TIOCSCTTY, 0)); // no leader
        TRY(setsid()); // now a group leader
        TRY(ioctl(0, TIOCNOTTY, 0)); // only gives up its own
        TRY(ioctl(0, TIOCGPGRP, &group));
        TRY(open("/dev/tty", O_RDWR));
        dprintf(1, "%s", text);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    n = 0;
    TRY(setpgid(pid, 0)); // gone
    TRY(ioctl(0, TIOCGPGRP, &group));
    TRY(ioctl(0, TIOCNOTTY, 0)); // the leader gives the terminal up
    TRY(open("/dev/tty", O_RDWR));
    TRY(ioctl(0, TIOCSCTTY, 0)); // and takes it again
    TRY(open("/dev/tty", O_RDWR));
    dprintf(1, "/ %s", text);
}

static void sessions(void)
{
    pid_t pid = child(refusals);
    const char *seen = output();
    check(strcmp(seen, "1 1 3 22 1 3 22 14 0 0 1 1 0 25 6 / 3 0 0 6 0 0 ") == 0, "sessions, groups and terminals refuse: %s", seen);
    wait_for(pid);
}

/// A stopped member of a group whose last tie to the session goes: SIGHUP and SIGCONT.
static void orphans(void)
{
    int ends[2];
    char text[16] = "";
    pipe(ends);
    if (fork() == 0) { // will leave
        pid_t pid = fork();
        if (pid == 0) {
            signal(SIGHUP, count);
            signal(SIGCONT, SIG_DFL);
            kill(getpid(), SIGSTOP);
            snprintf(text, sizeof text, "%d:%d", hits, last);
            write(ends[1], text, strlen(text));
            _exit(0);
        }
        setpgid(pid, pid);
        int status;
        waitpid(pid, &status, WUNTRACED);
        _exit(0);
    }
    read(ends[0], text, sizeof text - 1);
    dprintf(1, "%s", text);
}

static void orphaned(void)
{
    pid_t pid = child(orphans);
    const char *seen = output();
    check(strcmp(seen, "1:1") == 0, "an orphaned stopped group gets SIGHUP and goes on: %s", seen);
    wait_for(pid);
}

/// vhangup() by the session's leader: its own files go dead, a new open works.
static int report_pipe[2];
static void virtually_hung_up(void)
{
    char byte, text[64];
    signal(SIGHUP, count);
    dprintf(1, "ready");
    int result = raw(__NR_vhangup, 0, 0, 0), got = read(0, &byte, 1), put = write(1, "x", 1), error = errno;
    int fd = open(slave_name, O_RDWR | O_NOCTTY);
    snprintf(text, sizeof text, "%d hits %d read %d write %d errno %d open %d", result, hits, got, put, error, fd >= 0);
    write(report_pipe[1], text, strlen(text));
}

static void virtual_hang_up(void)
{
    char text[80] = "";
    pipe(report_pipe);
    pid_t pid = child(virtually_hung_up);
    output();
    read(report_pipe[0], text, sizeof text - 1);
    check(strcmp(text, "0 hits 1 read 0 write -1 errno 5 open 1") == 0, "vhangup: %s", text);
    wait_for(pid);
    close(report_pipe[0]);
    close(report_pipe[1]);
    close(held);
    held = open(slave_name, O_RDWR | O_NOCTTY); // it was hung up, too
}

static void hung_up(void)
{
    char byte, text[64];
    signal(SIGHUP, count);
    dprintf(1, "ready");
    while (!hits)
        usleep(2000);
    int got = read(0, &byte, 1), put = write(1, "x", 1), error = errno, mode = ioctl(0, TIOCGWINSZ, text);
    snprintf(text, sizeof text, "%d:%d read %d write %d errno %d ioctl %d tty %d", hits, last, got, put, error, mode,
             open("/dev/tty", O_RDWR) < 0 ? errno : 0);
    write(report_pipe[1], text, strlen(text));
}

static void hang_up(void)
{
    char text[80] = "";
    pipe(report_pipe);
    pid_t pid = child(hung_up);
    output();
    close(master);
    read(report_pipe[0], text, sizeof text - 1);
    check(strcmp(text, "1:1 read 0 write -1 errno 5 ioctl -1 tty 6") == 0,
          "when the master goes: SIGHUP, reads end, writes EIO, no terminal any more: %s", text);
    wait_for(pid);
    check(access(slave_name, F_OK) == -1, "the slave's node is gone");
}

static void many(void)
{
    int fds[20], good = 0;
    for (int i = 0; i < 20; i++)
        good += (fds[i] = open("/dev/ptmx", O_RDWR | O_NOCTTY)) >= 0;
    check(good == 20, "twenty pairs at once: %d", good);
    for (int i = 0; i < 20; i++)
        close(fds[i]);
}

/// More than the buffers hold, both ways, in raw mode.
static void shovel(void)
{
    struct termios mode;
    char block[1000];
    int n = 0;
    ioctl(0, TCGETS, &mode);
    mode.c_lflag = mode.c_iflag = mode.c_oflag = 0;
    ioctl(0, TCSETS, &mode);
    dprintf(1, "!");
    memset(block, 'b', sizeof block);
    for (int i = 0; i < 20; i++)
        write(1, block, sizeof block);
    while (n < 20000) {
        int got = read(0, block, sizeof block);
        if (got <= 0)
            _exit(1);
        n += got;
    }
    _exit(7);
}

static void volume(void)
{
    char block[1000], byte;
    int n = 0;
    pid_t pid = child(shovel);
    read(master, &byte, 1);
    usleep(20000); // the child fills the buffer and sleeps
    while (n < 20000) {
        int got = read(master, block, sizeof block);
        if (got <= 0)
            break;
        n += got;
    }
    check(n == 20000, "20000 bytes from the slave: %d", n);
    for (n = 0; n < 20000; n += 1000)
        write(master, block, sizeof block);
    check(wait_for(pid) == 0x700, "and to it");
}

int main(void)
{
    open_pair();
    lines();
    held = open(slave_name, O_RDWR | O_NOCTTY);
    keys();
    window();
    groups();
    sessions();
    orphaned();
    virtual_hang_up();
    volume();
    many();
    hang_up();
    return finish();
}
