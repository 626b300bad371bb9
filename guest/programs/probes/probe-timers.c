// SPDX-License-Identifier: MIT
// Timers: POSIX timers, interval timers, alarm, and sleeping - when they fire, how often, what is left, which errors.
// Truth: timer_create(2), timer_settime(2), timer_getoverrun(2), setitimer(2), nanosleep(2), clock_nanosleep(2).
// Passes on a host's Linux, too. Rows: D12 restart_syscall, R12.

#include "probe.h"

#include <sys/time.h>
#include <time.h>

enum { SIGNAL = 36, SIGEV_SIGNAL = 0, SIGEV_NONE = 1, SIGEV_THREAD_ID = 4, ABSOLUTE = 1, TIMER = -2 };
struct event {
    int value, signal, notify, tid, pad[12];
};
struct setting {
    struct timespec interval, value;
};
struct info {
    int signal, error, code, timer, overrun, value, pad[26];
};

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void sleep_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&t, &t) != 0)
        ;
}

/// Takes one of the blocked signals; its number, or -1 after `ms`.
static long take(struct info *info, long ms)
{
    unsigned long set[2] = {1UL << (SIGALRM - 1) | 1UL << (SIGVTALRM - 1) | 1UL << (SIGPROF - 1), 1UL << (SIGNAL - 33)};
    struct timespec limit = {ms / 1000, ms % 1000 * 1000000};
    memset(info, 0, sizeof *info);
    return syscall(__NR_rt_sigtimedwait, set, info, &limit, 8);
}

static long create(int clock, struct event *event, int *id) { return syscall(__NR_timer_create, clock, event, id); }

static long set(int id, int flags, long value_ms, long interval_ms, struct setting *old)
{
    struct setting s = {{interval_ms / 1000, interval_ms % 1000 * 1000000}, {value_ms / 1000, value_ms % 1000 * 1000000}};
    return syscall(__NR_timer_settime, id, flags, &s, old);
}

static void once(void)
{
    struct event event = {.value = 77, .signal = SIGNAL, .notify = SIGEV_SIGNAL};
    struct info info;
    int id = -1;
    check(create(CLOCK_REALTIME, &event, &id) == 0 && id >= 0, "timer_create: %d", id);
    long begin = now_ms();
    check(set(id, 0, 20, 0, NULL) == 0, "timer_settime: in 20 ms");
    check(take(&info, 1000) == SIGNAL && now_ms() - begin >= 20, "it fires not too early");
    check(info.code == TIMER && info.value == 77 && info.timer == id && info.overrun == 0,
          "siginfo: code %d, value %d, timer %d, overrun %d", info.code, info.value, info.timer, info.overrun);
    check(take(&info, 30) == -1 && errno == EAGAIN, "and only once");
    struct setting left;
    check(syscall(__NR_timer_gettime, id, &left) == 0 && !left.value.tv_sec && !left.value.tv_nsec, "nothing is left");
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += 30000000;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    struct setting absolute = {{0, 0}, t};
    begin = now_ms();
    check(syscall(__NR_timer_settime, id, ABSOLUTE, &absolute, NULL) == 0 && take(&info, 1000) == SIGNAL &&
              now_ms() - begin >= 29,
          "TIMER_ABSTIME");
    absolute.value = (struct timespec){0, 1};
    check(syscall(__NR_timer_settime, id, ABSOLUTE, &absolute, NULL) == 0 && take(&info, 1000) == SIGNAL, "a time that is over");
    check(syscall(__NR_timer_delete, id) == 0, "timer_delete");
    check(syscall(__NR_timer_delete, id) == -1 && errno == EINVAL, "twice: EINVAL");
}

static void often(void)
{
    struct event event = {.value = 5, .signal = SIGNAL};
    struct info info;
    int id;
    create(CLOCK_MONOTONIC, &event, &id);
    set(id, 0, 4, 4, NULL);
    sleep_ms(42);
    check(take(&info, 1000) == SIGNAL && info.overrun >= 7 && info.overrun <= 40, "overruns: %d", info.overrun);
    long overrun = syscall(__NR_timer_getoverrun, id);
    check(overrun == info.overrun, "timer_getoverrun: %ld", overrun);
    check(take(&info, 1000) == SIGNAL, "it goes on");
    struct setting old;
    check(set(id, 0, 0, 0, &old) == 0 && old.interval.tv_nsec >= 4000000 && old.interval.tv_nsec < 6000000,
          "the old interval: %ld ns", old.interval.tv_nsec);
    take(&info, 1);
    check(take(&info, 30) == -1, "disarmed it is quiet");
    syscall(__NR_timer_delete, id);
}

