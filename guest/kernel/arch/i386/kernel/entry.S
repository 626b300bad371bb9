// SPDX-License-Identifier: MIT
// Every way from user mode into the kernel and back: system calls, exceptions, interrupts, the first run of a child.
//
// After SAVE_ALL the stack holds struct pt_regs (15 words, <asm/ptrace.h>), ESP at its EBX:
//
//	 esp0 ->    OLDSS OLDESP EFLAGS CS EIP	pushed by the CPU (int 0x80) or by sysenter_entry
//		    ORIG_EAX			pushl %eax: the number of the call			E03
//		    ES DS EAX EBP EDI ESI EDX ECX EBX	SAVE_ALL, in this order			E04, E07
//	 ESP ->
//
//	system_call -> syscall_call -> syscall_exit -> restore_all				E02, D01-D09
//		|		|		`-> syscall_exit_work -> work_pending
//		|		`-- syscall_trace_entry (debugger)					E08-E10
//		`-> syscall_badsys								D02-D06
//	ret_from_exception, ret_from_intr -> resume_userspace / resume_kernel
//
// Names and order: [linux-2.6.11] arch/i386/kernel/entry.S.
#include <linux/errno.h>
#include <linux/linkage.h>
#include <asm/ptrace.h>
#include <asm/segment.h>
#include <asm/thread_info.h>
#include <asm/unistd.h>

/// esp0 of the TSS, seen from the address just behind the TSS, which sysenter loads into ESP.
#define TSS_sysenter_esp0 (4 - 8704)
#define SYSENTER_RETURN 0xffffe410

// Without CONFIG_PREEMPT interrupts that found the kernel running just go back to it. With it they may switch tasks there
// (resume_kernel), and calls that have no finer locks run under the big kernel lock (kernel/preempt.c).
#define preempt_stop cli
#ifdef CONFIG_PREEMPT
#define LOCK_KERNEL	sti; call lock_kernel	/* may sleep; both: EAX, ECX, EDX are lost */
#define LEAVE_KERNEL_LOCK call leave_kernel_lock
#else
#define LOCK_KERNEL
#define LEAVE_KERNEL_LOCK
#endif

#ifdef SAVE_ALL_KERNEL_DS
#define SAVE_ALL_DS __KERNEL_DS
#else
#define SAVE_ALL_DS __USER_DS			// flat, and usable in the kernel: nothing to change on the way out
#endif

.macro SAVE_ALL
	cld
	pushl	%es
	pushl	%ds
	pushl	%eax
	pushl	%ebp
	pushl	%edi
	pushl	%esi
	pushl	%edx
	pushl	%ecx
	pushl	%ebx
	movl	$SAVE_ALL_DS, %edx
	movl	%edx, %ds
	movl	%edx, %es
.endm

.macro RESTORE_INT_REGS
	popl	%ebx
	popl	%ecx
	popl	%edx
	popl	%esi
	popl	%edi
	popl	%ebp
	popl	%eax
.endm

// A selector that the user left and that no longer loads is replaced by null.
.macro RESTORE_REGS
	RESTORE_INT_REGS
1:	popl	%ds
2:	popl	%es
	.section .fixup,"ax"
3:	movl	$0, (%esp)
	jmp	1b
4:	movl	$0, (%esp)
	jmp	2b
	.previous
	.section __ex_table,"a"
	.balign	4
	.long	1b, 3b
	.long	2b, 4b
	.previous
.endm

// A frame that iret refuses can only come from the user (sigreturn, ptrace): that process dies of SIGSEGV.
.macro RESTORE_ALL
	RESTORE_REGS
	addl	$4, %esp			// ORIG_EAX
1:	iret
	.section .fixup,"ax"
2:	sti
	movl	$__USER_DS, %edx
	movl	%edx, %ds
	movl	%edx, %es
	movl	$11, %eax
	call	do_exit
	.previous
	.section __ex_table,"a"
	.balign	4
	.long	1b, 2b
	.previous
.endm

/// The compare with the number of calls. Its 32-bit immediate is noted, because syscall_profile() writes
/// NR_syscalls_extended there when the machine boots with syscalls=extended.
.macro CMP_NR_SYSCALLS
	cmpl	$(NR_syscalls), %eax
	.section .syscall_limit,"a"
	.long	9f - 4
	.previous
9:
.endm

/// The service routine of call EAX, its result into the user's EAX.
.macro CALL_SERVICE
#ifdef CONFIG_PREEMPT
	cmpb	$0, syscall_unlocked(%eax)
	jne	9f
	pushl	%eax
	LOCK_KERNEL
	popl	%eax
9:
#endif
	call	*sys_call_table(,%eax,4)
	movl	%eax, EAX(%esp)
#ifdef CONFIG_PREEMPT
	LEAVE_KERNEL_LOCK
	movl	EAX(%esp), %eax			// sysexit does not pop it
#endif
.endm

	.text

// switch_to "returns" here when a child runs for the first time, EAX = the task that ran before. Row K03.
ENTRY(ret_from_fork)
	pushl	%eax
	call	schedule_tail
	GET_THREAD_INFO(%ebp)
	popl	%eax
	pushl	$(IF_MASK | 2)			// whatever flags the task before us ran the kernel with (NT)
	popfl
	jmp	syscall_exit

ENTRY(ret_from_exception)
	preempt_stop
ENTRY(ret_from_intr)
	GET_THREAD_INFO(%ebp)
	movl	EFLAGS(%esp), %eax		// VM flag and the RPL of CS in one register
	movb	CS(%esp), %al
	testl	$(VM_MASK | 3), %eax
	jz	resume_kernel
ENTRY(resume_userspace)
	LEAVE_KERNEL_LOCK
	cli					// no signal or reschedule may slip in between test and iret
	movl	TI_flags(%ebp), %ecx
	andl	$_TIF_WORK_MASK, %ecx
	jne	work_pending
	jmp	restore_all

// The interrupted kernel may be switched away here, if it was not in a section that forbids it. Row S08.
ENTRY(resume_kernel)
#ifdef CONFIG_PREEMPT
	cmpl	$0, TI_preempt_count(%ebp)
	jnz	restore_all
need_resched:
	testl	$_TIF_NEED_RESCHED, TI_flags(%ebp)
	jz	restore_all
	testl	$IF_MASK, EFLAGS(%esp)		// an exception in code that keeps interrupts out
	jz	restore_all
	call	preempt_schedule_irq
	jmp	need_resched
#else
	jmp	restore_all
#endif

// ---- sysenter: CS, SS, ESP and EIP come from MSRs, nothing is saved by the CPU. Rows H14, H16, E14.
ENTRY(sysenter_entry)
	movl	TSS_sysenter_esp0(%esp), %esp	// from the end of the TSS to the task's kernel stack
ENTRY(sysenter_past_esp)
	sti
	pushl	$(__USER_DS)
	pushl	%ebp				// the user's ESP: __kernel_vsyscall has copied it
	pushfl
	pushl	$(__USER_CS)
	pushl	$SYSENTER_RETURN
	testl	$NT_MASK, 8(%esp)		// sysenter leaves the user's NT on, with which our iret would switch tasks
	jnz	sysenter_fix_flags
.Lsysenter_flags_fixed:
// The sixth argument was pushed by __kernel_vsyscall: it is at 0(%ebp).
	cmpl	$(__PAGE_OFFSET - 3), %ebp
	jae	syscall_fault
1:	movl	(%ebp), %ebp
	.section __ex_table,"a"
	.balign	4
	.long	1b, syscall_fault
	.previous
	pushl	%eax
	SAVE_ALL
	GET_THREAD_INFO(%ebp)
	testb	$(_TIF_SYSCALL_TRACE | _TIF_SYSCALL_AUDIT), TI_flags(%ebp)
	jnz	syscall_trace_entry
	CMP_NR_SYSCALLS
	jae	syscall_badsys
	CALL_SERVICE
	cli
	movl	TI_flags(%ebp), %ecx
	testw	$_TIF_ALLWORK_MASK, %cx
	jne	syscall_exit_work
#ifdef SAVE_ALL_KERNEL_DS
	jmp	restore_all			// sysexit would leave the kernel's segments in DS and ES
#endif
	testl	$(NT_MASK | DF_MASK), EFLAGS(%esp)	// sysexit does not load EFLAGS: who had these gets them by iret
	jnz	restore_all
	movl	EIP(%esp), %edx			// sysexit: EIP from EDX, ESP from ECX
	movl	OLDESP(%esp), %ecx
	xorl	%ebp, %ebp
	sti
	sysexit

// ---- int $0x80. The IDT's gate 128 is a trap gate: interrupts stay on (H09).
ENTRY(system_call)
	pushl	%eax				// original EAX: the number
	SAVE_ALL
	GET_THREAD_INFO(%ebp)
	testb	$(_TIF_SYSCALL_TRACE | _TIF_SYSCALL_AUDIT), TI_flags(%ebp)
	jnz	syscall_trace_entry
	CMP_NR_SYSCALLS
	jae	syscall_badsys			// unsigned: -1 is a large number too (D03)
ENTRY(syscall_call)
	CALL_SERVICE
ENTRY(syscall_exit)
	cli
	movl	TI_flags(%ebp), %ecx
	testw	$_TIF_ALLWORK_MASK, %cx
	jne	syscall_exit_work
ENTRY(restore_all)
	RESTORE_ALL

// ---- something to do before user mode; ECX = flags
	.balign	4
ENTRY(work_pending)
	testb	$_TIF_NEED_RESCHED, %cl
	jz	work_notifysig
ENTRY(work_resched)
	call	schedule
	cli
	movl	TI_flags(%ebp), %ecx
	andl	$_TIF_WORK_MASK, %ecx
	jz	restore_all
	testb	$_TIF_NEED_RESCHED, %cl
	jnz	work_resched
ENTRY(work_notifysig)
	pushl	%ecx
	LOCK_KERNEL
	popl	%ecx
	testl	$VM_MASK, EFLAGS(%esp)
	movl	%esp, %eax
	jne	work_notifysig_v86
	xorl	%edx, %edx
	call	do_notify_resume		// EAX = regs, EDX = no saved mask, ECX = flags
	jmp	resume_userspace
ENTRY(work_notifysig_v86)
	pushl	%ecx				// the flags
	call	save_v86_state			// EAX = the frame of the vm86 call: the 8086 stays behind
	popl	%ecx
	movl	%eax, %esp
	xorl	%edx, %edx
	call	do_notify_resume
	jmp	resume_userspace

	.balign	4
ENTRY(syscall_trace_entry)
	movl	$-ENOSYS, EAX(%esp)		// what a tracer sees as the result before the call
	LOCK_KERNEL
	movl	%esp, %eax
	xorl	%edx, %edx
	call	do_syscall_trace
	movl	%eax, %ebx			// its saved value is in the frame
	LEAVE_KERNEL_LOCK
	testl	%ebx, %ebx
	jnz	resume_userspace		// PTRACE_SYSEMU: the tracer has done what the call should
	movl	ORIG_EAX(%esp), %eax		// the tracer may have changed it
	CMP_NR_SYSCALLS
	jnae	syscall_call
	jmp	syscall_exit

	.balign	4
ENTRY(syscall_exit_work)
	testb	$(_TIF_SYSCALL_TRACE | _TIF_SYSCALL_AUDIT | _TIF_SINGLESTEP), %cl
	jz	work_pending
	sti
	LOCK_KERNEL
	movl	%esp, %eax
	movl	$1, %edx
	call	do_syscall_trace
	jmp	resume_userspace

	.balign	4
sysenter_fix_flags:				// only NT: IOPL is the user's, and sysexit does not bring it back
	pushfl
	andl	$~NT_MASK, (%esp)
	popfl
	jmp	.Lsysenter_flags_fixed

	.balign	4
ENTRY(syscall_fault)
	pushl	%eax
	SAVE_ALL
	GET_THREAD_INFO(%ebp)
	movl	$-EFAULT, EAX(%esp)
	cli
	movl	TI_flags(%ebp), %ecx
	testb	$_TIF_SINGLESTEP, %cl		// the trap of a stepped sysenter has come inside the kernel
	jnz	syscall_exit_work
	jmp	resume_userspace

	.balign	4
ENTRY(syscall_badsys)
	movl	$-ENOSYS, EAX(%esp)
	jmp	resume_userspace

// ---- external interrupts: one stub per line pushes vector - 256, so that no system call number looks like it
	.set	vector, 0x20
	.section .rodata
	.balign	4
	.globl	interrupt
interrupt:					// their addresses, for init_IRQ
	.text
ENTRY(irq_entries_start)
	.rept	16
	.balign	4
1:	pushl	$(vector - 256)
	jmp	common_interrupt
	.section .rodata
	.long	1b
	.text
	.set	vector, vector + 1
	.endr

	.balign	4
ENTRY(common_interrupt)
	SAVE_ALL
	movl	%esp, %eax
	call	do_IRQ
	jmp	ret_from_intr

// ---- exceptions. A stub pushes the error code (or 0 where the CPU has none) and the address of the C function:
//
//	... EIP			error_code turns them into the frame of a system call:
//	error code	->	ORIG_EAX = -1		EAX = regs, EDX = error code for the C function
//	handler		->	ES
#define EXCEPTION(name) \
	.balign 4; \
	ENTRY(name) \
	pushl	$0; \
	pushl	$do_##name; \
	jmp	error_code
#define EXCEPTION_WITH_CODE(name) \
	.balign 4; \
	ENTRY(name) \
	pushl	$do_##name; \
	jmp	error_code

EXCEPTION(divide_error)
	.balign	4
ENTRY(error_code)
	pushl	%ds
	pushl	%eax
	xorl	%eax, %eax
	pushl	%ebp
	pushl	%edi
	pushl	%esi
	pushl	%edx
	decl	%eax				// -1
	pushl	%ecx
	pushl	%ebx
	cld
	movl	%es, %ecx
	movl	ES(%esp), %edi			// the handler
	movl	ORIG_EAX(%esp), %edx		// the error code
	movl	%eax, ORIG_EAX(%esp)
	movl	%ecx, ES(%esp)
	movl	$SAVE_ALL_DS, %ecx
	movl	%ecx, %ds
	movl	%ecx, %es
	movl	%esp, %eax
	call	*%edi
	jmp	ret_from_exception

EXCEPTION(coprocessor_error)
EXCEPTION(simd_coprocessor_error)
EXCEPTION(device_not_available)
EXCEPTION(int3)
EXCEPTION(overflow)
EXCEPTION(bounds)
EXCEPTION(invalid_op)
EXCEPTION(coprocessor_segment_overrun)
EXCEPTION_WITH_CODE(invalid_TSS)
EXCEPTION_WITH_CODE(segment_not_present)
EXCEPTION_WITH_CODE(stack_segment)
EXCEPTION_WITH_CODE(general_protection)
EXCEPTION_WITH_CODE(alignment_check)
EXCEPTION_WITH_CODE(page_fault)
EXCEPTION(machine_check)
EXCEPTION(spurious_interrupt_bug)

// A debug exception or NMI may come on sysenter_entry's first instruction, while ESP is still the end of the TSS with
// its few words of stack. Then the frame is built again where it should have been, as if one instruction later.
#define FIX_STACK(offset, ok) \
	cmpw	$__KERNEL_CS, 4(%esp); \
	jne	ok; \
	movl	TSS_sysenter_esp0 + offset(%esp), %esp; \
	pushl	init_tss + 8704 - 4; 		/* EFLAGS of the frame left behind: NT is in it */ \
	pushl	$__KERNEL_CS; \
	pushl	$sysenter_past_esp

	.balign	4
ENTRY(debug)
	cmpl	$sysenter_entry, (%esp)
	jne	debug_stack_correct
	FIX_STACK(12, debug_stack_correct)
debug_stack_correct:
	pushl	$0
	pushl	$do_debug
	jmp	error_code

	.balign	4
ENTRY(nmi)
	cmpl	$sysenter_entry, (%esp)
	jne	nmi_stack_correct
	FIX_STACK(12, nmi_stack_correct)
nmi_stack_correct:
	pushl	$0
	pushl	$do_nmi
	jmp	error_code

	.balign	4
ENTRY(ignore_int)
	pushl	$0
	pushl	$do_unknown_interrupt
	jmp	error_code

#include "syscall_table.S"
