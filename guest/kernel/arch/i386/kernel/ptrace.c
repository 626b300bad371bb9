// SPDX-License-Identifier: MIT
// Tracing on the i386: do_syscall_trace, the stop before and after each system call (rows E08-E10), and the registers of
// a stopped task as its tracer numbers them, which is not the order of pt_regs:
//
//   0 EBX ECX EDX ESI EDI EBP EAX   7 DS ES FS GS   11 ORIG_EAX EIP CS EFL UESP SS 16      ([linux-2.6.11])
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/sched.h>

enum { PT_DS = 7, PT_ES, PT_FS, PT_GS, PT_ORIG_EAX, PT_EIP, PT_CS, PT_EFL, PT_UESP, PT_SS, PT_REGS };
#define FLAG_MASK 0x00044dd5 ///< what a tracer may change: AC OF DF TF SF ZF AF PF CF
#define SIZEOF_USER 284

/// Where slot n lies in pt_regs; FS and GS are in thread_struct.
static int *slot(struct task_struct *child, int n)
{
    int *frame = (int *)task_pt_regs(child);
    if (n < PT_DS)
        return frame + n;
    if (n == PT_FS)
        return (int *)&child->thread.fs;
    if (n == PT_GS)
        return (int *)&child->thread.gs;
    return n <= PT_ES ? frame + n : frame + n - 2;
}

static int is_selector(int n)
{
    return n == PT_DS || n == PT_ES || n == PT_FS || n == PT_GS || n == PT_CS || n == PT_SS;
}

unsigned long getreg(struct task_struct *child, int n)
{
    unsigned long value = *slot(child, n);
    return is_selector(n) ? value & 0xffff : value;
}

/// The tracer may give a program what the program could give itself.
int putreg(struct task_struct *child, int n, unsigned long value)
{
    if (is_selector(n)) {
        value &= 0xffff;
        int may_be_null = n != PT_CS && n != PT_SS;
        if ((value || !may_be_null) && (value & 3) != 3)
            return -EIO;
    }
    if (n == PT_EFL)
        value = (value & FLAG_MASK) | (getreg(child, PT_EFL) & ~FLAG_MASK);
    *slot(child, n) = value;
    return 0;
}

/// PEEKUSR, POKEUSR: byte offsets into struct user; behind the registers there are only zeros here.
int peek_user(struct task_struct *child, unsigned long address, unsigned long *value)
{
    if ((address & 3) || address > SIZEOF_USER - 4)
        return -EIO;
    *value = address / 4 < PT_REGS ? getreg(child, address / 4) : 0;
    return 0;
}
int poke_user(struct task_struct *child, unsigned long address, unsigned long value)
{
    return (address & 3) || address / 4 >= PT_REGS ? -EIO : putreg(child, address / 4, value);
}

void set_singlestep(struct task_struct *child)
{
    set_tsk_thread_flag(child, TIF_SINGLESTEP);
    task_pt_regs(child)->eflags |= TF_MASK;
    child->ptrace |= PT_DTRACE;
}
void clear_singlestep(struct task_struct *child)
{
    if (!(child->ptrace & PT_DTRACE))
        return;
    clear_tsk_thread_flag(child, TIF_SINGLESTEP);
    task_pt_regs(child)->eflags &= ~TF_MASK;
    child->ptrace &= ~PT_DTRACE;
}

/// entryexit 0: before the service routine, 1: after it. The tracer sees SIGTRAP, with bit 7 if it asked for that.
fastcall void do_syscall_trace(struct pt_regs *regs, int entryexit)
{
    int stepped = entryexit && test_thread_flag(TIF_SINGLESTEP);
    if (stepped) { // do_debug took TF away on sysenter's first instruction: the program gets it back
        regs->eflags |= TF_MASK;
        if (!(current->ptrace & PT_DTRACE))
            clear_thread_flag(TIF_SINGLESTEP);
    }
    if (!(current->ptrace & PT_PTRACED) || (!test_thread_flag(TIF_SYSCALL_TRACE) && !stepped))
        return;
    ptrace_notify(SIGTRAP | (current->ptrace & PT_TRACESYSGOOD && !stepped ? 0x80 : 0));
    if (current->exit_code) { // the tracer wants a signal delivered
        send_sig(current->exit_code, current, 1);
        current->exit_code = 0;
    }
}
