// SPDX-License-Identifier: MIT
// Signals that a process sends to itself and to others.
// Rows: R12 a pending signal is delivered before user code goes on; P20 pending signals are not inherited; P24
// handlers are private after fork; D12 an interrupted sleep; and default actions in wait statuses.

#include "probe.h"

#include <sys/mman.h>
#include <time.h>

static volatile int caught, caught_by;

static void handler(int signal)
{
    caught++;
    caught_by = signal;
}

/// kill() as the last thing before the look at `caught`: no other instruction that could hide a late delivery.
static void before_the_next_instruction(void)
{
    signal(SIGUSR1, handler);
    caught = 0;
    int seen;
    long result = __NR_kill;
    __asm__ volatile("int $0x80\n\t"
                     "movl %2, %1"
                     : "+a"(result), "=&r"(seen)
                     : "m"(caught), "b"(getpid()), "c"(SIGUSR1)
                     : "memory");
    check(result == 0 && seen == 1, "the handler ran %d times before the instruction after kill()", seen);
    check(caught_by == SIGUSR1, "its argument was %d", caught_by);
}

static void blocked(void)
{
    sigset_t set, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    caught = 0;
    raise(SIGUSR1);
    sigpending(&pending);
    check(caught == 0 && sigismember(&pending, SIGUSR1), "blocked: pending, not delivered");

    pid_t pid = fork();
    if (pid == 0) {
        sigpending(&pending);
        _exit(sigismember(&pending, SIGUSR1));
    }
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == 0, "a child does not inherit the pending signal: status 0x%04x", status);

    sigprocmask(SIG_UNBLOCK, &set, NULL);
    check(caught == 1, "unblocked: delivered");
}

static void handlers_after_fork(void)
{
    signal(SIGUSR2, SIG_IGN);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGUSR2, SIG_DFL);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    check(raise(SIGUSR2) == 0, "a child's signal() does not change the parent's");
}

static void die_by_sigterm(void) { raise(SIGTERM); }
static void divide_by_zero(void) { __asm__ volatile("divl %0" : : "r"(0), "a"(1), "d"(0)); }
static void undefined_instruction(void) { __asm__ volatile("ud2"); }
static void breakpoint(void) { __asm__ volatile("int3"); }
static void null_pointer(void) { *(volatile int *)0; }
static void do_abort(void) { abort(); }

static void broken_pipe(void)
{
    int ends[2];
    pipe(ends);
    close(ends[0]);
    write(ends[1], "x", 1);
}

static void ends_by(const char *name, void (*function)(void), int signal)
{
    int status = in_child(function);
    check((status & 0x7f) == signal, "%s: status 0x%04x, %s", name, status, strsignal(status & 0x7f));
}

static void interrupted_sleep(void)
{
    signal(SIGCHLD, handler);
    caught = 0;
    pid_t pid = fork();
    if (pid == 0) {
        struct timespec moment = {0, 20000000};
        nanosleep(&moment, NULL);
        _exit(0);
    }
    struct timespec wanted = {10, 0}, left = {0, 0};
    int result = nanosleep(&wanted, &left);
    check(result == -1 && errno == EINTR, "nanosleep ended by a caught signal: errno %d", errno);
    check(caught == 1 && left.tv_sec >= 9 - 1, "with about %ld s left", left.tv_sec + (left.tv_nsec > 500000000));
    waitpid(pid, NULL, 0);
    signal(SIGCHLD, SIG_DFL);
}

static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// A sleep that is stopped and continued without a handler is not ended by it: it goes on, through system call 0, for
/// the rest of its time.
static void resumed_sleep(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct timespec wanted = {0, 300000000}, left;
        long begin = milliseconds();
        int result = nanosleep(&wanted, &left);
        long slept = milliseconds() - begin;
        _exit(result != 0 ? 1 : slept < 299 ? 2 : slept > 2000 ? 3 : 0);
    }
    struct timespec moment = {0, 50000000};
    int status = -1;
    nanosleep(&moment, NULL);
    kill(pid, SIGSTOP);
    check(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP,
          "a stopped child is reported: status 0x%04x", status);
    nanosleep(&moment, NULL);
    kill(pid, SIGCONT);
    waitpid(pid, &status, 0);
    check(status == 0, "its sleep goes on after SIGCONT and has its full length: status 0x%04x", status);
}

int main(void)
{
    before_the_next_instruction();
    blocked();
    handlers_after_fork();
    ends_by("SIGTERM", die_by_sigterm, SIGTERM);
    ends_by("division by zero", divide_by_zero, SIGFPE);
    ends_by("ud2", undefined_instruction, SIGILL);
    ends_by("int3", breakpoint, SIGTRAP);
    ends_by("load from 0", null_pointer, SIGSEGV);
    ends_by("abort()", do_abort, SIGABRT);
    ends_by("write to a pipe that nobody reads", broken_pipe, SIGPIPE);
    interrupted_sleep();
    resumed_sleep();
    return finish();
}
