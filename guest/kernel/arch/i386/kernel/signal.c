// SPDX-License-Identifier: MIT
// A handler's call and return. The user's registers go to a frame on the user's stack and pt_regs is changed so that the
// way out of the kernel leads into the handler; sigreturn brings the registers back. [linux-2.6.11].
//
//   ESP -> pretcode   where the handler's ret goes: sa_restorer, or a stub in the vsyscall page
//          sig, [info pointer, ucontext pointer]
//          sigcontext: the 15 registers of the interrupted program, mask, fault details
//          FPU state;  retcode: 8 bytes that only debuggers look at
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <asm/i387.h>
#include <asm/ucontext.h>
#include <asm/unistd.h>
#include <asm/uaccess.h>

#define KERNEL_SIGRETURN ((void *)0xffffe420)
#define KERNEL_RT_SIGRETURN ((void *)0xffffe440)
/// A frame passed by value is the caller's to the compiler: stores into it look dead unless a real call makes them.
#define KEEPS_FRAME __attribute__((noipa))
#define FIX_EFLAGS 0x40dd5 ///< what sigreturn may change: AC OF DF TF SF ZF AF PF CF

struct sigframe {
    void __user *pretcode;
    int sig;
    struct sigcontext sc;
    struct _fpstate fpstate;
    unsigned long extramask[1];
    char retcode[8];
};
struct rt_sigframe {
    void __user *pretcode;
    int sig;
    struct siginfo __user *pinfo;
    void __user *puc;
    struct siginfo info;
    struct ucontext uc;
    struct _fpstate fpstate;
    char retcode[8];
};
_Static_assert(sizeof(struct sigcontext) == 88 && sizeof(struct _fpstate) == 624, "[linux-2.6.11]");
_Static_assert(sizeof(struct sigframe) == 732 && offsetof(struct sigframe, extramask) == 720, "[linux-2.6.11]");
_Static_assert(sizeof(struct rt_sigframe) == 892 && offsetof(struct rt_sigframe, uc) == 144, "[linux-2.6.11]");

static const char retcode[8] = { 0x58, 0xb8, 0x77, 0, 0, 0, 0xcd, 0x80 };
static const char rt_retcode[8] = { 0xb8, 0xad, 0, 0, 0, 0xcd, 0x80, 0 };

extern int get_signal_to_deliver(siginfo_t *info, struct k_sigaction *return_ka, struct pt_regs *regs, void *cookie);

static int setup_sigcontext(struct sigcontext __user *sc, struct _fpstate __user *fpstate, struct pt_regs *regs,
                            unsigned long mask)
{
    struct sigcontext s;
    unsigned long seg;
    memset(&s, 0, sizeof(s));
    __asm__ __volatile__("movl %%gs,%0" : "=r"(seg));
    s.gs = seg;
    __asm__ __volatile__("movl %%fs,%0" : "=r"(seg));
    s.fs = seg;
    s.es = regs->xes;
    s.ds = regs->xds;
    s.edi = regs->edi;
    s.esi = regs->esi;
    s.ebp = regs->ebp;
    s.esp = regs->esp;
    s.ebx = regs->ebx;
    s.edx = regs->edx;
    s.ecx = regs->ecx;
    s.eax = regs->eax;
    s.trapno = current->thread.trap_no;
    s.err = current->thread.error_code;
    s.eip = regs->eip;
    s.cs = regs->xcs;
    s.eflags = current->ptrace & PT_DTRACE ? regs->eflags & ~TF_MASK : regs->eflags; // TF is the tracer's, not ours
    s.esp_at_signal = regs->esp;
    s.ss = regs->xss;
    int fpu = save_i387(fpstate);
    if (fpu < 0)
        return 1;
    s.fpstate = fpu ? fpstate : NULL;
    s.oldmask = mask;
    s.cr2 = current->thread.cr2;
    return __copy_to_user(sc, &s, sizeof(s));
}

/// Where the frame goes: on the alternate stack if the handler asked for it and we are not on it yet.
static void __user *get_sigframe(struct k_sigaction *ka, struct pt_regs *regs, size_t size)
{
    unsigned long esp = regs->esp;
    if (ka->sa.sa_flags & SA_ONSTACK) {
        if (sas_ss_flags(esp) == 0)
            esp = current->sas_ss_sp + current->sas_ss_size;
    } else if ((regs->xss & 0xffff) != __USER_DS && !(ka->sa.sa_flags & SA_RESTORER) && ka->sa.sa_restorer) {
        esp = (unsigned long)ka->sa.sa_restorer; // very old programs pass a stack here
    }
    return (void __user *)((esp - size) & -8UL);
}

static void enter_handler(struct pt_regs *regs, struct k_sigaction *ka, unsigned long esp, int sig, unsigned long edx,
                          unsigned long ecx)
{
    regs->esp = esp;
    regs->eip = (unsigned long)ka->sa.sa_handler;
    regs->eax = sig;
    regs->edx = edx;
    regs->ecx = ecx;
    regs->xds = regs->xes = regs->xss = __USER_DS;
    regs->xcs = __USER_CS;
    set_fs(USER_DS);
    // A stepped program stops at the handler's first instruction; whether it is stepped there is the tracer's wish.
    int stepped = (regs->eflags & TF_MASK) && (current->ptrace & PT_DTRACE);
    regs->eflags &= ~(TF_MASK | DF_MASK);
    if (stepped)
        ptrace_notify(SIGTRAP);
}

static int setup_frame(int sig, struct k_sigaction *ka, sigset_t *set, struct pt_regs *regs)
{
    struct sigframe __user *frame = get_sigframe(ka, regs, sizeof(*frame));
    void *restorer = ka->sa.sa_flags & SA_RESTORER ? (void *)ka->sa.sa_restorer : KERNEL_SIGRETURN;
    if (!access_ok(VERIFY_WRITE, frame, sizeof(*frame)) || __put_user(restorer, &frame->pretcode) ||
        __put_user(sig, &frame->sig) || setup_sigcontext(&frame->sc, &frame->fpstate, regs, set->sig[0]) ||
        __put_user(set->sig[1], &frame->extramask[0]) || __copy_to_user(frame->retcode, retcode, 8)) {
        force_sigsegv(sig, current);
        return 0;
    }
    enter_handler(regs, ka, (unsigned long)frame, sig, 0, 0);
    return 1;
}

static int setup_rt_frame(int sig, struct k_sigaction *ka, siginfo_t *info, sigset_t *set, struct pt_regs *regs)
{
    struct rt_sigframe __user *frame = get_sigframe(ka, regs, sizeof(*frame));
    void *restorer = ka->sa.sa_flags & SA_RESTORER ? (void *)ka->sa.sa_restorer : KERNEL_RT_SIGRETURN;
    stack_t stack = { (void *)current->sas_ss_sp, sas_ss_flags(regs->esp), current->sas_ss_size };
    if (!access_ok(VERIFY_WRITE, frame, sizeof(*frame)) || __put_user(restorer, &frame->pretcode) ||
        __put_user(sig, &frame->sig) || __put_user(&frame->info, &frame->pinfo) ||
        __put_user((void *)&frame->uc, &frame->puc) || copy_siginfo_to_user(&frame->info, info) ||
        __put_user(0UL, &frame->uc.uc_flags) || __put_user((struct ucontext *)0, &frame->uc.uc_link) ||
        __copy_to_user(&frame->uc.uc_stack, &stack, sizeof(stack)) ||
        setup_sigcontext(&frame->uc.uc_mcontext, &frame->fpstate, regs, set->sig[0]) ||
        __copy_to_user(&frame->uc.uc_sigmask, set, sizeof(*set)) || __copy_to_user(frame->retcode, rt_retcode, 8)) {
        force_sigsegv(sig, current);
        return 0;
    }
    enter_handler(regs, ka, (unsigned long)frame, sig, (unsigned long)&frame->info, (unsigned long)&frame->uc);
    return 1;
}

