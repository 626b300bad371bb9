// SPDX-License-Identifier: MIT
// Divides by zero: #DE, so SIGFPE.
        .globl _start
_start: xorl %ecx, %ecx
        movl $1, %eax
        cltd
        divl %ecx
        hlt
