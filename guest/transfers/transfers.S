// SPDX-License-Identifier: MIT
// A kernel of one page that makes the transfers which Linux' way of working has no use for: `trapgate explain callgate`,
// `farret`, `taskgate` … run it and show what its processor did. Each place has a symbol; it writes to the text screen how far
// it came. Source: [SDM3] "Call Gates", "Task Switching"; [multiboot].
        .set code0, 0x08
        .set data0, 0x10
        .set code3, 0x1b
        .set data3, 0x23
        .set first_tss, 0x28
        .set second_tss, 0x30
        .set call_gate, 0x3b                  // DPL 3, two parameters
        .set task_gate, 0x43                  // DPL 3
        .set short_tss, 0x53                  // DPL 3; shorter than a TSS may be
        .set screen, 0xb8000

        .text
        .balign 4
        .long 0x1badb002, 0, -0x1badb002

        .macro place name
        .globl \name
        .type \name, @function
\name:
        .endm

// --- Ring 0: tables, then a far jump, a far call and its return, and down to ring 3 ------------------
place _start
        movl $stack0_top, %esp
        lgdt gdtr
        lidt idtr
        call fill_tables
place far_jump
        ljmp $code0, $far_jump_target
place far_jump_target
        movl $data0, %eax
        movl %eax, %ds
        movl %eax, %es
        movl %eax, %ss
        xorl %eax, %eax
        movl %eax, %fs
        movl %eax, %gs
        movl $first_tss, %eax
        ltr %ax
        movl $1, %eax
        call report
place far_call
        lcall $code0, $far_called
        movl $2, %eax
        call report
        pushl $data3
        pushl $stack3_top
        pushl $0x202
        pushl $code3
        pushl $in_ring3
place to_ring3
        iret

place far_called
        lret

// --- Ring 3: a call gate with parameters, a task gate by CALL, JMP and INT, an interrupt of the timer ---
place in_ring3
        movl $data3, %eax
        movl %eax, %ds
        movl %eax, %es
        pushl $0x22222222
        pushl $0x11111111
place call_gate_call
        lcall $call_gate, $0                  // the offset is the gate's affair
        movl $3, %eax
        int $0x30
place task_call
        lcall $task_gate, $0
        movl $4, %eax
        int $0x30
place task_interrupt
        int $0x40
        movl $5, %eax
        int $0x30
        movl $0x20, %ecx                      // and somebody else interrupts: IRQ 0
        int $0x31
place wait_for_interrupt
        cmpl $0, interrupted
        je wait_for_interrupt
place invalid_tss
        lcall $short_tss, $0
place undefined_instruction
        ud2

// --- Handlers ----------------------------------------------------------------------------------------
place through_call_gate                       // parameters: 8(%esp) and 12(%esp), above EIP and CS
        movl 8(%esp), %eax
place far_return
        lret $8

place second_task                             // goes on here each time; NT is set: IRET switches back
        iret
        jmp second_task

place on_report
        call report
        iret

place start_timer
        movb $0x11, %al
        outb %al, $0x20
        movb $0x20, %al                       // IRQ 0 is vector 20h
        outb %al, $0x21
        movb $0x04, %al
        outb %al, $0x21
        movb $0x01, %al
        outb %al, $0x21
        movb $0xfe, %al
        outb %al, $0x21
        movb $0x34, %al
        outb %al, $0x43
        movb $100, %al
        outb %al, $0x40
        movb $0, %al
        outb %al, $0x40
        iret

place on_timer
        pushl %eax
        movl $1, %ss:interrupted
        movb $0x20, %al
        outb %al, $0x20
        popl %eax
        iret

place on_invalid_tss                          // steps over the call, seven bytes
        addl $7, 4(%esp)
        addl $4, %esp
        iret

place on_double_fault                         // by a task gate: with a stack of its own
        movl $7, %eax
        call report
        cli
        hlt

place on_undefined                            // raises the next one: there is no stack any more
        movl $6, %eax
        call report
        movl $0x3000000, %esp
        xorl %eax, %eax
        movl %eax, %ds
