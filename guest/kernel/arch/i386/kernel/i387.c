// SPDX-License-Identifier: MIT
// The FPU follows its task lazily: a switch only sets CR0.TS; the next FPU instruction raises #NM, and then the
// registers are loaded. fxsave if the CPU has it, else fnsave. Signal frames always carry the fnsave form. H20.
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/i387.h>
#include <asm/system.h>
#include <asm/traps.h>
#include <asm/uaccess.h>

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
    clts();
    if (!used_math())
        init_fpu(current);
    restore_fpu(current);
    current->thread_info->status |= TS_USEDFPU;
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

/// Writes the FPU part of a signal frame; 1 if there was something to write, -1 for a bad address.
int save_i387(struct _fpstate __user *buf)
{
    struct task_struct *tsk = current;
    if (!used_math() || !cpu_has_fpu)
        return 0;
    clear_used_math();
    unlazy_fpu(tsk);
    if (!cpu_has_fxsr) {
        tsk->thread.i387.fsave.status = tsk->thread.i387.fsave.swd;
        return __copy_to_user(buf, &tsk->thread.i387.fsave, sizeof(struct i387_fsave_struct)) ||
                       __put_user(0xffff, &buf->magic)
                   ? -1
                   : 1;
    }
    const struct i387_fxsave_struct *fx = &tsk->thread.i387.fxsave;
    unsigned long head[7] = { fx->cwd | 0xffff0000UL, fx->swd | 0xffff0000UL, full_tags(fx), fx->fip,
                              (fx->fcs & 0xffff) | ((unsigned long)fx->fop << 16), fx->foo, fx->fos };
    int error = __copy_to_user(buf, head, sizeof(head));
    for (int i = 0; i < 8 && !error; i++)
        error = __copy_to_user(&buf->_st[i], &fx->st_space[i * 4], sizeof(struct _fpreg));
    error = error || __put_user(fx->swd, &buf->status) || __put_user(0, &buf->magic) ||
            __copy_to_user(buf->_fxsr_env, fx, sizeof(*fx));
    return error ? -1 : 1;
}

static int restore_i387_fsave(struct _fpstate __user *buf)
{
    return __copy_from_user(&current->thread.i387.fsave, buf, sizeof(struct i387_fsave_struct));
}

static int restore_i387_fxsave(struct _fpstate __user *buf)
{
    struct i387_fxsave_struct *fx = &current->thread.i387.fxsave;
    unsigned long head[7];
    if (__copy_from_user(fx, buf->_fxsr_env, sizeof(*fx)) || __copy_from_user(head, buf, sizeof(head)))
        return 1;
    fx->mxcsr &= mxcsr_feature_mask;
    fx->cwd = head[0];
    fx->swd = head[1];
    fx->twd = 0;
    for (int i = 0; i < 8; i++)
        if (((head[2] >> (2 * i)) & 3) != 3)
            fx->twd |= 1 << i;
    fx->fip = head[3];
    fx->fop = head[4] >> 16;
    fx->fcs = head[4] & 0xffff;
    fx->foo = head[5];
    fx->fos = head[6];
    for (int i = 0; i < 8; i++)
        if (__copy_from_user(&fx->st_space[i * 4], &buf->_st[i], sizeof(struct _fpreg)))
            return 1;
    return 0;
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