/// The call that the signal interrupted: the handler's program sees -EINTR, or the call starts again after it.
static void fix_interrupted_call(struct pt_regs *regs, struct k_sigaction *ka)
{
    if (regs->orig_eax < 0)
        return;
    switch (regs->eax) {
    case -ERESTARTSYS:
        if (ka->sa.sa_flags & SA_RESTART)
            goto again;
        // fall through
    case -ERESTART_RESTARTBLOCK:
    case -ERESTARTNOHAND:
        regs->eax = -EINTR;
        break;
    case -ERESTARTNOINTR:
    again:
        regs->eax = regs->orig_eax;
        regs->eip -= 2;
    }
}

static void handle_signal(int sig, siginfo_t *info, struct k_sigaction *ka, sigset_t *oldset, struct pt_regs *regs)
{
    fix_interrupted_call(regs, ka);
    int ok =
        ka->sa.sa_flags & SA_SIGINFO ? setup_rt_frame(sig, ka, info, oldset, regs) : setup_frame(sig, ka, oldset, regs);
    if (ok && !(ka->sa.sa_flags & SA_NODEFER)) {
        local_irq_disable();
        sigorsets(&current->blocked, &current->blocked, &ka->sa.sa_mask);
        sigaddset(&current->blocked, sig);
        recalc_sigpending();
        local_irq_enable();
    } else if (ok) {
        local_irq_disable();
        sigorsets(&current->blocked, &current->blocked, &ka->sa.sa_mask);
        recalc_sigpending();
        local_irq_enable();
    }
}

/// 1 if a handler will run. Without one an interrupted call starts again as if nothing had happened.
fastcall int do_signal(struct pt_regs *regs, sigset_t *oldset)
{
    siginfo_t info;
    struct k_sigaction ka;
    if (!user_mode(regs))
        return 1;
    if (!oldset)
        oldset = &current->blocked;
    int signr = get_signal_to_deliver(&info, &ka, regs, NULL);
    if (signr > 0) {
        sigset_t saved = *oldset;
        if (unlikely(current->thread.debugreg[7])) // do_debug has switched its breakpoints off
            __asm__ __volatile__("movl %0,%%db7" : : "r"(current->thread.debugreg[7]));
        handle_signal(signr, &info, &ka, &saved, regs);
        return 1;
    }
    if (regs->orig_eax >= 0) {
        if (regs->eax == -ERESTARTNOHAND || regs->eax == -ERESTARTSYS || regs->eax == -ERESTARTNOINTR) {
            regs->eax = regs->orig_eax;
            regs->eip -= 2;
        } else if (regs->eax == -ERESTART_RESTARTBLOCK) {
            regs->eax = __NR_restart_syscall;
            regs->eip -= 2;
        }
    }
    return 0;
}

/// The last stop before user mode, from work_notifysig.
fastcall void do_notify_resume(struct pt_regs *regs, sigset_t *oldset, u32 thread_info_flags)
{
    local_irq_enable();
    if (thread_info_flags & _TIF_SINGLESTEP) {
        regs->eflags |= TF_MASK;
        clear_thread_flag(TIF_SINGLESTEP);
    }
    if (thread_info_flags & _TIF_SIGPENDING)
        do_signal(regs, oldset);
    clear_thread_flag(TIF_NOTIFY_RESUME);
    clear_thread_flag(TIF_IRET);
}

/// Waits for a signal with another mask; the handler runs before the old mask is back.
KEEPS_FRAME static long suspend(struct pt_regs *regs, sigset_t *set)
{
    sigset_t saved = current->blocked;
    sigdelsetmask(set, sigmask(SIGKILL) | sigmask(SIGSTOP));
    local_irq_disable();
    current->blocked = *set;
    recalc_sigpending();
    local_irq_enable();
    regs->eax = -EINTR;
    for (;;) {
        current->state = TASK_INTERRUPTIBLE;
        schedule();
        if (do_signal(regs, &saved))
            return regs->eax;
    }
}

asmlinkage long sys_sigsuspend(struct pt_regs regs)
{
    sigset_t set;
    siginitset(&set, regs.edx); // the third argument; the first two are history
    return suspend(&regs, &set);
}

