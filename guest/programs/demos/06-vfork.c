// SPDX-License-Identifier: MIT
// vfork: the child borrows the parent's memory, and the parent sleeps until it is given back, by exit or by execve.
// Rows: V01 and V02 the parent is suspended until the child ends; V03 or until it executes another program; V04 one
// address space; V05 it is do_fork with CLONE_VFORK and CLONE_VM.

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int value = 1;
static int good;

static void say(const char *text)
{
    write(1, text, strlen(text)); // no buffer that both would share
}

int main(int argc, char **argv)
{
    if (argc > 1) { // what the second child becomes
        say("second child: another program now; the parent has its memory back\n");
        return 4;
    }

    pid_t pid = vfork();
    if (pid == 0) {
        say("first child:  the parent sleeps\n");
        value = 2;
        _exit(3);
    }
    say(value == 2 ? "parent:       awake, and the child's 2 is in my variable\n"
                   : "parent:       no 2 in my variable?\n");
    good = value == 2;
    int status;
    waitpid(pid, &status, 0);
    good &= WEXITSTATUS(status) == 3;

    pid = vfork();
    if (pid == 0) {
        value = 5;
        execl(argv[0], argv[0], "again", (char *)NULL);
        execl("/proc/self/exe", argv[0], "again", (char *)NULL); // argv[0] need not be a path
        _exit(127);
    }
    good &= value == 5;
    waitpid(pid, &status, 0);
    good &= WEXITSTATUS(status) == 4;
    printf("parent:       exit codes 3 and %d, the variable is %d\n", WEXITSTATUS(status), value);
    return good ? 0 : 1;
}
