// SPDX-License-Identifier: MIT
// ptrace(2): requests, options and events ([linux-2.6.11]), and the flags in task_struct.ptrace.
#pragma once

#include <asm/ptrace.h>

#define PTRACE_TRACEME 0
#define PTRACE_PEEKTEXT 1
#define PTRACE_PEEKDATA 2
#define PTRACE_PEEKUSR 3
#define PTRACE_POKETEXT 4
#define PTRACE_POKEDATA 5
#define PTRACE_POKEUSR 6
#define PTRACE_CONT 7
#define PTRACE_KILL 8
#define PTRACE_SINGLESTEP 9
#define PTRACE_GETREGS 12
#define PTRACE_SETREGS 13
#define PTRACE_GETFPREGS 14
#define PTRACE_SETFPREGS 15
#define PTRACE_ATTACH 16
#define PTRACE_DETACH 17
#define PTRACE_GETFPXREGS 18
#define PTRACE_SETFPXREGS 19
#define PTRACE_OLDSETOPTIONS 21
#define PTRACE_SYSCALL 24
#define PTRACE_GET_THREAD_AREA 25
#define PTRACE_SET_THREAD_AREA 26
#define PTRACE_SYSEMU 31 ///< 2.6.14's, as the next one
#define PTRACE_SYSEMU_SINGLESTEP 32
#define PTRACE_SETOPTIONS 0x4200
#define PTRACE_GETEVENTMSG 0x4201
#define PTRACE_GETSIGINFO 0x4202
#define PTRACE_SETSIGINFO 0x4203

#define PTRACE_O_TRACESYSGOOD 0x01
#define PTRACE_O_TRACEFORK 0x02
#define PTRACE_O_TRACEVFORK 0x04
#define PTRACE_O_TRACECLONE 0x08
#define PTRACE_O_TRACEEXEC 0x10
#define PTRACE_O_TRACEVFORKDONE 0x20
#define PTRACE_O_TRACEEXIT 0x40
#define PTRACE_O_MASK 0x7f

#define PTRACE_EVENT_FORK 1
#define PTRACE_EVENT_VFORK 2
#define PTRACE_EVENT_CLONE 3
#define PTRACE_EVENT_EXEC 4
#define PTRACE_EVENT_VFORK_DONE 5
#define PTRACE_EVENT_EXIT 6

#define PT_PTRACED 0x1
#define PT_DTRACE 0x2 ///< TF in the task's eflags is its tracer's, not its own
#define PT_TRACESYSGOOD 0x4
#define PT_PTRACE_CAP 0x8 ///< the tracer had CAP_SYS_PTRACE
#define PT_TRACE_FORK 0x10
#define PT_TRACE_VFORK 0x20
#define PT_TRACE_CLONE 0x40
#define PT_TRACE_EXEC 0x80
#define PT_TRACE_VFORK_DONE 0x100
#define PT_TRACE_EXIT 0x200

#ifndef __ASSEMBLY__
struct task_struct;
// kernel/ptrace.c
void __ptrace_link(struct task_struct *child, struct task_struct *new_parent);
void __ptrace_unlink(struct task_struct *child);
int ptrace_check_attach(struct task_struct *child, int kill);
int ptrace_attach(struct task_struct *task);
int ptrace_detach(struct task_struct *child, unsigned int signal);
int ptrace_request(struct task_struct *child, long request, long address, long data);
// arch/i386/kernel/ptrace.c
void ptrace_disable(struct task_struct *child);
void send_sigtrap(struct task_struct *tsk, struct pt_regs *regs, int error_code);
fastcall int do_syscall_trace(struct pt_regs *regs, int entryexit);
#endif
