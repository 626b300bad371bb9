// SPDX-License-Identifier: MIT
// The linked vsyscall page as bytes of the kernel; sysenter_setup copies them to the page that is mapped at 0xffffe000.
	.section .rodata
	.balign	16
	.globl	vsyscall_start, vsyscall_end
vsyscall_start:
	.incbin	VSYSCALL_PAGE_FILE
vsyscall_end:
