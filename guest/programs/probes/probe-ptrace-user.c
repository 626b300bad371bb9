// SPDX-License-Identifier: MIT
// What a tracer may read and write of its tracee: registers with their rules, memory, debug registers, thread areas; and what the
// way back to user mode does with a frame that the processor refuses.
// Rows: E10 the debugger collects information; A01 the registers; R14 restore_all's fix-ups.

#include "tracee.h"

/// <asm/ldt.h> of Linux.
struct user_desc {
    unsigned entry_number;
    unsigned long base_addr;
    unsigned limit;
    unsigned seg_32bit : 1, contents : 2, read_exec_only : 1, limit_in_pages : 1, seg_not_present : 1, useable : 1;
};

static long try_poke(pid_t pid, long offset, long value) { return poke(pid, offset, value) ? -errno : 0; }

long report_selectors(void);
extern char after_break[];
__asm__("    .text\n"
        "    .globl report_selectors, after_break\n"
        "report_selectors:\n"
        "    int3\n"
        "after_break:\n"
        "    movl %ds, %eax\n"
        "    movl %es, %ecx\n"
        "    pushl %ss\n"
        "    popl %ds\n"
        "    pushl %ss\n"
        "    popl %es\n"
        "    andl $0xffff, %eax\n"
        "    shll $16, %ecx\n"
        "    orl %ecx, %eax\n"
        "    ret\n");

/// 1 if both came back null.
static int selectors_are_null(void) { return report_selectors() == 0 ? 1 : 2; }

/// A tracee behind its int3.
static pid_t at_break(void)
{
    pid_t pid = start_tracee(selectors_are_null);
    int status = go_on(pid, PTRACE_CONT, 0);
    if (status != STOPPED_BY(SIGTRAP) || peek(pid, USER(eip)) != (long)after_break)
        check(0, "int3 stops the tracee: status 0x%x, eip %lx", status, peek(pid, USER(eip)));
    return pid;
}

static void register_rules(void)
{
    pid_t pid = at_break();
    long flags = peek(pid, USER(eflags));
    check(try_poke(pid, USER(eflags), flags | 0x3001) == 0, "POKEUSR of eflags");
    check(peek(pid, USER(eflags)) == (flags | 1), "CF is taken, IOPL is not: %lx", peek(pid, USER(eflags)) ^ flags);
    poke(pid, USER(eflags), 0);
    check((peek(pid, USER(eflags)) & 0x200) != 0, "IF cannot be switched off");
    check(try_poke(pid, USER(cs), 0x60) == -EIO && try_poke(pid, USER(ss), 0x68) == -EIO, "no selector of ring 0 for cs, ss");
    check(try_poke(pid, USER(cs), 0) == -EIO && try_poke(pid, USER(ss), 0) == -EIO, "cs and ss are not null");
    check(try_poke(pid, USER(ds), 0x68) == -EIO && try_poke(pid, USER(gs), 0x68) == -EIO, "nor ds, gs of ring 0");
    check(try_poke(pid, USER(ds), 0) == 0 && try_poke(pid, USER(fs), 0) == 0, "ds and fs may be null");
    check(try_poke(pid, 2, 0) == -EIO && try_poke(pid, 288, 0) == -EIO && try_poke(pid, -4, 0) == -EIO,
          "offsets are words of struct user: 2, 288, -4 give EIO");
    long word = 1;
    check(ptrace(PTRACE_PEEKUSR, pid, (void *)288, &word) == -1 && errno == EIO, "PEEKUSR beyond it, too");
    check(try_poke(pid, USER(ebx), 0x12345678) == 0 && peek(pid, USER(ebx)) == 0x12345678, "ebx takes any value");
    end_tracee(pid);
}

