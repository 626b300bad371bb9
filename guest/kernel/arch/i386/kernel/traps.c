// SPDX-License-Identifier: MIT
// Exceptions: the IDT (trap_init), and what each vector means: a signal for a program, the end for the kernel.
//
// Gate kinds ([linux-2.6.11]):  trap I  interrupt gate, IF off      S   DPL 3: the user's int n may use it
//                                     T  trap gate, IF unchanged     task gate: its own TSS and stack
// Truth: [SDM3] "Exception and Interrupt Reference".
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <asm/desc.h>
#include <asm/i387.h>
#include <asm/irq.h>
#include <asm/traps.h>
#include <asm/uaccess.h>
#include <asm/vm86.h>

static void _set_gate(struct desc_struct *gate, unsigned int type, unsigned int dpl, unsigned long address,
                      unsigned int selector)
{
    gate->a = (selector << 16) | (address & 0xffff);
    gate->b = (address & 0xffff0000) | 0x8000 | (dpl << 13) | (type << 8);
}
void set_intr_gate(unsigned int n, void *address)
{
    _set_gate(&idt_table[n], 14, 0, (unsigned long)address, __KERNEL_CS);
}
void set_system_intr_gate(unsigned int n, void *address)
{
    _set_gate(&idt_table[n], 14, 3, (unsigned long)address, __KERNEL_CS);
}
void set_trap_gate(unsigned int n, void *address)
{
    _set_gate(&idt_table[n], 15, 0, (unsigned long)address, __KERNEL_CS);
}
void set_system_gate(unsigned int n, void *address)
{
    _set_gate(&idt_table[n], 15, 3, (unsigned long)address, __KERNEL_CS);
}
void set_task_gate(unsigned int n, unsigned int gdt_entry) { _set_gate(&idt_table[n], 5, 0, 0, gdt_entry << 3); }

void __init trap_init(void)
{
    set_trap_gate(0, &divide_error);
    set_intr_gate(1, &debug);
    set_intr_gate(2, &nmi);
    set_system_intr_gate(3, &int3);
    set_system_gate(4, &overflow);
    set_system_gate(5, &bounds);
    set_trap_gate(6, &invalid_op);
    set_trap_gate(7, &device_not_available);
    set_task_gate(8, GDT_ENTRY_DOUBLEFAULT_TSS);
    set_trap_gate(9, &coprocessor_segment_overrun);
    set_trap_gate(10, &invalid_TSS);
    set_trap_gate(11, &segment_not_present);
    set_trap_gate(12, &stack_segment);
    set_trap_gate(13, &general_protection);
    set_intr_gate(14, &page_fault);
    set_trap_gate(15, &spurious_interrupt_bug);
    set_trap_gate(16, &coprocessor_error);
    set_trap_gate(17, &alignment_check);
    set_trap_gate(18, &machine_check);
    set_trap_gate(19, &simd_coprocessor_error);
    set_system_gate(SYSCALL_VECTOR, &system_call);
    doublefault_init();
    cpu_init();
}

/// A fault of the kernel itself: said in full, then panic.
void die(const char *what, struct pt_regs *regs, long error_code)
{
    local_irq_disable();
    console_loglevel = 15;
    printk(KERN_EMERG "%s: %04lx\n", what, error_code & 0xffff);
    show_regs(regs);
    panic("fatal exception in %s", user_mode(regs) ? "user mode" : "the kernel");
}

/// Exceptions that virtual-8086 code may have a handler of its own for.
static int has_vm86_meaning(int trapnr) { return trapnr == 0 || (trapnr >= 3 && trapnr <= 5); }

