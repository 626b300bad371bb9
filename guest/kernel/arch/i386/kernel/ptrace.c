// SPDX-License-Identifier: MIT
// Tracing on the i386: ptrace(2) and its requests, the registers of a stopped task as its tracer numbers them (which is not the
// order of pt_regs), single steps, and do_syscall_trace, the stop before and after each system call.
// [linux-2.6.11]; rows E08-E10, R13, X01, X07.
//
//   PEEKUSR, GETREGS:  0 EBX ECX EDX ESI EDI EBP EAX   7 DS ES FS GS   11 ORIG_EAX EIP CS EFL UESP SS 16
//   pt_regs:           0 EBX ECX EDX ESI EDI EBP EAX   7 DS ES         9 ORIG_EAX EIP CS EFL UESP SS 14
//
// A single step: TF in the task's saved flags makes the processor trap behind the next user instruction (do_debug). A system call
// swallows that trap: int $0x80 switches TF off until iret brings it back, one instruction too late. Therefore TIF_SINGLESTEP,
// which makes do_syscall_trace send the SIGTRAP of the step when the call ends.
#include <linux/audit.h>
#include <linux/elfcore.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <asm/desc.h>
#include <asm/i387.h>
#include <asm/ldt.h>
#include <asm/uaccess.h>
#include <asm/user.h>

enum { PT_DS = 7, PT_ES, PT_FS, PT_GS, PT_ORIG_EAX, PT_EIP, PT_CS, PT_EFL, PT_UESP, PT_SS, PT_REGS };
#define FLAG_MASK 0x00044dd5 ///< what a tracer may change: AC NT OF DF TF SF ZF AF PF CF
#define DR_CONTROL_RESERVED 0xfc00
/// Bit n: the four bits R/W and LEN of a breakpoint may not be n (execution of more than a byte, I/O, length 2).
#define DR_BAD_KINDS 0x5f54

/// The frame lies below esp0, which is not the end of the stack while the task is in virtual-8086 mode.
static struct pt_regs *get_child_regs(struct task_struct *child) { return (struct pt_regs *)child->thread.esp0 - 1; }

/// Where slot n lies in pt_regs; FS and GS are in thread_struct.
static unsigned long *slot(struct task_struct *child, int n)
{
    unsigned long *frame = (unsigned long *)get_child_regs(child);
    if (n == PT_FS)
        return &child->thread.fs;
    if (n == PT_GS)
        return &child->thread.gs;
    return n < PT_FS ? frame + n : frame + n - 2;
}

static int is_selector(int n)
{
    return n == PT_DS || n == PT_ES || n == PT_FS || n == PT_GS || n == PT_CS || n == PT_SS;
}

static unsigned long getreg(struct task_struct *child, int n)
{
    unsigned long value = *slot(child, n);
    return is_selector(n) ? value & 0xffff : value;
}

void dump_task_regs(struct task_struct *tsk, elf_gregset_t *regs)
{
    if (tsk == current) { // FS and GS are the processor's
        savesegment(fs, tsk->thread.fs);
        savesegment(gs, tsk->thread.gs);
    }
    for (int n = 0; n < PT_REGS; n++)
        (*regs)[n] = getreg(tsk, n);
}

/// The tracer may give a program what the program could give itself: selectors of ring 3, its own flags.
static int putreg(struct task_struct *child, int n, unsigned long value)
{
    if (is_selector(n)) {
        int may_be_null = n != PT_CS && n != PT_SS;
        value &= 0xffff;
        if ((value || !may_be_null) && (value & 3) != 3)
            return -EIO;
    }
    if (n == PT_EFL)
        value = (value & FLAG_MASK) | (getreg(child, PT_EFL) & ~FLAG_MASK);
    *slot(child, n) = value;
    return 0;
}

