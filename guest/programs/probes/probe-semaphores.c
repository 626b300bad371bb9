// SPDX-License-Identifier: MIT
// System V semaphores, and what becomes of them when a process ends.
// Row: P21 a forked child starts without an undo list, one cloned with CLONE_SYSVSEM shares its parent's. Source: semop(2),
// semctl(2), clone(2). Symbols: plain_fork_next, shared_clone_next are called right before the two ways of making a child.

#include "probe.h"

#include <sched.h>
#include <time.h>

#ifndef CLONE_SYSVSEM
#define CLONE_SYSVSEM 0x40000
#endif
enum { SEMOP = 1, SEMGET, SEMCTL, SEMTIMEDOP };
enum { RMID = 0, SET = 1, STAT = 2, GETPID = 11, GETVAL, GETALL, GETNCNT, GETZCNT, SETVAL, SETALL, WIDE = 0x100 };
#define UNMAPPED 0x10000
#define KERNEL 0xC0100000
#define CREATE 01000
#define EXCLUSIVE 02000
#define NOWAIT 04000
#define UNDO 0x1000

struct operation {
    unsigned short number;
    short add, flags;
};

static long ipc(long call, long a, long b, long c, const void *pointer, long fifth)
{
    long result = syscall(__NR_ipc, call, a, b, c, (long)pointer, fifth);
    return result == -1 ? -errno : result;
}
static long semget(int key, int n, int flags) { return ipc(SEMGET, key, n, flags, NULL, 0); }
static long semctl(int id, int n, int command, long value) { return ipc(SEMCTL, id, n, command, &value, 0); }
static long operate(int id, int number, int add, int flags)
{
    struct operation o = {number, add, flags};
    return ipc(SEMOP, id, 1, 0, &o, 0);
}
static long value(int id) { return semctl(id, 0, GETVAL, 0); }

__attribute__((noinline)) void plain_fork_next(void) { __asm__ volatile(""); }
__attribute__((noinline)) void shared_clone_next(void) { __asm__ volatile(""); }

static int set;

