// SPDX-License-Identifier: MIT
// Who has the next turn: forks and a clone in a fixed order, for a test that looks at the run queue meanwhile.
// Rows: S01 to S06, S10, P32 to P35, F13, P13. As a program of its own it only sees that each child ran.
//
//   fork 0 ... 7   the child exits with its number
//   clone          shares memory: says that it was there
//   copies         writes 24 pages right after a fork, while the child calls execve at once (S03)

#include "probe.h"

#include <sched.h>
#include <sys/mman.h>

enum { FORKS = 8, PAGES = 24 };

static void forks(void)
{
    for (int number = 0; number < FORKS; number++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(number);
        int status = -1;
        waitpid(pid, &status, 0);
        check(status == number << 8, "child %d: status 0x%04x", number, status);
    }
}

static volatile int was_there;
static int thread(void *is_null)
{
    was_there = !is_null;
    return 5;
}

static void shared(void)
{
    static char stack[4096];
    int status = -1;
    pid_t pid = clone(thread, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL, NULL, NULL, NULL);
    waitpid(pid, &status, 0);
    check(was_there && status == 0x500, "clone with CLONE_VM: status 0x%04x", status);
}

static void copies(void)
{
    volatile char *pages = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < PAGES; i++)
        pages[i * 4096] = 1;
    pid_t pid = fork();
    if (pid == 0) {
        execl("/proc/self/exe", "probe-turns", "nothing", (char *)NULL);
        _exit(1);
    }
    for (int i = 0; i < PAGES; i++)
        pages[i * 4096] = 2;
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == 0, "fork, exec, and the parent writes %d pages: status 0x%04x", PAGES, status);
}

int main(int argc, char *argv[])
{
    if (argc > 1 && argv[1])
        return 0;
    forks();
    shared();
    copies();
    return finish();
}