/// POKEUSR of u_debugreg[n]. No breakpoint in the kernel, none of a kind that the processor does not have.
static int put_debugreg(struct task_struct *child, int n, unsigned long value)
{
    if (n == 4 || n == 5 || (n < 4 && value >= TASK_SIZE - 3))
        return -EIO;
    if (n == 7) {
        value &= ~DR_CONTROL_RESERVED;
        for (int i = 0; i < 4; i++)
            if ((DR_BAD_KINDS >> ((value >> (16 + 4 * i)) & 0xf)) & 1)
                return -EIO;
    }
    child->thread.debugreg[n] = value;
    return 0;
}

/// PEEKUSR, POKEUSR: byte offsets into struct user; behind most of it there is nothing but zeros.
static int peek_user(struct task_struct *child, unsigned long address, unsigned long __user *data)
{
    unsigned long value = 0, debug = address - offsetof(struct user, u_debugreg);
    if ((address & 3) || address > sizeof(struct user) - 4)
        return -EIO;
    if (address / 4 < PT_REGS)
        value = getreg(child, address / 4);
    else if (debug < 8 * 4)
        value = child->thread.debugreg[debug / 4];
    return put_user(value, data);
}

static int poke_user(struct task_struct *child, unsigned long address, unsigned long value)
{
    unsigned long debug = address - offsetof(struct user, u_debugreg);
    if (address & 3)
        return -EIO;
    if (address / 4 < PT_REGS)
        return putreg(child, address / 4, value);
    return debug < 8 * 4 ? put_debugreg(child, debug / 4, value) : -EIO;
}

static int peek_data(struct task_struct *child, unsigned long address, unsigned long __user *data)
{
    unsigned long value;
    if (access_process_vm(child, address, &value, sizeof(value), 0) != sizeof(value))
        return -EIO;
    return put_user(value, data);
}

static int poke_data(struct task_struct *child, unsigned long address, unsigned long value)
{
    return access_process_vm(child, address, &value, sizeof(value), 1) == sizeof(value) ? 0 : -EIO;
}

static int get_regs(struct task_struct *child, unsigned long __user *to)
{
    if (!access_ok(VERIFY_WRITE, to, PT_REGS * 4))
        return -EIO;
    for (int n = 0; n < PT_REGS; n++)
        if (__put_user(getreg(child, n), to + n))
            return -EFAULT;
    return 0;
}

/// A register that may not have its value keeps the old one; the others are set.
static int set_regs(struct task_struct *child, unsigned long __user *from)
{
    unsigned long value[PT_REGS];
    if (!access_ok(VERIFY_READ, from, sizeof(value)))
        return -EIO;
    if (__copy_from_user(value, from, sizeof(value)))
        return -EFAULT;
    for (int n = 0; n < PT_REGS; n++)
        putreg(child, n, value[n]);
    return 0;
}

// ---- single steps

/// A popf that is stepped loads TF itself: what it leaves is the program's, not ours.
static int is_at_popf(struct task_struct *child, struct pt_regs *regs)
{
    unsigned char opcode[15];
    unsigned long address = regs->eflags & VM_MASK ? ((regs->xcs & 0xffff) << 4) + (regs->eip & 0xffff) : regs->eip;
    int copied = access_process_vm(child, address, opcode, sizeof(opcode), 0);
    for (int i = 0; i < copied; i++) {
        switch (opcode[i]) {
        case 0x9d: return 1;
        case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65: case 0x66: case 0x67:
        case 0xf0: case 0xf2: case 0xf3: continue; // prefixes
        default: return 0;
        }
    }
    return 0;
}

static void set_singlestep(struct task_struct *child)
{
    struct pt_regs *regs = get_child_regs(child);
    set_tsk_thread_flag(child, TIF_SINGLESTEP);
    if (regs->eflags & TF_MASK) // the program steps itself, or we have done this already
        return;
    regs->eflags |= TF_MASK;
    if (!is_at_popf(child, regs))
        child->ptrace |= PT_DTRACE;
}

static void clear_singlestep(struct task_struct *child)
{
    clear_tsk_thread_flag(child, TIF_SINGLESTEP);
    if (!(child->ptrace & PT_DTRACE))
        return;
    get_child_regs(child)->eflags &= ~TF_MASK;
    child->ptrace &= ~PT_DTRACE;
}