static void other_events(void)
{
    struct event none = {.notify = SIGEV_NONE}, thread = {.signal = SIGNAL, .notify = SIGEV_THREAD_ID, .tid = getpid()};
    struct info info;
    struct setting left;
    int id, second;
    check(create(CLOCK_MONOTONIC, &none, &id) == 0 && set(id, 0, 50, 0, NULL) == 0, "SIGEV_NONE");
    sleep_ms(10);
    check(syscall(__NR_timer_gettime, id, &left) == 0 && left.value.tv_nsec > 1000000 && left.value.tv_nsec <= 45000000,
          "%ld ns are left", left.value.tv_nsec);
    check(take(&info, 80) == -1, "no signal comes");
    check(create(CLOCK_MONOTONIC, &thread, &second) == 0 && second != id, "SIGEV_THREAD_ID: %d", second);
    check(set(second, 0, 5, 0, NULL) == 0 && take(&info, 1000) == SIGNAL, "the thread gets it");
    thread.tid = 1;
    check(create(CLOCK_MONOTONIC, &thread, &second) == -1 && errno == EINVAL, "another process' thread: EINVAL");
    check(create(CLOCK_MONOTONIC, NULL, &second) == 0, "no event");
    check(set(second, 0, 5, 0, NULL) == 0 && take(&info, 1000) == SIGALRM && info.value == second, "is SIGALRM with the number");
    pid_t pid = fork();
    if (pid == 0)
        _exit(syscall(__NR_timer_gettime, second, &left) == -1 && errno == EINVAL ? 0 : 1);
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == 0, "a child has no timers of its parent's");
}

