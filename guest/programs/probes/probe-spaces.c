// SPDX-License-Identifier: MIT
// Two processes, the same virtual address, different data: each runs in a machine of its own.
// Rows: G03; its [T] part, that CR3 differs, is for the host to see while this program runs. H01 as far as one
// process cannot see the other's memory.

#include "probe.h"

enum { ADDRESS = 0x50000000, ROUNDS = 10 };

#include <sys/mman.h>

/// Stores its own number again and again, and looks whether it is still its own after the other one ran.
static int hold(int number, int wait_end, int wake_end)
{
    volatile int *word =
        mmap((void *)ADDRESS, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    int good = (int)word == ADDRESS;
    for (int round = 0; good && round < ROUNDS; round++) {
        char byte;
        read(wait_end, &byte, 1);
        good &= *word == (round ? number + round - 1 : 0);
        *word = number + round;
        write(wake_end, "x", 1);
    }
    return good;
}

int main(void)
{
    int to_parent[2], to_child[2];
    pipe(to_parent);
    pipe(to_child);
    pid_t pid = fork();
    if (pid == 0)
        _exit(hold(2000, to_child[0], to_parent[1]) ? 0 : 1);
    write(to_parent[1], "x", 1); // the first turn is ours
    int good = hold(1000, to_parent[0], to_child[1]);
    int status = -1;
    waitpid(pid, &status, 0);
    check(good, "parent: its word at 0x%08x is its own, %d times", ADDRESS, ROUNDS);
    check(status == 0, "child: its word at the same address is its own, status 0x%04x", status);
    return finish();
}
