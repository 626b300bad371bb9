/* SPDX-License-Identifier: MIT */
/*
 * vfork, clone and the returns from signal handlers: calls after which the stack is not the one the wrapper left.
 *
 * They always use `int $0x80`. __kernel_vsyscall keeps three registers on the user stack while it is in the kernel;
 * a vfork child shares that stack and would overwrite them, and a clone child starts on another one.
 */
#include <asm/unistd.h>
#include "enter.h"

	.text

/*
 * pid_t vfork(void): the parent sleeps while the child runs on the parent's stack, so the child's calls overwrite the
 * word above esp, our return address. It stays in ecx meanwhile, which the kernel preserves for both.  [V04]
 */
FUNCTION(vfork)
	popl	%ecx
	.cfi_adjust_cfa_offset -4
	.cfi_register eip, ecx
	movl	$__NR_vfork, %eax
	int	$0x80
	pushl	%ecx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset eip, 0
	RETURN_OR_ERRNO
END_FUNCTION(vfork)

/*
 * int clone(int (*fn)(void *), void *stack, int flags, void *arg, int *ptid, void *tls, int *ctid)
 *
 * The kernel's call returns twice, in the child on the new stack.  [T07] [F03]  Two words are put there beforehand:
 * the child pops the address of fn and finds arg as fn's argument.
 */
FUNCTION(clone)
	movl	8(%esp), %ecx			/* stack */
	andl	$-16, %ecx
	subl	$16, %ecx
	movl	16(%esp), %eax
	movl	%eax, 4(%ecx)			/* arg */
	movl	4(%esp), %eax
	movl	%eax, (%ecx)			/* fn */

	PUSH(ebx)
	PUSH(esi)
	PUSH(edi)
	movl	24(%esp), %ebx			/* flags */
	movl	32(%esp), %edx			/* ptid */
	movl	36(%esp), %esi			/* tls */
	movl	40(%esp), %edi			/* ctid */
	movl	$__NR_clone, %eax
	int	$0x80
	testl	%eax, %eax
	jz	1f
	POP(edi)
	POP(esi)
	POP(ebx)
	RETURN_OR_ERRNO

1:	.cfi_undefined eip
	xorl	%ebp, %ebp			/* a backtrace ends here */
	popl	%eax
	call	*%eax
	movl	%eax, %ebx
	movl	$__NR_exit, %eax		/* this task only, not its group */
	int	$0x80
	hlt
END_FUNCTION(clone)

/*
 * A handler returns here (sa_restorer), with esp on the signal frame. The bytes are the signature by which debuggers
 * recognise such a frame, so they may not change.
 */
FUNCTION(__restore)
	popl	%eax
	movl	$__NR_sigreturn, %eax
	int	$0x80
END_FUNCTION(__restore)

FUNCTION(__restore_rt)
	movl	$__NR_rt_sigreturn, %eax
	int	$0x80
END_FUNCTION(__restore_rt)

	.section .note.GNU-stack, "", @progbits