place exception_in_handler
        movl 0, %eax                          // #GP: DS is null. Its gate is absent: #NP, and that is a double fault

// EAX steps are done: as many stars in the first row.
place report
        movl $data0, %edx
        movl %edx, %es
        movw $0x0a2a, %es:screen(, %eax, 2)
        movl $data3, %edx
        movl %edx, %es
        ret

// --- Tables -------------------------------------------------------------------------------------------
// Offsets of gates are split in two: done here, not by the assembler.
fill_tables:
        movl $gates, %esi
1:      movl (%esi), %edi
        testl %edi, %edi
        jz 2f
        movl 4(%esi), %eax
        movw %ax, (%edi)
        shrl $16, %eax
        movw %ax, 6(%edi)
        addl $8, %esi
        jmp 1b
2:      movl $descriptors, %esi
3:      movl (%esi), %edi
        testl %edi, %edi
        jz 4f
        movl 4(%esi), %eax
        movw %ax, 2(%edi)
        shrl $16, %eax
        movb %al, 4(%edi)
        movb %ah, 7(%edi)
        addl $8, %esi
        jmp 3b
4:      ret

        .data
        .balign 8
gdt:    .quad 0
        .quad 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00cffb000000ffff, 0x00cff3000000ffff
        .quad 0x0000890000000067, 0x0000e90000000067          // two TSSs
        .quad 0x0000ec0200000000 | code0 << 16                // call gate, two parameters
        .quad 0x0000e50000000000 | second_tss << 16           // task gate
        .quad 0x0000890000000067                              // the double fault's TSS
        .quad 0x0000e90000000040                              // one that is too short
gdt_end:
        .set double_fault_tss, 0x48
idt:    .fill 6, 8, 0
        .quad 0x00008e0000000000 | code0 << 16                // 6: #UD
        .quad 0
        .quad 0x0000850000000000 | double_fault_tss << 16     // 8: #DF, a task gate
        .quad 0
        .quad 0x00008e0000000000 | code0 << 16                // 10: #TS
        .fill 0x20 - 11, 8, 0
        .quad 0x00008e0000000000 | code0 << 16                // 20h: the timer
        .fill 0x30 - 0x21, 8, 0
        .quad 0x0000ee0000000000 | code0 << 16                // 30h: report
        .quad 0x0000ee0000000000 | code0 << 16                // 31h: start the timer
        .fill 0x40 - 0x32, 8, 0
        .quad 0x0000e50000000000 | second_tss << 16           // 40h: a task gate
idt_end:
gates:  .long gdt + 0x38, through_call_gate
        .long idt + 10 * 8, on_invalid_tss
        .long idt + 6 * 8, on_undefined
        .long idt + 0x20 * 8, on_timer
        .long idt + 0x30 * 8, on_report
        .long idt + 0x31 * 8, start_timer
        .long 0
descriptors:
        .long gdt + first_tss, tss1, gdt + second_tss, tss2, gdt + double_fault_tss, tss3, 0
gdtr:   .word gdt_end - gdt - 1
        .long gdt
idtr:   .word idt_end - idt - 1
        .long idt
        .globl interrupted
interrupted: .long 0

        .balign 8
        .globl tss1, tss2, tss3
tss1:   .long 0, stack0_top, data0
        .fill 23, 4, 0
tss2:   .long 0, 0, 0, 0, 0, 0, 0, 0, second_task, 2
        .long 0, 0, 0, 0, task_stack_top, 0, 0, 0
        .long data0, code0, data0, data0, 0, 0, 0, 0
tss3:   .long 0, 0, 0, 0, 0, 0, 0, 0, on_double_fault, 2
        .long 0, 0, 0, 0, fault_stack_top, 0, 0, 0
        .long data0, code0, data0, data0, 0, 0, 0, 0

        .bss
        .balign 16
        .skip 1024
stack0_top:
        .skip 1024
stack3_top:
        .skip 1024
task_stack_top:
        .skip 1024
fault_stack_top:

        .section .note.GNU-stack, "", @progbits
