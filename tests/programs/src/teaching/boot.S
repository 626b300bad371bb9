// SPDX-License-Identifier: MIT
// The teaching kernel's first instructions and its way in and out of interrupts. It is a test subject: a kernel as a student
// writes it, which knows nothing of the machine that shows it. Source: [multiboot]; the frames are those of [SDM3].
        .section .multiboot, "a"
        .balign 4
#ifdef ADDRESS_FIELDS // for loaders that know no ELF
multiboot_header:
        .long 0x1badb002, 0x10003, -(0x1badb002 + 0x10003)
        .long multiboot_header, multiboot_header, data_end, bss_end, _start
#else
        .long 0x1badb002, 3, -(0x1badb002 + 3)
#endif

        .text
        .globl _start, load_tables, run_user, leave_user, user_code
        .type _start, @function
_start:
        movl $stack_top, %esp
        pushl $0
        popfl
        pushl %ebx
        pushl %eax
        call kernel_main
1:      cli
        hlt
        jmp 1b
        .size _start, . - _start

// void load_tables(void *gdtr, void *idtr): and all segment registers, and the task register.
        .type load_tables, @function
load_tables:
        movl 4(%esp), %eax
        lgdt (%eax)
        movl 8(%esp), %eax
        lidt (%eax)
        movw $0x10, %ax
        movw %ax, %ds
        movw %ax, %es
        movw %ax, %fs
        movw %ax, %gs
        movw %ax, %ss
        ljmp $0x08, $1f
1:      movw $0x28, %ax
        ltr %ax
        ret
        .size load_tables, . - load_tables

// One stub for each vector: a dummy error code where the processor pushes none, then the number.
        .macro stub number, has_error
        .balign 16
stub_\number:
        .if \has_error == 0
        pushl $0
        .endif
        pushl $\number
        jmp common_entry
        .endm

        .globl stubs
        .balign 16
stubs:
        .altmacro
        .set n, 0
        .rept 49
        .if n == 8 || (n >= 10 && n <= 14) || n == 17
        stub %n, 1
        .else
        stub %n, 0
        .endif
        .set n, n + 1
        .endr

        .type common_entry, @function
common_entry:
        pushal
        pushl %ds
        pushl %es
        movw $0x10, %ax
        movw %ax, %ds
        movw %ax, %es
        cld
        pushl %esp
        call on_interrupt
        addl $4, %esp
        popl %es
        popl %ds
        popal
        addl $8, %esp
        iret
        .size common_entry, . - common_entry

// void run_user(u32 eip, u32 esp): to ring 3 by iret; comes back when the program asks to leave.
        .type run_user, @function
run_user:
        pushal
        movl %esp, resume_esp
        movl 36(%esp), %eax
        movl 40(%esp), %edx
        movw $0x23, %cx
        movw %cx, %ds
        movw %cx, %es
        pushl $0x23
        pushl %edx
        pushl $0x202
        pushl $0x1b
        pushl %eax
        iret
leave_user:
        movl resume_esp, %esp
        movw $0x10, %ax
        movw %ax, %ds
        movw %ax, %es
        popal
        ret
        .size run_user, . - run_user

// The program: says something by int 0x30, reads its own privilege level, and leaves.
        .type user_code, @function
user_code:
        movl $1, %eax
        movl $user_text, %ebx
        int $0x30
        movl $2, %eax
        movl %cs, %ebx
        andl $3, %ebx
        int $0x30
        movl $3, %eax
        int $0x30
        .size user_code, . - user_code

        .section .rodata
user_text: .asciz "hello from ring 3"

        .bss
        .balign 16
        .skip 8192
stack_top:
        .globl interrupt_stack_top, user_stack_top
        .skip 4096
interrupt_stack_top:
        .skip 4096
user_stack_top:
resume_esp: .long 0

        .section .note.GNU-stack, "", @progbits
