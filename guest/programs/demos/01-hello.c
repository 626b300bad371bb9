// SPDX-License-Identifier: MIT
// One system call, by hand: write(1, text, 16).
// Rows: H03 int $0x80 switches to ring 0; D01 the number in eax names the call; A01 the arguments' registers.
//
// Look at it:  trapgate explain int80 --of demos/01-hello

#include <asm/unistd.h>
#include <string.h>

static const char text[] = "hello, int 0x80\n";

int main(void)
{
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)                                          // what the kernel returns
                     : "a"(__NR_write), "b"(1), "c"(text), "d"(strlen(text)) // number, fd, buffer, count
                     : "memory");
    return result == (long)strlen(text) ? 0 : 1;
}
