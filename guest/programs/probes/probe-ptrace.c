// SPDX-License-Identifier: MIT
// A tracer and what it traces.
// Rows: E08 to E10, X01 two stops per system call, the number in ORIG_EAX, -ENOSYS in eax at the first; R13 and X07
// single-stepping over `int $0x80` stops at the next instruction; X05 the tracer's wait sees the child; R08.

#include "probe.h"

#include <sys/ptrace.h>

// Where PEEKUSR finds the registers: offsets in the 17 words that ptrace knows.
enum { USER_EBX = 0, USER_EAX = 24, USER_ORIG_EAX = 44, USER_EIP = 48, USER_EFLAGS = 56 };

static long peek(pid_t pid, long offset)
{
    long word = -1;
    ptrace(PTRACE_PEEKUSR, pid, (void *)offset, &word);
    return word;
}

static int next_stop(pid_t pid, long request, int signal)
{
    int status = -1;
    ptrace(request, pid, NULL, (void *)(long)signal);
    waitpid(pid, &status, 0);
    return status;
}

long traced_calls(void);
extern char first_trap[], after_first_trap[], second_trap[];
__asm__("    .text\n"
        "    .globl traced_calls, first_trap, after_first_trap, second_trap\n"
        "traced_calls:\n"
        "    pushl %ebx\n"
        "    movl $20, %eax\n"
        "first_trap:\n"
        "    int $0x80\n"
        "after_first_trap:\n"
        "    nop\n"
        "    nop\n"
        "    movl $77, %ebx\n"
        "    movl $6, %eax\n"
        "second_trap:\n"
        "    int $0x80\n"
        "    popl %ebx\n"
        "    ret\n");

/// Asks to be traced and stops itself, so that the tracer can begin.
static pid_t start(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        _exit(traced_calls() == -EBADF ? 3 : 4);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    check(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "the traced child stops: status 0x%04x", status);
    return pid;
}

static void system_calls(void)
{
    pid_t pid = start();
    int entry = next_stop(pid, PTRACE_SYSCALL, 0);
    check(entry == (SIGTRAP << 8 | 0x7f), "getpid, entry: status 0x%04x", entry);
    check(peek(pid, USER_ORIG_EAX) == 20 && peek(pid, USER_EAX) == -ENOSYS, "ORIG_EAX %ld, eax %ld",
          peek(pid, USER_ORIG_EAX), peek(pid, USER_EAX));
    int exit_stop = next_stop(pid, PTRACE_SYSCALL, 0);
    check(exit_stop == entry && peek(pid, USER_EAX) == pid, "getpid, exit: eax %ld", peek(pid, USER_EAX));
    check(peek(pid, USER_EIP) == (long)after_first_trap, "eip is behind the trap");

    next_stop(pid, PTRACE_SYSCALL, 0);
    check(peek(pid, USER_ORIG_EAX) == 6 && peek(pid, USER_EBX) == 77, "close(77), entry: ORIG_EAX %ld, ebx %ld",
          peek(pid, USER_ORIG_EAX), peek(pid, USER_EBX));
    next_stop(pid, PTRACE_SYSCALL, 0);
    check(peek(pid, USER_EAX) == -EBADF, "close(77), exit: eax %ld", peek(pid, USER_EAX));
    int status = next_stop(pid, PTRACE_CONT, 0);
    check(status == 3 << 8, "let go, it ends: status 0x%04x", status);
}

/// The tracer changes the number at the entry stop: the kernel reads it again.
static void another_number(void)
{
    pid_t pid = start();
    next_stop(pid, PTRACE_SYSCALL, 0);
    ptrace(PTRACE_POKEUSR, pid, (void *)USER_ORIG_EAX, (void *)__NR_getppid);
    next_stop(pid, PTRACE_SYSCALL, 0);
    check(peek(pid, USER_EAX) == getpid(), "getpid turned into getppid: eax %ld", peek(pid, USER_EAX));
    int status = next_stop(pid, PTRACE_KILL, 0);
    check(status == SIGKILL, "PTRACE_KILL: status 0x%04x", status);
}

