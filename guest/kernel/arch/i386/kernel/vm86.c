// SPDX-License-Identifier: MIT
// Virtual-8086 mode: the calls that enter it, and the way back to the program. What its code traps into is in vm86_emulate.c.
//
//   kernel stack       | struct pt_regs of vm86()      |  <- regs32, where the call will return
//   while the          | ... C frames of the call      |
//   mode lasts         | kernel_vm86_struct: the rest  |
//                      | kernel_vm86_struct: regs      |  <- thread.esp0 is its end: a trap pushes its frame here
//
// Rows R11. [linux-2.6.11] arch/i386/kernel/vm86.c: names, and who calls whom.
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>
#include <asm/uaccess.h>
#include <asm/vm86.h>

#define SAFE_MASK 0xDD5UL ///< flags that a program may choose for its 8086: CF PF AF ZF SF TF DF OF
#define RETURN_MASK 0xDFFUL

_Static_assert(sizeof(struct kernel_vm86_regs) == sizeof(struct pt_regs) + 16, "the CPU pushes four words more");
_Static_assert(offsetof(struct kernel_vm86_regs, eip) == offsetof(struct pt_regs, eip), "the frame is struct pt_regs");

/// The user's struct has fs and gs words that the frame has not: copied in two pieces.
static int copy_vm86_regs_from_user(struct kernel_vm86_regs *regs, const struct vm86_regs __user *user)
{
    const size_t first = offsetof(struct kernel_vm86_regs, orig_eax);
    int bad = copy_from_user(regs, user, first);
    return bad + copy_from_user(&regs->orig_eax, &user->orig_eax, sizeof(*regs) - first);
}

static int copy_vm86_regs_to_user(struct vm86_regs __user *user, const struct kernel_vm86_regs *regs)
{
    const size_t first = offsetof(struct kernel_vm86_regs, orig_eax);
    int bad = copy_to_user(user, regs, first);
    return bad + copy_to_user(&user->orig_eax, &regs->orig_eax, sizeof(*regs) - first);
}

/// Back to the program's own world: the 8086's registers go to its struct, the kernel stack becomes the call's again.
/// Gives the frame of that call. Called with interrupts on: the user's memory may have to be brought in.
struct pt_regs *save_v86_state(struct kernel_vm86_regs *regs)
{
    struct thread_struct *thread = &current->thread;
    local_irq_enable();
    if (!thread->vm86_info) { // a program may have its struct at address 0, but not back
        printk(KERN_WARNING "vm86: no vm86_info: BAD\n");
        do_exit(SIGSEGV);
    }
    unsigned long mask = VIF_MASK | thread->v86mask;
    regs->eflags = (regs->eflags & ~mask) | (thread->v86flags & mask);
    int bad = copy_vm86_regs_to_user(&thread->vm86_info->regs, regs);
    bad += put_user(thread->screen_bitmap, &thread->vm86_info->screen_bitmap);
    if (bad) {
        printk(KERN_WARNING "vm86: could not access userspace vm86_info\n");
        do_exit(SIGSEGV);
    }
    local_irq_disable();
    thread->esp0 = thread->saved_esp0;
    thread->sysenter_cs = __KERNEL_CS;
    load_esp0(&init_tss, thread);
    thread->saved_esp0 = 0;
    struct pt_regs *regs32 = ((struct kernel_vm86_struct *)regs)->regs32;
    loadsegment(fs, thread->saved_fs);
    loadsegment(gs, thread->saved_gs);
    local_irq_enable();
    return regs32;
}

/// The call returns `retval` to the program; the 8086 stays where it is.
void return_to_32bit(struct kernel_vm86_regs *regs16, int retval)
{
    struct pt_regs *regs32 = save_v86_state(regs16);
    regs32->eax = retval;
    __asm__ __volatile__("movl %0,%%esp\n\t"
                         "movl %1,%%ebp\n\t"
                         "jmp resume_userspace"
                         : : "r"(regs32), "r"(current_thread_info()));
    __builtin_unreachable();
}

/// VM86_SCREEN_BITMAP: the 32 pages of the screen become read-only, so that each first write is seen.
static void mark_screen_rdonly(struct mm_struct *mm)
{
    down_write(&mm->mmap_sem);
    for (unsigned long at = 0xA0000; at < 0xA0000 + 32 * PAGE_SIZE; at += PAGE_SIZE) {
        pte_t *pte = pte_lookup(mm, at);
        if (pte && pte_present(*pte))
            set_pte(pte, pte_wrprotect(*pte));
    }
    up_write(&mm->mmap_sem);
    flush_tlb_mm(mm);
}