/// Nobody traces it any more: no step, no stops at calls, no breakpoints.
void ptrace_disable(struct task_struct *child)
{
    clear_singlestep(child);
    clear_tsk_thread_flag(child, TIF_SYSCALL_TRACE);
    clear_tsk_thread_flag(child, TIF_SYSCALL_EMU);
    memset(child->thread.debugreg, 0, sizeof(child->thread.debugreg));
}

static void set_flag_if(int condition, struct task_struct *child, int flag)
{
    if (condition)
        set_tsk_thread_flag(child, flag);
    else
        clear_tsk_thread_flag(child, flag);
}

static int resume(struct task_struct *child, long request, unsigned long signal)
{
    if (!valid_signal(signal))
        return -EIO;
    int emulate = request == PTRACE_SYSEMU || request == PTRACE_SYSEMU_SINGLESTEP;
    set_flag_if(request == PTRACE_SYSCALL || emulate, child, TIF_SYSCALL_TRACE);
    set_flag_if(emulate, child, TIF_SYSCALL_EMU); // 2.6.14's requests, but entry.S looks at no flag that 2.6.11 doesn't have
    if (request == PTRACE_SINGLESTEP || request == PTRACE_SYSEMU_SINGLESTEP)
        set_singlestep(child);
    else
        clear_singlestep(child);
    child->exit_code = signal;
    wake_up_process(child);
    return 0;
}

static int kill_tracee(struct task_struct *child)
{
    if (child->exit_state == EXIT_ZOMBIE)
        return 0;
    clear_singlestep(child);
    child->exit_code = SIGKILL;
    wake_up_process(child);
    return 0;
}

// ---- thread-local storage

static int get_thread_area_of(struct task_struct *child, int idx, struct user_desc __user *to)
{
    struct user_desc info;
    if (idx < GDT_ENTRY_TLS_MIN || idx > GDT_ENTRY_TLS_MAX)
        return -EINVAL;
    describe_tls_entry(&info, &child->thread.tls_array[idx - GDT_ENTRY_TLS_MIN], idx);
    return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : 0;
}

static int set_thread_area_of(struct task_struct *child, int idx, struct user_desc __user *from)
{
    struct user_desc info;
    if (copy_from_user(&info, from, sizeof(info)))
        return -EFAULT;
    if (idx < GDT_ENTRY_TLS_MIN || idx > GDT_ENTRY_TLS_MAX)
        return -EINVAL;
    fill_tls_entry(&child->thread.tls_array[idx - GDT_ENTRY_TLS_MIN], &info);
    return 0;
}

/// The tracee sees its FPU as used from now on: what it had not begun yet begins as fninit leaves it.
static int ptrace_fpu(struct task_struct *child, long request, void __user *data)
{
    if (!cpu_has_fpu)
        return -EIO;
    if (!(child->flags & PF_USED_MATH))
        init_fpu(child);
    switch (request) {
    case PTRACE_GETFPREGS: return get_fpregs(data, child);
    case PTRACE_SETFPREGS: return set_fpregs(child, data);
    case PTRACE_GETFPXREGS: return get_fpxregs(data, child);
    default: return set_fpxregs(child, data);
    }
}

static int on_stopped_child(struct task_struct *child, long request, long address, long data)
{
    switch (request) {
    case PTRACE_PEEKTEXT:
    case PTRACE_PEEKDATA: return peek_data(child, address, (unsigned long __user *)data);
    case PTRACE_POKETEXT:
    case PTRACE_POKEDATA: return poke_data(child, address, data);
    case PTRACE_PEEKUSR: return peek_user(child, address, (unsigned long __user *)data);
    case PTRACE_POKEUSR: return poke_user(child, address, data);
    case PTRACE_CONT:
    case PTRACE_SYSCALL:
    case PTRACE_SYSEMU:
    case PTRACE_SYSEMU_SINGLESTEP:
    case PTRACE_SINGLESTEP: return resume(child, request, data);
    case PTRACE_KILL: return kill_tracee(child);
    case PTRACE_DETACH: return ptrace_detach(child, data);
    case PTRACE_GETREGS: return get_regs(child, (unsigned long __user *)data);
    case PTRACE_SETREGS: return set_regs(child, (unsigned long __user *)data);
    case PTRACE_GETFPREGS:
    case PTRACE_SETFPREGS:
    case PTRACE_GETFPXREGS:
    case PTRACE_SETFPXREGS: return ptrace_fpu(child, request, (void __user *)data);
    case PTRACE_GET_THREAD_AREA: return get_thread_area_of(child, address, (struct user_desc __user *)data);
    case PTRACE_SET_THREAD_AREA: return set_thread_area_of(child, address, (struct user_desc __user *)data);
    default: return ptrace_request(child, request, address, data);
    }
}