static void do_trap(int trapnr, int signr, const char *what, struct pt_regs *regs, long error_code, siginfo_t *info)
{
    if (!user_mode(regs)) {
        if (!fixup_exception(regs)) {
            current->thread.error_code = error_code;
            current->thread.trap_no = trapnr;
            die(what, regs, error_code);
        }
        return;
    }
    if ((regs->eflags & VM_MASK) && has_vm86_meaning(trapnr) &&
        !handle_vm86_trap((struct kernel_vm86_regs *)regs, error_code, trapnr))
        return;
    current->thread.error_code = error_code;
    current->thread.trap_no = trapnr;
    if (info)
        force_sig_info(signr, info, current);
    else
        force_sig(signr, current);
}

static void do_trap_at(int trapnr, int signr, const char *what, struct pt_regs *regs, long error_code, int code)
{
    siginfo_t info = { .si_signo = signr, .si_code = code };
    info.si_addr = (void *)regs->eip;
    do_trap(trapnr, signr, what, regs, error_code, &info);
}

#define DO_ERROR(trapnr, signr, what, name) \
    fastcall void do_##name(struct pt_regs *regs, long error_code) \
    { \
        do_trap(trapnr, signr, what, regs, error_code, NULL); \
    }
#define DO_ERROR_AT(trapnr, signr, what, name, code) \
    fastcall void do_##name(struct pt_regs *regs, long error_code) \
    { \
        do_trap_at(trapnr, signr, what, regs, error_code, code); \
    }

DO_ERROR_AT(0, SIGFPE, "divide error", divide_error, FPE_INTDIV)
DO_ERROR(4, SIGSEGV, "overflow", overflow)
DO_ERROR(5, SIGSEGV, "bounds", bounds)
DO_ERROR_AT(6, SIGILL, "invalid operand", invalid_op, ILL_ILLOPN)
DO_ERROR(9, SIGFPE, "coprocessor segment overrun", coprocessor_segment_overrun)
DO_ERROR(10, SIGSEGV, "invalid TSS", invalid_TSS)
DO_ERROR(11, SIGBUS, "segment not present", segment_not_present)
DO_ERROR(12, SIGBUS, "stack segment", stack_segment)
DO_ERROR_AT(17, SIGBUS, "alignment check", alignment_check, BUS_ADRALN)

fastcall void do_int3(struct pt_regs *regs, long error_code) { do_trap(3, SIGTRAP, "int3", regs, error_code, NULL); }

/// A program that uses a port while its bitmap is not in the TSS yet (lazy): copy it and let it try again.
static int load_io_bitmap(struct pt_regs *regs)
{
    struct thread_struct *thread = &current->thread;
    if (init_tss.io_bitmap_base != INVALID_IO_BITMAP_OFFSET_LAZY || !thread->io_bitmap_ptr || !user_mode(regs))
        return 0;
    preempt_disable(); // until it is all ours it is the former owner's
    memset((char *)init_tss.io_bitmap, 0xff, IO_BITMAP_BYTES);
    memcpy(init_tss.io_bitmap, thread->io_bitmap_ptr, thread->io_bitmap_max);
    init_tss.io_bitmap_max = thread->io_bitmap_max;
    init_tss.io_bitmap_owner = thread;
    init_tss.io_bitmap_base = offsetof(struct tss_struct, io_bitmap);
    preempt_enable();
    return 1;
}

fastcall void do_general_protection(struct pt_regs *regs, long error_code)
{
    if (load_io_bitmap(regs))
        return;
    if (regs->eflags & VM_MASK) {
        local_irq_enable();
        handle_vm86_fault((struct kernel_vm86_regs *)regs, error_code);
    } else
        do_trap(13, SIGSEGV, "general protection fault", regs, error_code, NULL);
}

#define DR_TRAPS 0xfUL   ///< DR6: which breakpoints
#define DR_STEP 0x4000UL ///< DR6: TF

/// A breakpoint on an instruction strikes before it: with RF in the frame it does not strike again when the task goes on.
/// (2.6.11 leaves that to the tracer, which has to step over it.)
static void pass_instruction_breakpoint(struct pt_regs *regs, unsigned long condition)
{
    unsigned long kinds = current->thread.debugreg[7] >> 16;
    for (int n = 0; n < 4; n++)
        if ((condition & (1 << n)) && !((kinds >> (4 * n)) & 3))
            regs->eflags |= X86_EFLAGS_RF;
}

