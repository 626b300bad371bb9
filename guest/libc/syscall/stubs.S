/* SPDX-License-Identifier: MIT */
/*
 * The wrappers: one function a system call, all of one shape.  [W01] [W02]
 *
 * What a wrapper does, in five steps (The Linux Programming Interface, "System Calls"):
 *   1. the caller has pushed the arguments;
 *   2. they go from the stack to the registers ebx ecx edx esi edi ebp;  [W03] [A01]
 *   3. the number goes to eax;                                            [W04] [A07]
 *   4. the trap;                                                          [W05]
 *   5. an error in eax becomes errno and -1.                              [W06]
 *
 * ebx, esi, edi and ebp belong to the caller and are saved around it. So after n pushes argument i (from 1) lies at
 * 4 * (n + i) from esp: with one push, at 8, 12 and 16.
 *
 * The list itself is syscalls.list: `CALL(name, number, arguments)`. The names are weak: a program may have a function of
 * its own under any of them, for instance one that _syscall3 makes.
 */
#include <asm/unistd.h>
#include "enter.h"

#define WRAPPER(name)			\
FUNCTION(name);				\
	.weak	name

#define CALL0(name, number)		\
WRAPPER(name);				\
	movl	$number, %eax;		\
	ENTER_KERNEL			\
	RETURN_OR_ERRNO;		\
END_FUNCTION(name)

#define CALL1(name, number)		\
WRAPPER(name);				\
	PUSH(ebx);			\
	movl	8(%esp), %ebx;		\
	movl	$number, %eax;		\
	ENTER_KERNEL			\
	POP(ebx);			\
	RETURN_OR_ERRNO;		\
END_FUNCTION(name)

#define CALL2(name, number)		\
WRAPPER(name);				\
	PUSH(ebx);			\
	movl	8(%esp), %ebx;		\
	movl	12(%esp), %ecx;		\
	movl	$number, %eax;		\
	ENTER_KERNEL			\
	POP(ebx);			\
	RETURN_OR_ERRNO;		\
END_FUNCTION(name)

/* The steps by their numbers; the others differ in step 2 only. */
#define CALL3(name, number)		\
WRAPPER(name);		/* 1. */	\
	PUSH(ebx);			\
	movl	8(%esp), %ebx;	/* 2. */ \
	movl	12(%esp), %ecx;		\
	movl	16(%esp), %edx;		\
	movl	$number, %eax;	/* 3. */ \
	ENTER_KERNEL		/* 4. */ \
	POP(ebx);			\
	RETURN_OR_ERRNO;	/* 5. */ \
END_FUNCTION(name)

#define CALL4(name, number)		\
WRAPPER(name);				\
	PUSH(esi);			\
	PUSH(ebx);			\
	movl	12(%esp), %ebx;		\
	movl	16(%esp), %ecx;		\
	movl	20(%esp), %edx;		\
	movl	24(%esp), %esi;		\
	movl	$number, %eax;		\
	ENTER_KERNEL			\
	POP(ebx);			\
	POP(esi);			\
	RETURN_OR_ERRNO;		\
END_FUNCTION(name)

#define CALL5(name, number)		\
WRAPPER(name);				\
	PUSH(edi);			\
	PUSH(esi);			\
	PUSH(ebx);			\
	movl	16(%esp), %ebx;		\
	movl	20(%esp), %ecx;		\
	movl	24(%esp), %edx;		\
	movl	28(%esp), %esi;		\
	movl	32(%esp), %edi;		\
	movl	$number, %eax;		\
	ENTER_KERNEL			\
	POP(ebx);			\
	POP(esi);			\
	POP(edi);			\
	RETURN_OR_ERRNO;		\
END_FUNCTION(name)

#define CALL6(name, number)		\
WRAPPER(name);				\
	PUSH(ebp);			\
	PUSH(edi);			\
	PUSH(esi);			\
	PUSH(ebx);			\
	movl	20(%esp), %ebx;		\
	movl	24(%esp), %ecx;		\
	movl	28(%esp), %edx;		\
	movl	32(%esp), %esi;		\
	movl	36(%esp), %edi;		\
	movl	40(%esp), %ebp;		\
	movl	$number, %eax;		\
	ENTER_KERNEL			\
	POP(ebx);			\
	POP(esi);			\
	POP(edi);			\
	POP(ebp);			\
	RETURN_OR_ERRNO;		\
END_FUNCTION(name)

#define CALL(name, number, count) CALL##count(name, number)

	.text
#include "syscalls.list"

	.section .note.GNU-stack, "", @progbits
