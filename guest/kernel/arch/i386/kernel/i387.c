// SPDX-License-Identifier: MIT
// The FPU follows its task lazily: a switch only sets CR0.TS; the next FPU instruction raises #NM, and then the
// registers are loaded. fxsave if the CPU has it, else fnsave. Signal frames and PTRACE_GETFPREGS always carry the fnsave form;
// a frame has the fxsave form behind it if the CPU does. Rows H20, P04, P05 (with process.c: prepare_to_copy). [linux-2.6.11]
#include <linux/elfcore.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/i387.h>
#include <asm/system.h>
#include <asm/traps.h>
#include <asm/uaccess.h>
#include <asm/user.h>

unsigned long mxcsr_feature_mask = 0xffffffff;

void __init fpu_init(void)
{
    unsigned long cr0 = read_cr0() & ~0x4UL; // EM off
    if (!cpu_has_fpu) {
        write_cr0(cr0 | 0x4); // every FPU instruction raises #NM
        return;
    }
    if (cpu_has_fxsr)
        write_cr4(read_cr4() | X86_CR4_OSFXSR | (cpu_has_xmm ? X86_CR4_OSXMMEXCPT : 0));
    write_cr0(cr0 | 0x22); // MP: wait honours TS; NE: errors are exceptions, not IRQ 13
    clts();
    __asm__ __volatile__("fninit");
    if (cpu_has_fxsr) {
        static struct i387_fxsave_struct image;
        __asm__ __volatile__("fxsave %0" : "=m"(image));
        mxcsr_feature_mask = image.mxcsr_mask ? (unsigned long)image.mxcsr_mask : 0xffbf;
    }
    stts();
}

/// The state of a program that has not used the FPU yet.
void init_fpu(struct task_struct *tsk)
{
    union i387_union *u = &tsk->thread.i387;
    memset(u, 0, sizeof(*u));
    if (cpu_has_fxsr) {
        u->fxsave.cwd = 0x37f;
        u->fxsave.mxcsr = 0x1f80;
    } else {
        u->fsave.cwd = 0xffff037f;
        u->fsave.swd = 0xffff0000;
        u->fsave.twd = 0xffffffff;
        u->fsave.fos = 0xffff0000;
    }
    tsk->flags |= PF_USED_MATH;
}

void __save_init_fpu(struct task_struct *tsk)
{
    if (cpu_has_fxsr)
        __asm__ __volatile__("fxsave %0; fnclex" : "=m"(tsk->thread.i387.fxsave));
    else
        __asm__ __volatile__("fnsave %0; fwait" : "=m"(tsk->thread.i387.fsave));
    tsk->thread_info->status &= ~TS_USEDFPU;
    stts();
}

void restore_fpu(struct task_struct *tsk)
{
    if (cpu_has_fxsr)
        __asm__ __volatile__("fxrstor %0" : : "m"(tsk->thread.i387.fxsave));
    else
        __asm__ __volatile__("frstor %0" : : "m"(tsk->thread.i387.fsave));
}

fastcall void math_state_restore(void)
{
    preempt_disable(); // a switch in between would take the registers for nobody's
    clts();
    if (!used_math())
        init_fpu(current);
    restore_fpu(current);
    current->thread_info->status |= TS_USEDFPU;
    preempt_enable();
}

/// fxsave packs the tags to one bit a register; fnsave's two bits say more: 0 valid, 1 zero, 2 special, 3 empty.
static unsigned long full_tags(const struct i387_fxsave_struct *fx)
{
    unsigned long tags = 0;
    for (int reg = 0; reg < 8; reg++) {
        unsigned tag = 3;
        if (fx->twd & (1 << reg)) {
            const struct _fpxreg *st = (const struct _fpxreg *)&fx->st_space[((reg - (fx->swd >> 11)) & 7) * 4];
            unsigned exponent = st->exponent & 0x7fff;
            int zero = !st->significand[0] && !st->significand[1] && !st->significand[2] && !st->significand[3];
            tag = exponent == 0x7fff ? 2 : exponent == 0 ? (zero ? 1 : 2) : st->significand[3] & 0x8000 ? 0 : 2;
        }
        tags |= tag << (2 * reg);
    }
    return tags | 0xffff0000;
}

static void convert_fxsr_to_fsave(const struct i387_fxsave_struct *fx, struct user_i387_struct *fsave)
{
    fsave->cwd = fx->cwd | 0xffff0000UL;
    fsave->swd = fx->swd | 0xffff0000UL;
    fsave->twd = full_tags(fx);
    fsave->fip = fx->fip;
    fsave->fcs = (fx->fcs & 0xffff) | ((unsigned long)fx->fop << 16);
    fsave->foo = fx->foo;
    fsave->fos = fx->fos;
    for (int i = 0; i < 8; i++)
        memcpy((char *)fsave->st_space + 10 * i, &fx->st_space[4 * i], sizeof(struct _fpreg));
}

/// The XMM registers and MXCSR stay.
static void convert_fsave_to_fxsr(const struct user_i387_struct *fsave, struct i387_fxsave_struct *fx)
{
    fx->cwd = fsave->cwd;
    fx->swd = fsave->swd;
    fx->twd = 0;
    for (int i = 0; i < 8; i++)
        if (((fsave->twd >> (2 * i)) & 3) != 3)
            fx->twd |= 1 << i;
    fx->fip = fsave->fip;
    fx->fop = (unsigned long)fsave->fcs >> 16;
    fx->fcs = fsave->fcs & 0xffff;
    fx->foo = fsave->foo;
    fx->fos = fsave->fos;
    for (int i = 0; i < 8; i++)
        memcpy(&fx->st_space[4 * i], (const char *)fsave->st_space + 10 * i, sizeof(struct _fpreg));
}

