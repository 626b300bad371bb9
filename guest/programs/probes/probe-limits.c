// SPDX-License-Identifier: MIT
// How many processes there may be: RLIMIT_NPROC by user, threads-max for all.
// Rows: L01 a user at its limit gets EAGAIN; L02 root, CAP_SYS_RESOURCE and CAP_SYS_ADMIN are exempt; L03 setuid moves the
// count; L04 threads-max ends a fork bomb; L06 the administrator may write it.
//
// It needs a machine of its own, and root: on another kernel it does nothing.

#include "probe.h"

#include <sys/calls.h>

#define NPROC 6
#define CAP_SYS_ADMIN 21
#define CAP_SYS_RESOURCE 24
#define MANY 4000

static pid_t children[MANY];

static void set_nproc(unsigned long soft)
{
    unsigned long limit[2] = {soft, soft};
    raw(__NR_setrlimit, NPROC, (long)limit, 0);
}

/// Forks until it fails or `most` have been made; they wait for a signal. How many there are; errno says why no more.
static int fork_many(int most)
{
    int n = 0;
    errno = 0;
    for (; n < most; n++) {
        pid_t pid = fork();
        if (pid < 0)
            break;
        if (pid == 0)
            for (;;)
                pause();
        children[n] = pid;
    }
    return n;
}

static int end_all(int n)
{
    int ended = 0;
    for (int i = 0; i < n; i++)
        kill(children[i], SIGKILL);
    for (int i = 0; i < n; i++)
        ended += waitpid(children[i], NULL, 0) == children[i];
    return ended == n;
}

/// User 1000 with room for `room` processes: this one and room - 1 children.
static void at_the_limit(void)
{
    set_nproc(5);
    setresuid(1000, 1000, 1000);
    int n = fork_many(20), error = errno;
    check(n == 4 && error == EAGAIN, "user 1000 with RLIMIT_NPROC 5: %d children, then errno %d", n, error);
    end_all(n);
    n = fork_many(20);
    check(n == 4, "when they have ended: %d again", n);
    end_all(n);
    _exit(failures != 0);
}

static void unlimited(void)
{
    set_nproc(~0UL);
    setresuid(1001, 1001, 1001);
    int n = fork_many(30);
    check(n == 30, "user 1001 without a limit: %d children", n);
    end_all(n);
    _exit(failures != 0);
}

static void root_goes_on(void)
{
    set_nproc(1);
    int n = fork_many(30);
    check(n == 30, "root with RLIMIT_NPROC 1: %d children", n);
    end_all(n);
    _exit(failures != 0);
}

static void with_capability(int capability)
{
    unsigned header[2] = {0x19980330, 0}, sets[3] = {1u << capability, 1u << capability, 0};
    prctl(8 /* PR_SET_KEEPCAPS */, 1, 0, 0, 0);
    setresuid(1002, 1002, 1002);
    int kept = raw(__NR_capset, (long)header, (long)sets, 0) == 0;
    set_nproc(2);
    int n = fork_many(10);
    check(kept && n == 10, "user 1002 with capability %d and RLIMIT_NPROC 2: %d children", capability, n);
    end_all(n);
    sets[0] = sets[1] = 0;
    raw(__NR_capset, (long)header, (long)sets, 0);
    n = fork_many(10);
    check(n == 1, "the same without it: %d", n);
    end_all(n);
    _exit(failures != 0);
}
static void with_sys_resource(void) { with_capability(CAP_SYS_RESOURCE); }
static void with_sys_admin(void) { with_capability(CAP_SYS_ADMIN); }