static void all_registers(void)
{
    struct user_regs_struct regs, again;
    pid_t pid = at_break();
    check(ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0 && regs.eip == (long)after_break, "GETREGS");
    check(regs.ebp == peek(pid, USER(ebp)) && regs.esp == peek(pid, USER(esp)) && regs.ss == peek(pid, USER(ss)),
          "the same values as PEEKUSR's");
    regs.edi = 0x5a5a5a5a;
    regs.ebx = -2;
    check(ptrace(PTRACE_SETREGS, pid, NULL, &regs) == 0, "SETREGS");
    ptrace(PTRACE_GETREGS, pid, NULL, &again);
    check(memcmp(&regs, &again, sizeof regs) == 0, "is what GETREGS sees");
    check(ptrace(PTRACE_GETREGS, pid, NULL, (void *)-64) == -1 && (errno == EIO || errno == EFAULT), "a bad buffer fails");
    check(ptrace(PTRACE_GETREGS, pid, NULL, (void *)64) == -1 && errno == EFAULT, "an unmapped one gives EFAULT");
    end_tracee(pid);
}

/// A selector that does not load is replaced by null on the way out; a bad cs or ss kills.
static void refused_frames(void)
{
    long empty = native() ? 0x73 : 0x3b; // a thread area that nobody has set
    pid_t pid = at_break();
    check(try_poke(pid, USER(ds), empty) == 0 && try_poke(pid, USER(es), empty) == 0, "ds and es of an empty descriptor");
    int status = go_on(pid, PTRACE_CONT, 0);
    check(status == 1 << 8, "are null in the program: status 0x%x", status);

    pid = at_break();
    long data = peek(pid, USER(ss));
    check(try_poke(pid, USER(cs), data) == 0, "cs is given a data segment");
    status = go_on(pid, PTRACE_CONT, 0);
    if (WIFSTOPPED(status)) // a later Linux sends a signal that the tracer sees first
        status = go_on(pid, PTRACE_CONT, WSTOPSIG(status));
    check(status == SIGSEGV, "iret refuses it: SIGSEGV, status 0x%x", status);
}

static volatile int watched;
extern char stored[], second_place[];
int store_and_go(void);
__asm__("    .text\n"
        "    .globl store_and_go, stored, second_place\n"
        "store_and_go:\n"
        "    nop\n"
        "    movl $1, watched\n"
        "stored:\n"
        "    nop\n"
        "second_place:\n"
        "    nop\n"
        "    movl $6, %eax\n"
        "    ret\n");

static int watch_me(void)
{
    int result = store_and_go();
    raw(__NR_time, (long)&watched, 0, 0); // the kernel stores into it
    return result;
}

enum { DR0 = USER_DEBUGREG, DR1 = DR0 + 4, DR6 = DR0 + 24, DR7 = DR0 + 28 };
enum { WRITE_4_AT_0 = 0xd0001, EXECUTE_AT_1 = 0x4 };

static void breakpoints(void)
{
    pid_t pid = start_tracee(watch_me);
    check(try_poke(pid, DR0, (long)&watched) == 0 && try_poke(pid, DR7, WRITE_4_AT_0) == 0, "a watchpoint is set");
    check(peek(pid, DR0) == (long)&watched, "PEEKUSR sees DR0");
    check(native() || try_poke(pid, DR1, 0xc0100000) != 0, "no breakpoint in the kernel");
    check(try_poke(pid, DR7, 0xe0001) != 0 && try_poke(pid, DR7, 0x80001) != 0, "no kind that the processor does not have");
    int status = go_on(pid, PTRACE_CONT, 0);
    check(status == STOPPED_BY(SIGTRAP) && peek(pid, USER(eip)) == (long)stored,
          "it stops behind the store: status 0x%x, %ld bytes off", status, peek(pid, USER(eip)) - (long)stored);
    check((peek(pid, DR6) & 0xf) == 1, "DR6 says 0: %lx", peek(pid, DR6) & 0xf);
    watched = 2; // ours, at the same address: nobody minds

    check(try_poke(pid, DR1, (long)second_place) == 0 && try_poke(pid, DR7, WRITE_4_AT_0 | EXECUTE_AT_1) == 0,
          "and a breakpoint");
    status = go_on(pid, PTRACE_CONT, 0);
    check(status == STOPPED_BY(SIGTRAP) && peek(pid, USER(eip)) == (long)second_place,
          "it stops before the instruction: status 0x%x, %ld bytes off", status,
          peek(pid, USER(eip)) - (long)second_place);
    check((peek(pid, DR6) & 0xf) == 2, "DR6 says 1: %lx", peek(pid, DR6) & 0xf);
    status = go_on(pid, PTRACE_CONT, 0);
    if (!native()) { // a later Linux does not look at the kernel's accesses
        check(status == STOPPED_BY(SIGTRAP) && (peek(pid, DR6) & 0xf) == 1,
              "a store by the kernel in time() counts, too: status 0x%x", status);
        status = go_on(pid, PTRACE_CONT, 0);
    }
    check(status == 6 << 8, "it goes on to its end: status 0x%x", status);
}

