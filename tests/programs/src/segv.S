// SPDX-License-Identifier: MIT
// Touches the kernel's memory: SIGSEGV, and the kernel lives on.
        .globl _start
_start: movl 0xC0100000, %eax
        movl $1, %eax
        xorl %ebx, %ebx
        int $0x80
