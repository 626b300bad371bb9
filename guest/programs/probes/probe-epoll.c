// SPDX-License-Identifier: MIT
// epoll: sets of pipes, reported by level, by edge, and once; closed files leave; sleepers wake. The same on a host's Linux.
// Rows: S07.

#include "probe.h"

#include <poll.h>
#include <time.h>

#define EPOLLET (1u << 31)
#define EPOLLONESHOT (1u << 30)
#define ADD 1
#define DEL 2
#define MOD 3

struct event {
    unsigned events;
    unsigned long data[2];
};
static int set, ends[2], other[2];

static long control(int op, int fd, unsigned events, unsigned long data)
{
    struct event event = {events, {data, ~data}};
    return syscall(__NR_epoll_ctl, set, op, fd, &event) < 0 ? -errno : 0;
}

static long raw4(long number, long a, long b, long c, long d)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d) : "memory");
    return result;
}

static struct event got[8];
static long look(int timeout)
{
    memset(got, 0, sizeof got);
    long n = syscall(__NR_epoll_wait, set, got, 8, timeout);
    return n < 0 ? -errno : n;
}

static void drain(int fd)
{
    char bytes[100];
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (read(fd, bytes, sizeof bytes) > 0)
        ;
    fcntl(fd, F_SETFL, 0);
}

static void refusals(void)
{
    int file = open("/proc/self/exe", O_RDONLY);
    check(syscall(__NR_epoll_create, 0) == -1 && errno == EINVAL, "a set for 0 files: errno %d", errno);
    check(control(ADD, 99, POLLIN, 0) == -EBADF, "a closed descriptor: EBADF");
    check(control(ADD, file, POLLIN, 0) == -EPERM, "a regular file: EPERM");
    check(control(ADD, set, POLLIN, 0) == -EINVAL, "the set itself: EINVAL");
    check(control(MOD, ends[0], POLLIN, 0) == -ENOENT, "change what is not there: ENOENT");
    check(control(DEL, ends[0], POLLIN, 0) == -ENOENT, "remove what is not there: ENOENT");
    check(control(7, ends[0], POLLIN, 0) == -EINVAL, "no such change: EINVAL");
    check(raw(__NR_epoll_ctl, ends[0], ADD, ends[1]) < 0, "a pipe is no set");
    check(raw4(__NR_epoll_wait, set, (long)got, 0, 0) == -EINVAL, "room for no event: EINVAL");
    check(raw4(__NR_epoll_wait, set, 0xc0100000, 1, 0) == -EFAULT || native(), "room in the kernel: EFAULT");
    close(file);
}

static void levels(void)
{
    check(control(ADD, ends[0], POLLIN, 11) == 0 && control(ADD, ends[0], POLLIN, 11) == -EEXIST, "added; twice: EEXIST");
    check(look(0) == 0, "nothing yet");
    write(ends[1], "ab", 2);
    check(look(0) == 1 && got[0].events == POLLIN && got[0].data[0] == 11 && got[0].data[1] == ~11ul, "data: told with its word");
    check(look(0) == 1, "by level it is told again");
    drain(ends[0]);
    check(look(0) == 0, "until it is read");
    check(control(MOD, ends[0], POLLIN | EPOLLET, 12) == 0, "now by edge");
    write(ends[1], "c", 1);
    check(look(0) == 1 && got[0].data[0] == 12, "told once");
    check(look(0) == 0, "not twice");
    write(ends[1], "d", 1);
    check(look(0) == 1, "again with more data");
    check(control(MOD, ends[0], POLLIN | EPOLLONESHOT, 13) == 0 && look(0) == 1 && got[0].data[0] == 13, "one shot: what is there is told");
    write(ends[1], "e", 1);
    check(look(0) == 0, "then nothing");
    check(control(MOD, ends[0], POLLIN | EPOLLONESHOT, 14) == 0 && look(0) == 1 && got[0].data[0] == 14, "until it is armed again");
    drain(ends[0]);
    check(control(MOD, ends[0], POLLIN, 15) == 0, "back to levels");
}

static void several(void)
{
    check(control(ADD, other[1], POLLOUT, 21) == 0 && control(ADD, other[0], POLLIN, 22) == 0, "three files");
    check(look(0) == 1 && got[0].data[0] == 21, "one is ready");
    write(ends[1], "x", 1);
    write(other[1], "y", 1);
    check(look(0) == 3, "three are ready");
    struct event one;
    long seen = 0;
    for (int i = 0; i < 3; i++)
        if (syscall(__NR_epoll_wait, set, &one, 1, 0) == 1)
            seen |= 1l << (one.data[0] - 11);
    check(seen == (1 << 4 | 1 << 10 | 1 << 11), "one at a time, each has its turn: %lx", seen);
    int again = dup(other[1]);
    close(other[1]);
    check(look(0) == 3, "a copy keeps the file open, and in the set");
    close(again);
    check(look(0) == 2 && (got[0].data[0] == 22 ? got[0] : got[1]).events == (POLLIN | POLLHUP), "closed, it leaves: %x",
          (got[0].data[0] == 22 ? got[0] : got[1]).events);
    struct pollfd poll_set = {set, POLLIN, 0};
    check(poll(&poll_set, 1, 0) == 1 && poll_set.revents == POLLIN, "the set itself can be polled: %x", poll_set.revents);
    check(control(DEL, other[0], 0, 0) == 0 && look(0) == 1, "removed");
    drain(ends[0]);
    check(look(0) == 0, "empty again");
}

static volatile int hits;
static void count(int signal) { hits += signal == SIGUSR1; }
static void waiting(void)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    check(look(50) == 0, "nothing comes");
    clock_gettime(CLOCK_MONOTONIC, &end);
    long ms = (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000;
    check(ms >= 49, "for 50 ms: %ld", ms);
    pid_t me = getpid(), pid = fork();
    if (pid == 0) {
        usleep(20000);
        write(ends[1], "z", 1);
        usleep(20000);
        kill(me, SIGUSR1);
        _exit(0);
    }
    check(look(-1) == 1 && got[0].data[0] == 15, "a sleeper wakes with data");
    drain(ends[0]);
    signal(SIGUSR1, count);
    check(look(-1) == -EINTR && hits == 1, "and with a signal: EINTR");
    waitpid(pid, NULL, 0);
    sigset_t block, none;
    sigemptyset(&none);
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, NULL);
    raise(SIGUSR1);
    long result = syscall(__NR_epoll_pwait, set, got, 8, 1000, &none, 8);
    check(result == -1 && errno == EINTR && hits == 2, "epoll_pwait lets a blocked signal in: %d", hits);
    sigprocmask(SIG_UNBLOCK, &block, NULL);
}

int main(void)
{
    set = syscall(__NR_epoll_create, 1);
    check(set >= 0, "a set: %d", set);
    pipe(ends);
    pipe(other);
    refusals();
    levels();
    several();
    waiting();
    close(set);
    return finish();
}
