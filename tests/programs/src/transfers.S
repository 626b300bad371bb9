// SPDX-License-Identifier: MIT
// A kernel that makes privileged transfers, good and bad, and prints where each of them ends: on port 0xE9, one line a case.
//
//   NAME vv ss:esp eflags ds es fs gs tr ts | words of the stack | back links, saved EIP, EFLAGS, ESP, busy bytes of both TSSs
//
// It runs under `qemu-system-i386 -kernel` too, and in Bochs when a boot loader puts it into memory. The expected lines are in
// tests/programs/transfers.txt; tests/programs/transfers.test says which of them are not as in those two, and why.
// Every case begins with fresh tables in ring 0 and ends in a handler; `int $0x30` is the one for "it went well".
        .text
image:                                // at 0x100000
        #include "multiboot.inc"

        .set code0, 0x08
        .set data0, 0x10
        .set code3, 0x1b
        .set data3, 0x23
        .set tss1_sel, 0x28
        .set tss2_sel, 0x30
        .set ldt_sel, 0x38
        .set conforming, 0x40
        .set short_code, 0x48
        .set gate32, 0x53
        .set task_gate, 0x5b
        .set absent_code, 0x63
        .set absent_data, 0x6b
        .set code1, 0x71
        .set data1, 0x79
        .set tss16_sel, 0x80
        .set gate16, 0x8b
        .set readonly, 0x90
        .set stack16, 0x98
        .set absent_gate, 0xa3
        .set execute_only, 0xab
        .set down, 0xb0

        // Low memory, which every stack segment here reaches.
        .set low_code, 0x6000
        .set tables, 0x20000
        .set gdt, tables
        .set idt, tables + 0x100
        .set tss1, tables + 0x300
        .set tss2, tables + 0x400
        .set tss16, tables + 0x480
        .set ldt, tables + 0x4c0
        .set save, 0x7000
        .set stack0, 0x8000           // esp0
        .set stack_case, 0x8400       // where ring 0 cases run
        .set stack1, 0x8800           // esp1
        .set stack_task, 0x8c00       // of the second task
        .set stack3, 0x9000           // of ring 3

_start: movl $stack_case, %esp
        cld
        movb $0xff, %al               // no interrupts from outside
        outb %al, $0x21
        outb %al, $0xa1
        movl $0x30cd30cd, low_code    // int $0x30, for 16-bit gates and TSSs
        movl $0, save + 32            // the number of the case: task switches change the registers
next_case:
        movl $pristine, %esi
        movl $tables, %edi
        movl $(pristine_end - pristine) / 4, %ecx
        rep movsl
        lgdt gdtr
        lidt idtr
        ljmp $code0, $1f
1:      movl $data0, %eax
        movl %eax, %ds
        movl %eax, %es
        movl %eax, %ss
        xorl %ecx, %ecx
        movl %ecx, %fs
        movl %ecx, %gs
        movl $stack_case, %esp
        pushl $2
        popfl
        clts
        movl $ldt_sel, %eax
        lldt %ax
        movl $tss1_sel, %eax
        ltr %ax
        movl $stack0 - 256, %edi      // all stacks: a known pattern
        movl $0xcccccccc, %eax
        movl $0x1100 / 4, %ecx
        rep stosl
        xorl %eax, %eax
        movl %eax, %dr6
        movb %al, save + 36           // a #DB ends the case
        movl save + 32, %ebp
        incl save + 32
        movl cases(, %ebp, 8), %eax
        testl %eax, %eax
        jz finished
        movl cases + 4(, %ebp, 8), %esi
        call print_text
        jmp *%eax
finished:
        movl $0, %eax
        outl %eax, $0xF4
        hlt

// --- Handlers ---------------------------------------------------------------------------------------
        .macro STUB number
stub\number:
        movl %eax, %ss:save
        movb $\number, %ss:save + 4
        jmp caught
        .endm
        .altmacro
        .set n, 0
        .rept 0x40
        STUB %n
        .set n, n + 1
        .endr
        .noaltmacro

caught: movl %esp, %ss:save + 8
        movw %ss, %ss:save + 12
        movw %ds, %ss:save + 16
        movw %es, %ss:save + 18
        movw %fs, %ss:save + 20
        movw %gs, %ss:save + 22
        movl $data0, %eax
        movl %eax, %ds
        movl %eax, %es
        pushfl
        popl save + 24
        movl %eax, %ss
        xorl %eax, %eax
        movl %eax, %dr7
        movl $stack_case + 0x200, %esp
        pushl $2
        popfl
        movzbl save + 4, %eax
        call hex2
        movzwl save + 12, %eax
        call hex4
        movl save + 8, %eax
        call hex8
        movl save + 24, %eax
        call hex8
        movl $save + 16, %esi
        movl $4, %ecx
