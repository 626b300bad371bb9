// SPDX-License-Identifier: MIT
// Several processes work at the same time on what they share - pipes, signals, the process table, one address space - and
// compare what comes out. It passes on any kernel; the tests run it on the preemptible one, with interrupts in odd places.
// Rows: S08, N20 (with `foo NUMBER` or `silly NUMBER`: two processes call the textbooks' foo or silly_foo in that slot).

#include "probe.h"

#include <sched.h>
#include <sys/mman.h>
#include <time.h>

enum { ROUNDS = 40, BLOCK = 9000, CALLS = 600 };

static void calls(void)
{
    pid_t self = getpid();
    for (int i = 0; i < CALLS * 5; i++)
        if (getpid() != self || raw(__NR_getppid, 0, 0, 0) <= 0)
            _exit(1);
}

/// Bytes that depend on writer and position, so that mixed-up blocks show.
static void writer(int fd, int number)
{
    static unsigned char block[BLOCK];
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < BLOCK; i++)
            block[i] = number + round + i;
        for (int done = 0; done < BLOCK;)
            done += write(fd, block + done, BLOCK - done);
    }
}

static int reader(int fd, int number)
{
    static unsigned char block[777];
    long at = 0, n;
    while ((n = read(fd, block, sizeof block)) > 0)
        for (int i = 0; i < n; i++, at++)
            if (block[i] != (unsigned char)(number + at / BLOCK + at % BLOCK))
                return 1;
    return at == (long)ROUNDS * BLOCK ? 0 : 2;
}

static pid_t pipe_pair(int number)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    int ends[2];
    pipe(ends);
    if ((pid = fork()) == 0) {
        close(ends[0]);
        writer(ends[1], number);
        _exit(0);
    }
    close(ends[1]);
    int result = reader(ends[0], number), status;
    waitpid(pid, &status, 0);
    _exit(result ? result : status != 0);
}

static volatile int caught;
static void count(int signal) { caught += signal == SIGUSR1; }

/// Two processes send each other signals in turn.
static void signals(void)
{
    signal(SIGUSR1, count);
    sigset_t block, old;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, &old);
    pid_t other = fork(), parent = getppid();
    pid_t peer = other ? other : parent;
    if (!other)
        peer = getppid();
    for (int i = 1; i <= CALLS / 4; i++) {
        if (other)
            kill(peer, SIGUSR1);
        while (caught < i)
            sigsuspend(&old);
        if (!other)
            kill(peer, SIGUSR1);
    }
    if (!other)
        _exit(0);
    int status = -1;
    waitpid(other, &status, 0);
    _exit(status != 0 || caught != CALLS / 4);
}

static void forker(void)
{
    for (int i = 0; i < 30; i++) {
        int status = -1;
        pid_t pid = fork();
        if (pid == 0)
            _exit(i & 63);
        if (waitpid(pid, &status, 0) != pid || status != (i & 63) << 8)
            _exit(1);
    }
}

static void sleeper(void)
{
    for (int i = 0; i < 20; i++) {
        struct timespec t = {0, 1500000};
        if (nanosleep(&t, NULL) != 0)
            _exit(1);
    }
}

static pid_t start(void (*function)(void))
{
    pid_t pid = fork();
    if (pid)
        return pid;
    function();
    _exit(0);
}

static long foo_number;
static void foo(void)
{
    for (int i = 0; i < CALLS; i++)
        if (raw(foo_number, 0, 0, 0) != 8192)
            _exit(1);
}

static void all_end(pid_t *pids, int count)
{
    for (int i = 0; i < count; i++) {
        int status = -1;
        waitpid(pids[i], &status, 0);
        check(status == 0, "worker %d: status 0x%04x", i, status);
    }
}

static void silly(void)
{
    for (unsigned long i = 0; i < CALLS; i++) {
        unsigned long from = getpid() * 1000 + i, to = 0;
        if (raw(foo_number, (long)&from, (long)&to, 4) != 4 || to != from)
            _exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "silly") == 0) {
        foo_number = atoi(argv[2]);
        pid_t two[] = {start(silly), start(silly)};
        all_end(two, 2);
        return finish();
    }
    if (argc == 3 && strcmp(argv[1], "foo") == 0) {
        foo_number = atoi(argv[2]);
        pid_t two[] = {start(foo), start(foo)};
        all_end(two, 2);
        return finish();
    }
    pid_t workers[] = {start(calls), pipe_pair(1), pipe_pair(100), start(signals), start(forker), start(sleeper), start(calls)};
    all_end(workers, sizeof workers / sizeof *workers);
    return finish();
}
