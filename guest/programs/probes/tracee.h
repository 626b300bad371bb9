// SPDX-License-Identifier: MIT
// For probes that trace: a child that asks to be traced and stops itself, and the tracer's everyday requests.
#pragma once

#include "probe.h"

#include <stddef.h>
#include <sys/ptrace.h>

#ifndef __WALL
#define __WALL 0x40000000
#endif

#define USER(reg) offsetof(struct user_regs_struct, reg)
#define STOPPED_BY(signal) ((signal) << 8 | 0x7f)
#define EVENT(event) (STOPPED_BY(SIGTRAP) | (event) << 16)

static inline long peek(pid_t pid, long offset)
{
    long word = -1;
    ptrace(PTRACE_PEEKUSR, pid, (void *)offset, &word);
    return word;
}

static inline long poke(pid_t pid, long offset, long value)
{
    return ptrace(PTRACE_POKEUSR, pid, (void *)offset, (void *)value);
}

static inline int wait_for(pid_t pid)
{
    int status = -1;
    return waitpid(pid, &status, __WALL) == pid ? status : -1;
}

/// Lets it go on by `request`; the wait status of what comes then.
static inline int go_on(pid_t pid, long request, int signal)
{
    return ptrace(request, pid, NULL, (void *)(long)signal) ? -1 : wait_for(pid);
}

/// A child that runs `function` once its tracer, which is us, lets it go on. It ends with what function returns.
static inline pid_t start_tracee(int (*function)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        _exit(function());
    }
    int status = wait_for(pid);
    if (status != STOPPED_BY(SIGSTOP))
        check(0, "the tracee stops: status 0x%04x", status);
    return pid;
}

static inline void end_tracee(pid_t pid)
{
    kill(pid, SIGKILL);
    wait_for(pid);
}

/// The letter of /proc/PID/stat.
static inline char state_of(pid_t pid)
{
    char path[32], text[256], state = '?';
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY);
    long n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (n > 0) {
        text[n] = 0;
        char *name_end = strrchr(text, ')');
        if (name_end)
            state = name_end[2];
    }
    return state;
}