/// The child of a process with a watchpoint has none, when nobody traces it.
static int forks_and_stores(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(store_and_go());
    int status = -1;
    waitpid(pid, &status, 0);
    return status == 6 << 8 ? 8 : 9;
}

static void breakpoints_after_fork(void)
{
    pid_t pid = start_tracee(forks_and_stores);
    poke(pid, DR0, (long)&watched);
    poke(pid, DR7, WRITE_4_AT_0);
    int status = go_on(pid, PTRACE_CONT, 0);
    if (status == STOPPED_BY(SIGCHLD))
        status = go_on(pid, PTRACE_CONT, SIGCHLD);
    check(status == 8 << 8, "a child that nobody traces has no watchpoint: status 0x%x", status);
}

static void thread_areas(void)
{
    int entry = native() ? 13 : 7;
    struct user_desc got, set = {0};
    set.entry_number = entry;
    set.base_addr = 0x12345678;
    set.limit = 0xfffff;
    set.seg_32bit = set.limit_in_pages = set.useable = 1;
    pid_t pid = start_tracee(selectors_are_null);
    memset(&got, 0, sizeof got);
    check(ptrace(PTRACE_SET_THREAD_AREA, pid, (void *)(long)entry, &set) == 0, "SET_THREAD_AREA");
    check(ptrace(PTRACE_GET_THREAD_AREA, pid, (void *)(long)entry, &got) == 0 && got.base_addr == set.base_addr &&
              got.limit == set.limit && got.limit_in_pages == 1,
          "GET_THREAD_AREA gives it back: base %lx limit %x", (long)got.base_addr, got.limit);
    check(ptrace(PTRACE_GET_THREAD_AREA, pid, (void *)3, &got) == -1 && errno == EINVAL, "entry 3 is no thread area");
    end_tracee(pid);
}

static void memory(void)
{
    pid_t pid = at_break();
    long word = 0;
    check(ptrace(PTRACE_PEEKDATA, pid, (void *)16, &word) == -1 && errno == EIO, "PEEKDATA of an unmapped word: EIO");
    check(ptrace(PTRACE_POKEDATA, pid, (void *)16, (void *)1) == -1 && errno == EIO, "POKEDATA, too");
    check(ptrace(PTRACE_PEEKDATA, pid, (void *)0xc0100000, &word) == -1 && errno == EIO, "the kernel is out of reach");
    check(ptrace(PTRACE_PEEKTEXT, pid, after_break - 1, &word) == 0 && (word & 0xff) == 0xcc, "PEEKTEXT sees the int3");
    check(ptrace(99, pid, NULL, NULL) == -1 && errno == EIO, "an unknown request gives EIO");
    check(ptrace(PTRACE_CONT, pid, NULL, (void *)65) == -1 && errno == EIO, "signal 65 gives EIO");
    end_tracee(pid);
}

int main(void)
{
    register_rules();
    all_registers();
    refused_frames();
    breakpoints();
    breakpoints_after_fork();
    thread_areas();
    memory();
    return finish();
}
