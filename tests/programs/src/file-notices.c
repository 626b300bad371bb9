// SPDX-License-Identifier: MIT
// What the kernel says unasked of files: locks that would wait in a circle (EDEADLK), and input that announces itself
// (F_SETFL with O_ASYNC, F_SETOWN, F_SETSIG) on pipes and terminals.
#include "show.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

static volatile sig_atomic_t signals, last_signal, last_code, last_band, last_fd;

static void note(int signal, siginfo_t *info, void *context) {
    (void)context;
    signals++;
    last_signal = signal;
    last_code = info->si_code;
    last_band = info->si_band;
    last_fd = info->si_fd;
}

static void listen_for(int signal) {
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
    sigaction(signal, &action, NULL);
}

static int lock_byte(int fd, int cmd, short type, off_t byte) {
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    return fcntl(fd, cmd, &lock);
}

// --- locks ------------------------------------------------------------------------------------------------

static void say(int to) {
    write(to, "!", 1);
}

static void hear(int from) {
    char c;
    read(from, &c, 1);
}

/// Process i of `count` locks byte i, waits until all have, then wants the next one's byte; the last closes the circle.
static int in_a_circle(int fd, int i, int count, int ready, int go) {
    lock_byte(fd, F_SETLK, F_WRLCK, i);
    say(ready);
    hear(go);
    if (i == count - 1) usleep(200000); // the others wait by now
    int result = lock_byte(fd, F_SETLKW, F_WRLCK, (i + 1) % count);
    return result == 0 ? 1 : errno == EDEADLK ? 2 : 3;
}

static void circle(const char *path, int count) {
    int ready[2], go[2];
    pipe(ready);
    pipe(go);
    pid_t pids[8];
    for (int i = 0; i < count; ++i) {
        pids[i] = fork();
        if (pids[i] == 0) _exit(in_a_circle(open(path, O_RDWR), i, count, ready[1], go[0]));
    }
    for (int i = 0; i < count; ++i) hear(ready[0]);
    for (int i = 0; i < count; ++i) say(go[1]);
    printf("a circle of %d:", count);
    for (int i = 0; i < count; ++i) {
        int status;
        waitpid(pids[i], &status, 0);
        printf(" %d", WEXITSTATUS(status)); // 1: got it in the end; 2: EDEADLK
    }
    puts("");
    close(ready[0]), close(ready[1]), close(go[0]), close(go[1]);
}

/// We give up what the child waits for and then wait for what it has: no circle, though it may not have run yet.
static void no_circle(const char *path) {
    int fd = open(path, O_RDWR), ready[2];
    pipe(ready);
    lock_byte(fd, F_SETLK, F_WRLCK, 0);
    pid_t child = fork();
    if (child == 0) {
        int own = open(path, O_RDWR);
        lock_byte(own, F_SETLK, F_WRLCK, 1);
        say(ready[1]);
        int result = lock_byte(own, F_SETLKW, F_WRLCK, 0);
        usleep(50000);
        _exit(result == 0 ? 1 : 3);
    }
    hear(ready[0]);
    usleep(200000);
    SHOW(lock_byte(fd, F_SETLKW, F_UNLCK, 0));
    SHOW(lock_byte(fd, F_SETLKW, F_WRLCK, 1));
    int status;
    waitpid(child, &status, 0);
    SHOW(WEXITSTATUS(status));
    close(fd), close(ready[0]), close(ready[1]);
}

static void interrupted(const char *path) {
    int fd = open(path, O_RDWR), ready[2];
    pipe(ready);
    pid_t child = fork();
    if (child == 0) {
        int own = open(path, O_RDWR);
        lock_byte(own, F_SETLK, F_WRLCK, 5);
        say(ready[1]);
        pause();
    }
    hear(ready[0]);
    listen_for(SIGALRM);
    ualarm(100000, 0);
    SHOW(lock_byte(fd, F_SETLKW, F_RDLCK, 5));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    SHOW(lock_byte(fd, F_SETLKW, F_RDLCK, 5));
    close(fd), close(ready[0]), close(ready[1]);
}

