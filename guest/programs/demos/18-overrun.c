// SPDX-License-Identifier: MIT
// What a forgotten check costs. silly_foo(src, dst, len) has one word on the kernel stack and copies len bytes into it. Above
// that word lie the caller's EBP and the return address: a src of 16 bytes chooses where the kernel returns to.
//
//     --syscalls silly338                    our kernel has the check: EINVAL
//     the same on variant `as-printed`       without it: in_ring_0 below, a function of this program, runs with CPL 0
//
// See docs/adding-a-syscall.md. In the debugger: `break sys_silly_foo`, then look at the kernel stack across copy_from_user.
// Rows: U15 the overrun; N11 what the call is for.

#include <asm/unistd.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define __NR_silly_foo 338
static _syscall3(long, silly_foo, const unsigned long *, src, unsigned long *, dst, unsigned long, len)

unsigned long seen_cs; // of whoever came to in_ring_0

/// The kernel's `ret` comes here: esp points at the saved registers (struct pt_regs). The user's EBX and EBP are taken from there,
/// and iret with the five words that `int $0x80` pushed goes back to where the program was, in ring 3.
__asm__("    .text\n"
        "    .globl in_ring_0\n"
        "in_ring_0:\n"
        "    movl %cs, %eax\n"
        "    movl %eax, seen_cs\n"
        "    movl (%esp), %ebx\n"
        "    movl 20(%esp), %ebp\n"
        "    addl $40, %esp\n"
        "    iret\n");
void in_ring_0(void);

int main(void)
{
    unsigned long word = 42, copy = 0, dst[16];
    long result = silly_foo(&word, &copy, sizeof word);
    if (result < 0) {
        perror("silly_foo (is it there? --syscalls silly338)");
        return 1;
    }
    printf("silly_foo of %ld bytes: %lu came back\n", result, copy);

    unsigned long src[4] = {(unsigned long)in_ring_0, (unsigned long)in_ring_0, (unsigned long)in_ring_0, (unsigned long)in_ring_0};
    result = silly_foo(src, dst, sizeof src);
    if (seen_cs == 0) {
        printf("silly_foo of %lu bytes: %s\n", (unsigned long)sizeof src, result < 0 ? strerror(errno) : "copied?");
        return result < 0 && errno == EINVAL ? 0 : 1;
    }
    printf("silly_foo of %lu bytes: my function ran with CS = 0x%lx, CPL %lu\n", (unsigned long)sizeof src, seen_cs, seen_cs & 3);
    return (seen_cs & 3) == 0 ? 3 : 1;
}
