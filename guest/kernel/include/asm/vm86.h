// SPDX-License-Identifier: MIT
// Virtual-8086 mode for programs: what vm86old(2) and vm86(2) exchange with them. [linux-2.6.11] include/asm-i386/vm86.h.
#pragma once

#include <asm/ptrace.h>

#define VIF_MASK 0x00080000
#define VIP_MASK 0x00100000

#define BIOSSEG 0x0f000

// Processors, as programs name them: which bits of EFLAGS the virtual one has.
#define CPU_086 0
#define CPU_186 1
#define CPU_286 2
#define CPU_386 3
#define CPU_486 4
#define CPU_586 5

// Why a call returned: type in the low byte, its argument above.
#define VM86_TYPE(retval) ((retval) & 0xff)
#define VM86_ARG(retval) ((retval) >> 8)
#define VM86_SIGNAL 0	///< a signal is to be delivered
#define VM86_UNKNOWN 1	///< an instruction that is not emulated
#define VM86_INTx 2	///< INT x
#define VM86_STI 3	///< interrupts are on again, and one waits
#define VM86_PICRETURN 4
#define VM86_TRAP 6	///< INT3 or a single step, for a DOS debugger

// Functions of vm86(2).
#define VM86_PLUS_INSTALL_CHECK 0
#define VM86_ENTER 1
#define VM86_ENTER_NO_BYPASS 2
#define VM86_REQUEST_IRQ 3
#define VM86_FREE_IRQ 4
#define VM86_GET_IRQ_BITS 5
#define VM86_GET_AND_RESET_IRQ 6

#define VM86_SCREEN_BITMAP 1 ///< flags: note which of the 32 pages from A0000h on are written

/// What the program sees: struct pt_regs as its memory has it, and four segments.
struct vm86_regs {
    long ebx, ecx, edx, esi, edi, ebp, eax;
    long __null_ds, __null_es, __null_fs, __null_gs;
    long orig_eax, eip;
    unsigned short cs, __csh;
    long eflags, esp;
    unsigned short ss, __ssh;
    unsigned short es, __esh, ds, __dsh, fs, __fsh, gs, __gsh;
};
struct revectored_struct {
    unsigned long __map[8]; ///< a bit for each interrupt: reflect it to the program, not to the 8086's table
};
struct vm86_struct {
    struct vm86_regs regs;
    unsigned long flags, screen_bitmap, cpu_type;
    struct revectored_struct int_revectored;
    struct revectored_struct int21_revectored; ///< the same by AH, for INT 21h
};
struct vm86plus_info_struct {
    unsigned long force_return_for_pic : 1, vm86dbg_active : 1, vm86dbg_TFpendig : 1, unused : 28, is_vm86pus : 1;
    unsigned char vm86dbg_intxxtab[32];
};
struct vm86plus_struct {
    struct vm86_regs regs;
    unsigned long flags, screen_bitmap, cpu_type;
    struct revectored_struct int_revectored, int21_revectored;
    struct vm86plus_info_struct vm86plus;
};

#ifdef __KERNEL__
#ifndef __ASSEMBLY__
/// The frame of virtual-8086 code on the kernel stack: struct pt_regs, and the four words that the CPU pushes above it.
struct kernel_vm86_regs {
    long ebx, ecx, edx, esi, edi, ebp, eax;
    int __null_ds, __null_es; ///< the kernel's own, null after the trap
    long orig_eax, eip;
    unsigned short cs, __csh;
    long eflags, esp;
    unsigned short ss, __ssh;
    unsigned short es, __esh, ds, __dsh, fs, __fsh, gs, __gsh;
};

/// Lies on the kernel stack of a task in virtual-8086 mode, below the frame of its call. esp0 points behind `regs`, so that the
/// next trap's frame is `regs`.
struct kernel_vm86_struct {
    struct kernel_vm86_regs regs;
    unsigned long VM86_TSS_ESP0[0]; ///< esp0 while the mode lasts
    unsigned long flags, screen_bitmap, cpu_type;
    struct revectored_struct int_revectored, int21_revectored;
    struct vm86plus_info_struct vm86plus;
    struct pt_regs *regs32; ///< the frame of the call, where the program's own registers are
};

struct task_struct;
struct pt_regs *save_v86_state(struct kernel_vm86_regs *regs);
void return_to_32bit(struct kernel_vm86_regs *regs16, int retval) __attribute__((noreturn));
void handle_vm86_fault(struct kernel_vm86_regs *regs, long error_code);
int handle_vm86_trap(struct kernel_vm86_regs *regs, long error_code, int trapno);
void note_vm86_screen(unsigned long address);
#endif
#endif
