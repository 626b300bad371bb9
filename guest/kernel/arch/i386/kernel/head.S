// SPDX-License-Identifier: MIT
// The first code of the kernel. A multiboot loader has put the image at 1 MB and jumps to startup_32 in protected mode
// with flat segments, paging off, EAX = 0x2BADB002, EBX = physical address of the multiboot information.
//
// 1. Page directory: physical memory from 0 on appears twice, at 0 (where we run) and at PAGE_OFFSET (where we are
//    linked). With 4 MB pages if the CPU has them, else 32 MB of it by 4 KB pages.
// 2. CR0.PG on, together with CR0.WP: the kernel itself obeys read-only pages, without which copy-on-write leaks (U06).
// 3. Jump up, load the real GDT and an IDT of ignore_int, take init_task's stack, call start_kernel.
#include <linux/linkage.h>
#include <asm/page.h>
#include <asm/segment.h>
#include <asm/thread_info.h>

#define MULTIBOOT_MAGIC 0x1BADB002
#define MULTIBOOT_FLAGS 0x00000003	// modules on page boundaries, memory information wanted
#define BOOT_TABLES 8			// page tables for a CPU without 4 MB pages
#define PTE_KERNEL 0x003		// present, writable
#define PDE_LARGE 0x083			// the same, 4 MB
#define CR0_PG_AM_WP_PE 0x80050001	// AM: EFLAGS.AC means something
#define PHYS(x) (x - __PAGE_OFFSET)

	.section .text.head,"ax"
	.balign	4
	.long	MULTIBOOT_MAGIC
	.long	MULTIBOOT_FLAGS
	.long	-(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

	.globl	startup_32
startup_32:
	cli
	cld
	movl	%eax, PHYS(boot_magic)
	movl	%ebx, PHYS(boot_info)
	movl	$PHYS(init_thread_union) + THREAD_SIZE, %esp
	call	has_large_pages
	testl	%eax, %eax
	jz	small_pages

	movl	%cr4, %eax
	orl	$0x10, %eax			// PSE
	movl	%eax, %cr4
	movl	$PDE_LARGE, %eax
	movl	$PHYS(swapper_pg_dir), %edi
	movl	$(MAXMEM_BYTES >> 22), %ecx
1:	movl	%eax, (%edi)			// identity
	movl	%eax, 0xC00(%edi)		// at PAGE_OFFSET: entry 768 on
	addl	$0x400000, %eax
	addl	$4, %edi
	loop	1b
	jmp	paging_on

small_pages:
	movl	$PTE_KERNEL, %eax
	movl	$PHYS(pg0), %edi
	movl	$(BOOT_TABLES * 1024), %ecx
1:	stosl
	addl	$0x1000, %eax
	loop	1b
	movl	$PHYS(pg0) + PTE_KERNEL, %eax
	movl	$PHYS(swapper_pg_dir), %edi
	movl	$BOOT_TABLES, %ecx
1:	movl	%eax, (%edi)
	movl	%eax, 0xC00(%edi)
	addl	$0x1000, %eax
	addl	$4, %edi
	loop	1b

paging_on:
	movl	$PHYS(swapper_pg_dir), %eax
	movl	%eax, %cr3
	movl	%cr0, %eax
	orl	$CR0_PG_AM_WP_PE, %eax
	movl	%eax, %cr0
	movl	$high_up, %eax
	jmp	*%eax

high_up:
	lgdt	cpu_gdt_descr
	ljmp	$__KERNEL_CS, $1f
1:	movl	$__KERNEL_DS, %eax
	movl	%eax, %ss
	movl	$__USER_DS, %eax		// what SAVE_ALL keeps in ds and es
	movl	%eax, %ds
	movl	%eax, %es
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	lldt	%ax
	movl	$init_thread_union + THREAD_SIZE, %esp
	pushl	$0				// no flag is inherited from the loader
	popfl
	call	setup_idt
	lidt	idt_descr
	xorl	%ebp, %ebp			// backtraces end here
	call	start_kernel
2:	hlt					// start_kernel does not return
	jmp	2b

// EAX = 1 if CPUID exists and reports 4 MB pages.
has_large_pages:
	pushfl
	popl	%eax
	movl	%eax, %ecx
	xorl	$0x200000, %eax			// a 386 or early 486 cannot change the ID flag
	pushl	%eax
	popfl
	pushfl
	popl	%eax
	xorl	%ecx, %eax
	testl	$0x200000, %eax
	jz	1f
	movl	$1, %eax
	cpuid
	shrl	$3, %edx
	andl	$1, %edx
	movl	%edx, %eax
	ret
1:	xorl	%eax, %eax
	ret

// Every vector leads to ignore_int until trap_init and init_IRQ say otherwise.
setup_idt:
	movl	$ignore_int, %edx
	movl	$(__KERNEL_CS << 16), %eax
	movw	%dx, %ax
	movw	$0x8E00, %dx			// interrupt gate, DPL 0
	movl	$idt_table, %edi
	movl	$IDT_ENTRIES, %ecx
1:	movl	%eax, (%edi)
	movl	%edx, 4(%edi)
	addl	$8, %edi
	loop	1b
	ret

	.data
	.globl	boot_magic, boot_info
boot_magic:	.long 0
boot_info:	.long 0

	.balign	4
	.word	0				// so that the address below is aligned
	.globl	idt_descr
idt_descr:
	.word	IDT_ENTRIES * 8 - 1		// 0x7ff
	.long	idt_table
	.word	0
	.globl	cpu_gdt_descr
cpu_gdt_descr:
	.word	GDT_SIZE - 1			// 0xff
	.long	cpu_gdt_table

// [linux-2.6.11]. TLS, TSS and LDT are filled in by cpu_init and __switch_to.
	.section .data.page_aligned,"aw"
	.balign	32
	.globl	cpu_gdt_table
cpu_gdt_table:
	.fill	12, 8, 0			// 0-3 null and reserved, 6-8 TLS
	.quad	0x00cf9a000000ffff		// 0x60 kernel code, 4 GB
	.quad	0x00cf92000000ffff		// 0x68 kernel data
	.quad	0x00cffa000000ffff		// 0x73 user code
	.quad	0x00cff2000000ffff		// 0x7b user data
	.fill	16, 8, 0			// 16 TSS, 17 LDT, 31 double-fault TSS

	.section .bss.page_aligned,"aw",@nobits
	.balign	4096
	.globl	swapper_pg_dir, pg0, empty_zero_page, idt_table
swapper_pg_dir:		.skip 4096
pg0:			.skip 4096 * BOOT_TABLES
empty_zero_page:	.skip 4096
	.type	idt_table, @object
	.size	idt_table, IDT_ENTRIES * 8
idt_table:		.skip IDT_ENTRIES * 8