static int ptrace_traceme(void)
{
    if (current->ptrace & PT_PTRACED)
        return -EPERM;
    current->ptrace |= PT_PTRACED;
    return 0;
}

asmlinkage int sys_ptrace(long request, long pid, long address, long data)
{
    if (request == PTRACE_TRACEME)
        return ptrace_traceme();
    struct task_struct *child = find_task_by_pid(pid);
    if (!child)
        return -ESRCH;
    if (pid == 1) // init belongs to nobody
        return -EPERM;
    get_task_struct(child);
    int ret = request == PTRACE_ATTACH ? ptrace_attach(child) : ptrace_check_attach(child, request == PTRACE_KILL);
    if (!ret && request != PTRACE_ATTACH)
        ret = on_stopped_child(child, request, address, data);
    put_task_struct(child);
    return ret;
}

// ---- what the traced task itself does

void send_sigtrap(struct task_struct *tsk, struct pt_regs *regs, int error_code)
{
    siginfo_t info = { .si_signo = SIGTRAP, .si_code = TRAP_BRKPT };
    info.si_addr = user_mode(regs) ? (void *)regs->eip : NULL;
    tsk->thread.trap_no = 1;
    tsk->thread.error_code = error_code;
    force_sig_info(SIGTRAP, &info, tsk);
}

static void audit_syscall(struct pt_regs *regs, int entryexit)
{
    if (!entryexit)
        audit_syscall_entry(current, regs->orig_eax, regs->ebx, regs->ecx, regs->edx, regs->esi);
    else
        audit_syscall_exit(current, regs->eax);
}

/// The tracer sees SIGTRAP, with bit 7 if it asked for that. One that answers with a signal wants it delivered.
static void stop_at_syscall(void)
{
    ptrace_notify(SIGTRAP | (current->ptrace & PT_TRACESYSGOOD ? 0x80 : 0));
    if (current->exit_code) {
        send_sig(current->exit_code, current, 1);
        current->exit_code = 0;
    }
}

/// entryexit 0: before the service routine, 1: after it. Not 0: the call is left out (PTRACE_SYSEMU), and what the tracer has put
/// into the registers is its result; nor does a signal start it again.
fastcall int do_syscall_trace(struct pt_regs *regs, int entryexit)
{
    int emulated = test_thread_flag(TIF_SYSCALL_EMU), stepped = test_thread_flag(TIF_SINGLESTEP);
    if (unlikely(current->audit_context))
        audit_syscall(regs, entryexit);
    if (stepped && entryexit && !(current->ptrace & PT_DTRACE)) { // a program that steps itself, by sysenter: do_debug took
        regs->eflags |= TF_MASK;                                  // TF away, here it comes back
        clear_thread_flag(TIF_SINGLESTEP);
    }
    if (!(current->ptrace & PT_PTRACED))
        return 0;
    if (emulated && entryexit) // it stopped before this call by PTRACE_SYSCALL and went on by PTRACE_SYSEMU: the call was made
        return 0;
    if (stepped && entryexit)
        send_sigtrap(current, regs, 0);
    if (!test_thread_flag(TIF_SYSCALL_TRACE))
        return 0;
    stop_at_syscall();
    if (!emulated)
        return 0;
    regs->orig_eax = -1;
    if (unlikely(current->audit_context))
        audit_syscall(regs, 1);
    return 1;
}