/// A write to the screen has faulted in virtual-8086 mode.
void note_vm86_screen(unsigned long address)
{
    unsigned long bit = (address - 0xA0000) >> PAGE_SHIFT;
    if (bit < 32)
        current->thread.screen_bitmap |= 1UL << bit;
}

/// Which bits of EFLAGS above the arithmetic ones the chosen processor has; the rest reads as 0.
static unsigned long flags_of_cpu(unsigned long cpu_type)
{
    switch (cpu_type) {
    case CPU_286: return 0;
    case CPU_386: return NT_MASK | X86_EFLAGS_IOPL;
    case CPU_486: return X86_EFLAGS_AC | NT_MASK | X86_EFLAGS_IOPL;
    default: return X86_EFLAGS_ID | X86_EFLAGS_AC | NT_MASK | X86_EFLAGS_IOPL;
    }
}

/// Enters the mode. Does not return: the call ends in return_to_32bit.
static void do_sys_vm86(struct kernel_vm86_struct *info, struct vm86_struct __user *user)
{
    struct task_struct *tsk = current;
    struct thread_struct *thread = &tsk->thread;
    thread->vm86_info = user;
    // Nothing of this may reach the processor as the program has written it: the kernel's segments are the kernel's.
    info->regs.__null_ds = info->regs.__null_es = 0;
    thread->v86flags = info->regs.eflags;
    info->regs.eflags &= SAFE_MASK;
    info->regs.eflags |= info->regs32->eflags & ~SAFE_MASK & ~NT_MASK;
    info->regs.eflags |= VM_MASK;
    thread->v86mask = flags_of_cpu(info->cpu_type);
    info->regs32->eax = 0; // VM86_SIGNAL: what the program sees if a signal comes first
    thread->saved_esp0 = thread->esp0;
    savesegment(fs, thread->saved_fs);
    savesegment(gs, thread->saved_gs);
    local_irq_disable();
    thread->esp0 = (unsigned long)&info->VM86_TSS_ESP0;
    thread->sysenter_cs = 0; // no way into the kernel that would not know of the mode
    load_esp0(&init_tss, thread);
    local_irq_enable();
    thread->screen_bitmap = info->screen_bitmap;
    if (info->flags & VM86_SCREEN_BITMAP)
        mark_screen_rdonly(tsk->mm);
    __asm__ __volatile__("xorl %%eax,%%eax\n\t"
                         "movl %%eax,%%fs\n\t"
                         "movl %%eax,%%gs\n\t"
                         "movl %0,%%esp\n\t"
                         "movl %1,%%ebp\n\t"
                         "jmp resume_userspace"
                         : : "r"(&info->regs), "r"(tsk->thread_info) : "eax");
    __builtin_unreachable();
}

/// Everything behind the registers, up to what the kernel adds.
static int copy_vm86_rest(struct kernel_vm86_struct *info, const struct vm86_struct __user *user, size_t end)
{
    return copy_from_user(&info->flags, &user->flags, end - offsetof(struct kernel_vm86_struct, flags));
}

/// 113: the registers in, the registers out.
asmlinkage int sys_vm86old(struct pt_regs regs)
{
    struct kernel_vm86_struct info;
    struct vm86_struct __user *user = (struct vm86_struct __user *)regs.ebx;
    if (current->thread.saved_esp0)
        return -EPERM;
    if (copy_vm86_regs_from_user(&info.regs, &user->regs) ||
        copy_vm86_rest(&info, user, offsetof(struct kernel_vm86_struct, vm86plus)))
        return -EFAULT;
    memset(&info.vm86plus, 0, sizeof(info.vm86plus));
    info.regs32 = &regs;
    do_sys_vm86(&info, user);
    return 0;
}

/// 166: the same with a debugger's and an interrupt controller's wishes. Lines of real devices are not given away (VM86_*_IRQ).
asmlinkage int sys_vm86(struct pt_regs regs)
{
    struct kernel_vm86_struct info;
    struct vm86_struct __user *user = (struct vm86_struct __user *)regs.ecx;
    switch (regs.ebx) {
    case VM86_REQUEST_IRQ:
    case VM86_FREE_IRQ:
    case VM86_GET_IRQ_BITS:
    case VM86_GET_AND_RESET_IRQ: return -EINVAL;
    case VM86_PLUS_INSTALL_CHECK: return 0; // an old kernel would have read its argument and failed
    }
    if (current->thread.saved_esp0)
        return -EPERM;
    if (copy_vm86_regs_from_user(&info.regs, &user->regs) ||
        copy_vm86_rest(&info, user, offsetof(struct kernel_vm86_struct, regs32)))
        return -EFAULT;
    info.vm86plus.is_vm86pus = 1;
    info.regs32 = &regs;
    do_sys_vm86(&info, user);
    return 0;
}
