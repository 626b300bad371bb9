// SPDX-License-Identifier: MIT
// The FPU's registers follow a task lazily: CR0.TS is set at a switch, the first FPU instruction faults (#NM).
#pragma once

#include <linux/sched.h>
#include <asm/sigcontext.h>
extern unsigned long mxcsr_feature_mask;
void fpu_init(void);
void init_fpu(struct task_struct *tsk);
void __save_init_fpu(struct task_struct *tsk);
void restore_fpu(struct task_struct *tsk);
#define used_math() (current->flags & PF_USED_MATH)
#define clear_used_math() (current->flags &= ~PF_USED_MATH)
/// The registers go to memory if this task has them; TS is set. For the switch itself; others must not be preempted between
/// the question and the deed.
#define __unlazy_fpu(tsk) \
    do { \
        if ((tsk)->thread_info->status & TS_USEDFPU) \
            __save_init_fpu(tsk); \
    } while (0)
#define unlazy_fpu(tsk) \
    do { \
        preempt_disable(); \
        __unlazy_fpu(tsk); \
        preempt_enable(); \
    } while (0)
/// The registers are thrown away.
#define clear_fpu(tsk) \
    do { \
        preempt_disable(); \
        if ((tsk)->thread_info->status & TS_USEDFPU) { \
            __asm__ __volatile__("fnclex; fwait"); \
            (tsk)->thread_info->status &= ~TS_USEDFPU; \
            stts(); \
        } \
        preempt_enable(); \
    } while (0)
struct user_i387_struct;
struct user_fxsr_struct;
int get_fpregs(struct user_i387_struct __user *buf, struct task_struct *tsk);
int set_fpregs(struct task_struct *tsk, struct user_i387_struct __user *buf);
int get_fpxregs(struct user_fxsr_struct __user *buf, struct task_struct *tsk);
int set_fpxregs(struct task_struct *tsk, struct user_fxsr_struct __user *buf);
int save_i387(struct _fpstate __user *buf);
int restore_i387(struct _fpstate __user *buf);
