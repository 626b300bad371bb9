// SPDX-License-Identifier: MIT
// Waiting for several files at once: poll, select, ppoll, pselect6 on pipes, terminals and files; masks that hold only while
// waiting. Rows: S07 a process sleeps inside a call. The same answers on a host's Linux.

#include "probe.h"

#include <poll.h>
#include <sys/time.h>
#include <time.h>

#define POLLRDNORM 0x40

static int ends[2];
static volatile int hits;
static void count(int signal) { hits += signal != 0; }

static long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int poll_one(int fd, int events, int timeout, int *revents)
{
    struct pollfd one = {fd, events, 0x7777};
    int result = poll(&one, 1, timeout);
    *revents = one.revents;
    return result < 0 ? -errno : result;
}

static void polling(void)
{
    int seen, file = open("/proc/self/exe", O_RDONLY);
    check(poll_one(ends[0], POLLIN, 0, &seen) == 0 && seen == 0, "an empty pipe is not readable: %x", seen);
    check(poll_one(ends[1], POLLOUT, 0, &seen) == 1 && seen == POLLOUT, "but writable: %x", seen);
    write(ends[1], "x", 1);
    check(poll_one(ends[0], POLLIN | POLLOUT, -1, &seen) == 1 && seen == POLLIN, "with data it is readable: %x", seen);
    check(poll_one(file, POLLIN | POLLOUT, 0, &seen) == 1 && seen == (POLLIN | POLLOUT), "a regular file is always ready: %x", seen);
    check(poll_one(99, POLLIN, 0, &seen) == 1 && seen == POLLNVAL, "a closed descriptor is POLLNVAL: %x", seen);
    check(poll_one(-1, POLLIN, 0, &seen) == 0 && seen == 0, "a negative one is passed over: %x", seen);
    char byte;
    read(ends[0], &byte, 1);
    int other[2];
    pipe(other);
    close(other[1]);
    check(poll_one(other[0], POLLIN, -1, &seen) == 1 && seen == POLLHUP, "without writers: POLLHUP: %x", seen);
    close(other[0]);
    pipe(other);
    close(other[0]);
    check(poll_one(other[1], POLLOUT, -1, &seen) == 1 && seen == (POLLOUT | POLLERR), "without readers: POLLERR: %x", seen);
    close(other[1]);
    long begin = now();
    check(poll_one(ends[0], POLLIN, 50, &seen) == 0 && now() - begin >= 49, "a timeout of 50 ms: %ld", now() - begin);
    check(raw(__NR_poll, 0x1000, 1, 0) == -EFAULT, "a bad pointer");
}

static char state_of(pid_t pid)
{
    char path[32], text[256];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY), n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    char *after = strchr(text, ')');
    return after ? after[2] : '?';
}

/// The child waits in `how`; meanwhile we run, look at it, and wake it.
static void sleeping(const char *name, int (*how)(void))
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(how());
    char state = '?';
    for (int i = 0; i < 400 && state != 'S'; i++) {
        usleep(5000);
        state = state_of(pid);
    }
    check(state == 'S', "%s: the caller sleeps: %c", name, state);
    write(ends[1], "x", 1);
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == 0, "%s: it wakes with data: status %04x", name, status);
    char byte;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    read(ends[0], &byte, 1);
    fcntl(ends[0], F_SETFL, 0);
}

static int by_read(void)
{
    char byte;
    return read(ends[0], &byte, 1) != 1 || byte != 'x';
}
static int by_poll(void)
{
    int seen;
    return poll_one(ends[0], POLLIN, -1, &seen) != 1 || seen != POLLIN;
}

/// All six arguments in registers.
static long raw6(long number, long a, long b, long c, long d, long e, long f)
{
    const long words[3] = {a, f, number};
    long result;
    __asm__ volatile("pushl %%ebx\n\tpushl %%ebp\n\tmovl 0(%%eax), %%ebx\n\tmovl 4(%%eax), %%ebp\n\tmovl 8(%%eax), %%eax\n\t"
                     "int $0x80\n\tpopl %%ebp\n\tpopl %%ebx"
                     : "=a"(result)
                     : "a"(words), "c"(b), "d"(c), "S"(d), "D"(e)
                     : "memory");
    return result;
}

struct set {
    unsigned long bits[32];
};
static long do_select(int n, struct set *in, struct set *out, struct timeval *timeout)
{
    return raw6(__NR__newselect, n, (long)in, (long)out, 0, (long)timeout, 0);
}
static int by_select(void)
{
    struct set in = {{1ul << ends[0]}};
    return do_select(ends[0] + 1, &in, NULL, NULL) != 1 || in.bits[0] != 1ul << ends[0];
}
static int by_old_select(void)
{
    struct set in = {{1ul << ends[0]}};
    unsigned long arguments[5] = {ends[0] + 1, (unsigned long)&in, 0, 0, 0};
    return raw(__NR_select, (long)arguments, 0, 0) != 1 || in.bits[0] != 1ul << ends[0];
}

