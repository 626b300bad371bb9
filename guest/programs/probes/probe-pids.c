// SPDX-License-Identifier: MIT
// The numbers of processes: how they are given out, when they come back.
// Rows: I02 the next free one after the last, no number twice in a row, from pid_max back to 300; I04 a number stays taken as
// long as a group or session has it. pid_max can be set from 301 to 32768.
// It needs a machine of its own, and root: on another kernel it does nothing.

#include "probe.h"

#include "ledger.h"

#include <sys/calls.h>

static const char pid_max[] = "/proc/sys/kernel/pid_max";

static int write_number(const char *path, int number)
{
    char text[16];
    int fd = open(path, O_WRONLY | O_TRUNC);
    sprintf(text, "%d\n", number);
    int error = fd < 0 || write(fd, text, strlen(text)) < 0 ? errno : 0;
    close(fd);
    return error;
}

/// The number of a child that has come and gone; -errno if there is none to be had.
static int next_pid(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    if (pid < 0)
        return -errno;
    waitpid(pid, NULL, 0);
    return pid;
}

static void ascending(void)
{
    int first = next_pid(), good = 1;
    for (int i = 1; i <= 50; i++)
        good &= next_pid() == first + i;
    check(good, "50 forks: each pid is the last one + 1, though all before are free again");
}

/// Whose number is in the way is passed by.
static void around_the_living(void)
{
    int seen[306] = {0}, others = 0;
    while (next_pid() < 300)
        ;
    pid_t sleeper = fork();
    if (sleeper == 0)
        for (;;)
            pause();
    check(sleeper == 301 && write_number(pid_max, 306) == 0, "one process stays at %d, pid_max is 306", sleeper);
    for (int i = 0; i < 20; i++) {
        int pid = next_pid();
        if (pid >= 300 && pid < 306)
            seen[pid]++;
        else
            others++;
    }
    check(!others && !seen[301], "20 forks stay in 300...305 and pass by %d", sleeper);
    check(seen[300] == 4 && seen[302] == 4 && seen[303] == 4 && seen[304] == 4 && seen[305] == 4,
          "and use each number in turn: %d %d %d %d %d times", seen[300], seen[302], seen[303], seen[304], seen[305]);
    kill(sleeper, SIGKILL);
    waitpid(sleeper, NULL, 0);
}

static void limits_of_pid_max(void)
{
    check(write_number(pid_max, 300) == EINVAL, "pid_max 300 is refused");
    check(write_number(pid_max, 32769) == EINVAL, "so is 32769");
    check(write_number(pid_max, -1) == EINVAL, "so is -1");
    check(write_number(pid_max, 301) == 0, "301 is taken");
    check(next_pid() == 300 && next_pid() == 300, "then 300 is the only number for new processes");
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    int error = next_pid();
    check(pid == 300 && error == -EAGAIN, "while it is in use fork fails: %d", error);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    check(next_pid() == 300, "and afterwards works again");
}

/// Does this number come up among the next 30 forks?
static int comes_up(int number)
{
    int found = 0;
    for (int i = 0; i < 30; i++)
        found |= next_pid() == number;
    return found;
}

/// The leader of a session and group ends; a member of both goes on, until somebody writes to the pipe.
static int leaderless(int own_group, int *out)
{
    int ends[2], told[2], number;
    pipe(ends);
    pipe(told);
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        pid_t member = fork();
        if (member == 0) {
            char byte;
            if (own_group)
                setpgid(0, 0); // in the session still
            number = getpid();
            write(told[1], &number, sizeof number);
            close(ends[1]);
            read(ends[0], &byte, 1);
            _exit(0);
        }
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    read(told[0], &number, sizeof number);
    close(told[0]), close(told[1]), close(ends[0]);
    *out = ends[1];
    return pid;
}

static void reserved_numbers(int own_group)
{
    const char *what = own_group ? "session" : "group";
    int out, leader = leaderless(own_group, &out);
    check(kill(leader, 0) == -1 && errno == ESRCH, "the leader of the %s is gone", what);
    check(!comes_up(leader), "its number %d is not given to anybody while the %s has it", leader, what);
    if (!own_group)
        check(kill(-leader, 0) == 0, "the group %d is still there", leader);
    close(out);
    for (int i = 0; i < 50; i++)
        raw(__NR_sched_yield, 0, 0, 0);
    if (!own_group)
        check(kill(-leader, 0) == -1 && errno == ESRCH, "when its last member has ended it is gone");
    check(comes_up(leader), "and the number is given out again");
}

/// The host has set last_pid to 32766: what comes then?
static void at_the_top(void)
{
    int a = next_pid(), b = next_pid(), c = next_pid();
    check(a == 32767 && b == 300 && c == 301, "behind 32766 come %d, %d, %d", a, b, c);
}

int main(int argc, char **argv)
{
    if (native()) {
        printf("another kernel: its pids are left alone\n");
        return 0;
    }
    if (argc > 1 && strcmp(argv[1], "--top") == 0) {
        ledger_mark();
        at_the_top();
        return finish();
    }
    ascending();
    around_the_living();
    limits_of_pid_max();
    check(write_number(pid_max, 310) == 0, "pid_max 310");
    reserved_numbers(0);
    reserved_numbers(1);
    check(write_number(pid_max, 32768) == 0, "pid_max 32768");
    return finish();
}
