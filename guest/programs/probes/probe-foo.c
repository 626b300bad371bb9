// SPDX-License-Identifier: MIT
// System calls of one's own, as two textbooks add them. Which of them is there is the choice of the table:
//
//     probe-foo foo       number 338 returns the size of a kernel stack      syscalls=foo338
//     probe-foo silly     number 338 is silly_foo(src, dst, len)             syscalls=silly338
//     probe-foo device    /dev/foo tells the same as foo                     any table
//
// Rows: N04 N16 foo by __syscall0; N11 N12 N13 silly_foo copies, and says EFAULT; U15 it refuses more than a word; N18 /dev/foo.

#include "probe.h"

#include <sys/mman.h>

#undef __NR_foo
#define __NR_foo 338
__syscall0(long, foo)

#define __NR_silly_foo 338
static _syscall3(long, silly_foo, const unsigned long *, src, unsigned long *, dst, unsigned long, len)

static void the_stack(void)
{
    long size = foo();
    printf("The kernel stack size is %ld\n", size);
    fflush(stdout);
    check(size == 8192 || size == 4096, "__syscall0(long, foo): %ld", size);
}

static void silly(void)
{
    unsigned long src = 0x11223344, dst = 0, wide[16] = {1, 2, 3}, copy[16] = {0};
    check(silly_foo(&src, &dst, 4) == 4 && dst == 0x11223344, "4 bytes arrive: dst is %#lx", dst);
    dst = 7;
    check(silly_foo(&src, &dst, 2) == 2 && dst == 0x3344, "2 of them leave the others alone: %#lx", dst);
    check(silly_foo(&src, &dst, 0) == 0, "none is no error");
    dst = 7;
    check(silly_foo((void *)16, &dst, 4) == -1 && errno == EFAULT && dst == 7, "bad src: EFAULT, dst unchanged");
    check(silly_foo((void *)0xc0100000, &dst, 4) == -1 && errno == EFAULT && dst == 7, "src in the kernel: EFAULT");
    check(silly_foo(&src, (void *)16, 4) == -1 && errno == EFAULT, "good src, bad dst: EFAULT");
    char *code = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(silly_foo(&src, (void *)code, 4) == -1 && errno == EFAULT, "dst that may only be read: EFAULT");
    check(silly_foo(wide, copy, 64) == -1 && errno == EINVAL && copy[0] == 0, "64 bytes into one word: EINVAL");
    check(silly_foo(wide, copy, 5) == -1 && errno == EINVAL, "5 bytes: EINVAL");
    check(silly_foo(wide, copy, -1) == -1 && errno == EINVAL, "as many as there can be: EINVAL");
}

static void device(void)
{
    char text[64] = "", part[8] = "";
    int fd = open("/dev/foo", O_RDONLY);
    check(fd >= 0, "open /dev/foo: %d", fd);
    check(read(fd, part, 4) == 4 && memcmp(part, "The ", 4) == 0, "a short read: %s", part);
    ssize_t n = read(fd, text, sizeof text - 1);
    check(n > 0 && strncmp(text, "kernel stack size is ", 21) == 0, "and the rest: %s", text);
    check(read(fd, text, sizeof text) == 0, "then its end");
    check(write(fd, "x", 1) == -1 && errno == EBADF, "open for reading only");
    close(fd);
    fd = open("/dev/foo", O_RDWR);
    check(fd >= 0 && write(fd, "x", 1) == -1 && errno == EINVAL, "there is no writing to it, errno %d", errno);
    lseek(fd, 0, SEEK_SET);
    check(read(fd, (void *)16, 10) == -1 && errno == EFAULT, "bad pointer: EFAULT");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } parts[] = {{"foo", the_stack}, {"silly", silly}, {"device", device}};
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
        if (argc > 1 && strcmp(argv[1], parts[i].name) == 0)
            parts[i].run();
    return checks ? finish() : 2;
}
