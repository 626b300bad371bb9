// SPDX-License-Identifier: MIT
// Page faults. Error code bits: 0 = the page was there (protection), 1 = write, 2 = user mode.
//
//   address at or above PAGE_OFFSET         user: SIGSEGV     kernel: fixup, else panic
//   no area there (and no stack to grow)    user: SIGSEGV     kernel: fixup (the copy_* functions), else panic
//   area does not allow it                  the same
//   else handle_mm_fault: demand zero, file page, copy-on-write
#include <linux/hardirq.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/smp_lock.h>
#include <asm/pgtable.h>
#include <asm/system.h>
#include <asm/traps.h>
#include <asm/uaccess.h>
#include <asm/vm86.h>

#define PF_PROT 1
#define PF_WRITE 2
#define PF_USER 4

static void send_fault(int signr, int code, struct pt_regs *regs, unsigned long address, unsigned long error_code)
{
    siginfo_t info = { .si_signo = signr, .si_code = code };
    info.si_addr = (void *)address;
    current->thread.cr2 = address;
    // A program learns nothing about the kernel's pages: for it they are all present.
    current->thread.error_code = error_code | (address >= TASK_SIZE ? PF_PROT : 0);
    current->thread.trap_no = 14;
    force_sig_info(signr, &info, current);
}

static void no_context(struct pt_regs *regs, unsigned long error_code, unsigned long address)
{
    if (fixup_exception(regs))
        return;
    console_loglevel = 15;
    if (address < PAGE_SIZE)
        printk(KERN_EMERG "Unable to handle kernel NULL pointer dereference at virtual address %08lx\n", address);
    else
        printk(KERN_EMERG "Unable to handle kernel paging request at virtual address %08lx\n", address);
    die("Oops", regs, error_code);
}

static int access_is_bad(struct vm_area_struct *vma, unsigned long error_code)
{
    if (error_code & PF_WRITE)
        return !(vma->vm_flags & VM_WRITE);
    if (error_code & PF_PROT)
        return 1; // read of a present page: there is no access
    return !(vma->vm_flags & (VM_READ | VM_EXEC));
}

/// May the stack grow down to here? The lowest that an instruction can reach is 32 bytes below ESP (pusha).
static int stack_may_grow(struct vm_area_struct *vma, struct pt_regs *regs, unsigned long address,
                          unsigned long error_code)
{
    if (!(vma->vm_flags & VM_GROWSDOWN))
        return 0;
    if ((error_code & PF_USER) && address + 32 < (unsigned long)regs->esp)
        return 0;
    return expand_stack(vma, address) == 0;
}

fastcall void do_page_fault(struct pt_regs *regs, unsigned long error_code)
{
    unsigned long address = read_cr2(); // interrupts are off: nobody has faulted in between
    struct task_struct *tsk = current;
    struct mm_struct *mm = tsk->mm;
    int user = user_mode(regs);
    if (regs->eflags & (IF_MASK | VM_MASK))
        local_irq_enable();

    if (address >= TASK_SIZE) {
        if (user)
            send_fault(SIGSEGV, SEGV_MAPERR, regs, address, error_code);
        else
            no_context(regs, error_code, address);
        return;
    }
    if (in_atomic() || !mm) {
        no_context(regs, error_code, address);
        return;
    }
    // The kernel touches user memory only from the instructions in the exception table.
    if (!user && !search_exception_tables(regs->eip)) {
        no_context(regs, error_code, address);
        return;
    }

    int code = SEGV_MAPERR;
    down_read(&mm->mmap_sem);
    struct vm_area_struct *vma = find_vma(mm, address);
    if (!vma || (vma->vm_start > address && !stack_may_grow(vma, regs, address, error_code)))
        goto bad_area;
    code = SEGV_ACCERR;
    if (access_is_bad(vma, error_code))
        goto bad_area;
    int fault = handle_mm_fault(mm, vma, address, error_code & PF_WRITE);
    if (regs->eflags & VM_MASK)
        note_vm86_screen(address);
    up_read(&mm->mmap_sem);
    switch (fault) {
    case VM_FAULT_MINOR: tsk->min_flt++; return;
    case VM_FAULT_MAJOR: tsk->maj_flt++; return;
    case VM_FAULT_SIGBUS:
        if (user)
            send_fault(SIGBUS, BUS_ADRERR, regs, address, error_code);
        else
            no_context(regs, error_code, address);
        return;
    default:
        code = test_thread_flag(TIF_MEMDIE); // even the last pages are gone
        lock_kernel();
        out_of_memory(GFP_HIGHUSER);
        unlock_kernel();
        if (!user && (code || signal_pending(tsk))) // perhaps it is we who die: the call ends with -EFAULT
            no_context(regs, error_code, address);
        return; // the access is tried again
    }

bad_area:
    up_read(&mm->mmap_sem);
    if (user)
        send_fault(SIGSEGV, code, regs, address, error_code);
    else
        no_context(regs, error_code, address);
}

int wp_works_ok = 1;

/// For a CPU without CR0.WP: does to each page what a faulting write would do. 0 = some page may not be written.
int __verify_write(unsigned long address, unsigned long size)
{
    struct mm_struct *mm = current->mm;
    unsigned long end = address + size;
    int ok = 1;
    if (!size || address >= TASK_SIZE || !mm)
        return 1; // the kernel's own memory (set_fs)
    down_read(&mm->mmap_sem);
    for (unsigned long at = address & PAGE_MASK; at < end && ok; at += PAGE_SIZE) {
        struct vm_area_struct *vma = find_extend_vma(mm, at);
        pte_t *pte = pte_lookup(mm, at);
        if (!vma || !(vma->vm_flags & VM_WRITE))
            ok = 0;
        else if (!pte || !pte_present(*pte) || !pte_write(*pte))
            ok = handle_mm_fault(mm, vma, at, 1) > VM_FAULT_SIGBUS;
    }
    up_read(&mm->mmap_sem);
    return ok;
}
