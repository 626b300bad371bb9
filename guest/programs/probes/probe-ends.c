// SPDX-License-Identifier: MIT
// How children end, and how one waits for them.
// Rows: P30 the signal of a child's death is clone's choice; P31 a group's death is told once, when its last member has ended;
// P46 /proc/stat counts all forks; F08 a stopped child goes on with SIGCONT, and its parent can learn both.

#include "probe.h"

#include <sched.h>
#include <sys/calls.h>

#define WSTOPPED 2
#define WEXITED 4
#define WNOWAIT 0x01000000
#define WIFCONTINUED(status) ((status) == 0xffff)

static volatile int usr1, chld, order;
static volatile int ended; ///< what `order` was when the last SIGCHLD came

static void on_signal(int signal)
{
    if (signal == SIGUSR1)
        usr1++;
    if (signal == SIGCHLD) {
        chld++;
        ended = order;
    }
}

static void nap(long milliseconds)
{
    long time[2] = {0, milliseconds * 1000000};
    while (raw(__NR_nanosleep, (long)time, (long)time, 0) == -EINTR)
        ;
}

static void another_signal(void)
{
    int status = -1;
    usr1 = chld = 0;
    long pid = raw(__NR_clone, SIGUSR1, 0, 0);
    if (pid == 0)
        _exit(5);
    while (!usr1)
        nap(1);
    check(usr1 == 1 && chld == 0, "clone(SIGUSR1): at its death %d SIGUSR1, %d SIGCHLD", usr1, chld);
    check(waitpid(pid, &status, 0) == -1 && errno == ECHILD, "an ordinary wait does not see it");
    check(waitpid(-1, &status, 0) == -1 && errno == ECHILD, "nor does one for any child");
    check(waitpid(pid, &status, __WCLONE) == pid && status == 5 << 8, "__WCLONE does: 0x%04x", status);

    pid = raw(__NR_clone, SIGUSR1, 0, 0);
    if (pid == 0)
        _exit(6);
    check(waitpid(pid, &status, __WALL) == pid && status == 6 << 8, "so does __WALL: 0x%04x", status);
    pid = fork();
    if (pid == 0)
        _exit(7);
    check(waitpid(pid, &status, __WCLONE) == -1 && errno == ECHILD, "__WCLONE does not see a fork's child");
    check(waitpid(pid, &status, 0) == pid && status == 7 << 8, "an ordinary wait does");
}

/// The low eight bits of clone's flags are the signal.
static void all_eight_bits(void)
{
    static const int signals[] = {0, 1, 17, 64, 0xff};
    for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        int status = -1;
        if (native() && signals[i] == 0xff)
            continue; // refused by later kernels
        signal(SIGHUP, SIG_IGN);
        signal(64, SIG_IGN);
        long pid = raw(__NR_clone, signals[i], 0, 0);
        if (pid == 0)
            _exit(i);
        pid_t got = waitpid(pid, &status, signals[i] == SIGCHLD ? 0 : __WCLONE);
        check(pid > 0 && got == pid && status == (int)i << 8, "clone with death signal %d: 0x%04x", signals[i], status);
    }
}

static char stack[16384] __attribute__((aligned(16)));

static int last_member(void *argument)
{
    (void)argument;
    nap(40);
    order = 2;
    raw(__NR_exit, 77, 0, 0); // this thread only
    return 0;
}

/// In one address space with its parent, so that both see `order`: the leader ends, then the thread.
static int leader(void *argument)
{
    (void)argument;
    clone(last_member, stack + sizeof stack, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL, NULL,
          NULL, NULL);
    order = 1;
    raw(__NR_exit, 66, 0, 0);
    return 0;
}

static char leader_stack[16384] __attribute__((aligned(16)));

static void leader_first(void)
{
    int status = -1;
    chld = order = ended = 0;
    pid_t pid = clone(leader, leader_stack + sizeof leader_stack, CLONE_VM | SIGCHLD, NULL, NULL, NULL, NULL);
    while (!order)
        nap(1);
    nap(10);
    check(order == 1 && chld == 0, "the leader has ended, a thread has not: %d SIGCHLD", chld);
    check(waitpid(pid, &status, WNOHANG) == 0, "and it cannot be waited for yet");
    check(waitpid(pid, &status, 0) == pid && (status == 66 << 8 || native()), "later it can; the status is the leader's: 0x%04x", status);
    nap(10);
    check(chld == 1 && ended == 2, "one SIGCHLD, and it came behind the thread's end: %d, %d", chld, ended);
}

static long total_forks(void)
{
    char text[2048];
    int fd = open("/proc/stat", O_RDONLY), n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    char *line = strstr(text, "processes ");
    return line ? atol(line + 10) : -1;
}