static int wait_for(long pid)
{
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

/// In a process of its own, which has an undo list: children with and without CLONE_SYSVSEM.
static void undo_lists(void)
{
    check(operate(set, 0, +1, UNDO) == 0, "an operation with SEM_UNDO");
    plain_fork_next();
    long pid = fork();
    if (pid == 0) {
        operate(set, 0, +10, UNDO);
        _exit(0);
    }
    wait_for(pid);
    check(value(set) == 2, "a forked child's exit takes its own operation back: %ld", value(set));
    shared_clone_next();
    pid = syscall(__NR_clone, CLONE_SYSVSEM | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
        operate(set, 0, +10, UNDO);
        _exit(0);
    }
    wait_for(pid);
    check(value(set) == 12, "with CLONE_SYSVSEM the operation stays until the last user ends: %ld", value(set));
    _exit(failures != 0);
}

static void waits_and_wakes(void)
{
    semctl(set, 0, SETVAL, 0);
    check(operate(set, 0, -1, NOWAIT) == -EAGAIN, "IPC_NOWAIT instead of waiting: EAGAIN");
    long pid = fork();
    if (pid == 0)
        _exit(operate(set, 0, -2, 0) == 0 ? 0 : 1);
    while (semctl(set, 0, GETNCNT, 0) != 1)
        sched_yield();
    check(operate(set, 0, +1, 0) == 0 && semctl(set, 0, GETNCNT, 0) == 1, "one is not enough for a sleeper that wants two");
    check(operate(set, 0, +1, 0) == 0 && wait_for(pid) == 0 && value(set) == 0, "two are: it is woken, and they are gone");
    check(semctl(set, 0, GETPID, 0) == pid, "GETPID names who was last");
    struct timespec soon = {0, 20000000};
    struct operation down = {0, -1, 0};
    check(ipc(SEMTIMEDOP, set, 1, 0, &down, (long)&soon) == -EAGAIN, "semtimedop ends with EAGAIN");
    pid = fork();
    if (pid == 0)
        _exit(operate(set, 0, -1, 0) == -EIDRM ? 0 : 1);
    while (semctl(set, 0, GETNCNT, 0) != 1)
        sched_yield();
    check(semctl(set, 0, RMID, 0) == 0 && wait_for(pid) == 0, "removal wakes sleepers with EIDRM");
}

static void all_or_nothing(void)
{
    struct operation both[2] = {{0, -1, NOWAIT}, {1, -1, NOWAIT}};
    unsigned short values[3] = {1, 0, 7}, seen[3] = {0};
    int three = semget(0, 3, 0600 | CREATE);
    check(ipc(SEMCTL, three, 0, SETALL, &(void *){values}, 0) == 0, "SETALL");
    check(ipc(SEMOP, three, 2, 0, both, 0) == -EAGAIN, "two operations, one impossible: EAGAIN");
    check(ipc(SEMCTL, three, 0, GETALL, &(void *){seen}, 0) == 0 && seen[0] == 1 && seen[1] == 0 && seen[2] == 7,
          "and nothing has changed");
    unsigned int status[16];
    check(ipc(SEMCTL, three, 0, STAT | WIDE, &(void *){status}, 0) == 0 && status[13] == 3 && (status[5] & 0777) == 0600,
          "IPC_STAT tells 3 semaphores, mode 0600");
    semctl(three, 0, RMID, 0);
}

static void refused(void)
{
    int id = semget(4711, 2, 0600 | CREATE | EXCLUSIVE);
    check(id >= 0 && semget(4711, 2, 0) == id, "a key finds its set again");
    check(semget(4711, 2, 0600 | CREATE | EXCLUSIVE) == -EEXIST, "IPC_EXCL: EEXIST");
    check(semget(4711, 3, 0) == -EINVAL && semget(4712, 1, 0) == -ENOENT, "more than it has: EINVAL; no such key: ENOENT");
    check(operate(id, 2, 1, 0) == -EFBIG && operate(id, 0, 32767, 0) == 0 && operate(id, 0, 1, 0) == -ERANGE, "EFBIG, ERANGE");
    check(ipc(SEMOP, id, 0, 0, NULL, 0) == -EINVAL && ipc(SEMOP, id, 100000, 0, NULL, 0) == -E2BIG, "no operation, too many");
    check(ipc(SEMOP, id, 1, 0, (void *)UNMAPPED, 0) == -EFAULT && ipc(SEMOP, id, 1, 0, (void *)KERNEL, 0) == -EFAULT,
          "operations at a bad address: EFAULT");
    check(ipc(SEMCTL, id, 0, 99, &id, 0) == -EINVAL && semctl(-1, 0, GETVAL, 0) == -EINVAL, "bad command, bad id: EINVAL");
    check(semctl(id, 0, SETVAL, 40000) == -ERANGE && semctl(id, 5, GETVAL, 0) == -EINVAL, "bad value, bad number");
    check(semctl(id, 0, RMID, 0) == 0 && operate(id, 0, 1, 0) == -EINVAL, "removed: EINVAL");
}

static void by_somebody_else(void)
{
    setuid(1000);
    check(operate(set, 0, 1, 0) == -EACCES && semctl(set, 0, RMID, 0) == -EPERM, "another user: EACCES, and EPERM for removal");
    _exit(failures != 0);
}

int main(void)
{
    set = semget(0, 1, 0600 | CREATE);
    check(set >= 0 && semctl(set, 0, SETVAL, 1) == 0 && value(set) == 1, "a set with one semaphore, set to 1");
    check(in_child(undo_lists) == 0, "the process with the undo list");
    check(value(set) == 1, "the last exit takes everything back: %ld", value(set));
    if (getuid() == 0)
        check(in_child(by_somebody_else) == 0, "another user's process");
    waits_and_wakes();
    all_or_nothing();
    refused();
    return finish();
}