1:      lodsw
        call hex4
        loop 1b
        str %ax
        call hex4
        movl %cr0, %eax
        shrl $3, %eax
        andl $1, %eax
        call hex2
        movb $'|', %al
        outb %al, $0xE9
        // The stack from ESP to the end of its kilobyte.
        movl save + 8, %esi
        andl $0xffff, %esi
        movl %esi, %edx
        addl $0x3ff, %edx
        andl $~0x3ff, %edx
1:      cmpl %edx, %esi
        jae 2f
        movl (%esi), %eax
        addl $4, %esi
        call hex8
        jmp 1b
2:      movb $'|', %al
        outb %al, $0xE9
        movzwl tss1, %eax
        call hex4
        movzwl tss2, %eax
        call hex4
        movl tss1 + 0x20, %eax
        call hex8
        movl tss1 + 0x24, %eax
        call hex8
        movl tss1 + 0x38, %eax
        call hex8
        movl tss2 + 0x24, %eax
        call hex8
        movzbl gdt + tss1_sel + 5, %eax
        call hex2
        movzbl gdt + tss2_sel + 5, %eax
        call hex2
        movzbl gdt + tss16_sel + 5, %eax
        call hex2
        movb $'\n', %al
        outb %al, $0xE9
        jmp next_case

// #DB: ends the case, or prints DR6, EIP and EFLAGS, steps over an instruction breakpoint and goes on.
debug:  cmpb $0, %ss:save + 36
        je stub1
        pushl %eax
        movb $'(', %al
        outb %al, $0xE9
        movl %dr6, %eax
        call hex4
        movl 4(%esp), %eax
        call hex8
        movl 12(%esp), %eax
        call hex8
        movb $')', %al
        outb %al, $0xE9
        movl %dr6, %eax
        testb $1, %al                 // breakpoint 0 is the one on instructions
        jz 1f
        orl $0x10000, 12(%esp)
1:      xorl %eax, %eax
        movl %eax, %dr6
        popl %eax
        iretl

hex8:   pushl %eax
        shrl $16, %eax
        call digits4
        popl %eax
        call digits4
        jmp blank
hex4:   call digits4
        jmp blank
hex2:   rolw $8, %ax
        pushl %ecx
        movl $2, %ecx
        call digits
        popl %ecx
blank:  movb $' ', %al
        outb %al, $0xE9
        ret
digits4:
        pushl %ecx
        movl $4, %ecx
        call digits
        popl %ecx
        ret
digits: rolw $4, %ax                  // CX digits of AX, highest first
        pushl %eax
        andb $15, %al
        cmpb $10, %al
        jb 1f
        addb $'a' - '0' - 10, %al
1:      addb $'0', %al
        outb %al, $0xE9
        popl %eax
        loop digits
        ret
print_text:
        pushl %eax
1:      lodsb
        testb %al, %al
        jz blank_and_return
        outb %al, $0xE9
        jmp 1b
blank_and_return:
        popl %eax
        pushl %eax
        call blank
        popl %eax
        ret

// --- Cases ------------------------------------------------------------------------------------------
        .macro CASE name:req
        .pushsection .rodata.cases, "a"
        .long 771f, 772f
        .popsection
        .pushsection .rodata.names, "a"
772:    .asciz "\name"
        .popsection
771:
        .endm
        // Goes on in ring 3.
        .macro RING3
        pushl $data3
        pushl $stack3
        pushl $0x202
        pushl $code3
        pushl $773f
        iretl
773:
        .endm
        .macro FRAME eip, cs, eflags, esp, ss
        pushl $\ss
        pushl $\esp
        pushl $\eflags
        pushl $\cs
        pushl $\eip
        .endm
        .macro GOOD
        int $0x30
        .endm

        .section .rodata.cases, "a"
        .balign 4
cases:
        .text
well:   GOOD

        #ifndef CASES
        #define CASES "transfer-cases.inc"
        #endif
        #include CASES

        .section .rodata.cases, "a"
        .long 0, 0
        .text

