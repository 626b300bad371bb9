// SPDX-License-Identifier: MIT
// Tasks on the i386: a child's kernel stack (copy_thread), the switch (__switch_to), the start of a program, idling.
//
//   child's kernel stack after copy_thread          rows T01-T07, K01
//     esp0 -> +--------------------+
//             | pt_regs: the       |   a copy of the parent's, but EAX = 0 and, if given, OLDESP = the new stack
//             | parent's 15 words  |
//     esp  -> +--------------------+   thread.eip = ret_from_fork
//             | ...                |
//             | thread_info        |
//             +--------------------+
#include <linux/binfmts.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/desc.h>
#include <asm/i387.h>
#include <asm/ldt.h>
#include <asm/mmu_context.h>
#include <asm/msr.h>
#include <asm/uaccess.h>

asmlinkage void ret_from_fork(void) __asm__("ret_from_fork");

/// Asleep until the next interrupt. sti only takes effect after hlt has begun: no wake-up is lost.
void cpu_idle(void)
{
    for (;;) {
        while (!need_resched()) {
            local_irq_disable();
            if (!need_resched())
                safe_halt();
            else
                local_irq_enable();
        }
        schedule();
    }
}

asmlinkage void kernel_thread_helper(void);
__asm__(".text\n.balign 4\n.globl kernel_thread_helper\nkernel_thread_helper:\n\t"
        "movl %edx,%eax\n\t" // the argument
        "pushl %edx\n\t"
        "call *%ebx\n\t" // the function
        "call do_exit\n"); // with its result in EAX

/// A task without user memory that runs fn(arg): its frame "returns" to kernel_thread_helper in ring 0.
int kernel_thread(int (*fn)(void *), void *arg, unsigned long flags)
{
    struct pt_regs regs;
    memset(&regs, 0, sizeof(regs));
    regs.ebx = (unsigned long)fn;
    regs.edx = (unsigned long)arg;
    regs.xds = regs.xes = __USER_DS;
    regs.orig_eax = -1;
    regs.eip = (unsigned long)kernel_thread_helper;
    regs.xcs = __KERNEL_CS;
    regs.eflags = X86_EFLAGS_IF | 2;
    return do_fork(flags | CLONE_VM | CLONE_UNTRACED, 0, &regs, 0, NULL, NULL);
}

void exit_thread(void)
{
    struct thread_struct *t = &current->thread;
    if (!t->io_bitmap_ptr)
        return;
    kfree(t->io_bitmap_ptr);
    t->io_bitmap_ptr = NULL;
    t->io_bitmap_max = 0;
    init_tss.io_bitmap_owner = NULL;
    init_tss.io_bitmap_base = INVALID_IO_BITMAP_OFFSET;
}

void flush_thread(void)
{
    struct task_struct *tsk = current;
    memset(tsk->thread.debugreg, 0, sizeof(tsk->thread.debugreg));
    memset(tsk->thread.tls_array, 0, sizeof(tsk->thread.tls_array));
    clear_fpu(tsk);
    clear_used_math();
}

void release_thread(struct task_struct *task) { }
void prepare_to_copy(struct task_struct *tsk) { unlazy_fpu(tsk); }

/// clone's tls: the descriptor is read from where the user's ESI was saved, it is no parameter of do_fork. Row A08.
static int copy_tls(struct task_struct *p, struct pt_regs *childregs)
{
    struct user_desc info;
    if (copy_from_user(&info, (void __user *)childregs->esi, sizeof(info)))
        return -EFAULT;
    if (LDT_empty(&info))
        return -EINVAL;
    int idx = info.entry_number;
    if (idx < GDT_ENTRY_TLS_MIN || idx > GDT_ENTRY_TLS_MAX)
        return -EINVAL;
    fill_tls_entry(&p->thread.tls_array[idx - GDT_ENTRY_TLS_MIN], &info);
    return 0;
}

/// A child is not stepped because its parent is, and has its parent's breakpoints only if it has the same tracer.
static void copy_debugging(struct task_struct *p, struct pt_regs *childregs)
{
    if (current->ptrace & PT_DTRACE)
        childregs->eflags &= ~TF_MASK;
    clear_tsk_thread_flag(p, TIF_SINGLESTEP);
    p->ptrace &= ~PT_DTRACE;
    if (!(p->ptrace & PT_PTRACED))
        memset(p->thread.debugreg, 0, sizeof(p->thread.debugreg));
}

int copy_thread(int nr, unsigned long clone_flags, unsigned long esp, unsigned long unused, struct task_struct *p,
                struct pt_regs *regs)
{
    struct task_struct *tsk = current;
    struct pt_regs *childregs = task_pt_regs(p);
    *childregs = *regs;
    childregs->eax = 0;
    childregs->esp = esp;
    p->thread.esp = (unsigned long)childregs;
    p->thread.esp0 = (unsigned long)(childregs + 1);
    p->thread.eip = (unsigned long)ret_from_fork;
    savesegment(fs, p->thread.fs);
    savesegment(gs, p->thread.gs);
    copy_debugging(p, childregs);

    p->thread.vm86_info = NULL;
    p->thread.io_bitmap_ptr = NULL;
    if (tsk->thread.io_bitmap_ptr) {
        p->thread.io_bitmap_ptr = kmalloc(IO_BITMAP_BYTES, GFP_KERNEL);
        if (!p->thread.io_bitmap_ptr) {
            p->thread.io_bitmap_max = 0;
            return -ENOMEM;
        }
        memcpy(p->thread.io_bitmap_ptr, tsk->thread.io_bitmap_ptr, IO_BITMAP_BYTES);
    }
    int error = clone_flags & CLONE_SETTLS ? copy_tls(p, childregs) : 0;
    if (error && p->thread.io_bitmap_ptr) {
        kfree(p->thread.io_bitmap_ptr);
        p->thread.io_bitmap_max = 0;
    }
    return error;
}

