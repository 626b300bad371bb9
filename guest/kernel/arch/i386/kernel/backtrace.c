// SPDX-License-Identifier: MIT
// How did we come here? The kernel is built with frame pointers: each EBP points at the caller's EBP, the return address
// above it. entry.S pushes no such frame, so a chain ends where the kernel was entered.
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/system.h>
#include <asm/traps.h>

void show_trace(unsigned long ebp, unsigned long eip)
{
    unsigned long bottom = (unsigned long)current_thread_info(), top = bottom + THREAD_SIZE;
    printk(KERN_EMERG "Call Trace:\n");
    if (eip)
        print_symbol(" ", eip);
    for (int depth = 0; depth < 32 && ebp > bottom && ebp < top - 4 && !(ebp & 3); depth++) {
        unsigned long *frame = (unsigned long *)ebp;
        if (!kernel_text_address(frame[1]))
            break;
        print_symbol(" ", frame[1]);
        if (frame[0] <= ebp)
            break;
        ebp = frame[0];
    }
}

void dump_stack(void) { show_trace((unsigned long)__builtin_frame_address(0), 0); }

void show_regs(struct pt_regs *regs)
{
    unsigned long esp = user_mode(regs) ? (unsigned long)regs->esp : (unsigned long)&regs->esp;
    printk(KERN_EMERG "pid %d (%s)  EIP %04x:%08lx  EFLAGS %08lx  ESP %08lx  CR2 %08lx\n", current->pid, current->comm,
           regs->xcs & 0xffff, regs->eip, regs->eflags, esp, read_cr2());
    printk(KERN_EMERG "eax %08lx  ebx %08lx  ecx %08lx  edx %08lx  esi %08lx  edi %08lx  ebp %08lx\n", regs->eax,
           regs->ebx, regs->ecx, regs->edx, regs->esi, regs->edi, regs->ebp);
    if (!user_mode(regs))
        show_trace(regs->ebp, regs->eip);
}
