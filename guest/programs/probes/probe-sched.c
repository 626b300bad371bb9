// SPDX-License-Identifier: MIT
// Who runs, by priority: a sleeper inside a call, real-time tasks that go first, shares by nice, and what the calls about
// scheduling refuse. Rows: S07, S09, R15, R16. On a host's Linux only what does not depend on its scheduler is looked at.

#include "probe.h"

#include <sys/mman.h>
#include <sys/times.h>
#include <time.h>

enum { NORMAL = 0, FIFO = 1, RR = 2 };

static long set_policy(pid_t pid, int policy, int priority) { return syscall(__NR_sched_setscheduler, pid, policy, &priority); }

/// Field n of /proc/PID/stat, counted from 1; the state is 3.
static long stat_field(pid_t pid, int n)
{
    char path[40], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY);
    long length = read(fd, text, sizeof text - 1);
    close(fd);
    text[length > 0 ? length : 0] = 0;
    char *at = strrchr(text, ')');
    for (n -= 2; at && n > 0; n--)
        at = strchr(at + 1, ' ');
    return at ? (at[1] >= 'A' ? at[1] : atol(at + 1)) : -1000;
}

static void asleep_in_read(void)
{
    int ends[2];
    pipe(ends);
    pid_t pid = fork();
    if (pid == 0) {
        char byte = 0;
        _exit(read(ends[0], &byte, 1) == 1 ? byte : 1);
    }
    struct timespec moment = {0, 5000000};
    nanosleep(&moment, NULL);
    check(stat_field(pid, 3) == 'S', "a reader of an empty pipe sleeps: %c", (int)stat_field(pid, 3));
    write(ends[1], "*", 1);
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == '*' << 8, "and wakes with the byte: 0x%04x", status);
}

/// Memory that parent and children share.
static volatile struct { int first, second; unsigned long work[2]; } *shared;

static void real_time_first(void)
{
    int ends[2];
    char byte = 0;
    static char full[65536];
    pipe(ends);
    pid_t pid = fork();
    if (pid == 0) {
        if (set_policy(0, FIFO, 10) != 0)
            _exit(1);
        read(ends[0], &byte, 1);
        shared->first = 1;
        write(ends[1], full, sizeof full); // fills the pipe, and waits for room
        write(ends[1], "+", 1);
        shared->second = 1;
        _exit(0);
    }
    struct timespec moment = {0, 5000000};
    nanosleep(&moment, NULL);
    int before = shared->first;
    write(ends[1], "+", 1);
    int after = shared->first;
    check(before == 0 && after == 1, "a real-time task woken by write() runs before the writer goes on");
    before = shared->second;
    read(ends[0], full, 4096);
    after = shared->second;
    check(before == 0 && after == 1, "one woken by read() runs before the reader goes on");
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == 0, "the real-time task: 0x%04x", status);
}

/// Two children compute for `ms` of time; what each got, in ticks of 10 ms.
static void compete(void (*prepare)(int number), long ms, long got[2])
{
    pid_t pids[2];
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            prepare(i);
            for (;;)
                shared->work[i]++;
        }
    }
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
    for (int i = 0; i < 2; i++)
        got[i] = stat_field(pids[i], 14);
    for (int i = 0; i < 2; i++) {
        kill(pids[i], SIGKILL);
        waitpid(pids[i], NULL, 0);
    }
}

static void nice_10(int number)
{
    set_policy(0, NORMAL, 0); // not the judge's
    syscall(__NR_setpriority, 0, 0, number ? 10 : -10);
}
static void round_robin(int number) { set_policy(0, RR, number < 2 ? 5 : 6); }
static void fifo(int number) { set_policy(0, FIFO, number ? 5 : 6); }

static void shares(void)
{
    long got[2];
    set_policy(0, FIFO, 50); // the judge wakes in time
    compete(nice_10, 1960, got);
    check(got[0] >= 9 * got[1] && got[0] <= 16 * got[1] && got[1] > 0,
          "nice -10 and +10 get 600 to 50 ms of each round: %ld to %ld ticks", got[0], got[1]);
    compete(round_robin, 420, got);
    check(got[0] >= 8 && got[1] >= 8, "SCHED_RR takes turns: %ld and %ld ticks", got[0], got[1]);
    compete(fifo, 150, got);
    check(got[0] >= 10 && got[1] == 0, "of SCHED_FIFO the better one runs alone: %ld and %ld ticks", got[0], got[1]);
    set_policy(0, NORMAL, 0);
}

