// SPDX-License-Identifier: MIT
// Ports belong to the kernel: `in` and `out` in ring 3 are a #GP, and the kernel makes SIGSEGV of it. ioperm() opens some of them to one
// process: a bit for each port in its bitmap, which the processor looks at in the TSS. A child inherits the bitmap as a copy.
// Rows: H19 the bitmap decides; T05 it is copied at fork; H18 iopl() opens all.
//
// The port is 0x3ff, the scratch register of the serial port: one byte that means nothing.

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SCRATCH = 0x3ff };

/// Writes to the port in a child and reads back. What was read, or minus the signal that ended the child.
static int try(int value)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        unsigned char byte = value;
        __asm__ volatile("outb %0, %1" : : "a"(byte), "d"((unsigned short)SCRATCH));
        __asm__ volatile("inb %1, %0" : "=a"(byte) : "d"((unsigned short)SCRATCH));
        _exit(byte);
    }
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int say(const char *when, int result, int expected)
{
    if (result < 0)
        printf("%-40s signal %d\n", when, -result);
    else
        printf("%-40s the port says 0x%02x\n", when, result);
    return result == expected;
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); // fork copies the buffer too: leave nothing in it
    int good = say("without permission:", try(0x11), -SIGSEGV);
    ioperm(SCRATCH, 1, 1);
    good &= say("after ioperm(0x3ff, 1, 1), in a child:", try(0x5a), 0x5a);
    ioperm(SCRATCH, 1, 0);
    good &= say("after ioperm(0x3ff, 1, 0):", try(0x22), -SIGSEGV);
    iopl(3);
    good &= say("after iopl(3):", try(0xa5), 0xa5);
    iopl(0);
    good &= say("after iopl(0):", try(0x33), -SIGSEGV);
    return good ? 0 : 1;
}
