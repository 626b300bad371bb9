// SPDX-License-Identifier: MIT
// struct user: what a tracer sees of a stopped task, by the byte offsets of PEEKUSR and POKEUSR. The layout is that of a core
// file of old ([linux-2.6.11]); only the registers and the debug registers have something behind them.
#pragma once

#include <linux/types.h>

/// PTRACE_GETFPREGS, SETFPREGS: as fnsave stores it.
struct user_i387_struct {
    long cwd, swd, twd, fip, fcs, foo, fos;
    long st_space[20]; ///< 8 registers of 10 bytes
};

/// PTRACE_GETFPXREGS, SETFPXREGS: as fxsave stores it.
struct user_fxsr_struct {
    unsigned short cwd, swd, twd, fop;
    long fip, fcs, foo, fos, mxcsr, reserved;
    long st_space[32];  ///< 8 registers of 16 bytes
    long xmm_space[32]; ///< 8 registers of 16 bytes
    long padding[56];
};

/// PTRACE_GETREGS, SETREGS. Not the order of pt_regs.
struct user_regs_struct {
    long ebx, ecx, edx, esi, edi, ebp, eax;
    unsigned short ds, __ds, es, __es, fs, __fs, gs, __gs;
    long orig_eax, eip;
    unsigned short cs, __cs;
    long eflags, esp;
    unsigned short ss, __ss;
};

struct user {
    struct user_regs_struct regs;
    int u_fpvalid;
    struct user_i387_struct i387;
    unsigned long u_tsize, u_dsize, u_ssize, start_code, start_stack;
    long signal;
    int reserved;
    struct user_pt_regs *u_ar0;
    struct user_i387_struct *u_fpstate;
    unsigned long magic;
    char u_comm[32];
    int u_debugreg[8];
};
_Static_assert(sizeof(struct user_regs_struct) == 68 && sizeof(struct user_i387_struct) == 108, "[linux-2.6.11]");
_Static_assert(sizeof(struct user_fxsr_struct) == 512 && sizeof(struct user) == 284, "[linux-2.6.11]");
