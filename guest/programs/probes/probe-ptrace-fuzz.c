// SPDX-License-Identifier: MIT
// ptrace with anything: random requests, addresses and data, on tracees in any state, and tracees that run with whatever registers
// came of it. The kernel survives, and everybody can still be killed and waited for.
// Rows: E10 U03.
//
//     probe-ptrace-fuzz [ROUNDS [SEED]]      with SHOW=1 in the environment each request is printed

#include "tracee.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

static unsigned long seed = 1;
static unsigned long any(void)
{
    seed = seed * 1103515245 + 12345;
    return seed >> 16 ^ seed << 15;
}

/// Words that programs get wrong: null, kernel, edges of pages and of the address space, small numbers, anything.
static unsigned long any_word(const void *known)
{
    static const unsigned long odd[] = {0, 1, 4, 17, 44, 56, 252, 280, 284, 0xbffffffc, 0xbfffffff, 0xc0000000, 0xc0100000,
                                        0xffffe400, 0xfffffffc, 0xffffffff, 0x7fffffff, 0x80000000};
    switch (any() & 3) {
    case 0: return odd[any() % (sizeof odd / sizeof odd[0])];
    case 1: return (unsigned long)known + (any() & 0xff);
    case 2: return any() % 300;
    default: return any();
    }
}

static long any_request(void)
{
    return any() & 7 ? 1 + any() % 26 : 0x4200 + any() % 5;
}

static int lives_on(void)
{
    for (int i = 0; i < 3; i++)
        raw(__NR_getpid, 0, 0, 0);
    return 0;
}

/// A round with one tracee. It may run away: an alarm and SIGKILL bring us back.
static void one_round(void *page)
{
    pid_t pid = start_tracee(lives_on);
    int status;
    for (int i = 0; i < 40; i++) {
        long request = any_request();
        unsigned long address = any_word(page), data = any_word(page);
        if (getenv("SHOW"))
            dprintf(1, "%d: %ld %lx %lx\n", pid, request, address, data);
        ptrace(request, pid, (void *)address, (void *)data);
        for (int tries = 0; tries < 3 && waitpid(pid, &status, WNOHANG | __WALL) == 0; tries++)
            sched_yield();
        if (kill(pid, 0) != 0)
            break;
    }
    if (getenv("SHOW"))
        dprintf(1, "%d: killed\n", pid);
    kill(pid, SIGKILL);
    kill(pid, SIGCONT);
    while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) // PTRACE_O_TRACEEXIT may have been set
        ptrace(PTRACE_CONT, pid, NULL, NULL);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 150;
    seed = argc > 2 ? atoi(argv[2]) : 1;
    void *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < rounds; i++)
        one_round(page);
    check(waitpid(-1, NULL, __WALL | WNOHANG) == -1 && errno == ECHILD, "after %d rounds no tracee is left", rounds);
    pid_t pid = fork();
    if (pid == 0)
        _exit(9);
    check(wait_for(pid) == 9 << 8, "and the kernel makes processes as before");
    return finish();
}
