// SPDX-License-Identifier: MIT
// What virtual-8086 code traps into: the six instructions that ask for IOPL 3 are done here on virtual flags, interrupts go
// through the 8086's own table at address 0 or back to the program. [linux-2.6.11] arch/i386/kernel/vm86.c: names and returns.
//
// The flags that the code sees:  CF … OF, DF, TF   from the saved EFLAGS
//                                IF                 VIF of thread.v86flags: real interrupts always stay on
//                                NT IOPL AC ID      of thread.v86flags, as far as the chosen processor has them
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/uaccess.h>
#include <asm/vm86.h>

#define SAFE_MASK 0xDD5UL
#define RETURN_MASK 0xDFFUL
#define VEFLAGS (current->thread.v86flags)
#define VMPI(regs) (((struct kernel_vm86_struct *)(regs))->vm86plus)

/// Instruction bytes and stack of the 8086. A page that is not there ends the emulation.
struct vm86_view {
    struct kernel_vm86_regs *regs;
    unsigned long code, stack; ///< linear addresses of CS:0 and SS:0
    unsigned short ip, sp;
    int failed;
};

static unsigned char pop_byte(struct vm86_view *view, unsigned long base, unsigned short *at)
{
    unsigned char value = 0;
    view->failed |= get_user(value, (unsigned char __user *)(base + *at));
    (*at)++;
    return value;
}
static unsigned char fetch_byte(struct vm86_view *view) { return pop_byte(view, view->code, &view->ip); }
static unsigned short pop_word(struct vm86_view *view)
{
    unsigned short low = pop_byte(view, view->stack, &view->sp);
    return low | pop_byte(view, view->stack, &view->sp) << 8;
}
static unsigned long pop_long(struct vm86_view *view)
{
    unsigned long low = pop_word(view);
    return low | (unsigned long)pop_word(view) << 16;
}
static void push_byte(struct vm86_view *view, unsigned char value)
{
    view->sp--;
    view->failed |= put_user(value, (unsigned char __user *)(view->stack + view->sp));
}
static void push_word(struct vm86_view *view, unsigned short value)
{
    push_byte(view, value >> 8);
    push_byte(view, value);
}
static void push_long(struct vm86_view *view, unsigned long value)
{
    push_word(view, value >> 16);
    push_word(view, value);
}

static struct vm86_view look(struct kernel_vm86_regs *regs)
{
    return (struct vm86_view){ .regs = regs, .code = regs->cs << 4, .stack = regs->ss << 4, .ip = regs->eip, .sp = regs->esp };
}
static void set_ip(struct kernel_vm86_regs *regs, unsigned short ip) { regs->eip = (regs->eip & 0xffff0000) | ip; }
static void set_sp(struct kernel_vm86_regs *regs, unsigned short sp) { regs->esp = (regs->esp & 0xffff0000) | sp; }

// ---- virtual flags

static void set_IF(struct kernel_vm86_regs *regs)
{
    VEFLAGS |= VIF_MASK;
    if (VEFLAGS & VIP_MASK)
        return_to_32bit(regs, VM86_STI);
}
static void clear_IF(void) { VEFLAGS &= ~VIF_MASK; }

static unsigned long get_vflags(const struct kernel_vm86_regs *regs)
{
    unsigned long flags = regs->eflags & RETURN_MASK & ~IF_MASK;
    if (VEFLAGS & VIF_MASK)
        flags |= IF_MASK;
    return flags | (VEFLAGS & current->thread.v86mask);
}

/// POPF and IRET: `width` is the mask of the operand size.
static void set_vflags(struct kernel_vm86_regs *regs, unsigned long flags, unsigned long width)
{
    unsigned long virtual = current->thread.v86mask & width;
    VEFLAGS = (VEFLAGS & ~virtual) | (flags & virtual);
    regs->eflags = (regs->eflags & ~SAFE_MASK) | (flags & SAFE_MASK);
    if (flags & IF_MASK)
        set_IF(regs);
    else
        clear_IF();
}

// ---- interrupts of the 8086

static int is_revectored(int nr, const struct revectored_struct *bitmap) { return (bitmap->__map[nr >> 5] >> (nr & 31)) & 1; }

/// INT i through the table at address 0, unless the program wants it for itself, or it leads into the BIOS.
static void do_int(struct kernel_vm86_regs *regs, int i)
{
    const struct kernel_vm86_struct *info = (struct kernel_vm86_struct *)regs;
    struct vm86_view view = look(regs);
    unsigned long vector;
    if (regs->cs == BIOSSEG || is_revectored(i, &info->int_revectored))
        goto cannot_handle;
    if (i == 0x21 && is_revectored((regs->eax >> 8) & 0xff, &info->int21_revectored))
        goto cannot_handle;
    if (get_user(vector, (unsigned long __user *)(i << 2)) || vector >> 16 == BIOSSEG)
        goto cannot_handle;
    push_word(&view, get_vflags(regs));
    push_word(&view, regs->cs);
    push_word(&view, regs->eip);
    if (view.failed)
        goto cannot_handle;
    regs->cs = vector >> 16;
    set_sp(regs, view.sp);
    set_ip(regs, vector);
    regs->eflags &= ~(TF_MASK | X86_EFLAGS_AC);
    clear_IF();
    return;
cannot_handle:
    return_to_32bit(regs, VM86_INTx + (i << 8));
}

