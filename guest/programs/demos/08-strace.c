// SPDX-License-Identifier: MIT
// A small strace: runs a program and prints each of its system calls. The kernel stops the program twice a call, before
// and after the service routine; at both stops its registers lie in pt_regs, where PEEKUSR reads them.
// Rows: X01 two stops per call; E10 do_syscall_trace() stops current; E03 the number is ORIG_EAX, also when eax already
// holds the result; A01 the registers of the arguments.
//
//     08-strace PROGRAM [ARGS...]      /bin/01-hello if none is named

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EBX = 0, ECX = 4, EDX = 8, EAX = 24, ORIG_EAX = 44 }; // where PEEKUSR finds them

static const char *const names[] = {
#define ABI(number, name) [number] = #name,
#include "../../libc/abi/i386.def"
#undef ABI
};

static long peek(pid_t pid, long offset)
{
    long word = 0;
    ptrace(PTRACE_PEEKUSR, pid, (void *)offset, &word);
    return word;
}

/// Lets the program run to its next stop. False when it has ended instead.
static int run_on(pid_t pid, int *status)
{
    ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
    return waitpid(pid, status, 0) == pid && WIFSTOPPED(*status);
}

static void print_call(pid_t pid)
{
    long number = peek(pid, ORIG_EAX);
    int known = number >= 0 && number < (long)(sizeof names / sizeof names[0]) && names[number];
    fprintf(stderr, "%ld %s(%#lx, %#lx, %#lx)", number, known ? names[number] : "?", peek(pid, EBX), peek(pid, ECX),
            peek(pid, EDX));
}

static void print_result(pid_t pid)
{
    long result = peek(pid, EAX);
    if (result < 0 && result >= -4095)
        fprintf(stderr, " = %ld (%s)\n", result, strerror(-result));
    else
        fprintf(stderr, " = %#lx\n", result);
}

static int trace(pid_t pid)
{
    int status;
    waitpid(pid, &status, 0); // the stop at its execve
    while (run_on(pid, &status)) {
        print_call(pid);
        if (!run_on(pid, &status)) { // it was its last call
            fputc('\n', stderr);
            break;
        }
        print_result(pid);
    }
    fprintf(stderr, "ended with status 0x%04x\n", (unsigned)status);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
    static char *hello[] = {"/bin/01-hello", NULL};
    char **command = argc > 1 ? argv + 1 : hello;
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        execv(command[0], command);
        fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
        _exit(127);
    }
    return pid < 0 ? 1 : trace(pid);
}
