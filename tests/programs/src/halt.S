// SPDX-License-Identifier: MIT
// A kernel that prints to the debug console and halts for good.
        #include "multiboot.inc"
_start: movb $'H', %al
        outb %al, $0xE9
        movb $'\n', %al
        outb %al, $0xE9
        cli
        hlt
        jmp _start
