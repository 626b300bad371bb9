// SPDX-License-Identifier: MIT
// Runs for ever.
        .globl _start
_start: jmp _start
