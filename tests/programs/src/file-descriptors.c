// SPDX-License-Identifier: MIT
// Descriptors: dup, fcntl and their limits; pipes and fifos, empty, full, and with one end gone; poll and select; locks.
#include "show.h"

#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/select.h>

static char buffer[70000];
static volatile int caught;

static void note(int signal) {
    caught = signal;
}

static void copies(int fd) {
    puts("-- copies");
    SHOW(dup(999));
    SHOW(dup2(fd, 99));
    SHOW(fcntl(99, F_GETFD));
    SHOW(fcntl(99, F_SETFD, FD_CLOEXEC));
    SHOW(dup2(99, 99));
    SHOW(fcntl(99, F_GETFD));
    SHOW(dup3(fd, 98, O_CLOEXEC));
    SHOW(fcntl(98, F_GETFD));
    SHOW(dup3(fd, fd, 0));
    SHOW(dup3(fd, 97, O_APPEND));
    SHOW(dup2(fd, -1));
    SHOW(dup2(999, 5));
    SHOW(fcntl(fd, F_DUPFD, 200));
    SHOW(fcntl(fd, F_DUPFD, -1));
    SHOW(fcntl(fd, F_DUPFD_CLOEXEC, 210));
    SHOW(fcntl(210, F_GETFD));
    SHOW(fcntl(fd, 9999));
    SHOW(fcntl(999, F_GETFD));
    SHOW(lseek(99, 3, SEEK_SET));
    SHOW(lseek(fd, 0, SEEK_CUR)); // one file, one position
    for (int copy = 97; copy < 220; copy++) close(copy);
}