/// An exception in virtual-8086 mode that has a meaning there. 1: it has none, the caller sends its signal.
int handle_vm86_trap(struct kernel_vm86_regs *regs, long error_code, int trapno)
{
    if (VMPI(regs).is_vm86pus) {
        if (trapno == 3 || trapno == 1)
            return_to_32bit(regs, VM86_TRAP + (trapno << 8));
        do_int(regs, trapno);
        return 0;
    }
    if (trapno != 1)
        return 1;
    current->thread.trap_no = trapno;
    current->thread.error_code = error_code;
    force_sig(SIGTRAP, current);
    return 0;
}

// ---- the six instructions

/// The debugger of vm86(2) keeps single-stepping on over an emulated POPF or IRET.
static unsigned long keep_stepping(struct kernel_vm86_regs *regs, unsigned long flags)
{
    return VMPI(regs).vm86dbg_active && VMPI(regs).vm86dbg_TFpendig ? flags | TF_MASK : flags;
}

/// INT n: to the program's debugger if it asked for this one.
static void emulate_int(struct vm86_view *view)
{
    int number = fetch_byte(view);
    if (view->failed)
        return;
    set_ip(view->regs, view->ip);
    const struct vm86plus_info_struct *plus = &VMPI(view->regs);
    if (plus->vm86dbg_active && (plus->vm86dbg_intxxtab[number >> 3] >> (number & 7) & 1))
        return_to_32bit(view->regs, VM86_INTx + (number << 8));
    do_int(view->regs, number);
}

static void emulate_iret(struct vm86_view *view, int data32)
{
    struct kernel_vm86_regs *regs = view->regs;
    unsigned long ip = data32 ? pop_long(view) : pop_word(view);
    unsigned short cs = data32 ? pop_long(view) : pop_word(view);
    unsigned long flags = data32 ? pop_long(view) : pop_word(view);
    if (view->failed)
        return;
    set_sp(regs, view->sp);
    set_ip(regs, ip);
    regs->cs = cs;
    set_vflags(regs, keep_stepping(regs, flags), data32 ? ~0UL : 0xffff);
}

static void emulate_popf(struct vm86_view *view, int data32)
{
    unsigned long flags = data32 ? pop_long(view) : pop_word(view);
    if (view->failed)
        return;
    set_sp(view->regs, view->sp);
    set_ip(view->regs, view->ip);
    set_vflags(view->regs, keep_stepping(view->regs, flags), data32 ? ~0UL : 0xffff);
}

static void emulate_pushf(struct vm86_view *view, int data32)
{
    unsigned long flags = get_vflags(view->regs);
    if (data32)
        push_long(view, flags);
    else
        push_word(view, flags);
    if (view->failed)
        return;
    set_sp(view->regs, view->sp);
    set_ip(view->regs, view->ip);
}

/// The operand size and the opcode behind any prefixes; at most 15 bytes, as on the processor.
static unsigned char fetch_opcode(struct vm86_view *view, int *data32)
{
    for (int length = 0; length < 15 && !view->failed; length++) {
        unsigned char byte = fetch_byte(view);
        switch (byte) {
        case 0x66: *data32 = 1; break;
        case 0x67: case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65: case 0xf2: case 0xf3: break;
        default: return byte;
        }
    }
    view->failed = 1;
    return 0;
}

/// 0: not one of the six.
static int emulate(struct vm86_view *view)
{
    int data32 = 0;
    switch (fetch_opcode(view, &data32)) {
    case 0x9c: emulate_pushf(view, data32); break;
    case 0x9d: emulate_popf(view, data32); break;
    case 0xcd: emulate_int(view); break;
    case 0xcf: emulate_iret(view, data32); break;
    case 0xfa: // cli
        set_ip(view->regs, view->ip);
        clear_IF();
        break;
    case 0xfb: // sti
        set_ip(view->regs, view->ip);
        set_IF(view->regs);
        break;
    default: return 0;
    }
    return !view->failed;
}

/// #GP in virtual-8086 mode.
void handle_vm86_fault(struct kernel_vm86_regs *regs, long error_code)
{
    unsigned long orig_flags = regs->eflags;
    struct vm86_view view = look(regs);
    if (!emulate(&view))
        return_to_32bit(regs, VM86_UNKNOWN);
    if (VMPI(regs).force_return_for_pic && (VEFLAGS & (IF_MASK | VIF_MASK)))
        return_to_32bit(regs, VM86_PICRETURN);
    if (orig_flags & TF_MASK)
        handle_vm86_trap(regs, 0, 1);
}
