/* SPDX-License-Identifier: MIT */
/*
 * ENTER_KERNEL: the instruction that switches to ring 0.  [H14] [E14] [W05]
 *
 * There are two ways in, and the kernel tells by the auxiliary vector whether it offers the second:
 * AT_SYSINFO is the address of __kernel_vsyscall, which uses sysenter where the processor has it. Without AT_SYSINFO
 * (boot word `nosysenter`, or a processor without SEP) it is `int $0x80`. Registers and results are the same.
 */
#define ENTER_KERNEL			\
	cmpl	$0, __vsyscall;		\
	jne	8f;			\
	int	$0x80;			\
	jmp	9f;			\
8:	call	*__vsyscall;		\
9:

/*
 * The end of every wrapper. Unsigned comparison: exactly -4095 ... -1 are errors, everything else, also a "negative"
 * address such as 0xfffff000, is a result.  [W06] [W07] [W10]
 */
#define RETURN_OR_ERRNO			\
	cmpl	$-4095, %eax;		\
	jae	__syscall_error;	\
	ret

#define FUNCTION(name)			\
	.globl	name;			\
	.type	name, @function;	\
	.balign	16;			\
name:	.cfi_startproc

#define END_FUNCTION(name)		\
	.cfi_endproc;			\
	.size	name, . - name

/* pushl and popl with what an unwinder has to know about them. */
#define PUSH(register)			\
	pushl	%register;		\
	.cfi_adjust_cfa_offset 4;	\
	.cfi_rel_offset register, 0

#define POP(register)			\
	popl	%register;		\
	.cfi_adjust_cfa_offset -4;	\
	.cfi_restore register
