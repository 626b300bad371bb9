// SPDX-License-Identifier: MIT
// A system call of one's own. sys_foo() returns the size of the kernel stack; it is in the kernel, and gets a number with
// `--syscalls foo283` or `--syscalls foo338`. In the other profiles the same program is told that there is no such call.
// Rows: N03 and N04 the two numbers; N08 what it returns; N09 the test program; N10 the same binary before and after;
// W20 and W22 the macro.
//
//     09-foo [NUMBER]     283 if none is given

#include <asm/unistd.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#undef __NR_foo // the number of the textbook, whatever the header says
#define __NR_foo 283
_syscall0(long, foo)

int main(int argc, char **argv)
{
    long size = argc > 1 ? syscall(atol(argv[1])) : foo();
    if (size < 0) {
        perror("foo");
        return 1;
    }
    printf("The kernel stack size is %ld\n", size);
    return 0;
}