static void selecting(void)
{
    struct set in = {{1ul << ends[0]}}, out = {{1ul << ends[1]}};
    struct timeval little = {0, 50000};
    check(do_select(10, &in, &out, NULL) == 1 && in.bits[0] == 0 && out.bits[0] == 1ul << ends[1],
          "select leaves only what is ready: %lx %lx", in.bits[0], out.bits[0]);
    in.bits[0] = 1ul << ends[0];
    long begin = now();
    check(do_select(10, &in, NULL, &little) == 0 && now() - begin >= 49 && little.tv_sec == 0 && little.tv_usec == 0,
          "select ends after its time and says that none is left: %ld us", (long)little.tv_usec);
    in.bits[0] = 1ul << 9;
    check(do_select(10, &in, NULL, &little) == -EBADF, "a closed descriptor is EBADF");
    check(do_select(-1, &in, NULL, &little) == -EINVAL, "a negative number is EINVAL");
    little.tv_usec = -1;
    in.bits[0] = 1ul << ends[0];
    check(do_select(10, &in, NULL, &little) == -EINVAL, "a negative time is EINVAL");
    little.tv_sec = 5, little.tv_usec = 0;
    write(ends[1], "x", 1);
    check(do_select(10, &in, NULL, &little) == 1 && little.tv_sec >= 4, "with data at once, the rest of the time is told: %ld s",
          (long)little.tv_sec);
    char byte;
    read(ends[0], &byte, 1);
}

/// The signal is blocked; only the call's own mask lets it through, and the old one is back afterwards.
static void masks(int which)
{
    sigset_t block, none, pending;
    struct timespec timeout = {5, 0};
    sigemptyset(&none);
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, NULL);
    signal(SIGUSR1, count);
    hits = 0;
    raise(SIGUSR1);
    struct pollfd one = {ends[0], POLLIN, 0};
    struct set in = {{1ul << ends[0]}};
    unsigned long pair[2] = {(unsigned long)&none, 8};
    long result = which ? raw6(__NR_ppoll, (long)&one, 1, (long)&timeout, (long)&none, 8, 0)
                        : raw6(__NR_pselect6, 10, (long)&in, 0, 0, (long)&timeout, (long)pair);
    check(result == -EINTR && hits == 1, "%s lets a waiting signal in: %ld, handler %d", which ? "ppoll" : "pselect6", result, hits);
    raise(SIGUSR1);
    sigpending(&pending);
    check(hits == 1 && sigismember(&pending, SIGUSR1), "afterwards it is blocked again");
    sigprocmask(SIG_UNBLOCK, &block, NULL);
}

/// A handler ends poll() even with SA_RESTART; a stop does not end any of them.
static void interrupted(void)
{
    int seen;
    pid_t me = getpid(), pid = fork();
    if (pid == 0) {
        usleep(30000);
        kill(me, SIGUSR1);
        _exit(0);
    }
    check(poll_one(ends[0], POLLIN, 5000, &seen) == -EINTR, "a handler ends poll with EINTR");
    waitpid(pid, NULL, 0);
}

static long wait_by_poll(void)
{
    int seen;
    return poll_one(ends[0], POLLIN, 300, &seen);
}
static long wait_by_select(void)
{
    struct set in = {{1ul << ends[0]}};
    struct timeval time = {0, 300000};
    return do_select(10, &in, NULL, &time);
}
static long wait_by_pselect(void)
{
    struct set in = {{1ul << ends[0]}};
    struct timespec time = {0, 300000000};
    sigset_t none = {{0, 0}};
    unsigned long pair[2] = {(unsigned long)&none, 8};
    return raw6(__NR_pselect6, 10, (long)&in, 0, 0, (long)&time, (long)pair);
}
static long wait_by_ppoll(void)
{
    struct pollfd one = {ends[0], POLLIN, 0};
    struct timespec time = {0, 300000000};
    sigset_t none = {{0, 0}};
    return raw6(__NR_ppoll, (long)&one, 1, (long)&time, (long)&none, 8, 0);
}

static void stopped(const char *name, long (*function)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        long begin = now();
        long result = function();
        _exit(result != 0 ? 1 : now() - begin < 295 ? 2 : 0);
    }
    usleep(50000);
    int status = -1;
    kill(pid, SIGSTOP);
    waitpid(pid, NULL, WUNTRACED);
    usleep(50000);
    kill(pid, SIGCONT);
    waitpid(pid, &status, 0);
    check(status == 0, "a stop does not end %s: %04x", name, status);
}

int main(void)
{
    pipe(ends);
    polling();
    selecting();
    sleeping("read", by_read);
    sleeping("poll", by_poll);
    sleeping("select", by_select);
    sleeping("old select", by_old_select);
    masks(0);
    masks(1);
    interrupted();
    stopped("poll", wait_by_poll);
    stopped("select", wait_by_select);
    stopped("pselect6", wait_by_pselect);
    stopped("ppoll", wait_by_ppoll);
    return finish();
}
