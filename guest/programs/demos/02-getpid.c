// SPDX-License-Identifier: MIT
// Four ways to ask the kernel the same question, and how the number alone makes it another question.
// Rows: D01 the number in eax identifies the call, the name is never passed; W01 wrappers; W11 syscall(); G05 API
// and system call are two things.

#include <asm/unistd.h>
#include <stdio.h>
#include <unistd.h>

/// The two instructions that every system call without arguments comes down to. The bytes are the same for every
/// number.
static long trap(long number)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number) : "memory");
    return result;
}

int main(void)
{
    pid_t self = getpid();
    printf("getpid()               = %d   the library's wrapper\n", self);
    printf("syscall(__NR_getpid)   = %ld   the library's general wrapper\n", syscall(__NR_getpid));
    printf("eax = 20, int $0x80    = %ld   no library at all\n", trap(20));
    printf("eax = 64, int $0x80    = %ld   the same instruction, another number: getppid\n", trap(64));
    return trap(20) == self && trap(64) == getppid() && trap(64) != self ? 0 : 1;
}
