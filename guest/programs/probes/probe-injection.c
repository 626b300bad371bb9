// SPDX-License-Identifier: MIT
// Forks again and again and expects every kind of failure: the host makes one allocation after the other fail
// (tests/guest/fork_failures.cpp). For each fork says what came of it.
// Row: L07.
//
//     probe-injection FLAGS         of clone, in hexadecimal

#include "probe.h"

#include "ledger.h"

#include <sched.h>
#include <sys/mman.h>

static volatile long result; ///< of the last clone: a pid or -errno
static char stack[4096] __attribute__((aligned(16)));

int main(int argc, char **argv)
{
    unsigned long flags = argc > 1 ? strtoul(argv[1], NULL, 16) : SIGCHLD;
    // Something of everything that a child copies: pages in several page tables, a shared area, open files, handlers.
    char *far = mmap((void *)0x50000000, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    char *shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    far[0] = shared[0] = 1;
    int ends[2];
    for (int i = 0; i < 20; i++) // more than a task_struct's own table holds
        pipe(ends);
    if (flags & 0x80000000) { // with permission for ports, too: the child needs a bitmap of its own
        raw(__NR_ioperm, 0x300, 16, 1);
        flags &= 0x7fffffff;
    }
    for (int turn = 0; turn < 400; turn++) {
        ledger_mark(); // from here on the host makes the n-th allocation fail
        long pid = raw(__NR_clone, flags, flags & CLONE_VM ? (long)(stack + sizeof stack - 16) : 0, 0);
        if (pid == 0)
            raw(__NR_exit, 0, 0, 0);
        result = pid; // only now: a child may have the same memory
        if (pid > 0 && flags & CLONE_THREAD)
            while (raw(__NR_tkill, pid, 0, 0) == 0)
                raw(__NR_sched_yield, 0, 0, 0);
        else if (pid > 0)
            waitpid(pid, NULL, __WALL);
        ledger_mark();
        if (pid > 0)
            return 0;
    }
    return 1;
}