/// Mostly in user mode.
static void compute_ms(long ms)
{
    struct timespec from, now;
    clock_gettime(2, &from);
    do {
        for (volatile int i = 0; i < 20000; i++)
            ;
        clock_gettime(2, &now);
    } while ((now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000 < ms);
}

/// A timer by CPU time stands still while its process sleeps.
static void by_cpu_time(void)
{
    // The process', the thread's; the same as clock_getcpuclockid makes them, by the scheduler's account; user time only.
    static const int clocks[] = {2, 3, -6, -2, -7};
    struct info info;
    for (int i = 0; i < 5; i++) {
        struct event event = {.value = i, .signal = SIGNAL};
        struct setting left, zero = {{0, 0}, {0, 0}};
        int id = -1;
        check(create(clocks[i], &event, &id) == 0, "timer_create by clock %d", clocks[i]);
        set(id, 0, 50, 20, NULL);
        sleep_ms(100);
        check(take(&info, 0) == -1, "sleeping does not count");
        syscall(__NR_timer_gettime, id, &left);
        check(left.value.tv_sec == 0 && left.value.tv_nsec > 30000000 && left.interval.tv_nsec >= 20000000, "%ld ns are left", left.value.tv_nsec);
        compute_ms(clocks[i] == -7 ? 150 : 80);
        check(take(&info, 0) == SIGNAL && info.code == TIMER && info.value == i && info.overrun >= 1,
              "computing does: value %d, overrun %d", info.value, info.overrun);
        check(syscall(__NR_timer_settime, id, 0, &zero, NULL) == 0 && syscall(__NR_timer_delete, id) == 0, "stopped");
        take(&info, 0);
    }
    struct event once = {.signal = SIGNAL};
    struct timespec now;
    int id = -1;
    create(2, &once, &id);
    clock_gettime(2, &now);
    set(id, ABSOLUTE, now.tv_sec * 1000 + now.tv_nsec / 1000000 + 30, 0, NULL);
    compute_ms(60);
    check(take(&info, 0) == SIGNAL && take(&info, 0) == -1, "at a moment of the clock, and once");
    set(id, ABSOLUTE, 1, 0, NULL);
    compute_ms(5);
    check(take(&info, 0) == SIGNAL, "a moment that is over is due at once");
    set(id, 0, 1000000, 0, NULL); // armed still when the process ends
    check(create(-5, &once, &id) == -1 && (errno == EINVAL || native()), "clock -5 is none: EINVAL");
}

static void refused(void)
{
    struct event event = {.signal = 99};
    struct setting bad = {{0, 0}, {0, 1000000000}};
    int id;
    check(create(42, NULL, &id) == -1 && errno == EINVAL, "no such clock: EINVAL");
    check(create(CLOCK_REALTIME, &event, &id) == -1 && errno == EINVAL, "no such signal: EINVAL");
    event.signal = SIGNAL, event.notify = 77;
    check(create(CLOCK_REALTIME, &event, &id) == -1 && errno == EINVAL, "no such notification: EINVAL");
    check(create(CLOCK_REALTIME, (void *)16, &id) == -1 && errno == EFAULT, "bad event: EFAULT");
    check(create(CLOCK_REALTIME, NULL, (void *)16) == -1 && errno == EFAULT, "bad place for the number: EFAULT");
    check(set(12345, 0, 1, 0, NULL) == -1 && errno == EINVAL, "no such timer: EINVAL");
    create(CLOCK_REALTIME, NULL, &id);
    check(syscall(__NR_timer_settime, id, 0, &bad, NULL) == -1 && errno == EINVAL, "10^9 ns: EINVAL");
    check(syscall(__NR_timer_settime, id, 0, NULL, NULL) == -1 && errno == EINVAL, "no new setting: EINVAL");
    check(syscall(__NR_timer_settime, id, 0, (void *)16, NULL) == -1 && errno == EFAULT, "bad setting: EFAULT");
    check(syscall(__NR_timer_gettime, id, (void *)16) == -1 && errno == EFAULT, "bad place for the rest: EFAULT");
    check(syscall(__NR_timer_getoverrun, 12345) == -1 && errno == EINVAL, "no overruns of no timer: EINVAL");
    syscall(__NR_timer_delete, id);
}

static void intervals(void)
{
    static const int signals[] = {SIGALRM, SIGVTALRM, SIGPROF};
    for (int which = 0; which < 3; which++) {
        struct itimerval t = {{0, 0}, {0, 15000}}, left;
        struct info info;
        struct timespec no_time = {0, 0};
        unsigned long set[2] = {1UL << (signals[which] - 1), 0};
        long begin = now_ms(), got;
        check(setitimer(which, &t, NULL) == 0, "setitimer %d", which);
        check(syscall(__NR_getitimer, which, &left) == 0 && left.it_value.tv_usec > 0 && left.it_value.tv_usec <= 20000,
              "%ld us are left", (long)left.it_value.tv_usec);
        while ((got = syscall(__NR_rt_sigtimedwait, set, &info, &no_time, 8)) == -1 && now_ms() - begin < 3000)
            ; // computes: the virtual ones count that
        check(got == signals[which] && now_ms() - begin >= 14, "signal %ld", got);
    }
    struct itimerval bad = {{0, 0}, {0, 1000000}};
    check(setitimer(7, &bad, NULL) == -1 && errno == EINVAL, "timer 7: EINVAL");
    check(setitimer(ITIMER_REAL, &bad, NULL) == -1 && errno == EINVAL, "10^6 us: EINVAL");
    check(syscall(__NR_getitimer, 0, (void *)16) == -1 && errno == EFAULT, "getitimer: EFAULT");
    check(syscall(__NR_alarm, 5) == 0 && syscall(__NR_alarm, 0) == 5, "alarm: 5 seconds were left");
}

static void nothing(int signal) { (void)signal; }

static void sleeping(void)
{
    struct timespec t = {0, 1000000000}, left = {9, 9};
    check(syscall(__NR_nanosleep, &t, NULL) == -1 && errno == EINVAL, "nanosleep: EINVAL");
    check(syscall(__NR_nanosleep, (void *)16, NULL) == -1 && errno == EFAULT, "nanosleep: EFAULT");
    signal(SIGUSR1, nothing);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        sleep_ms(20);
        kill(parent, SIGUSR1);
        sleep_ms(20);
        kill(parent, SIGUSR1);
        _exit(0);
    }
    t = (struct timespec){2, 0};
    check(syscall(__NR_nanosleep, &t, &left) == -1 && errno == EINTR && left.tv_sec == 1 && left.tv_nsec > 500000000,
          "a handler ends the sleep: %ld.%09ld s are left", (long)left.tv_sec, left.tv_nsec);
    check(syscall(__NR_clock_nanosleep, CLOCK_MONOTONIC, 0, &t, NULL) == -1 && errno == EINTR, "clock_nanosleep: EINTR");
    waitpid(pid, NULL, 0);
    pid = fork();
    if (pid == 0) {
        long begin = now_ms();
        t = (struct timespec){0, 60000000};
        _exit(syscall(__NR_nanosleep, &t, NULL) == 0 && now_ms() - begin >= 60 ? 0 : 1);
    }
    sleep_ms(10);
    kill(pid, SIGSTOP);
    sleep_ms(10);
    kill(pid, SIGCONT);
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == 0, "stopped and continued a sleep is as long as it should be: 0x%04x", status);
    clock_gettime(CLOCK_MONOTONIC, &t);
    long begin = now_ms();
    t.tv_sec += (t.tv_nsec + 20000000) / 1000000000;
    t.tv_nsec = (t.tv_nsec + 20000000) % 1000000000;
    check(syscall(__NR_clock_nanosleep, CLOCK_MONOTONIC, ABSOLUTE, &t, NULL) == 0 && now_ms() - begin >= 19, "until a moment");
    check(syscall(__NR_clock_nanosleep, 42, 0, &t, NULL) == -1 && errno == EINVAL, "no such clock: EINVAL");
}

int main(void)
{
    unsigned long block[2] = {1UL << (SIGALRM - 1) | 1UL << (SIGVTALRM - 1) | 1UL << (SIGPROF - 1), 1UL << (SIGNAL - 33)};
    syscall(__NR_rt_sigprocmask, 0, block, NULL, 8);
    once();
    often();
    other_events();
    by_cpu_time();
    refused();
    intervals();
    sleeping();
    return finish();
}
