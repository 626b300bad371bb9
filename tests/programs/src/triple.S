// SPDX-License-Identifier: MIT
// A kernel that loads an empty IDT and faults: #UD, then double fault, then the processor shuts down.
        #include "multiboot.inc"
_start: lidt empty
        ud2
        .balign 4
empty:  .word 0
        .long 0
