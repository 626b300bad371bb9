// SPDX-License-Identifier: MIT
// A child that is born stopped: clone with CLONE_STOPPED, which later kernels have dropped again.
// Rows: F07 state T and SIGSTOP pending; F08 so until SIGCONT.

#include "tracee.h"

#include <time.h>

#ifndef CLONE_STOPPED
#define CLONE_STOPPED 0x02000000
#endif

/// The value of a line of /proc/PID/status, read as a hexadecimal number.
static unsigned long long status_line(pid_t pid, const char *name)
{
    char path[32], text[2048];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    int fd = open(path, O_RDONLY);
    long n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = 0;
    char *at = strstr(text, name);
    return at ? strtoul(at + strlen(name) + 9, NULL, 16) : 0; // the low 8 of 16 digits
}

static pid_t born_stopped(void)
{
    long pid = raw(__NR_clone, CLONE_STOPPED | SIGCHLD, 0, 0);
    if (pid == 0)
        _exit(0);
    return pid;
}

int main(void)
{
    struct timespec a_little = {0, 30000000};
    if (native()) {
        dprintf(1, "ok   this Linux has no CLONE_STOPPED\n");
        return 0;
    }
    pid_t pid = born_stopped();
    nanosleep(&a_little, NULL);
    check(state_of(pid) == 'T', "CLONE_STOPPED: /proc/PID/stat says %c", state_of(pid));
    check(status_line(pid, "SigPnd:\t") & 1u << (SIGSTOP - 1), "SIGSTOP is pending: %llx", status_line(pid, "SigPnd:\t"));
    int status = -1;
    check(waitpid(pid, &status, WNOHANG) == 0, "it has not run: nothing to wait for");
    check(kill(pid, SIGCONT) == 0, "kill(child, SIGCONT)");
    for (int tries = 0; tries < 20 && waitpid(pid, &status, WNOHANG) == 0; tries++)
        nanosleep(&a_little, NULL);
    check(status == 0, "it runs and exits 0: status 0x%x", status);

    pid = born_stopped();
    kill(pid, SIGKILL);
    check(waitpid(pid, &status, 0) == pid && status == SIGKILL, "SIGKILL ends it as it is: status 0x%x", status);
    return finish();
}
