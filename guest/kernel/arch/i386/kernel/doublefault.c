// SPDX-License-Identifier: MIT
// Vector 8 is a task gate: the CPU itself switches to this TSS, which has a stack of its own, because a double fault
// usually means that the kernel stack is gone. The registers at the fault are then in the TSS that was left (init_tss).
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/desc.h>
#include <asm/traps.h>

static unsigned long doublefault_stack[1024];
static struct tss_struct doublefault_tss;

static void doublefault_fn(void)
{
    struct tss_struct *t = &init_tss;
    console_loglevel = 15;
    printk(KERN_EMERG "double fault, eip %08lx, esp %08lx, ebp %08lx, cr3 %08lx\n", t->eip, t->esp, t->ebp, t->__cr3);
    printk(KERN_EMERG "eax %08lx, ebx %08lx, ecx %08lx, edx %08lx, esi %08lx, edi %08lx\n", t->eax, t->ebx, t->ecx,
           t->edx, t->esi, t->edi);
    print_symbol("at ", t->eip);
    // panic() asks for current: this stack has no thread_info, so the one below the faulting stack is used.
    __asm__ __volatile__("movl %0,%%esp" : : "r"(init_tss.esp0));
    panic("double fault");
}

void __init doublefault_init(void)
{
    doublefault_tss.esp0 = doublefault_tss.esp = (unsigned long)(doublefault_stack + 1024);
    doublefault_tss.ss0 = doublefault_tss.ss = __KERNEL_DS;
    doublefault_tss.cs = __KERNEL_CS;
    doublefault_tss.ds = doublefault_tss.es = __USER_DS;
    doublefault_tss.eip = (unsigned long)doublefault_fn;
    doublefault_tss.eflags = 2;
    doublefault_tss.__cr3 = (unsigned long)__pa(swapper_pg_dir);
    doublefault_tss.io_bitmap_base = INVALID_IO_BITMAP_OFFSET;
    set_system_desc(GDT_ENTRY_DOUBLEFAULT_TSS, (unsigned long)&doublefault_tss, 0x67, 0x89);
}
