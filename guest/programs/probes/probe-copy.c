// SPDX-License-Identifier: MIT
// What a child has of its own, and what it shares when a CLONE_ flag says so: resource by resource.
// Rows: P14 did_exec and setpgid; P20 signals, timers and times; P22 files; P23 directory and umask; P24 handlers; P25
// groups and limits; P26 memory; K08 one source, two ways.
//
// For a test that looks from outside: look_here() is called at moments that are worth a look.

#include "probe.h"

#include <sched.h>
#include <sys/stat.h>
#include <sys/times.h>

/// Flags without memory sharing: the child runs on a copy of our stack. The exit code of what the child did.
static int cloned(long flags, int (*function)(void))
{
    pid_t pid = raw(__NR_clone, flags | SIGCHLD, 0, 0);
    if (pid == 0)
        _exit(function());
    int status = -1;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char stack[16384] __attribute__((aligned(16)));
static int (*on_stack)(void);
static int run_on_stack(void *unused)
{
    (void)unused;
    return on_stack();
}
/// With CLONE_VM: the child needs a stack of its own.
static int cloned_vm(int flags, int (*function)(void))
{
    on_stack = function;
    pid_t pid = clone(run_on_stack, stack + sizeof stack, flags | CLONE_VM | SIGCHLD, NULL, NULL, NULL, NULL);
    int status = -1;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

__attribute__((noinline)) void look_here(void) { __asm__ volatile(""); }

// ---- P20
static int pending_in_child(void)
{
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, SIGUSR1) != 0;
}

static int alarm_in_child(void) { return alarm(0) != 0; }

static int times_in_child(void)
{
    struct tms t;
    times(&t);
    return t.tms_utime + t.tms_stime + t.tms_cutime + t.tms_cstime;
}

static void fresh_signals_and_times(void)
{
    sigset_t set, old;
    pid_t sleeper = fork(); // so that we have a child, which the next ones must not inherit
    if (sleeper == 0)
        pause();
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    raise(SIGUSR1);
    kill(getpid(), SIGUSR1);
    look_here();
    check(pending_in_child() == 1, "a blocked signal is pending in the parent");
    check(cloned(0, pending_in_child) == 0, "and not in its child");
    signal(SIGUSR1, SIG_IGN);
    sigprocmask(SIG_SETMASK, &old, NULL);
    signal(SIGUSR1, SIG_DFL);

    alarm(1000);
    check(cloned(0, alarm_in_child) == 0, "the child has no alarm");
    check(alarm(0) > 0, "the parent's is still set");

    struct tms before;
    for (int i = 0; i < 100000; i++) {
        times(&before);
        if (before.tms_utime + before.tms_stime >= 3)
            break;
        for (volatile int j = 0; j < 10000; j++)
            ;
    }
    check(before.tms_utime + before.tms_stime >= 3, "the parent has used %ld ticks",
          (long)(before.tms_utime + before.tms_stime));
    check(cloned(0, times_in_child) == 0, "the child's times begin at 0");
    kill(sleeper, SIGKILL);
    waitpid(sleeper, NULL, 0);
}

// ---- P22
static int descriptor;
static int close_it(void) { return close(descriptor); }
static int read_it(void)
{
    char bytes[5];
    return read(descriptor, bytes, sizeof bytes) != sizeof bytes;
}

static void files(void)
{
    descriptor = open("/proc/self/exe", O_RDONLY);
    check(descriptor > 2, "a file: descriptor %d", descriptor);
    check(cloned(0, close_it) == 0 && lseek(descriptor, 0, SEEK_CUR) == 0, "fork: the child's close is its own");
    check(cloned(0, read_it) == 0 && lseek(descriptor, 0, SEEK_CUR) == 5, "fork: the child's read moves the one offset: %ld",
          (long)lseek(descriptor, 0, SEEK_CUR));
    check(cloned(CLONE_FILES, close_it) == 0 && lseek(descriptor, 0, SEEK_CUR) == -1 && errno == EBADF,
          "CLONE_FILES: the child's close is seen");
}

// ---- P23
static int move_away(void)
{
    umask(077);
    return chdir("/proc");
}

static int stands_where_we_do(void)
{
    char where[64];
    return strcmp(getcwd(where, sizeof where), "/") != 0 || umask(0) != 027;
}

static void directory(void)
{
    char where[64];
    chdir("/");
    umask(022);
    check(cloned(0, move_away) == 0 && strcmp(getcwd(where, sizeof where), "/") == 0, "fork: chdir is private: %s", where);
    check(umask(022) == 022, "fork: umask is private");
    umask(027);
    check(cloned(0, stands_where_we_do) == 0, "fork: the child starts with our directory and umask");
    umask(022);
    check(cloned(CLONE_FS, move_away) == 0 && strcmp(getcwd(where, sizeof where), "/proc") == 0,
          "CLONE_FS: the child's chdir is seen: %s", where);
    check(umask(022) == 077, "CLONE_FS: and its umask");
    chdir("/");
}

// ---- P24, P26
static void handler(int signal) { (void)signal; }
static int set_handler(void) { return signal(SIGUSR2, handler) == SIG_ERR; }
static int has_handler(void) { return signal(SIGUSR2, SIG_IGN) != handler; }
static volatile int variable;
static int store(void)
{
    int seen = variable;
    variable = 2;
    return seen != 1;
}

static void handlers_and_memory(void)
{
    check(cloned(0, set_handler) == 0 && signal(SIGUSR2, SIG_DFL) == SIG_DFL, "fork: signal() is private");
    check(cloned_vm(CLONE_SIGHAND, set_handler) == 0 && signal(SIGUSR2, SIG_DFL) == handler,
          "CLONE_SIGHAND: the child's handler is the parent's, too");
    signal(SIGUSR2, handler);
    check(cloned(0, has_handler) == 0 && signal(SIGUSR2, SIG_DFL) == handler, "fork: the child starts with our handlers");
    variable = 1;
    check(cloned(0, store) == 0 && variable == 1, "fork: a store is private");
    check(cloned_vm(0, store) == 0 && variable == 2, "CLONE_VM: a store is seen");
}

// ---- P25
struct limit {
    unsigned long soft, hard;
};
static int move_group(void)
{
    struct limit none = {0, 0};
    raw(__NR_setrlimit, 4, (long)&none, 0); // RLIMIT_CORE
    return setpgid(0, 0) || getpgrp() != getpid();
}

static void groups_and_limits(void)
{
    struct limit core = {0, 0}, after;
    raw(__NR_getrlimit, 4, (long)&core, 0);
    core.soft = core.hard < 4096 ? core.hard : 4096;
    raw(__NR_setrlimit, 4, (long)&core, 0);
    pid_t group = getpgrp();
    check(cloned(0, move_group) == 0 && getpgrp() == group, "fork: the child leaves the group, the parent stays");
    raw(__NR_getrlimit, 4, (long)&after, 0);
    check(after.soft == core.soft && after.hard == core.hard, "fork: the child's limits are its own");
}

// ---- P14: until its execve a child may be moved to another group by its parent
static void moving_children(const char *self)
{
    int ready[2], go[2];
    pipe(ready);
    pipe(go);
    pid_t pid = fork();
    if (pid == 0) {
        char byte;
        read(go[0], &byte, 1);
        char fds[2][12];
        snprintf(fds[0], sizeof fds[0], "%d", ready[1]);
        snprintf(fds[1], sizeof fds[1], "%d", go[0]);
        char *arguments[] = {(char *)self, "after-exec", fds[0], fds[1], NULL};
        execv("/proc/self/exe", arguments);
        _exit(9);
    }
    char byte = 0;
    check(setpgid(pid, pid) == 0, "setpgid of a child that has not exec'ed");
    write(go[1], "x", 1);
    read(ready[0], &byte, 1); // now it has
    look_here();
    int result = setpgid(pid, getpgrp()), error = errno;
    check(byte == 'e' && result == -1 && error == EACCES, "setpgid of a child after its execve: %d, errno %d", result, error);
    write(go[1], "x", 1);
    int status = -1;
    check(waitpid(pid, &status, 0) == pid && status == 0, "it ends: status 0x%04x", status);
    close(ready[0]), close(ready[1]), close(go[0]), close(go[1]);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "after-exec") == 0) {
        char byte;
        write(atoi(argv[2]), "e", 1);
        read(atoi(argv[3]), &byte, 1);
        // did_exec counts for a process: its own child is movable again
        pid_t pid = fork();
        if (pid == 0)
            pause();
        int moved = setpgid(pid, pid);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return moved != 0;
    }
    fresh_signals_and_times();
    files();
    directory();
    handlers_and_memory();
    groups_and_limits();
    moving_children(argv[0]);
    return finish();
}
