// SPDX-License-Identifier: MIT
// What the notes of a core file hold: core(5), [linux-2.6.11] include/linux/elfcore.h, include/asm-i386/elf.h. Sizes and places are
// what gdb of the i386 expects.
#pragma once

#include <linux/time.h>
#include <linux/types.h>
#include <asm/user.h>

#define ET_CORE 4
#define EV_CURRENT 1
#define PT_NOTE 4
#define NT_PRSTATUS 1
#define NT_PRFPREG 2
#define NT_PRPSINFO 3
#define NT_AUXV 6
#define NT_PRXFPREG 0x46e62b7f ///< "the fxsave form"; its owner is LINUX, not CORE

typedef struct {
    u32 n_namesz, n_descsz, n_type;
} Elf32_Nhdr;

#define ELF_NGREG (sizeof(struct user_regs_struct) / sizeof(unsigned long))
typedef unsigned long elf_gregset_t[ELF_NGREG]; ///< in the order of PTRACE_GETREGS

struct elf_siginfo {
    int si_signo, si_code, si_errno;
};
/// Of one thread.
struct elf_prstatus {
    struct elf_siginfo pr_info;
    short pr_cursig;
    unsigned long pr_sigpend, pr_sighold;
    pid_t pr_pid, pr_ppid, pr_pgrp, pr_sid;
    struct timeval pr_utime, pr_stime, pr_cutime, pr_cstime;
    elf_gregset_t pr_reg;
    int pr_fpvalid;
};
/// Of the process.
struct elf_prpsinfo {
    char pr_state, pr_sname, pr_zomb, pr_nice;
    unsigned long pr_flag;
    unsigned short pr_uid, pr_gid;
    pid_t pr_pid, pr_ppid, pr_pgrp, pr_sid;
    char pr_fname[16], pr_psargs[80];
};
_Static_assert(sizeof(struct elf_prstatus) == 144 && sizeof(struct elf_prpsinfo) == 124, "[linux-2.6.11]");

struct task_struct;
/// The registers that the task will go back to user mode with. arch/i386/kernel/ptrace.c
void dump_task_regs(struct task_struct *tsk, elf_gregset_t *regs);
/// Its FPU in both forms; 0 if it has not used any. arch/i386/kernel/i387.c
int dump_task_fpu(struct task_struct *tsk, struct user_i387_struct *fpu);
int dump_task_extended_fpu(struct task_struct *tsk, struct user_fxsr_struct *fpu);