asmlinkage long sys_rt_sigsuspend(struct pt_regs regs)
{
    sigset_t set;
    if (regs.ecx != sizeof(set))
        return -EINVAL;
    if (copy_from_user(&set, (void __user *)regs.ebx, sizeof(set)))
        return -EFAULT;
    return suspend(&regs, &set);
}

asmlinkage int sys_sigaltstack(struct pt_regs regs)
{
    return do_sigaltstack((const stack_t __user *)regs.ebx, (stack_t __user *)regs.ecx, regs.esp);
}

#define load_user_segment(seg, value) \
    __asm__ __volatile__("1:\tmovl %0,%%" #seg "\n2:\n" \
                         ".section .fixup,\"ax\"\n3:\tpushl $0\n\tpopl %%" #seg "\n\tjmp 2b\n.previous\n" \
                         ".section __ex_table,\"a\"\n\t.align 4\n\t.long 1b,3b\n.previous" \
                         : : "r"((unsigned long)(value)))

/// Only what a program may set itself: ring 3 selectors, the harmless flags.
KEEPS_FRAME static int restore_sigcontext(struct pt_regs *regs, struct sigcontext __user *sc, int *eax)
{
    struct sigcontext s;
    current_thread_info()->restart_block.fn = do_no_restart_syscall;
    if (copy_from_user(&s, sc, sizeof(s)))
        return 1;
    load_user_segment(gs, s.gs & 4 ? 0 : s.gs | (s.gs ? 3 : 0)); // no LDT here
    load_user_segment(fs, s.fs & 4 ? 0 : s.fs | (s.fs ? 3 : 0));
    regs->xes = s.es;
    regs->xds = s.ds;
    regs->edi = s.edi;
    regs->esi = s.esi;
    regs->ebp = s.ebp;
    regs->esp = s.esp;
    regs->ebx = s.ebx;
    regs->edx = s.edx;
    regs->ecx = s.ecx;
    regs->eip = s.eip;
    regs->xcs = s.cs | 3;
    regs->xss = s.ss | 3;
    regs->eflags = (regs->eflags & ~FIX_EFLAGS) | (s.eflags & FIX_EFLAGS);
    regs->orig_eax = -1; // this is no call that could be restarted
    *eax = s.eax;
    if (!s.fpstate) {
        clear_fpu(current);
        clear_used_math();
        return 0;
    }
    return !access_ok(VERIFY_READ, s.fpstate, sizeof(*s.fpstate)) || restore_i387(s.fpstate);
}

static void restore_mask(sigset_t *set)
{
    sigdelsetmask(set, sigmask(SIGKILL) | sigmask(SIGSTOP));
    local_irq_disable();
    current->blocked = *set;
    recalc_sigpending();
    local_irq_enable();
}

asmlinkage int sys_sigreturn(struct pt_regs regs)
{
    struct sigframe __user *frame = (struct sigframe __user *)(regs.esp - 8);
    sigset_t set;
    int eax;
    if (!access_ok(VERIFY_READ, frame, sizeof(*frame)) || __get_user(set.sig[0], &frame->sc.oldmask) ||
        __get_user(set.sig[1], &frame->extramask[0]))
        goto badframe;
    restore_mask(&set);
    if (restore_sigcontext(&regs, &frame->sc, &eax))
        goto badframe;
    return eax;
badframe:
    force_sig(SIGSEGV, current);
    return 0;
}

asmlinkage int sys_rt_sigreturn(struct pt_regs regs)
{
    struct rt_sigframe __user *frame = (struct rt_sigframe __user *)(regs.esp - 4);
    sigset_t set;
    int eax;
    if (!access_ok(VERIFY_READ, frame, sizeof(*frame)) || __copy_from_user(&set, &frame->uc.uc_sigmask, sizeof(set)))
        goto badframe;
    restore_mask(&set);
    if (restore_sigcontext(&regs, &frame->uc.uc_mcontext, &eax))
        goto badframe;
    do_sigaltstack(&frame->uc.uc_stack, NULL, regs.esp); // an unusable one is simply not taken
    return eax;
badframe:
    force_sig(SIGSEGV, current);
    return 0;
}
