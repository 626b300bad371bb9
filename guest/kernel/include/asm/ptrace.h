// SPDX-License-Identifier: MIT
// The frame that a system call, exception or interrupt leaves on the kernel stack. Rows E04, E07, H12.
// 
//   off  slot      pushed by          off  slot      pushed by
//   00   EBX       SAVE_ALL (last)    20   ES        SAVE_ALL (first)
//   04   ECX       SAVE_ALL           24   ORIG_EAX  entry.S: call number, -1 (exception), vector-256 (IRQ)
//   08   EDX       SAVE_ALL           28   EIP       CPU
//   0C   ESI       SAVE_ALL           2C   CS        CPU
//   10   EDI       SAVE_ALL           30   EFLAGS    CPU
//   14   EBP       SAVE_ALL           34   OLDESP    CPU, only when coming from ring 3
//   18   EAX       SAVE_ALL           38   OLDSS     CPU, only when coming from ring 3
//   1C   DS        SAVE_ALL           3C   = esp0
#pragma once

#define EBX 0x00
#define ECX 0x04
#define EDX 0x08
#define ESI 0x0C
#define EDI 0x10
#define EBP 0x14
#define EAX 0x18
#define DS 0x1C
#define ES 0x20
#define ORIG_EAX 0x24
#define EIP 0x28
#define CS 0x2C
#define EFLAGS 0x30
#define OLDESP 0x34
#define OLDSS 0x38

#define CF_MASK 0x00000001
#define TF_MASK 0x00000100
#define IF_MASK 0x00000200
#define DF_MASK 0x00000400
#define NT_MASK 0x00004000
#define VM_MASK 0x00020000

#ifndef __ASSEMBLY__
struct pt_regs {
    long ebx, ecx, edx, esi, edi, ebp, eax;
    int xds, xes;
    long orig_eax;
    long eip;
    int xcs;
    long eflags;
    long esp;
    int xss;
};
#define user_mode(regs) ((VM_MASK & (regs)->eflags) || (3 & (regs)->xcs))
#define instruction_pointer(regs) ((regs)->eip)
#endif
