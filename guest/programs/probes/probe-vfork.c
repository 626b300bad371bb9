// SPDX-License-Identifier: MIT
// vfork: the parent waits until the child has ended or executes another program; until then both use one address space.
// Rows: V01 to V05.

#include "probe.h"

static volatile int shared;
static volatile int order[4], turns;

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) { // what the second child becomes
        if (getenv("WAITS_FOR")) { // it ends only after its parent has gone on: its input is a pipe of the parent's
            char byte;
            alarm(1); // or never
            return read(0, &byte, 1) == 1 && byte == '!' ? 9 : 1;
        }
        return 1;
    }

    pid_t pid = vfork();
    if (pid == 0) {
        shared = 42;
        order[turns++] = 1;
        for (volatile int i = 0; i < 3000000; i++) // longer than a time slice of anybody: the parent still waits
            ;
        order[turns++] = 2;
        _exit(8);
    }
    order[turns++] = 3;
    int status = -1;
    check(turns == 3 && order[0] == 1 && order[1] == 2 && order[2] == 3, "first the child's two steps, then the parent");
    check(shared == 42, "the child's %d is seen in the parent", shared);
    check(waitpid(pid, &status, 0) == pid && status == 8 << 8, "the child's wait status is 0x%04x", status);

    int ends[2];
    pipe(ends);
    static char *arguments[] = {"probe-vfork", "second", NULL}, *environment[] = {"WAITS_FOR=!", NULL};
    pid = vfork();
    if (pid == 0) {
        dup2(ends[0], 0);
        close(ends[1]);
        execve("/proc/self/exe", arguments, environment);
        _exit(1);
    }
    // The new program waits for us: that we come here at all shows that its execve let us go.
    write(ends[1], "!", 1);
    check(waitpid(pid, &status, 0) == pid && status == 9 << 8, "the parent goes on when the child executes a program: 0x%04x", status);
    return finish();
}
