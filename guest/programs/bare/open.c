// SPDX-License-Identifier: MIT
// A program without a library: no crt0, no libc. The macros make the calls that it needs, and it has an errno of its own.
// Rows: W20 W22 `#define __NR_open 5` and _syscall3 are enough to open a file; W23 the numbers.
//
//     open     writes /bare.txt, reads it back, and ends with the number of bytes

#include <asm/syscall_macros.h>

int *__errno_location(void)
{
    static int number;
    return &number;
}

#define __NR_exit 1
#define __NR_read 3
#define __NR_write 4
#define __NR_open 5
#define __NR_close 6
static _syscall1(int, exit, int, status)
static _syscall3(long, read, int, fd, char *, buffer, unsigned long, count)
static _syscall3(long, write, int, fd, const char *, buffer, unsigned long, count)
static _syscall3(long, open, const char *, filename, int, flags, int, mode)
static _syscall1(int, close, int, fd)

/// The first instruction of the program comes here. There is nothing to return to.
void _start(void)
{
    char text[16];
    long fd = open("/tmp/bare.txt", 01102, 0600); // O_RDWR | O_CREAT | O_TRUNC
    write(fd, "bare\n", 5);
    close(fd);
    fd = open("/tmp/bare.txt", 0, 0);
    long count = read(fd, text, sizeof text);
    write(1, text, count);
    if (open("/none", 0, 0) != -1 || errno != 2)
        exit(1);
    exit(count);
    __builtin_unreachable();
}
