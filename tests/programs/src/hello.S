// SPDX-License-Identifier: MIT
// Hello without a libc: write(2) and exit(2) through int 0x80. Numbers: [linux-2.6.11] include/asm-i386/unistd.h.
        .globl _start
_start: movl $4, %eax
        movl $1, %ebx
        movl $text, %ecx
        movl $length, %edx
        int $0x80
        movl $1, %eax
        movl $3, %ebx
        int $0x80
        .section .rodata
text:   .ascii "hello int80\n"
        .equ length, . - text
