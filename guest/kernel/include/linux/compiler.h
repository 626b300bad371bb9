// SPDX-License-Identifier: MIT
// Words for the compiler that the rest of the kernel uses by Linux' names.
#pragma once

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ __volatile__("" : : : "memory")
/// Marks a pointer that belongs to the user: never dereferenced, only handed to <asm/uaccess.h>. Row U07: with
/// __CHECKER__ clang's -Wnoderef finds every place that dereferences one, or makes an ordinary pointer of it.
#ifdef __CHECKER__
#define __user __attribute__((noderef))
#else
#define __user
#endif
#define __iomem
#define __force
#define __attribute_used__ __attribute__((used))
#define __must_check __attribute__((warn_unused_result))
#define noinline __attribute__((noinline))
#define __always_inline inline __attribute__((always_inline))
#define __weak __attribute__((weak))
#define __packed __attribute__((packed))
#define __aligned(n) __attribute__((aligned(n)))
#define __section(s) __attribute__((section(s), used))
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define NORET_TYPE
#define ATTRIB_NORET __attribute__((noreturn))
#define __noreturn __attribute__((noreturn))
#define ACCESS_ONCE(x) (*(volatile typeof(x) *)&(x))