static void file_flags(void) {
    puts("-- flags");
    int fd = open("file", O_WRONLY | O_APPEND);
    SHOW(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
    SHOW(fcntl(fd, F_SETFL, O_NONBLOCK));
    SHOW(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
    int off = 0, bytes = 0;
    SHOW(ioctl(fd, FIONBIO, &off));
    SHOW(fcntl(fd, F_GETFL) & O_NONBLOCK);
    SHOW(ioctl(fd, FIOCLEX));
    SHOW(fcntl(fd, F_GETFD));
    SHOW(ioctl(fd, FIONREAD, &bytes));
    printf("%d bytes to read\n", bytes);
    SHOW(ioctl(fd, 0x5401, buffer)); // TCGETS: no terminal
    SHOW(ioctl(fd, 0x1234, buffer));
    SHOW(ioctl(999, 0x5401, buffer));
    SHOW(fsync(fd));
    SHOW(fsync(999));
    close(fd);
}

static void running_out(void) {
    puts("-- running out");
    struct rlimit limit, small;
    getrlimit(RLIMIT_NOFILE, &limit);
    small = limit;
    small.rlim_cur = 20;
    setrlimit(RLIMIT_NOFILE, &small);
    int last = -1, fd, ends[2];
    while ((fd = dup(1)) >= 0) last = fd;
    printf("the last descriptor was %d, then %s\n", last, strerrorname_np(errno));
    SHOW(open("file", O_RDONLY));
    SHOW(pipe(ends));
    SHOW(dup2(1, 20));
    SHOW(fcntl(1, F_DUPFD, 20));
    for (fd = 4; fd < 20; fd++) close(fd);
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void show_poll(struct pollfd* fds, int n, int timeout) {
    printf("poll = %d:", poll(fds, n, timeout));
    for (int i = 0; i < n; i++) printf(" %x", fds[i].revents);
    puts("");
}

static void pipes(void) {
    int ends[2], bytes;
    puts("-- pipes");
    SHOW(pipe2(ends, 0x77777));
    SHOW(pipe(ends));
    SHOW(lseek(ends[0], 0, SEEK_SET));
    SHOW(pread(ends[0], buffer, 1, 0));
    SHOW(write(ends[0], "x", 1));
    SHOW(read(ends[1], buffer, 1));
    SHOW(fcntl(ends[0], F_SETFL, O_NONBLOCK));
    SHOW(fcntl(ends[1], F_SETFL, O_NONBLOCK));
    SHOW(read(ends[0], buffer, 1));
    SHOW(read(ends[0], buffer, 0));
    SHOW(fcntl(ends[0], F_GETPIPE_SZ));
    SHOW(write(ends[1], buffer, 70000));
    SHOW(write(ends[1], "x", 1));
    SHOW(ioctl(ends[0], FIONREAD, &bytes));
    printf("%d bytes to read\n", bytes);
    SHOW(read(ends[0], buffer, 5000));
    SHOW(write(ends[1], buffer, 4096)); // up to PIPE_BUF: whole or not at all
    SHOW(write(ends[1], buffer, 4096));
    struct pollfd fds[4] = {
        {ends[0], POLLIN | POLLOUT, 0}, {ends[1], POLLIN | POLLOUT, 0}, {999, POLLIN, 0}, {-1, POLLIN, 0}};
    show_poll(fds, 4, 0);
    SHOW(read(ends[0], buffer, 70000));
    show_poll(fds, 4, 0);
    close(ends[1]);
    SHOW(read(ends[0], buffer, 10));
    show_poll(fds, 1, 0);
    close(ends[0]);
    SHOW(pipe(ends));
    close(ends[0]);
    signal(SIGPIPE, note);
    SHOW(write(ends[1], "x", 1));
    printf("signal %d\n", caught);
    fds[0].fd = ends[1];
    show_poll(fds, 1, 0);
    close(ends[1]);
}

static void waiting(void) {
    int ends[2];
    fd_set readers, writers;
    struct timeval time = {0, 1000};
    puts("-- waiting");
    if (pipe(ends)) perror("pipe");
    FD_ZERO(&readers);
    FD_ZERO(&writers);
    FD_SET(ends[0], &readers);
    FD_SET(ends[1], &writers);
    SHOW(select(ends[1] + 1, &readers, &writers, NULL, &time));
    printf("readable %d, writable %d\n", !!FD_ISSET(ends[0], &readers), !!FD_ISSET(ends[1], &writers));
    FD_SET(ends[0], &readers);
    time.tv_usec = 20000;
    SHOW(select(ends[0] + 1, &readers, NULL, NULL, &time));
    printf("%ld.%06ld s left\n", (long)time.tv_sec, (long)time.tv_usec);
    SHOW(select(-1, NULL, NULL, NULL, &time));
    time.tv_sec = -1;
    SHOW(select(0, NULL, NULL, NULL, &time));
    struct timespec bad = {0, -1}, soon = {0, 1000000};
    SHOW(ppoll(NULL, 0, &soon, NULL));
    SHOW(ppoll(NULL, 0, &bad, NULL));
    if (fork() == 0) {
        usleep(20000);
        _exit(write(ends[1], "late", 4) != 4);
    }
    struct pollfd fd = {ends[0], POLLIN, 0};
    show_poll(&fd, 1, 5000);
    SHOW(read(ends[0], buffer, 100));
    wait(NULL);
    close(ends[0]);
    close(ends[1]);
}

// ppoll lets a blocked signal in: it ends the wait, its handler runs, and afterwards it is blocked again.
static void waiting_for_a_signal(void) {
    sigset_t blocked, none, now;
    puts("-- waiting for a signal");
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    signal(SIGUSR1, note);
    caught = 0;
    raise(SIGUSR1);
    printf("before: %d\n", caught);
    struct timespec time = {5, 0};
    SHOW(ppoll(NULL, 0, &time, &none));
    printf("after: %d\n", caught);
    sigprocmask(SIG_SETMASK, NULL, &now);
    printf("blocked again: %d\n", sigismember(&now, SIGUSR1));
}

static void fifos(void) {
    puts("-- fifos");
    SHOW(mkfifo("fifo", 0644));
    SHOW(mkfifo("fifo", 0644));
    SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
    int reader = open("fifo", O_RDONLY | O_NONBLOCK);
    struct pollfd fd = {reader, POLLIN, 0};
    SHOW(read(reader, buffer, 1));
    show_poll(&fd, 1, 0);
    int writer = open("fifo", O_WRONLY | O_NONBLOCK);
    SHOW(read(reader, buffer, 1));
    SHOW(write(writer, "fifo", 4));
    SHOW(read(reader, buffer, 10));
    close(writer);
    show_poll(&fd, 1, 0);
    close(reader);
    if (fork() == 0) {
        writer = open("fifo", O_WRONLY);
        _exit(write(writer, "child", 5) != 5);
    }
    reader = open("fifo", O_RDONLY);
    SHOW(read(reader, buffer, 10));
    SHOW(read(reader, buffer, 10));
    wait(NULL);
    close(reader);
}

static void locks(void) {
    puts("-- locks");
    int first = open("file", O_RDWR), second = open("file", O_RDWR), writer = open("file", O_WRONLY);
    SHOW(flock(first, LOCK_EX));
    SHOW(flock(second, LOCK_EX | LOCK_NB));
    SHOW(flock(second, LOCK_SH | LOCK_NB));
    SHOW(flock(first, LOCK_SH));
    SHOW(flock(second, LOCK_SH | LOCK_NB));
    SHOW(flock(first, 77));
    SHOW(flock(999, LOCK_SH));
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 10};
    SHOW(fcntl(first, F_SETLK, &lock));
    fflush(stdout);
    if (fork() == 0) { // locks belong to a process
        struct flock want = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 5};
        SHOW(fcntl(first, F_SETLK, &want));
        want.l_len = 15;
        SHOW(fcntl(first, F_SETLK, &want));
        SHOW(fcntl(first, F_GETLK, &want));
        printf("in the way: type %d, bytes %ld + %ld, the parent's: %d\n", want.l_type, (long)want.l_start,
               (long)want.l_len, want.l_pid == getppid());
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    lock.l_type = 9;
    SHOW(fcntl(first, F_SETLK, &lock));
    lock.l_type = F_RDLCK;
    SHOW(fcntl(writer, F_SETLK, &lock));
    lock.l_whence = 7;
    SHOW(fcntl(first, F_SETLK, &lock));
}

int main(void) {
    enter_scratch_folder();
    make_file("file", "hello world\n");
    for (int fd = 3; fd < 20; fd++) close(fd);
    int fd = open("file", O_RDONLY);
    copies(fd);
    file_flags();
    running_out();
    pipes();
    waiting();
    waiting_for_a_signal();
    fifos();
    locks();
    return 0;
}
