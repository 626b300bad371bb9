// SPDX-License-Identifier: MIT
// A broken assumption of the kernel stops the kernel, with file and line.
#pragma once

#include <linux/linkage.h>
asmlinkage void panic(const char *format, ...) __attribute__((noreturn));
asmlinkage int printk(const char *format, ...);
extern void dump_stack(void);

#define BUG() panic("kernel BUG at %s:%d (%s)", __FILE__, __LINE__, __func__)
#define BUG_ON(condition) do { if (unlikely(condition)) BUG(); } while (0)
#define WARN_ON(condition) \
    do { \
        if (unlikely(condition)) { \
            printk("<4>Badness in %s at %s:%d\n", __func__, __FILE__, __LINE__); \
            dump_stack(); \
        } \
    } while (0)
