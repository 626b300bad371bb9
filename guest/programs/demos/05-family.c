// SPDX-License-Identifier: MIT
// Parents and children. A child whose parent ends first gets another parent: process 1, which waits for everybody.
// Rows: P36 the parent of a new process is the one that forked; K07 fork's two returns; S07 a process sleeps inside
// a system call until there is something to read.

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int news[2]; // a pipe: whoever has something to say writes one line
static int seen[2]; // a pipe: the grandchild has looked at its first parent
static int gone[2]; // a pipe that nobody writes to: its end of file tells that the middle process has ended

static void say(const char *who, const char *what)
{
    dprintf(news[1], "%s: %s\n", who, what);
}

static void grandchild(pid_t middle)
{
    close(gone[1]);
    say("grandchild", getppid() == middle ? "my parent is the middle process" : "my parent is somebody else");
    write(seen[1], "x", 1);
    char byte;
    read(gone[0], &byte, 1); // sleeps until the middle process, the last one with the other end, is gone
    say("grandchild",
        getppid() != middle ? "it has ended, and I was handed to another parent" : "it is still there?");
    exit(0);
}

static void middle(void)
{
    pid_t self = getpid();
    if (fork() == 0)
        grandchild(self);
    char byte;
    read(seen[0], &byte, 1);
    exit(3);
}

int main(void)
{
    pipe(news);
    pipe(seen);
    pipe(gone);
    pid_t pid = fork();
    if (pid == 0)
        middle();
    close(news[1]);
    close(gone[1]);

    int status;
    waitpid(pid, &status, 0);
    char text[512];
    ssize_t length = 0, n;
    while ((n = read(news[0], text + length, sizeof text - length)) > 0) // until the grandchild has closed its end
        length += n;
    write(1, text, length);
    printf("first:      my child ended with code %d; the grandchild was never mine to wait for: %s\n",
           WEXITSTATUS(status), waitpid(-1, NULL, 0) < 0 ? "waitpid() fails" : "waitpid() succeeds?");
    return WEXITSTATUS(status) == 3 ? 0 : 1;
}
