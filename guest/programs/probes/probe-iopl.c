// SPDX-License-Identifier: MIT
// Ports from ring 3: ioperm's bitmap, which fork copies, and iopl.
// Rows: H19 the bitmap decides; T05 the child has a bitmap of its own (probe-ports looks closer).

#include "probe.h"

#include <unistd.h>

static const unsigned short port = 0x378; // a parallel port: nothing is connected

/// A host's real devices are only read.
static void touch(void)
{
    if (native())
        __asm__ volatile("inb %%dx, %%al" : : "d"(port) : "eax");
    else
        __asm__ volatile("outb %%al, %%dx" : : "a"(0x55), "d"(port));
}
static void touch_next(void) { __asm__ volatile("inb %%dx, %%al" : : "d"(port + 1) : "eax"); }
static void touch_two(void) { __asm__ volatile("inw %%dx, %%ax" : : "d"(port) : "eax"); }

/// In the child of an ioperm'ed parent.
static void give_back_and_touch(void)
{
    touch(); // inherited
    if (ioperm(port, 1, 0))
        _exit(9);
    touch(); // not any more
}
static void ask_as_nobody(void)
{
    setuid(1000);
    _exit(ioperm(port, 1, 1) == -1 && errno == EPERM && iopl(3) == -1 && errno == EPERM ? 0 : 9);
}
static void switch_interrupts(void) { __asm__ volatile("cli\n\tsti"); }
static void all_ports(void)
{
    if (iopl(3))
        _exit(9);
    touch_next();
}
static void all_ports_and_interrupts(void)
{
    if (iopl(3))
        _exit(9);
    switch_interrupts();
}

static int died(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV; }

int main(void)
{
    int status;
    if (native() && ioperm(port, 1, 0) == -1 && errno == ENOSYS)
        return finish(); // a Linux that was built without
    check(died(in_child(touch)), "a port without permission is SIGSEGV");
    check(in_child(ask_as_nobody) == 0, "only root may ask: EPERM");
    check(ioperm(0x10000, 1, 1) == -1 && errno == EINVAL, "there is no port 65536");
    check(ioperm(port, 0, 1) == -1 && errno == EINVAL, "nor a range of none");
    if (ioperm(port, 1, 1)) {
        check(0, "ioperm: %s", strerror(errno));
        return finish();
    }
    check(in_child(touch) == 0, "after ioperm the child may, as its parent");
    check(died(in_child(touch_next)), "the next port stays shut");
    check(died(in_child(touch_two)), "so does a word that reaches into it");
    status = in_child(give_back_and_touch);
    check(died(status), "the child's ioperm off takes effect: status %x", status);
    touch();
    check(1, "and does not hit the parent");
    check(in_child(all_ports) == 0, "iopl 3 opens all ports");
    if (!native()) // since 5.5 a Linux emulates iopl without giving cli away
        check(in_child(all_ports_and_interrupts) == 0, "and gives cli and sti");
    check(died(in_child(switch_interrupts)), "which a task without iopl has not");
    return finish();
}