/// Keeps a task's port bitmap out of the TSS until it uses a port (do_general_protection).
static void handle_io_bitmap(struct thread_struct *next)
{
    if (!next->io_bitmap_ptr)
        init_tss.io_bitmap_base = INVALID_IO_BITMAP_OFFSET;
    else if (init_tss.io_bitmap_owner == next)
        init_tss.io_bitmap_base = offsetof(struct tss_struct, io_bitmap);
    else
        init_tss.io_bitmap_base = INVALID_IO_BITMAP_OFFSET_LAZY;
}

#define loaddebug(thread, n) __asm__ __volatile__("movl %0,%%db" #n : : "r"((thread)->debugreg[n]))

/// A task with breakpoints. Those of the task before are left alone: do_debug sees that they are nobody's.
/// DR6 is not loaded: what it says belongs to the trap that set it.
static void load_debug_registers(struct thread_struct *next)
{
    loaddebug(next, 0);
    loaddebug(next, 1);
    loaddebug(next, 2);
    loaddebug(next, 3);
    loaddebug(next, 7);
}

/// Whether sysenter is a way into the kernel: not from virtual-8086 mode.
void switch_sysenter(struct tss_struct *tss, unsigned long sysenter_cs)
{
    if (!sysenter_enabled)
        return;
    tss->ss1 = sysenter_cs;
    wrmsr(MSR_IA32_SYSENTER_CS, sysenter_cs, 0);
}

/// The second half of switch_to, already on next's stack. What it returns, prev, arrives in next as `last`.
fastcall struct task_struct *__switch_to(struct task_struct *prev_p, struct task_struct *next_p)
{
    struct thread_struct *prev = &prev_p->thread, *next = &next_p->thread;
    __unlazy_fpu(prev_p);
    load_esp0(&init_tss, next);
    savesegment(fs, prev->fs);
    savesegment(gs, prev->gs);
    load_TLS(next);
    if (prev->fs | next->fs)
        loadsegment(fs, next->fs);
    if (prev->gs | next->gs)
        loadsegment(gs, next->gs);
    if (unlikely(next->debugreg[7]))
        load_debug_registers(next);
    if (prev->io_bitmap_ptr || next->io_bitmap_ptr)
        handle_io_bitmap(next);
    return prev_p;
}

void start_thread(struct pt_regs *regs, unsigned long new_eip, unsigned long new_esp)
{
    __asm__ __volatile__("movl %0,%%fs; movl %0,%%gs" : : "r"(0));
    set_fs(USER_DS);
    regs->xds = regs->xes = regs->xss = __USER_DS;
    regs->xcs = __USER_CS;
    regs->eip = new_eip;
    regs->esp = new_esp;
    regs->eflags = X86_EFLAGS_IF | 2; // nothing of the old program's: not its IOPL either
}

unsigned long thread_saved_pc(struct task_struct *tsk) { return tsk->thread.eip; }

/// Where in the kernel does a sleeper wait? The first caller outside the scheduler.
unsigned long get_wchan(struct task_struct *p)
{
    unsigned long bottom = (unsigned long)p->thread_info, esp = p->thread.esp;
    if (p == current || p->state == TASK_RUNNING || esp < bottom || esp > bottom + THREAD_SIZE - 8)
        return 0;
    unsigned long ebp = *(unsigned long *)esp;
    for (int i = 0; i < 2 && ebp > bottom && ebp < bottom + THREAD_SIZE - 8; i++)
        ebp = *(unsigned long *)ebp;
    return ebp > bottom && ebp < bottom + THREAD_SIZE - 8 ? ((unsigned long *)ebp)[1] : 0;
}

// ---- the calls that see their own frame: pt_regs is their argument, because SAVE_ALL left it where arguments are
asmlinkage int sys_fork(struct pt_regs regs) { return do_fork(SIGCHLD, regs.esp, &regs, 0, NULL, NULL); }

/// ebx flags, ecx stack (0: keep), edx ptid, esi tls, edi ctid.
asmlinkage int sys_clone(struct pt_regs regs)
{
    unsigned long stack = regs.ecx ? regs.ecx : regs.esp;
    return do_fork(regs.ebx, stack, &regs, 0, (int __user *)regs.edx, (int __user *)regs.edi);
}

asmlinkage int sys_vfork(struct pt_regs regs)
{
    return do_fork(CLONE_VFORK | CLONE_VM | SIGCHLD, regs.esp, &regs, 0, NULL, NULL);
}

/// execve for a kernel thread: the first program starts. The new frame is built here and then moved to the top of the
/// stack, over the frames of this thread, which never returns.
int kernel_execve(const char *filename, char **argv, char **envp)
{
    struct pt_regs regs;
    mm_segment_t fs = get_fs();
    memset(&regs, 0, sizeof(regs));
    regs.eflags = X86_EFLAGS_IF | 2;
    regs.orig_eax = -1;
    set_fs(KERNEL_DS); // the strings are the kernel's
    int error = do_execve((char *)filename, argv, envp, &regs);
    set_fs(error ? fs : USER_DS);
    if (error)
        return error;
    __asm__ __volatile__("std\n\t"
                         "rep; movsl\n\t" // from the last word down: the two may overlap
                         "cld\n\t"
                         "leal 4(%%edi),%%esp\n\t"
                         "jmp ret_from_exception"
                         : : "S"(&regs.xss), "D"(&task_pt_regs(current)->xss), "c"(sizeof(regs) / 4) : "memory");
    __builtin_unreachable();
}
