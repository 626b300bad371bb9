// SPDX-License-Identifier: MIT
// For the probes that are tables of bad calls: each line names the errno, the call and its arguments.
//
//     fails(ENOENT, open, "none", 0, 0);      the bare call must return -ENOENT
//     gives(0, rename, "l", "l2");            it must return 0
//     works(openat, -100, "f", 0, 0);         it must return 0 or more
#pragma once

#include "probe.h"

#include <sys/stat.h>

#define UNMAPPED 0x10000
#define KERNEL 0xC0100000

enum verdict { FAILS, GIVES, WORKS };

/// Prints only what is wrong: there are hundreds of lines.
static void judge(enum verdict verdict, long wanted, const char *call, long result)
{
    long seen = result == -1 ? -errno : result;
    checks++;
    if (verdict == WORKS ? seen >= 0 : seen == wanted)
        return;
    failures++;
    dprintf(1, "FAIL %s: %ld, and not %ld\n", call, seen, wanted);
}

#define seven_arguments(number, a, b, c, d, e, f, ...)                                                                 \
    syscall(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define call(name, ...) seven_arguments(__NR_##name, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define text_of(name, ...) #name "(" #__VA_ARGS__ ")"

#define fails(error, name, ...) judge(FAILS, -(error), text_of(name, __VA_ARGS__), call(name, __VA_ARGS__))
#define gives(result, name, ...) judge(GIVES, result, text_of(name, __VA_ARGS__), call(name, __VA_ARGS__))
#define works(name, ...) judge(WORKS, 0, text_of(name, __VA_ARGS__), call(name, __VA_ARGS__))

// Things to try the calls on, in a directory of our own: f a file of ten bytes, d a directory, l a link to nothing,
// lf a link to f, loop a link to itself.
static char buffer[65536] __attribute__((aligned(4096)));
static int file, reader, writer, directory, ends[2];

static void furnish(void)
{
    mkdir("/tmp/probe-errors", 0755);
    chdir("/tmp/probe-errors");
    file = open("f", O_RDWR | O_CREAT | O_TRUNC, 0644);
    write(file, "0123456789", 10);
    reader = open("f", O_RDONLY);
    writer = open("f", O_WRONLY);
    directory = open(".", O_RDONLY);
    pipe(ends);
    mkdir("d", 0755);
    symlink("nowhere", "l");
    symlink("loop", "loop");
    symlink("f", "lf");
}

static void unfurnish(void)
{
    static const char *const names[] = {"f", "l", "loop", "lf", NULL};
    chdir("/tmp/probe-errors");
    for (int i = 0; names[i]; i++)
        unlink(names[i]);
    rmdir("d");
    chdir("/");
    rmdir("/tmp/probe-errors");
}
