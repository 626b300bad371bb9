// SPDX-License-Identifier: MIT
// Which ports a process may use, and what a child inherits of that. The port is 0x3ff, the serial port's scratch register.
// Rows: H19 the bitmap decides; T05 a child has a copy: what it changes there is its own.

#include "probe.h"

enum { SCRATCH = 0x3ff };

/// A place for a test to stop at: a fork follows, by a process that has a bitmap.
__attribute__((noinline)) void fork_follows(void)
{
    __asm__ volatile("" : : : "memory");
}

static int in_and_out(unsigned char byte)
{
    __asm__ volatile("outb %0, %1" : : "a"(byte), "d"((unsigned short)SCRATCH));
    __asm__ volatile("inb %1, %0" : "=a"(byte) : "d"((unsigned short)SCRATCH));
    return byte;
}

static void child_uses(void)
{
    _exit(in_and_out(0x41));
}

static void child_closes_and_uses(void)
{
    if (ioperm(SCRATCH, 1, 0) < 0)
        _exit(1);
    in_and_out(0x42);
}

static void child_opens_another(void)
{
    _exit(ioperm(SCRATCH - 1, 1, 1) < 0);
}

static void child_uses_the_other(void)
{
    unsigned char byte;
    __asm__ volatile("inb %1, %0" : "=a"(byte) : "d"((unsigned short)(SCRATCH - 1)));
}

int main(void)
{
    check(in_child(child_uses) == SIGSEGV, "without ioperm: SIGSEGV");
    if (ioperm(SCRATCH, 1, 1) < 0) { // natively only root may
        check(errno == EPERM, "ioperm: %d", errno);
        return finish();
    }
    fork_follows();
    int status = in_child(child_uses);
    check(status == 0x41 << 8, "a child of a process with ioperm uses the port: status 0x%04x", status);
    status = in_child(child_closes_and_uses);
    check(status == SIGSEGV, "a child that closes it may not: status 0x%04x", status);
    check(in_and_out(0x43) == 0x43, "that did not close it for the parent");
    check(in_child(child_opens_another) == 0, "a child opens another port");
    check(in_child(child_uses_the_other) == SIGSEGV, "that did not open it for the parent's next child");
    check(ioperm(65535, 1, 1) == 0 && ioperm(65536, 1, 1) == -1 && errno == EINVAL, "ports end at 65535");
    check(ioperm(SCRATCH, 0, 1) == -1 && errno == EINVAL, "none is no range");
    return finish();
}
