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
#define PTRACE_ATTACH 16
#define PTRACE_DETACH 17
#define PTRACE_SYSCALL 24
#define PTRACE_SETOPTIONS 0x4200
#define PTRACE_GETEVENTMSG 0x4201

#define PTRACE_EVENT_FORK 1
#define PTRACE_EVENT_VFORK 2
#define PTRACE_EVENT_CLONE 3
#define PTRACE_EVENT_EXEC 4
#define PTRACE_EVENT_VFORK_DONE 5
#define PTRACE_EVENT_EXIT 6

#define PT_PTRACED 0x1
#define PT_DTRACE 0x2
#define PT_TRACESYSGOOD 0x4
#define PT_PTRACE_CAP 0x8
#define PT_TRACE_FORK 0x10
#define PT_TRACE_VFORK 0x20
#define PT_TRACE_CLONE 0x40
#define PT_TRACE_EXEC 0x80
#define PT_TRACE_VFORK_DONE 0x100
#define PT_TRACE_EXIT 0x200
