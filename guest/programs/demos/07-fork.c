// SPDX-License-Identifier: MIT
// One call, two returns. Both processes come out of the same `int $0x80`; only eax differs.
// Rows: K07 and K08 0 in the child, the PID in the parent; F12 that PID is the child's getpid(); I02 PIDs ascend;
// P26 memory is copied (on write); W24 a wait status.

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int value = 1;

static void child(pid_t parent)
{
    printf("child:  fork() returned 0, my parent is %s\n",
           getppid() == parent ? "the one that forked" : "another?");
    value = 2; // this write faults: the kernel gives the child a page of its own
    printf("child:  value at %p is now %d\n", (void *)&value, value);
    exit(7);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); // fork copies the buffer too: leave nothing in it
    pid_t self = getpid();
    printf("before: value at %p is %d, one process\n", (void *)&value, value);

    int ends[2];
    pipe(ends);
    pid_t pid = fork();
    if (pid < 0) {
        perror("fork");
        return 1;
    }
    if (pid == 0) {
        pid_t me = getpid();
        write(ends[1], &me, sizeof me);
        child(self);
    }

    int status;
    pid_t ended = waitpid(pid, &status, 0);
    pid_t childs_own;
    read(ends[0], &childs_own, sizeof childs_own);
    printf("parent: fork() returned my pid + %d, %s\n", pid - self,
           pid == childs_own ? "which is what the child's getpid() says"
                             : "but the child's getpid() says otherwise");
    printf("parent: value at %p is still %d\n", (void *)&value, value);
    printf("parent: waitpid() %s, status 0x%04x: exit code %d\n", ended == pid ? "returned the same pid" : "failed",
           (unsigned)status, WEXITSTATUS(status));
    return ended == pid && pid == childs_own && value == 1 && status == 0x0700 ? 0 : 1;
}
