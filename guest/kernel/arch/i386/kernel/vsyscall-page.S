// SPDX-License-Identifier: MIT
// The code of the page at 0xffffe000 that every process can call (AT_SYSINFO): a system call by sysenter.
//
//	0xffffe400  __kernel_vsyscall	saves what sysenter and sysexit overwrite, copies ESP to EBP for sysenter_entry
//	0xffffe410  SYSENTER_RETURN	where sysexit continues
//	0xffffe420  __kernel_sigreturn, 0xffffe440  __kernel_rt_sigreturn	the end of a signal handler
//
// A call that must start again returns to EIP - 2, the jmp at byte 14, which repeats the sysenter. [linux-2.6.11].
#include <asm/unistd.h>

	.text
	.globl	__kernel_vsyscall
	.type	__kernel_vsyscall, @function
__kernel_vsyscall:
	pushl	%ecx
	pushl	%edx
	pushl	%ebp
enter_kernel:
	movl	%esp, %ebp
	sysenter
	.fill	7, 1, 0x90
	jmp	enter_kernel
SYSENTER_RETURN:
	popl	%ebp
	popl	%edx
	popl	%ecx
	ret
	.size	__kernel_vsyscall, . - __kernel_vsyscall

	.balign	32
	.globl	__kernel_sigreturn
	.type	__kernel_sigreturn, @function
__kernel_sigreturn:
	popl	%eax
	movl	$__NR_sigreturn, %eax
	int	$0x80
	.size	__kernel_sigreturn, . - __kernel_sigreturn

	.balign	32
	.globl	__kernel_rt_sigreturn
	.type	__kernel_rt_sigreturn, @function
__kernel_rt_sigreturn:
	movl	$__NR_rt_sigreturn, %eax
	int	$0x80
	.size	__kernel_rt_sigreturn, . - __kernel_rt_sigreturn
