/* SPDX-License-Identifier: MIT */
/*
 * The first instruction of every program.
 *
 * execve leaves the stack so (i386 ABI; esp points at argc, all other registers are zero):
 *
 *     esp ->  argc
 *             argv[0] ... argv[argc-1], 0
 *             envp[0] ... , 0
 *             auxiliary vector: pairs (type, value) up to AT_NULL
 *             the strings themselves
 *
 * ebp = 0 ends the chain of frame pointers, so that a backtrace stops here.
 */
	.text
	.globl	_start
	.type	_start, @function
_start:
	.cfi_startproc
	.cfi_undefined eip
	xorl	%ebp, %ebp
	movl	%esp, %eax		/* where argc lies */
	andl	$-16, %esp
	pushl	%eax
	call	__libc_start
	hlt				/* never reached: __libc_start ends in exit() */
	.cfi_endproc
	.size	_start, . - _start

	.section .note.GNU-stack, "", @progbits