/// Single step and debug registers. TF survives sysenter: then the trap hits the kernel, which notes that the program is
/// being stepped and goes on without TF; do_syscall_trace sends the signal on the way out (TIF_SINGLESTEP).
/// A breakpoint is DR7's alone until the signal is delivered (do_signal), or the same instruction would trap for ever.
fastcall void do_debug(struct pt_regs *regs, long error_code)
{
    unsigned long condition;
    __asm__ __volatile__("movl %%db6,%0" : "=r"(condition));
    __asm__ __volatile__("movl %0,%%db6" : : "r"(0)); // the processor only ever sets bits
    if (regs->eflags & IF_MASK)
        local_irq_enable();
    if ((condition & DR_TRAPS) && !current->thread.debugreg[7]) // left in DR7 by another task: __switch_to is lazy
        goto clear_dr7;
    current->thread.debugreg[6] = condition;
    pass_instruction_breakpoint(regs, condition);
    if (regs->eflags & VM_MASK) {
        handle_vm86_trap((struct kernel_vm86_regs *)regs, error_code, 1);
        return;
    }
    if ((condition & DR_STEP) && !user_mode(regs)) {
        set_thread_flag(TIF_SINGLESTEP);
        regs->eflags &= ~TF_MASK;
        return;
    }
    send_sigtrap(current, regs, error_code);
clear_dr7:
    __asm__ __volatile__("movl %0,%%db7" : : "r"(0));
}

fastcall void do_nmi(struct pt_regs *regs, long error_code)
{
    printk(KERN_EMERG "NMI received, EIP %08lx: going on\n", regs->eip);
}

fastcall void do_machine_check(struct pt_regs *regs, long error_code) { die("machine check", regs, error_code); }

fastcall void do_spurious_interrupt_bug(struct pt_regs *regs, long error_code)
{
    printk(KERN_INFO "exception 15 ignored\n");
}

fastcall void do_unknown_interrupt(struct pt_regs *regs, long error_code)
{
    printk(KERN_WARNING "Unknown interrupt or exception, EIP %08lx\n", regs->eip);
}

/// The FPU is switched off for a task that has not used it since it was last scheduled.
fastcall void do_device_not_available(struct pt_regs *regs, long error_code)
{
    if (!user_mode(regs))
        die("FPU instruction in the kernel", regs, error_code);
    if (!cpu_has_fpu) {
        do_trap_at(7, SIGILL, "no FPU", regs, error_code, ILL_ILLOPN);
        return;
    }
    math_state_restore();
}

static int fpu_error_code(unsigned short cwd, unsigned short swd)
{
    switch (swd & ~cwd & 0x3f) {
    case 0x01: return FPE_FLTINV;
    case 0x02:
    case 0x10: return FPE_FLTUND;
    case 0x04: return FPE_FLTDIV;
    case 0x08: return FPE_FLTOVF;
    case 0x20: return FPE_FLTRES;
    default: return 0;
    }
}

fastcall void do_coprocessor_error(struct pt_regs *regs, long error_code)
{
    unlazy_fpu(current);
    unsigned short cwd = cpu_has_fxsr ? current->thread.i387.fxsave.cwd : current->thread.i387.fsave.cwd;
    unsigned short swd = cpu_has_fxsr ? current->thread.i387.fxsave.swd : current->thread.i387.fsave.swd;
    do_trap_at(16, SIGFPE, "fpu error", regs, error_code, fpu_error_code(cwd, swd));
}

fastcall void do_simd_coprocessor_error(struct pt_regs *regs, long error_code)
{
    unlazy_fpu(current);
    unsigned long mxcsr = current->thread.i387.fxsave.mxcsr;
    do_trap_at(19, SIGFPE, "simd error", regs, error_code, fpu_error_code((mxcsr >> 7) & 0x3f, mxcsr & 0x3f));
}
