// SPDX-License-Identifier: MIT
// Forks under a security module that refuses some: boot with `security=refuse-fork`. User 65534 may make no task
// (task_create); others only eight generations (task_alloc_security). Row P02.
//
// For a test that looks from outside: before_refusal and after_refusal are called around the two refused forks.

#include "probe.h"

#define NOBODY 65534

__attribute__((noinline)) void before_refusal(void) { __asm__ volatile(""); }
__attribute__((noinline)) void after_refusal(void) { __asm__ volatile(""); }

static long fork_refused(void)
{
    before_refusal();
    long pid = raw(__NR_fork, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    after_refusal();
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return pid;
}

/// Forks as deep as it can; the exit code is the number of generations below us.
static int deeper(int depth)
{
    pid_t pid = depth < 20 ? (pid_t)raw(__NR_fork, 0, 0, 0) : -1;
    if (pid == 0)
        _exit(deeper(depth + 1));
    int status = 0;
    if (pid > 0) {
        waitpid(pid, &status, 0);
        return 1 + WEXITSTATUS(status);
    }
    long again = fork_refused();
    return again == -EACCES ? 0 : 100;
}

int main(void)
{
    int generations = deeper(0);
    check(generations > 0 && generations < 8, "the deepest descendant is %d generations below", generations);
    pid_t pid = fork();
    if (pid == 0) {
        setuid(NOBODY);
        _exit(fork_refused() == -EPERM ? 0 : 1);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == 0, "nobody may not fork: status 0x%04x", status);
    check(in_child(after_refusal) == 0, "we still may");
    return finish();
}
