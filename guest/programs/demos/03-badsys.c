// SPDX-License-Identifier: MIT
// Numbers that name no system call. The table of Linux 2.6.11 has 289 entries, 0 to 288; the kernel compares the
// number with that limit as an unsigned one, so a "negative" number is a very big one and cannot reach back before
// the table.
// Rows: D02 and D03 the comparison; D04 what the program sees; W06 and W07 the wrapper's -1 and errno;
// D06 the boundary.
//
// With `--syscalls extended` the table is longer; 289 is then inside it, and the answer may be another one.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static long trap(unsigned long number)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(0), "c"(0), "d"(0) : "memory");
    return result;
}

static int show(unsigned long number)
{
    long raw = trap(number);
    printf("eax = %-10lu (0x%08lx)  int $0x80 leaves eax = %ld\n", number, number, raw);

    errno = 0;
    long wrapped = syscall(number, 0, 0, 0);
    printf("    through syscall():          returns %ld, errno %d (%s)\n", wrapped, errno, strerror(errno));
    return raw == -ENOSYS && wrapped == -1 && errno == ENOSYS;
}

int main(void)
{
    int good = show(289);
    good &= show(0xFFFFFFFF);
    good &= show(0x80000000);
    return good ? 0 : 1;
}
