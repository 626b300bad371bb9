// SPDX-License-Identifier: MIT
// Real-time policies and the load average, so that a test can look on: two SCHED_RR tasks that compute in turns, two
// SCHED_FIFO tasks that only a call can part, and a task that waits uninterruptibly until the load shows it.
// Rows: S09, R15. On a host's Linux nothing of it is tried.

#include "probe.h"

#include <sched.h>
#include <sys/mman.h>
#include <time.h>

enum { NORMAL = 0, FIFO = 1, RR = 2 };

static struct shared {
    volatile int stop, length;
    volatile char log[64]; // who wrote, in order
} *shared;

static long set_policy(pid_t pid, int policy, int priority) { return syscall(__NR_sched_setscheduler, pid, policy, &priority); }

static void nap(long milliseconds)
{
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static void note(char who)
{
    if (shared->length < 63)
        shared->log[shared->length++] = who;
}

/// Notes each change from the other to itself.
static void take_turns(char who)
{
    while (!shared->stop)
        if (!shared->length || shared->log[shared->length - 1] != who)
            note(who);
}

/// Computes for more than a slice, then gives the processor up, three times.
static void yield_three_times(char who)
{
    for (int round = 0; round < 3; round++) {
        note(who);
        for (volatile int i = 0; i < 60000; i++)
            ;
        note(who);
        sched_yield();
    }
}

/// Slices of 5 ms. That of this process, which its children will share, is cut when a child gives its own back.
static void short_slices(void)
{
    syscall(__NR_setpriority, 0, 0, 19);
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
}

/// Two children with that policy; they start when the judge, who is better, sleeps. What they noted.
static const char *two(int policy, void (*work)(char), long milliseconds)
{
    pid_t pids[2];
    memset((void *)shared, 0, sizeof *shared);
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            set_policy(0, policy, 5);
            work((char)('A' + i));
            _exit(0);
        }
    }
    nap(milliseconds);
    shared->stop = 1;
    for (int i = 0; i < 2; i++)
        waitpid(pids[i], NULL, 0);
    return (const char *)shared->log;
}

/// vfork's parent waits uninterruptibly: that counts as load, although nobody runs.
static void load(void)
{
    pid_t pid = vfork();
    if (pid == 0) {
        nap(11000);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    char text[80] = "";
    int fd = open("/proc/loadavg", O_RDONLY);
    long n = read(fd, text, sizeof text - 1);
    close(fd);
    check(n > 10 && strcmp(text, "0.15") > 0 && strcmp(text, "0.40") < 0, "/proc/loadavg after 11 s of waiting: %s", text);
}

int main(void)
{
    if (native())
        return finish();
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    short_slices();
    check(set_policy(0, FIFO, 50) == 0, "the judge is better than its children");
    const char *turns = two(RR, take_turns, 70);
    check(strncmp(turns, "ABABABAB", 8) == 0, "SCHED_RR takes turns: %s", turns);
    turns = two(FIFO, yield_three_times, 100);
    check(strcmp(turns, "AABBAABBAABB") == 0, "SCHED_FIFO goes on until it yields: %s", turns);
    set_policy(0, NORMAL, 0);
    load();
    return finish();
}