static void forks_are_counted(void)
{
    long before = total_forks();
    for (int i = 0; i < 5; i++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        waitpid(pid, NULL, 0);
    }
    long after = total_forks();
    raw(__NR_clone, CLONE_THREAD, 0, 0); // refused
    check(after - before == 5 || native(), "5 forks: \"processes\" of /proc/stat went from %ld to %ld", before, after);
    check(total_forks() == after || native(), "a clone that is refused does not count, an end takes nothing back");
}

// ---- stopped and continued

struct info {
    int signo, error, code, pid, uid, status;
    int rest[26];
};

/// What has gone on must not stop again or end before its parent has seen that: it waits until the parent closes the pipe.
static int told[2];
static void wait_until_told(void)
{
    char byte;
    close(told[1]);
    read(told[0], &byte, 1);
}
static void tell(void)
{
    close(told[0]);
    close(told[1]);
}

static void stopped_and_continued(void)
{
    int status = -1;
    pipe(told);
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0); // a group that its parent could continue: SIGTSTP stops it
        raise(SIGSTOP);
        wait_until_told();
        raise(SIGTSTP);
        _exit(0);
    }
    check(waitpid(pid, &status, WUNTRACED) == pid && status == 0x137f, "WUNTRACED: stopped by SIGSTOP: 0x%04x", status);
    check(waitpid(pid, &status, WUNTRACED | WNOHANG) == 0, "it is told once");
    chld = 0;
    kill(pid, SIGCONT);
    check(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status), "WCONTINUED: 0x%04x", status);
    tell();
    check(waitpid(pid, &status, WUNTRACED) == pid && status == 0x147f, "then stopped by SIGTSTP: 0x%04x", status);
    kill(pid, SIGCONT);
    check(waitpid(pid, &status, 0) == pid && status == 0, "after SIGCONT it runs to its end: 0x%04x", status);
}

static int wait_id(int which, pid_t pid, struct info *info, int options)
{
    memset(info, 0x55, sizeof *info);
    return waitid(which, pid, info, options, NULL) < 0 ? -errno : 0;
}

static void by_waitid(void)
{
    struct info info;
    pipe(told);
    pid_t pid = fork();
    if (pid == 0) {
        raise(SIGSTOP);
        wait_until_told();
        _exit(33);
    }
    int result = wait_id(1, pid, &info, WSTOPPED);
    check(result == 0 && info.signo == SIGCHLD && info.code == 5 && info.pid == pid && info.status == SIGSTOP,
          "waitid(WSTOPPED): %d, code %d, status %d", result, info.code, info.status);
    kill(pid, SIGCONT);
    result = wait_id(1, pid, &info, WCONTINUED | WNOWAIT);
    check(result == 0 && info.code == 6 && info.status == SIGCONT, "waitid(WCONTINUED | WNOWAIT): code %d", info.code);
    result = wait_id(0, 0, &info, WCONTINUED);
    check(result == 0 && info.code == 6 && info.pid == pid, "it is still there without WNOWAIT");
    tell();
    result = wait_id(2, getpgrp(), &info, WEXITED | WNOWAIT);
    check(result == 0 && info.code == 1 && info.status == 33, "waitid(P_PGID, WEXITED | WNOWAIT): code %d, status %d",
          info.code, info.status);
    result = wait_id(1, pid, &info, WEXITED);
    check(result == 0 && info.code == 1 && info.pid == pid && info.status == 33, "and again without WNOWAIT");
    result = wait_id(1, pid, &info, WEXITED);
    check(result == -ECHILD, "then there is no such child: %d", result);

    pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    result = wait_id(1, pid, &info, WEXITED | WNOHANG);
    check(result == 0 && info.pid == 0 && info.signo == 0, "WNOHANG without an event: pid %d", info.pid);
    kill(pid, SIGKILL);
    result = wait_id(1, pid, &info, WEXITED);
    check(result == 0 && info.code == 2 && info.status == SIGKILL, "killed: code %d, status %d", info.code, info.status);
    check(wait_id(0, 0, &info, 0) == -EINVAL && wait_id(0, 0, &info, WNOHANG) == -EINVAL, "no event asked for: EINVAL");
    check(wait_id(1, 0, &info, WEXITED) == -EINVAL && wait_id(7, 1, &info, WEXITED) == -EINVAL, "nobody asked for: EINVAL");
}

static void refused(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(11);
    check(raw(__NR_waitpid, pid, 0, 0x10) == -EINVAL, "an unknown option: EINVAL");
    check(raw(__NR_waitpid, 1, 0, 0) == -ECHILD, "somebody else's child: ECHILD");
    check(raw(__NR_waitpid, pid, 16, 0) == -EFAULT, "a bad pointer: EFAULT");
    int status = -1;
    pid_t again = waitpid(pid, &status, 0);
    check((again == pid && status == 11 << 8) || native(), "and the child is still there: 0x%04x", status);
}

int main(void)
{
    signal(SIGUSR1, on_signal);
    signal(SIGCHLD, on_signal);
    another_signal();
    all_eight_bits();
    leader_first();
    forks_are_counted();
    stopped_and_continued();
    by_waitid();
    refused();
    return finish();
}