// --- SIGIO ------------------------------------------------------------------------------------------------

static void shown(const char *when) {
    printf("%s: %d", when, (int)signals);
    if (signals)
        printf(", %s, code %x band %x fd %d", last_signal == SIGIO ? "SIGIO" : "another", (unsigned)last_code,
               (unsigned)last_band, (int)last_fd);
    puts("");
    signals = 0;
}

static void on_a_pipe(void) {
    puts("-- a pipe");
    char text[16];
    int ends[2];
    pipe(ends);
    signals = 0;
    listen_for(SIGIO);
    listen_for(SIGUSR1);
    SHOW(fcntl(ends[0], F_GETOWN));
    SHOW(fcntl(ends[0], F_SETFL, O_ASYNC));
    SHOW(fcntl(ends[0], F_GETFL) & O_ASYNC);
    write(ends[1], "a", 1);
    shown("nobody was named");
    read(ends[0], text, 16);
    fcntl(ends[0], F_SETOWN, getpid());
    SHOW(fcntl(ends[0], F_GETOWN) == getpid());
    write(ends[1], "b", 1);
    signals ? (void)0 : (void)0;
    printf("we were: %d of SIGIO\n", (int)signals), signals = 0;
    read(ends[0], text, 16);
    SHOW(fcntl(ends[0], F_SETSIG, SIGUSR1));
    SHOW(fcntl(ends[0], F_GETSIG) == SIGUSR1);
    write(ends[1], "c", 1);
    shown("with a signal of our choice");
    read(ends[0], text, 16);
    fcntl(ends[0], F_SETOWN, -getpgrp());
    SHOW(fcntl(ends[0], F_GETOWN) == -getpgrp());
    write(ends[1], "d", 1);
    shown("for the group");
    read(ends[0], text, 16);
    SHOW(fcntl(ends[0], F_SETFL, 0));
    write(ends[1], "e", 1);
    shown("switched off");
    SHOW(fcntl(ends[0], F_SETFL, O_ASYNC));
    int copy = dup(ends[0]);
    close(ends[0]);
    read(copy, text, 16);
    write(ends[1], "f", 1);
    printf("over a copy: %d\n", (int)signals), signals = 0;
    read(copy, text, 16);
    close(ends[1]);
    shown("the writer has gone");
    close(copy);
    SHOW(fcntl(copy, F_SETFL, O_ASYNC));
    int file = open("/tmp", O_RDONLY);
    SHOW(fcntl(file, F_SETFL, O_ASYNC)); // no harm where nothing will come
    close(file);
}

static void on_a_terminal(void) {
    puts("-- a terminal");
    int master, slave;
    char text[16];
    if (openpty(&master, &slave, NULL, NULL, NULL)) {
        perror("openpty");
        return;
    }
    fcntl(slave, F_SETOWN, getpid());
    fcntl(slave, F_SETSIG, SIGUSR1);
    fcntl(slave, F_SETFL, O_ASYNC);
    write(master, "half", 4);
    usleep(20000);
    printf("half a line: %d\n", (int)signals), signals = 0;
    write(master, "\n", 1);
    usleep(20000);
    printf("the rest: %s\n", signals && last_fd == slave && last_code == POLL_IN ? "told" : "silent"), signals = 0;
    SHOW(read(slave, text, 16));
    int on = 0;
    SHOW(ioctl(slave, FIOASYNC, &on));
    SHOW(fcntl(slave, F_GETFL) & O_ASYNC);
    write(master, "x\n", 2);
    usleep(20000);
    printf("switched off: %d\n", (int)signals);
    close(master);
    close(slave);
}

int main(void) {
    char path[] = "/tmp/noticesXXXXXX";
    close(mkstemp(path));
    setvbuf(stdout, NULL, _IONBF, 0);
    setpgid(0, 0); // signals for the group are ours alone
    puts("-- locks");
    circle(path, 2);
    circle(path, 3);
    circle(path, 5);
    no_circle(path);
    interrupted(path);
    unlink(path);
    on_a_pipe();
    on_a_terminal();
    return 0;
}
