// SPDX-License-Identifier: MIT
// Code that runs once at boot: initcalls in seven levels (do_initcalls), __setup words of the command line.
#pragma once

#include <linux/compiler.h>

#define __init
#define __initdata
#define __exit
#define __devinit

typedef int (*initcall_t)(void);

/// The linker script lines the sections .initcall1 … .initcall7 up between __initcall_start and __initcall_end.
#define __define_initcall(level, fn) \
    static initcall_t __initcall_##fn __section(".initcall" level ".init") = fn
#define core_initcall(fn) __define_initcall("1", fn)
#define postcore_initcall(fn) __define_initcall("2", fn)
#define arch_initcall(fn) __define_initcall("3", fn)
#define subsys_initcall(fn) __define_initcall("4", fn)
#define fs_initcall(fn) __define_initcall("5", fn)
#define device_initcall(fn) __define_initcall("6", fn)
#define late_initcall(fn) __define_initcall("7", fn)
#define __initcall(fn) device_initcall(fn)

/// A console's init function, called by console_init() before interrupts are on.
#define console_initcall(fn) static initcall_t __initcall_##fn __section(".con_initcall.init") = fn

struct obs_kernel_param {
    const char *str;
    int (*setup_func)(char *);
};
/// `__setup("word=", fn)`: fn gets what follows "word=" on the command line; returns 1 if it took it.
#define __setup(text, fn) \
    static struct obs_kernel_param __setup_##fn __section(".init.setup") __aligned(4) = { text, fn }

extern char saved_command_line[];
