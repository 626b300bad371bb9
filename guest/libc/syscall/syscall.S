/* SPDX-License-Identifier: MIT */
/*
 * long syscall(long number, ...): any system call by its number.  [W11] [W10]
 *
 *     0(%esp)..12(%esp)   the four registers pushed here
 *    16(%esp)             return address
 *    20(%esp)             number
 *    24(%esp)..44(%esp)   arguments 1 to 6
 *
 * It cannot know how many arguments there are, so all six registers are loaded; what was not passed is whatever
 * lies there, and the kernel does not look at it.
 */
#include "enter.h"

#define PUSHARGS_6			\
	PUSH(ebp);			\
	PUSH(edi);			\
	PUSH(esi);			\
	PUSH(ebx)

#define POPARGS_6			\
	POP(ebx);			\
	POP(esi);			\
	POP(edi);			\
	POP(ebp)

/* The last argument lies at `n`; each one before it 4 bytes below. */
#define _DOARGS_6(n)			\
	movl	(n)(%esp), %ebp;	\
	movl	(n) - 4(%esp), %edi;	\
	movl	(n) - 8(%esp), %esi;	\
	movl	(n) - 12(%esp), %edx;	\
	movl	(n) - 16(%esp), %ecx;	\
	movl	(n) - 20(%esp), %ebx

#define SYSCALL_ERROR_LABEL __syscall_error

	.text
FUNCTION(syscall)
	PUSHARGS_6				/* the four that belong to the caller */
	_DOARGS_6(44)				/* arguments to registers */
	movl	20(%esp), %eax			/* number */
	ENTER_KERNEL
	POPARGS_6
	cmpl	$-4095, %eax			/* unsigned: -4095 ... -1 are errors */
	jae	SYSCALL_ERROR_LABEL
	ret
END_FUNCTION(syscall)

	.section .note.GNU-stack, "", @progbits
