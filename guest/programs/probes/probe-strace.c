// SPDX-License-Identifier: MIT
// strace -p: attaches to a process that runs already, and lets it go again at ^C. What it writes is read back here.
// Rows: X01 X05.

#include "tracee.h"

#include <sys/ptrace.h>
#include <time.h>

static const char output[] = "/tmp/probe-strace.out";

static void nap(long milliseconds)
{
    struct timespec time = {0, milliseconds * 1000000};
    nanosleep(&time, NULL);
}

/// Makes a call every 20 ms, `rounds` times.
static pid_t busy_child(int rounds)
{
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < rounds; i++) {
            nap(20);
            raw(__NR_getppid, 0, 0, 0);
        }
        _exit(3);
    }
    return pid;
}

static pid_t start_strace(pid_t pid, const char *what)
{
    char number[16];
    snprintf(number, sizeof number, "%d", pid);
    pid_t tracer = fork();
    if (tracer == 0) {
        close(2);
        open("/dev/null", O_WRONLY);
        execlp("strace", "strace", "-o", output, "-e", what, "-p", number, (char *)NULL);
        _exit(127);
    }
    return tracer;
}

static const char *written(void)
{
    static char text[8192];
    int fd = open(output, O_RDONLY);
    long n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = 0;
    return text;
}

static void to_the_end(void)
{
    pid_t pid = busy_child(10), tracer = start_strace(pid, "trace=getppid,exit_group,exit");
    int status = wait_for(tracer);
    check(status == 0, "strace -p ends with the process: status 0x%x", status);
    char expected[32];
    snprintf(expected, sizeof expected, "getppid() = %d\n", getpid());
    check(strstr(written(), expected) != NULL, "it has seen calls of a process that ran already");
    check(strstr(written(), "nanosleep") == NULL, "and only those of -e trace=");
    check(strstr(written(), "+++ exited with 3 +++\n") != NULL, "and its end");
    status = wait_for(pid);
    check(status == 3 << 8, "whose status the parent gets: 0x%x", status);
}

static void until_interrupted(void)
{
    pid_t pid = busy_child(20), tracer = start_strace(pid, "trace=getppid");
    nap(150);
    kill(tracer, SIGINT);
    int status = wait_for(tracer);
    check(status == 0, "^C ends strace -p: status 0x%x", status);
    check(strstr(written(), "getppid() = ") != NULL, "what it had seen is written");
    check(strstr(written(), "+++") == NULL, "the process has not ended then");
    check(state_of(pid) != 't' && state_of(pid) != 'T', "it is not stopped: state %c", state_of(pid));
    status = wait_for(pid);
    check(status == 3 << 8, "it goes on to its own end: status 0x%x", status);
}

int main(void)
{
    to_the_end();
    until_interrupted();
    unlink(output);
    return finish();
}
