// SPDX-License-Identifier: MIT
// A kernel that ends the machine through port 0xF4 with value 5: the host's status is (5 << 1) | 1 = 11.
        #include "multiboot.inc"
_start: movl $5, %eax
        outl %eax, $0xF4
1:      hlt
        jmp 1b
