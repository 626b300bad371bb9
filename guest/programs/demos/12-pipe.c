// SPDX-License-Identifier: MIT
// Sleeping inside a system call. A pipe is a buffer in the kernel: who reads an empty one and who writes to a full one sleeps
// until the other side has done something, and meanwhile somebody else runs.
// Rows: S07 a process may sleep inside a call; D15 read() ends in the file's own function; W24 what the results mean.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// How much fits before write() would sleep.
static long capacity(int fd)
{
    char block[4096] = {0};
    long total = 0, n;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while ((n = write(fd, block, sizeof block)) > 0)
        total += n;
    printf("a full pipe: %ld bytes fit; without sleeping the next write says %s\n", total, strerror(errno));
    fcntl(fd, F_SETFL, 0);
    return total;
}

int main(void)
{
    int ends[2];
    char block[65536];
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); // fork copies the buffer too: leave nothing in it
    pipe(ends);
    long begin = milliseconds();
    if (fork() == 0) {
        usleep(100000);
        write(ends[1], "late", 4);
        _exit(0);
    }
    long n = read(ends[0], block, sizeof block), slept = milliseconds() - begin;
    printf("an empty pipe: read() slept until the other process wrote, then returned %ld\n", n);
    wait(NULL);

    long full = capacity(ends[1]);
    if (fork() == 0) {
        usleep(100000);
        read(ends[0], block, sizeof block);
        _exit(0);
    }
    begin = milliseconds();
    n = write(ends[1], "one more", 8);
    int good = n == 8 && slept >= 90 && milliseconds() - begin >= 90 && full == 65536;
    printf("write() slept until the other process read, then returned %ld\n", n);
    wait(NULL);

    signal(SIGPIPE, SIG_IGN);
    close(ends[0]);
    good &= write(ends[1], "x", 1) == -1 && errno == EPIPE;
    printf("nobody can read any more: write() says %s\n", strerror(errno));
    return good ? 0 : 1;
}