/// Three processes of user 1003; a fourth wants to become that user with room for three.
static void taking_on_a_full_user(void)
{
    int ends[2];
    char byte;
    pipe(ends);
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        setresuid(1003, 1003, 1003);
        int n = fork_many(2);
        write(ends[1], "!", 1);
        pause();
        _exit(n);
    }
    read(ends[0], &byte, 1);
    set_nproc(3);
    long refused = raw(__NR_setresuid32, 1003, 1003, 1003);
    set_nproc(4);
    long taken = raw(__NR_setresuid32, 1003, 1003, -1L);
    check(refused == -EAGAIN, "setresuid to a user that is at our limit: %ld", refused);
    check(taken == 0, "with room for one more: %ld", taken);
    raw(__NR_setresuid32, 0, 0, 0); // the saved number is still root's
    kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
    _exit(failures != 0);
}

// ---- threads-max

static const char threads_max[] = "/proc/sys/kernel/threads-max";

static int read_number(const char *path)
{
    char text[32] = "";
    int fd = open(path, O_RDONLY), n = fd < 0 ? -1 : (int)read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 ? atoi(text) : -1;
}

/// 0, or errno of what failed: opening or writing.
static int write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_TRUNC);
    if (fd < 0)
        return errno;
    int error = write(fd, text, strlen(text)) < 0 ? errno : 0;
    close(fd);
    return error;
}

static void as_user_1000(void)
{
    setgid(1000);
    setresuid(1000, 1000, 1000);
    int error = write_text(threads_max, "50\n"), truncated = truncate(threads_max, 0) < 0 ? errno : 0;
    check(error == EACCES, "user 1000 writes threads-max: errno %d", error);
    check(truncated == EACCES, "or truncates it: errno %d", truncated);
    check(read_number(threads_max) > 0, "reading it is allowed");
    _exit(failures != 0);
}

/// An open descriptor does not carry the right along: what counts is who writes.
static void with_an_inherited_descriptor(void)
{
    int fd = open(threads_max, O_WRONLY);
    setgid(1000);
    setresuid(1000, 1000, 1000);
    int error = write(fd, "51\n", 3) < 0 ? errno : 0;
    check(error == EPERM, "user 1000 writes through root's descriptor: errno %d", error);
    _exit(failures != 0);
}

static void the_whole_machine(void)
{
    int usual = read_number(threads_max);
    char text[32];
    sprintf(text, "%d\n", usual);
    check(usual >= 20, "threads-max is %d", usual);
    check(write_text(threads_max, "40\n") == 0 && read_number(threads_max) == 40, "root writes 40, and it reads as 40");
    int n = fork_many(MANY), error = errno;
    check(n > 20 && n < 40 && error == EAGAIN, "then even root stops at %d children with errno %d", n, error);
    check(end_all(n), "all of them end");
    check(write_text(threads_max, "0\n") == EINVAL, "0 is refused");
    check(write_text(threads_max, "many\n") == EINVAL && read_number(threads_max) == 40, "so is a word");
    check(write_text(threads_max, text) == 0 && read_number(threads_max) == usual, "%d again", usual);
    n = fork_many(MANY), error = errno;
    check(n > usual - 20 && n < usual && error == EAGAIN, "a fork bomb of root stops at %d, errno %d", n, error);
    check(end_all(n), "all of them end");
    pid_t pid = fork();
    if (pid == 0)
        _exit(7);
    int status = -1;
    check(waitpid(pid, &status, 0) == pid && status == 7 << 8, "and the machine goes on");
}

static void run(void (*function)(void), const char *name)
{
    int status = in_child(function);
    if (status)
        check(0, "%s: wait status 0x%04x", name, status);
}

int main(void)
{
    if (native()) {
        printf("another kernel: its limits are left alone\n");
        return 0;
    }
    run(at_the_limit, "at the limit");
    run(unlimited, "unlimited");
    run(root_goes_on, "root");
    run(with_sys_resource, "CAP_SYS_RESOURCE");
    run(with_sys_admin, "CAP_SYS_ADMIN");
    run(taking_on_a_full_user, "a full user");
    run(as_user_1000, "threads-max as user 1000");
    run(with_an_inherited_descriptor, "threads-max through a descriptor");
    the_whole_machine();
    return finish();
}
