// SPDX-License-Identifier: MIT
// The textbook's test program, word for word but for what its scanner misread. It knows nothing of errors: without the call it
// prints -1. It is also the small program that a shell needs before a script can ask (rows N09, N19).

#include <asm/unistd.h>
#include <stdio.h>

#undef __NR_foo // some kernel may have it under another number
#define __NR_foo 283
_syscall0(long, foo)

int main()
{
    long stack_size;
    stack_size = foo();
    printf("The kernel stack size is %ld\n", stack_size);
    return 0;
}