_Static_assert(offsetof(struct _fpstate, status) == sizeof(struct user_i387_struct), "a frame begins with the fnsave form");
_Static_assert(sizeof(struct _fpstate) == 624 && sizeof(struct i387_fxsave_struct) == 512, "[linux-2.6.11]");

/// Writes the FPU part of a signal frame; 1 if there was something to write, -1 for a bad address.
int save_i387(struct _fpstate __user *buf)
{
    struct task_struct *tsk = current;
    struct user_i387_struct fsave;
    if (!used_math() || !cpu_has_fpu)
        return 0;
    clear_used_math(); // the handler begins with an FPU of its own
    unlazy_fpu(tsk);
    if (!cpu_has_fxsr) {
        tsk->thread.i387.fsave.status = tsk->thread.i387.fsave.swd;
        return __copy_to_user(buf, &tsk->thread.i387.fsave, sizeof(struct i387_fsave_struct)) ||
                       __put_user(0xffff, &buf->magic)
                   ? -1
                   : 1;
    }
    const struct i387_fxsave_struct *fx = &tsk->thread.i387.fxsave;
    convert_fxsr_to_fsave(fx, &fsave);
    int error = __copy_to_user(buf, &fsave, sizeof(fsave)) || __put_user(fx->swd, &buf->status) ||
                __put_user(0, &buf->magic) || __copy_to_user(buf->_fxsr_env, fx, sizeof(*fx));
    return error ? -1 : 1;
}

static int restore_i387_fsave(struct _fpstate __user *buf)
{
    return __copy_from_user(&current->thread.i387.fsave, buf, sizeof(struct i387_fsave_struct));
}

static int restore_i387_fxsave(struct _fpstate __user *buf)
{
    struct i387_fxsave_struct *fx = &current->thread.i387.fxsave;
    struct user_i387_struct fsave;
    int error = __copy_from_user(fx, buf->_fxsr_env, sizeof(*fx)) || __copy_from_user(&fsave, buf, sizeof(fsave));
    fx->mxcsr &= mxcsr_feature_mask; // also after half a copy: fxrstor would fault in the kernel
    if (!error)
        convert_fsave_to_fxsr(&fsave, fx);
    return error;
}

int restore_i387(struct _fpstate __user *buf)
{
    if (!cpu_has_fpu)
        return 0;
    clear_fpu(current);
    int error = cpu_has_fxsr ? restore_i387_fxsave(buf) : restore_i387_fsave(buf);
    current->flags |= PF_USED_MATH;
    return error;
}

/// PTRACE_GETFPREGS and its kin: `tsk` is stopped, so its registers are in memory.
int get_fpregs(struct user_i387_struct __user *buf, struct task_struct *tsk)
{
    struct user_i387_struct fsave;
    if (!cpu_has_fxsr)
        return copy_to_user(buf, &tsk->thread.i387.fsave, sizeof(fsave)) ? -EFAULT : 0;
    convert_fxsr_to_fsave(&tsk->thread.i387.fxsave, &fsave);
    return copy_to_user(buf, &fsave, sizeof(fsave)) ? -EFAULT : 0;
}

int set_fpregs(struct task_struct *tsk, struct user_i387_struct __user *buf)
{
    struct user_i387_struct fsave;
    if (copy_from_user(&fsave, buf, sizeof(fsave)))
        return -EFAULT;
    if (cpu_has_fxsr)
        convert_fsave_to_fxsr(&fsave, &tsk->thread.i387.fxsave);
    else
        memcpy(&tsk->thread.i387.fsave, &fsave, sizeof(fsave));
    return 0;
}

int get_fpxregs(struct user_fxsr_struct __user *buf, struct task_struct *tsk)
{
    if (!cpu_has_fxsr)
        return -EIO;
    return copy_to_user(buf, &tsk->thread.i387.fxsave, sizeof(struct user_fxsr_struct)) ? -EFAULT : 0;
}

int set_fpxregs(struct task_struct *tsk, struct user_fxsr_struct __user *buf)
{
    if (!cpu_has_fxsr)
        return -EIO;
    int error = copy_from_user(&tsk->thread.i387.fxsave, buf, sizeof(*buf)) ? -EFAULT : 0;
    tsk->thread.i387.fxsave.mxcsr &= mxcsr_feature_mask;
    return error;
}

int dump_task_fpu(struct task_struct *tsk, struct user_i387_struct *fpu)
{
    if (!cpu_has_fpu || !(tsk->flags & PF_USED_MATH))
        return 0;
    unlazy_fpu(tsk); // only the current task can have it in the processor
    if (cpu_has_fxsr)
        convert_fxsr_to_fsave(&tsk->thread.i387.fxsave, fpu);
    else
        memcpy(fpu, &tsk->thread.i387.fsave, sizeof(*fpu));
    return 1;
}

int dump_task_extended_fpu(struct task_struct *tsk, struct user_fxsr_struct *fpu)
{
    if (!cpu_has_fxsr || !(tsk->flags & PF_USED_MATH))
        return 0;
    unlazy_fpu(tsk);
    memcpy(fpu, &tsk->thread.i387.fxsave, sizeof(*fpu));
    return 1;
}
