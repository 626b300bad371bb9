// SPDX-License-Identifier: MIT
// What all probes share. A probe tries what one or a few rows of the specification say, from inside the machine:
// it prints a line "ok ..." or "FAIL ..." for each thing it looked at, and exits 0 only if all were ok.
//
// A probe also runs on a Linux of the host (i386 programs run there too); native() is true there, and the few answers
// that another kernel gives differently are marked by it.
#pragma once

#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures, checks;

/// One line: what was looked at, with the values that were seen.
__attribute__((format(printf, 2, 3))) static inline int report(int good, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    dprintf(1, "%s %s\n", good ? "ok  " : "FAIL", text);
    checks++;
    failures += !good;
    return good;
}

/// A macro, so that `condition` is evaluated before the values that are printed with it.
#define check(condition, ...)                                                                                          \
    ({                                                                                                                 \
        int good_ = (condition) ? 1 : 0;                                                                               \
        report(good_, __VA_ARGS__);                                                                                    \
    })

/// The exit status of a probe.
static inline int finish(void)
{
    dprintf(1, "%d checks, %d failed\n", checks, failures);
    return failures ? 1 : 0;
}

/// True on an x86-64 Linux: not our kernel.
static inline int native(void)
{
    struct utsname name;
    uname(&name);
    return strcmp(name.machine, "x86_64") == 0;
}

/// A system call without a wrapper: what eax holds after it.
static inline long raw(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

/// Runs `function` in a child, which ends with exit code 0 if it returns. Its raw wait status.
static inline int in_child(void (*function)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        function();
        _exit(0);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}
