// SPDX-License-Identifier: MIT
// Single steps, each one user instruction long: over `int $0x80`, over sysenter, over popf, into a signal handler, over fork; and
// a program that sets TF itself.
// Rows: R13 X07 a step over a system call stops at the next instruction, not two later; H16 sysenter.

#include "tracee.h"

#include <elf.h>

static unsigned char *vsyscall;
long stepped_calls(void *vsyscall);
extern char before_int80[], after_int80[], before_call[], after_call[], before_popf[], after_popf[];
__asm__("    .text\n"
        "    .globl stepped_calls, before_int80, after_int80, before_call, after_call, before_popf, after_popf\n"
        "stepped_calls:\n"
        "    int3\n"
        "    movl $20, %eax\n"
        "before_int80:\n"
        "    int $0x80\n"
        "after_int80:\n"
        "    nop\n"
        "    nop\n"
        "    movl $20, %eax\n"
        "before_call:\n"
        "    call *4(%esp)\n"
        "after_call:\n"
        "    pushfl\n"
        "before_popf:\n"
        "    popfl\n"
        "after_popf:\n"
        "    nop\n"
        "    ret\n");

static int run_calls(void) { return stepped_calls(vsyscall) == getpid() ? 3 : 4; }

/// One step; where it stops, or 0 if it does not stop by SIGTRAP.
static char *step(pid_t pid)
{
    return go_on(pid, PTRACE_SINGLESTEP, 0) == STOPPED_BY(SIGTRAP) ? (char *)peek(pid, USER(eip)) : NULL;
}

static void expect(pid_t pid, const char *where, char *address)
{
    char *eip = step(pid);
    check(eip == address, "a step %s stops at %p: %p", where, address, eip);
}

/// The page at AT_SYSINFO: three pushes, mov, sysenter, and behind the nops three pops and ret.
static void through_sysenter(pid_t pid)
{
    static const short places[] = {0x00, 0x01, 0x02, 0x03, 0x05, 0x10, 0x11, 0x12, 0x13};
    char *page = (char *)vsyscall;
    for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++)
        expect(pid, i == 5 ? "over sysenter" : "in the vsyscall page", page + places[i]);
    check(peek(pid, USER(eax)) == pid, "with the result in eax: %ld", peek(pid, USER(eax)));
    expect(pid, "from there", after_call);
}

static void over_calls(void)
{
    pid_t pid = start_tracee(run_calls);
    int status = go_on(pid, PTRACE_CONT, 0);
    check(status == STOPPED_BY(SIGTRAP), "int3: status 0x%x", status);
    expect(pid, "over movl", before_int80);
    expect(pid, "over int $0x80", after_int80);
    check(peek(pid, USER(eax)) == pid, "with the result in eax: %ld", peek(pid, USER(eax)));
    expect(pid, "over nop", after_int80 + 1);
    expect(pid, "over nop", after_int80 + 2);
    expect(pid, "over movl", before_call);
    if (native()) { // another page there
        char *eip = step(pid);
        for (int steps = 0; steps < 100 && eip != after_call; steps++)
            eip = step(pid);
        check(eip == after_call, "steps through the vsyscall page come back: %p", eip);
    } else {
        through_sysenter(pid);
    }
    expect(pid, "over pushfl", before_popf);
    expect(pid, "over popfl", after_popf);
    int status_at_end = go_on(pid, PTRACE_CONT, 0);
    check(native() || status_at_end == 3 << 8, "let go, it runs to its end: no TF is left");
}

static void handler(int signal) { (void)signal; }
static int has_a_handler(void)
{
    signal(SIGUSR1, handler);
    __asm__ volatile("int3");
    return 5;
}

static void into_a_handler(void)
{
    pid_t pid = start_tracee(has_a_handler);
    go_on(pid, PTRACE_CONT, 0);
    int status = go_on(pid, PTRACE_SINGLESTEP, SIGUSR1);
    check(status == STOPPED_BY(SIGTRAP) && peek(pid, USER(eip)) == (long)handler,
          "a step with a signal stops at its handler's first instruction: status 0x%x", status);
    check(step(pid) > (char *)handler, "and goes on inside");
    status = go_on(pid, PTRACE_CONT, 0);
    check(status == 5 << 8, "sigreturn brings no TF back: status 0x%x", status);
}

static int forks(void)
{
    __asm__ volatile("int3");
    long pid = raw(__NR_fork, 0, 0, 0);
    if (pid == 0)
        _exit(6);
    int status = -1;
    waitpid(pid, &status, 0);
    return status == 6 << 8 ? 6 : 7;
}

/// Steps over fork; the child is not traced and must not be stepped.
static void over_fork(void)
{
    pid_t pid = start_tracee(forks);
    int status = go_on(pid, PTRACE_CONT, 0);
    for (int steps = 0; steps < 20000 && status == STOPPED_BY(SIGTRAP); steps++)
        status = go_on(pid, PTRACE_SINGLESTEP, 0);
    if (status == STOPPED_BY(SIGCHLD))
        status = go_on(pid, PTRACE_CONT, SIGCHLD);
    check(status == 6 << 8, "a stepped fork has a child that is not stepped: status 0x%x", status);
}

// ---- TF without a tracer

static volatile unsigned long traps[32];
static volatile int trap_count;
static void note_trap(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info;
    if (trap_count < 32)
        traps[trap_count++] = ((unsigned long *)context)[5 + 14]; // uc_mcontext.eip
}

void steps_itself(void *vsyscall);
extern char own_first[], own_int80[], own_behind[], own_call[], own_back[];
__asm__("    .text\n"
        "    .globl steps_itself, own_first, own_int80, own_behind, own_call, own_back\n"
        "steps_itself:\n"
        "    pushfl\n"
        "    orl $0x100, (%esp)\n"
        "    popfl\n"
        "own_first:\n"
        "    movl $20, %eax\n"
        "own_int80:\n"
        "    int $0x80\n"
        "    nop\n"
        "own_behind:\n"
        "    movl $20, %eax\n"
        "own_call:\n"
        "    call *4(%esp)\n"
        "own_back:\n"
        "    pushfl\n"
        "    andl $0xfffffeff, (%esp)\n"
        "    popfl\n"
        "    ret\n");

static int trapped_at(void *address)
{
    int found = 0;
    for (int i = 0; i < trap_count; i++)
        found += traps[i] == (unsigned long)address;
    return found;
}

static void by_itself(void)
{
    struct sigaction action = {0};
    action.sa_sigaction = note_trap;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGTRAP, &action, NULL);
    steps_itself(vsyscall);
    check(trapped_at(own_int80) == 1, "TF set by the program itself: a trap behind movl");
    check(trapped_at(own_behind) == 1, "and one behind the instruction after int $0x80");
    check(trapped_at(own_call) == 1 && trapped_at(vsyscall) == 1, "and into the vsyscall page");
    check(native() || trapped_at((char *)vsyscall + 0x11) == 1, "TF survives sysenter: a trap behind the first pop");
    check(trapped_at(own_back) == 1, "and back");
}

int main(void)
{
    vsyscall = (unsigned char *)getauxval(AT_SYSINFO);
    if (!check(vsyscall != NULL, "AT_SYSINFO is %p", (void *)vsyscall))
        return finish();
    over_calls();
    into_a_handler();
    over_fork();
    by_itself();
    return finish();
}