/// The tracer does the call's work: one stop for each, and what it puts into eax is the result.
static void emulated_calls(void)
{
    pid_t pid = start();
    int status = next_stop(pid, PTRACE_SYSEMU, 0);
    check(status == (SIGTRAP << 8 | 0x7f) && peek(pid, USER_ORIG_EAX) == 20, "SYSEMU stops before getpid: status 0x%04x", status);
    ptrace(PTRACE_POKEUSR, pid, (void *)USER_EAX, (void *)4711);
    next_stop(pid, PTRACE_SYSEMU_SINGLESTEP, 0);
    check(peek(pid, USER_EAX) == 4711 && peek(pid, USER_EIP) == (long)after_first_trap + 1,
          "getpid is left out: eax %ld, %ld bytes behind it", peek(pid, USER_EAX), peek(pid, USER_EIP) - (long)after_first_trap);
    next_stop(pid, PTRACE_SYSEMU, 0);
    check(peek(pid, USER_ORIG_EAX) == 6 && peek(pid, USER_EAX) == -ENOSYS, "close is next, without a stop in between");
    ptrace(PTRACE_POKEUSR, pid, (void *)USER_EAX, (void *)-EBADF);
    status = next_stop(pid, PTRACE_CONT, 0);
    check(status == 3 << 8, "it took our result for close's: status 0x%04x", status);
    pid = start();
    next_stop(pid, PTRACE_SYSCALL, 0);
    next_stop(pid, PTRACE_SYSEMU, 0);
    check(peek(pid, USER_ORIG_EAX) == 6, "SYSEMU after the stop before getpid lets getpid happen, and stops before close");
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
}

/// Steps until eip is there; false if it never comes.
static int step_to(pid_t pid, const char *address)
{
    for (int steps = 0; steps < 5000; steps++) {
        if (peek(pid, USER_EIP) == (long)address)
            return 1;
        if (!WIFSTOPPED(next_stop(pid, PTRACE_SINGLESTEP, 0)))
            return 0;
    }
    return 0;
}

static void single_steps(void)
{
    pid_t pid = start();
    check(step_to(pid, first_trap), "single steps reach the int $0x80");
    next_stop(pid, PTRACE_SINGLESTEP, 0);
    check(peek(pid, USER_EIP) == (long)after_first_trap, "a step over it stops %ld bytes behind it",
          peek(pid, USER_EIP) - (long)after_first_trap);
    check(peek(pid, USER_EAX) == pid, "with the result in eax: %ld", peek(pid, USER_EAX));
    next_stop(pid, PTRACE_SINGLESTEP, 0);
    check(peek(pid, USER_EIP) == (long)after_first_trap + 1, "the next step is one nop");
    int status = next_stop(pid, PTRACE_CONT, 0);
    check(status == 3 << 8, "let go, it ends: status 0x%04x", status);
}

static void memory(void)
{
    static volatile int word = 5;
    pid_t pid = start();
    long seen = 0;
    ptrace(PTRACE_PEEKDATA, pid, (void *)&word, &seen);
    check(seen == 5, "PEEKDATA sees %ld", seen);
    ptrace(PTRACE_POKEDATA, pid, (void *)&word, (void *)6);
    ptrace(PTRACE_PEEKDATA, pid, (void *)&word, &seen);
    check(seen == 6 && word == 5, "POKEDATA changes the child's word to %ld, ours stays %d", seen, word);
    ptrace(PTRACE_PEEKTEXT, pid, first_trap, &seen);
    check((seen & 0xffff) == 0x80cd, "PEEKTEXT sees cd 80");
    ptrace(PTRACE_POKETEXT, pid, first_trap, (void *)((seen & ~0xff) | 0xcc)); // int3: a breakpoint
    int status = next_stop(pid, PTRACE_CONT, 0);
    check(status == (SIGTRAP << 8 | 0x7f) && peek(pid, USER_EIP) == (long)first_trap + 1,
          "a breakpoint in read-only text is met: status 0x%04x", status);
    check(((unsigned char *)first_trap)[0] == 0xcd, "our own text is as it was");
    next_stop(pid, PTRACE_KILL, 0);
}

int main(void)
{
    system_calls();
    another_number();
    emulated_calls();
    single_steps();
    memory();
    return finish();
}