// --- Tables: pristine copies, copied to `tables` before each case --------------------------------------
        .macro SEGMENT base, limit, access, flags // flags: high nibble G D 0 0
        .word (\limit) & 0xffff, (\base) & 0xffff
        .byte ((\base) >> 16) & 0xff, \access, (\flags) | (((\limit) >> 16) & 15), ((\base) >> 24) & 0xff
        .endm
        // `where` is in this image's first 64 KB.
        .macro GATE where, selector, access, parameters=0
        .word \where - image, \selector
        .byte \parameters, \access
        .word 0x10
        .endm

        .data
        .balign 16
pristine:
        .quad 0
        SEGMENT 0, 0xfffff, 0x9b, 0xc0       // 08
        SEGMENT 0, 0xfffff, 0x93, 0xc0       // 10
        SEGMENT 0, 0xfffff, 0xfb, 0xc0       // 18
        SEGMENT 0, 0xfffff, 0xf3, 0xc0       // 20
        SEGMENT tss1, 0x80, 0x89, 0   // 28
        SEGMENT tss2, 0x67, 0x89, 0   // 30
        SEGMENT ldt, 15, 0x82, 0      // 38
        SEGMENT 0, 0xfffff, 0x9f, 0xc0       // 40
        SEGMENT 0, 0x0ffff, 0xfb, 0x40       // 48
        GATE well, code0, 0xec, 2            // 50
        GATE image, tss2_sel, 0xe5        // 58
        SEGMENT 0, 0xfffff, 0x7b, 0xc0       // 60
        SEGMENT 0, 0xfffff, 0x73, 0xc0       // 68
        SEGMENT 0, 0xfffff, 0xbb, 0xc0       // 70
        SEGMENT 0, 0xfffff, 0xb3, 0xc0       // 78
        SEGMENT tss16, 0x2b, 0x81, 0  // 80
        .word low_code, code0, 0xe401, 0     // 88
        SEGMENT 0, 0xfffff, 0x91, 0xc0       // 90
        SEGMENT 0, 0x0ffff, 0x93, 0x00       // 98
        GATE well, code0, 0x6c               // a0
        SEGMENT 0, 0xfffff, 0xf9, 0xc0       // a8
        SEGMENT 0, 0x00fff, 0x97, 0x40       // b0
        .skip 0x100 - (. - pristine)
        .set n, 0
        .macro EXCEPTION number
        GATE stub\number, code0, 0x8e
        .endm
        .altmacro
        EXCEPTION 0
        GATE debug, code0, 0x8e
        .set n, 2
        .rept 0x2e
        EXCEPTION %n
        .set n, n + 1
        .endr
        .noaltmacro
        GATE stub48, code0, 0xef             // 30
        GATE stub49, code0, 0xee             // 31
        GATE stub50, code0, 0x8f             // 32
        GATE stub51, code0, 0x6f             // 33
        GATE stub52, code0, 0xec             // 34: a call gate
        GATE stub53, 0, 0xef                 // 35
        GATE stub54, data0, 0xef             // 36
        GATE well, conforming, 0xef          // 37
        GATE well, code1, 0xef               // 38
        GATE image, tss2_sel, 0xe5        // 39
        .word low_code, code0, 0xe700, 0     // 3a: 16 bit
        GATE stub59, 0xf8, 0xef              // 3b
        GATE stub60, absent_code, 0xef       // 3c
        GATE well, code3, 0xef               // 3d
        .quad 0                              // 3e
        GATE image, data0, 0xe5           // 3f: a task gate to data
        .long 0, stack0, data0, stack1, data1, 0, 0, 0
        .fill 17, 4, 0
        .word 0, 0x68
        .byte 0xfe, 0x7f, 0xff, 0xff         // ports 0 and 15 are free
        .fill 24, 1, 0xff
        .skip 0x400 - (. - pristine)
        .long 0, stack0, data0, 0, 0, 0, 0, 0
        .long well, 0x202, 1, 2, 3, 4, stack_task, 5, 6, 7
        .long data0, code0, data0, data0, 0, 0, ldt_sel
        .word 0, 0x68
        .skip 0x480 - (. - pristine)
        .word 0, 0, 0, 0, 0, 0, 0
        .word low_code, 0x0202, 1, 2, 3, 4, stack_task, 5, 6, 7
        .word data0, code0, data0, data0, 0
        .skip 0x4c0 - (. - pristine)
        .quad 0
        SEGMENT 0, 0xfffff, 0xf3, 0xc0       // 0c
pristine_end:

        .data
gdtr:   .word 0xb7
        .long gdt
idtr:   .word 0x40 * 8 - 1
        .long idt

