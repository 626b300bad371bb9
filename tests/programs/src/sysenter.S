// SPDX-License-Identifier: MIT
// Hello through the entry that the auxiliary vector names (AT_SYSINFO, 32): sysenter where the processor has it.
// Stack at the start: argc, argv…, 0, envp…, 0, then pairs of the auxiliary vector. [linux-2.6.11] fs/binfmt_elf.c
        .globl _start
_start: movl (%esp), %ecx
        leal 8(%esp,%ecx,4), %esi
1:      lodsl
        testl %eax, %eax
        jnz 1b
2:      lodsl
        movl %eax, %ebx
        lodsl
        testl %ebx, %ebx
        jz none
        cmpl $32, %ebx
        jne 2b
        movl %eax, %ebp
        movl $4, %eax
        movl $1, %ebx
        movl $text, %ecx
        movl $length, %edx
        call *%ebp
        movl $1, %eax
        xorl %ebx, %ebx
        int $0x80
none:   movl $1, %eax
        movl $9, %ebx
        int $0x80
        .section .rodata
text:   .ascii "hello sysenter\n"
        .equ length, . - text
