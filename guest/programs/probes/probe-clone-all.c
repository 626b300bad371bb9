// SPDX-License-Identifier: MIT
// clone with every combination of the 14 flags that the texts name, 16384 in all. Contradictions give EINVAL; of what comes out of
// the others everything is cleaned up, whatever state it is in: stopped, traced, a thread, a sibling, with our memory or without.
// Rows: C01 to C03, C05. It needs a machine of its own: on another kernel it does nothing.
//
//     probe-clone-all [--traced] [FIRST [LAST]]      combinations in that range only
//
// --traced: by a process that another one traces, with all events of forks and ends: CLONE_PTRACE hands the child to the tracer.

#include "probe.h"

#include "ledger.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>

static const unsigned long flag[14] = {
    CLONE_VM,       CLONE_FS,      CLONE_SIGHAND, CLONE_PTRACE,       CLONE_VFORK,        CLONE_PARENT,         CLONE_THREAD,
    CLONE_NEWNS,    CLONE_SETTLS,  CLONE_UNTRACED, CLONE_PARENT_SETTID, CLONE_CHILD_SETTID, CLONE_CHILD_CLEARTID, CLONE_STOPPED,
};

static char *stack;
static volatile int ptid, ctid;

/// struct user_desc: a data segment over all memory.
static struct {
    unsigned entry, base, limit, flags;
} tls = {6, 0, 0xfffff, 0x51};

static unsigned long flags_of(int combination)
{
    unsigned long flags = 0;
    for (int bit = 0; bit < 14; bit++)
        if (combination & 1 << bit)
            flags |= flag[bit];
    return flags;
}

static int contradiction(unsigned long flags)
{
    return (flags & (CLONE_NEWNS | CLONE_FS)) == (CLONE_NEWNS | CLONE_FS) ||
           ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND)) || ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM));
}

/// The child ends at once: only this thread, and without a stack of its own it touches none.
static long clone_once(unsigned long flags, void *child_stack)
{
    long result;
    __asm__ volatile("int $0x80\n\t"
                     "testl %%eax, %%eax\n\t"
                     "jnz 1f\n\t"
                     "movl $1, %%eax\n\t"
                     "xorl %%ebx, %%ebx\n\t"
                     "int $0x80\n"
                     "1:"
                     : "=a"(result)
                     : "a"(__NR_clone), "b"(flags), "c"(child_stack), "d"(&ptid), "S"(&tls), "D"(&ctid)
                     : "memory");
    return result;
}

/// A helper that frees a vfork parent: its child may be stopped, and only somebody else can let it go on.
static pid_t waker;

static void start_waker(void)
{
    pid_t parent = getpid();
    waker = fork();
    if (waker == 0)
        for (;;) { // whoever is stopped among the next numbers, goes on
            raw(__NR_nanosleep, (long)(long[2]){0, 2000000}, 0, 0);
            if (getppid() != parent)
                _exit(0);
            int last = ptid;
            (void)last;
            kill(-1, SIGCONT);
        }
}

static int gone(pid_t tid)
{
    return raw(__NR_tkill, tid, 0, 0) == -ESRCH;
}

/// What state it is in nobody knows: let it go on, kill it if it is a process, and reap it if it is ours.
static int clean_up(unsigned long flags, pid_t pid)
{
    int status;
    for (int tries = 0; tries < 2000; tries++) {
        pid_t got = waitpid(-1, &status, __WALL | WNOHANG | WUNTRACED);
        if (got == pid && WIFSTOPPED(status)) {
            kill(pid, SIGCONT);
            continue;
        }
        if (got == pid && gone(pid))
            return 1;
        if (gone(pid))
            return 1;
        if (tries % 10 == 5) {
            raw(__NR_tkill, pid, SIGCONT, 0);
            if (!(flags & CLONE_THREAD))
                kill(pid, tries > 50 ? SIGKILL : SIGCONT);
        }
        raw(__NR_sched_yield, 0, 0, 0);
    }
    return 0;
}

static int wrong_errors, strange, left, made, refused;

static void try_one(int combination)
{
    unsigned long flags = flags_of(combination);
    ctid = ptid = 0;
    long result = clone_once(flags | ((flags & CLONE_THREAD) ? 0 : SIGCHLD), stack + 8192);
    if (contradiction(flags)) {
        refused++;
        wrong_errors += result != -EINVAL;
    } else if (result > 0) {
        made++;
        if ((flags & CLONE_PARENT_SETTID) && ptid != result)
            strange++;
        if (!clean_up(flags, result)) {
            left++;
            printf("FAIL flags %08lx: %ld is left\n", flags, result);
        }
    } else {
        strange++;
        printf("FAIL flags %08lx: %ld\n", flags, result);
    }
}

static void try_all(int first, int last)
{
    start_waker();
    for (int i = first; i <= last; i++) {
        if (i == first + 1)
            ledger_mark();
        try_one(i);
    }
    for (int i = 0; i < 50; i++) // siblings are our parent's to reap
        raw(__NR_sched_yield, 0, 0, 0);
    ledger_mark();
    kill(waker, SIGKILL);
    waitpid(waker, NULL, 0);
    check(!wrong_errors, "%d contradictions: %d without EINVAL", refused, wrong_errors);
    check(!strange && !left, "%d children or threads: %d strange, %d left behind", made, strange, left);
}

/// Lets everybody who stops go on, until `worker` has ended. The worker's exit code.
static int trace_until_the_end_of(pid_t worker)
{
    int status, stops = 0;
    for (;;) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid == worker && !WIFSTOPPED(status))
            break;
        if (!WIFSTOPPED(status))
            continue;
        int signal = WSTOPSIG(status);
        if (!stops++)
            ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)0x6e); // fork, vfork, clone, vfork's end, exit
        if (signal == SIGSTOP || signal == SIGTRAP)
            signal = 0;
        ptrace(PTRACE_CONT, pid, NULL, (void *)(long)signal);
    }
    check(stops > 1000, "the tracer saw %d stops", stops);
    return status;
}

int main(int argc, char **argv)
{
    int traced = argc > 1 && strcmp(argv[1], "--traced") == 0;
    if (native()) {
        printf("another kernel: not asked for all these\n");
        return 0;
    }
    argc -= traced, argv += traced;
    int first = argc > 1 ? atoi(argv[1]) : 0, last = argc > 2 ? atoi(argv[2]) : (1 << 14) - 1;
    stack = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack[4096] = stack[0] = 1;
    if (!traced) {
        try_all(first, last);
        return finish();
    }
    pid_t worker = fork();
    if (worker == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        try_all(first, last);
        _exit(failures != 0);
    }
    check(trace_until_the_end_of(worker) == 0, "the worker found nothing wrong");
    return finish();
}
