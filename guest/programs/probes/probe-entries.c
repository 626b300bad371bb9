// SPDX-License-Identifier: MIT
// The two ways into the kernel, int $0x80 and __kernel_vsyscall (whose address is AT_SYSINFO), in one process.
// Rows: E14 both are accepted at the same time; H14 sysenter is the second way in; A01 the sixth argument on both
// ways.

#include "probe.h"

#include <elf.h>

static void *vsyscall;

static long by_vsyscall(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("call *%5"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c), "m"(vsyscall)
                     : "memory");
    return result;
}

static void alternate(void)
{
    pid_t self = getpid();
    int equal = 0;
    for (int i = 0; i < 1000; i++) {
        equal += raw(__NR_getpid, 0, 0, 0) == self;
        equal += by_vsyscall(__NR_getpid, 0, 0, 0) == self;
    }
    check(equal == 2000, "int $0x80 and call *AT_SYSINFO in turn: %d of 2000 answers are the pid", equal);
}

static void compare(const char *name, long number, long a, long b, long c)
{
    long first = raw(number, a, b, c), second = by_vsyscall(number, a, b, c);
    check(first == second, "%s: %ld by int $0x80, %ld by AT_SYSINFO", name, first, second);
}

/// mmap2 has six arguments: an unmapped page where the sixth, the offset, decides what is seen.
static long map_by_vsyscall(int fd, long page)
{
    long result;
    long arguments[2] = {__NR_mmap2, page};
    __asm__ volatile("pushl %%ebp\n\t"
                     "pushl %7\n\t"
                     "movl 4(%%eax), %%ebp\n\t"
                     "movl (%%eax), %%eax\n\t"
                     "call *(%%esp)\n\t"
                     "addl $4, %%esp\n\t"
                     "popl %%ebp"
                     : "=a"(result)
                     : "0"(arguments), "b"(0), "c"(4096), "d"(1), "S"(2), "D"(fd), "m"(vsyscall)
                     : "memory");
    return result;
}

static void sixth_argument(void)
{
    static const char path[] = "/tmp/probe-entries.tmp";
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    char page[4096];
    for (int i = 0; i < 3; i++) {
        memset(page, 'a' + i, sizeof page);
        write(fd, page, sizeof page);
    }
    long address = map_by_vsyscall(fd, 2);
    int mapped = (unsigned long)address < -4095ul;
    check(mapped && *(char *)address == 'c', "mmap2 by AT_SYSINFO, offset 2 pages: %s, first byte %c",
          mapped ? "mapped" : "failed", mapped ? *(char *)address : '-');
    close(fd);
    unlink(path);
}

int main(void)
{
    vsyscall = (void *)getauxval(AT_SYSINFO);
    if (!check(vsyscall != NULL, "AT_SYSINFO is %p", vsyscall))
        return finish();
    alternate();
    compare("getppid", __NR_getppid, 0, 0, 0);
    compare("close(-1)", __NR_close, -1, 0, 0);
    compare("open(\"/none\")", __NR_open, (long)"/none", 0, 0);
    compare("write(1, \"\", 0)", __NR_write, 1, (long)"", 0);
    compare("number 0xffffffff", -1, 0, 0, 0);
    sixth_argument();
    return finish();
}
