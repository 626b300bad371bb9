// SPDX-License-Identifier: MIT
// printk, panic, and the small helpers that every file needs.
#pragma once

#include <linux/compiler.h>
#include <linux/linkage.h>
#include <linux/stdarg.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <asm/bug.h>

#define KERN_EMERG "<0>"
#define KERN_ALERT "<1>"
#define KERN_CRIT "<2>"
#define KERN_ERR "<3>"
#define KERN_WARNING "<4>"
#define KERN_NOTICE "<5>"
#define KERN_INFO "<6>"
#define KERN_DEBUG "<7>"

#define INT_MAX ((int)(~0U >> 1))
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX (~0U)
#define LONG_MAX ((long)(~0UL >> 1))
#define LONG_MIN (-LONG_MAX - 1)
#define ULONG_MAX (~0UL)
#define LLONG_MAX ((long long)(~0ULL >> 1))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ALIGN(x, a) (((x) + (a) - 1) & ~((typeof(x))(a) - 1))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define roundup(x, y) ((((x) + ((y) - 1)) / (y)) * (y))
#define BUILD_BUG_ON(condition) ((void)sizeof(char[1 - 2 * !!(condition)]))

#define min(x, y) ({ typeof(x) _x = (x); typeof(y) _y = (y); (void)(&_x == &_y); _x < _y ? _x : _y; })
#define max(x, y) ({ typeof(x) _x = (x); typeof(y) _y = (y); (void)(&_x == &_y); _x > _y ? _x : _y; })
#define min_t(type, x, y) ({ type _x = (x); type _y = (y); _x < _y ? _x : _y; })
#define max_t(type, x, y) ({ type _x = (x); type _y = (y); _x > _y ? _x : _y; })
#ifndef container_of
#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))
#endif

extern int console_loglevel;

asmlinkage int printk(const char *format, ...) __printf(1, 2);
asmlinkage int vprintk(const char *format, va_list args);
asmlinkage void panic(const char *format, ...) __printf(1, 2) __noreturn;
int sprintf(char *buf, const char *format, ...) __printf(2, 3);
int snprintf(char *buf, size_t size, const char *format, ...) __printf(3, 4);
int scnprintf(char *buf, size_t size, const char *format, ...) __printf(3, 4);
int vsprintf(char *buf, const char *format, va_list args);
int vsnprintf(char *buf, size_t size, const char *format, va_list args);
int vscnprintf(char *buf, size_t size, const char *format, va_list args);
unsigned long simple_strtoul(const char *text, char **end, unsigned int base);
long simple_strtol(const char *text, char **end, unsigned int base);
unsigned long long simple_strtoull(const char *text, char **end, unsigned int base);

#define pr_debug(format, ...) printk(KERN_DEBUG format, ##__VA_ARGS__)
#define pr_info(format, ...) printk(KERN_INFO format, ##__VA_ARGS__)
#define might_sleep() do { } while (0)

extern int kernel_text_address(unsigned long address);
extern void dump_stack(void);
extern void __might_sleep(char *file, int line);

/// What sysinfo(2) fills in: 64 bytes on i386.
struct sysinfo {
    long uptime;
    unsigned long loads[3];
    unsigned long totalram, freeram, sharedram, bufferram, totalswap, freeswap;
    unsigned short procs, pad;
    unsigned long totalhigh, freehigh;
    unsigned int mem_unit;
    char _f[20 - 2 * sizeof(long) - sizeof(int)];
};