static void values(void)
{
    int parameter = 7;
    check(syscall(__NR_sched_getscheduler, 0) == NORMAL, "the policy is normal");
    check(syscall(__NR_sched_getparam, 0, &parameter) == 0 && parameter == 0, "priority %d", parameter);
    check(syscall(__NR_sched_get_priority_max, FIFO) == 99 && syscall(__NR_sched_get_priority_min, RR) == 1, "1 to 99");
    check(syscall(__NR_sched_get_priority_max, NORMAL) == 0, "normal ones have 0");
    check(stat_field(getpid(), 19) == 0, "nice in /proc: %ld", stat_field(getpid(), 19));
    check(syscall(__NR_setpriority, 0, 0, 5) == 0 && syscall(__NR_getpriority, 0, 0) == 20 - 5, "getpriority gives 20 - nice");
    check(stat_field(getpid(), 19) == 5, "nice in /proc: %ld", stat_field(getpid(), 19));
    struct timespec slice = {9, 9};
    check(syscall(__NR_sched_rr_get_interval, 0, &slice) == 0 && slice.tv_sec == 0, "slice: %ld ns", slice.tv_nsec);
    check(native() || slice.tv_nsec == 75000000, "at nice 5 it is 75 ms");
    unsigned long mask = 0;
    check(syscall(__NR_sched_getaffinity, 0, sizeof mask, &mask) == 4 || native(), "one word of affinity");
    check(syscall(__NR_sched_yield) == 0, "sched_yield");
}

static void refused(void)
{
    int parameter = 0;
    check(syscall(__NR_sched_getscheduler, -1) == -1 && errno == EINVAL, "pid -1: EINVAL");
    check(syscall(__NR_sched_getscheduler, 999999) == -1 && errno == ESRCH, "no such pid: ESRCH");
    check(set_policy(0, 77, 0) == -1 && errno == EINVAL, "policy 77: EINVAL");
    check(set_policy(0, NORMAL, 1) == -1 && errno == EINVAL, "normal with a priority: EINVAL");
    check(set_policy(0, FIFO, 0) == -1 && errno == EINVAL, "FIFO without: EINVAL");
    check(set_policy(0, RR, 100) == -1 && errno == EINVAL, "priority 100: EINVAL");
    check(syscall(__NR_sched_setscheduler, 0, FIFO, NULL) == -1 && errno == EINVAL, "no parameter: EINVAL");
    check(syscall(__NR_sched_setscheduler, 0, FIFO, (void *)16) == -1 && errno == EFAULT, "bad parameter: EFAULT");
    check(syscall(__NR_sched_getparam, 0, NULL) == -1 && errno == EINVAL, "getparam to nowhere: EINVAL");
    check(syscall(__NR_sched_get_priority_max, 77) == -1 && errno == EINVAL, "priority_max of 77: EINVAL");
    check(syscall(__NR_sched_rr_get_interval, 999999, &parameter) == -1 && errno == ESRCH, "interval of nobody: ESRCH");
    pid_t pid = fork();
    if (pid == 0) {
        syscall(__NR_setresuid32, 1000, 1000, 1000);
        check(set_policy(0, FIFO, 1) == -1 && errno == EPERM, "user 1000, FIFO: EPERM");
        check(syscall(__NR_nice, -1) == -1 && errno == EPERM, "user 1000, nice -1: EPERM");
        check(syscall(__NR_sched_setscheduler, 1, NORMAL, &parameter) == -1 && errno == EPERM, "user 1000, init: EPERM");
        check(syscall(__NR_nice, 3) == 0, "nice 3 is free");
        _exit(failures != 0);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == 0, "user 1000: 0x%04x", status);
}

int main(void)
{
    alarm(20); // where tasks wait for each other without end
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    asleep_in_read();
    if (!native()) {
        real_time_first();
        shares();
    }
    refused();
    values();
    return finish();
}
