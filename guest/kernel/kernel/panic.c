// SPDX-License-Identifier: MIT
// The end of the kernel: the message, how we came here, then the host is told (port 0x5E4) and the CPU stops.
// Where neither that port nor QEMU's is there, the halted CPU is the end.
#include <linux/host_channel.h>
#include <linux/kernel.h>
#include <linux/sched.h>

#define DEBUG_EXIT 0xF4
#define PANIC_STATUS 125

asmlinkage void panic(const char *format, ...)
{
    static char message[512];
    static int panicking;
    va_list args;

    local_irq_disable();
    console_loglevel = 15;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    printk(KERN_EMERG "Kernel panic - not syncing: %s\n", message);
    if (!panicking++) {
        printk(KERN_EMERG "pid %d (%s)\n", current->pid, current->comm);
        dump_stack();
    }
    outl(1, HOST_PANIC);
    outl(PANIC_STATUS, DEBUG_EXIT); // on QEMU its debug-exit device ends the machine instead
    for (;;)
        halt();
}
