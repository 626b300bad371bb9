// SPDX-License-Identifier: MIT
// The only ways to touch user memory. Each access may fault; its address stands in __ex_table with the
// place where do_page_fault continues. access_ok() keeps the pointer below the task's addr_limit. Rows U02-U11.
#pragma once

#include <linux/types.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/current.h>

#define VERIFY_READ 0
#define VERIFY_WRITE 1
#define MAKE_MM_SEG(s) ((mm_segment_t){ (s) })
#define KERNEL_DS MAKE_MM_SEG(0xFFFFFFFFUL)
#define USER_DS MAKE_MM_SEG(PAGE_OFFSET)
#define get_ds() (KERNEL_DS)
#define get_fs() (current_thread_info()->addr_limit)
#define set_fs(x) (current_thread_info()->addr_limit = (x))
#define segment_eq(a, b) ((a).seg == (b).seg)

/// Does [address, address + size) end at or below the limit, without wrapping round?
static inline int __access_ok(unsigned long address, unsigned long size)
{
    unsigned long limit = current_thread_info()->addr_limit.seg;
    return size <= limit && address <= limit - size;
}
/// A 386 has no CR0.WP: the kernel would write through read-only pages. There every page is made writable beforehand.
extern int wp_works_ok;
int __verify_write(unsigned long address, unsigned long size);
#define access_ok(type, address, size) \
    (likely(__access_ok((unsigned long)(address), (size))) && \
     ((type) == VERIFY_READ || likely(wp_works_ok) || __verify_write((unsigned long)(address), (size))))
#define verify_area(type, address, size) (access_ok(type, address, size) ? 0 : -EFAULT)

struct exception_table_entry {
    unsigned long insn, fixup;
};
struct pt_regs;
int fixup_exception(struct pt_regs *regs);
const struct exception_table_entry *search_exception_tables(unsigned long address);

/// Bytes NOT copied; 0 = all.
unsigned long copy_to_user(void __user *to, const void *from, unsigned long n);
unsigned long copy_from_user(void *to, const void __user *from, unsigned long n);
unsigned long __copy_to_user(void __user *to, const void *from, unsigned long n);
unsigned long __copy_from_user(void *to, const void __user *from, unsigned long n);
#define __copy_to_user_inatomic __copy_to_user
#define __copy_from_user_inatomic __copy_from_user
unsigned long clear_user(void __user *to, unsigned long n);
#define __clear_user clear_user
/// Length without the NUL, -EFAULT, or `count` if there is no NUL in `count` bytes.
long strncpy_from_user(char *to, const char __user *from, long count);
/// Length with the NUL, 0 on a fault, more than n if there is no NUL in n bytes.
long strnlen_user(const char __user *s, long n);
#define strlen_user(s) strnlen_user(s, ~0UL >> 1)

extern void __get_user_bad(void);
#define __get_user_asm(x, address, err, insn, constraint, type) \
    ({ \
        type __v; \
        __asm__ __volatile__("1:\t" insn " %2,%1\n2:\n" \
                             ".section .fixup,\"ax\"\n3:\tmovl %3,%0\n\txorl %k1,%k1\n\tjmp 2b\n.previous\n" \
                             ".section __ex_table,\"a\"\n\t.align 4\n\t.long 1b,3b\n.previous" \
                             : "+r"(err), "=" constraint(__v) \
                             : "m"(*(volatile type *)(address)), "i"(-EFAULT)); \
        (x) = (typeof(x))(unsigned long)__v; \
    })
#define __put_user_asm(x, address, err, insn, constraint, type) \
    __asm__ __volatile__("1:\t" insn " %1,%2\n2:\n" \
                         ".section .fixup,\"ax\"\n3:\tmovl %3,%0\n\tjmp 2b\n.previous\n" \
                         ".section __ex_table,\"a\"\n\t.align 4\n\t.long 1b,3b\n.previous" \
                         : "+r"(err) \
                         : constraint((type)(x)), "m"(*(volatile type *)(address)), "i"(-EFAULT))
/// get_user(x, pointer): reads the pointed-to value (1, 2, 4 bytes) into x; 0 or -EFAULT.
#define __get_user(x, ptr) \
    ({ \
        long __e = 0; \
        const void *__p = (const void *)(unsigned long)(ptr); \
        switch (sizeof(*(ptr))) { \
        case 1: __get_user_asm(x, __p, __e, "movb", "q", unsigned char); break; \
        case 2: __get_user_asm(x, __p, __e, "movw", "r", unsigned short); break; \
        case 4: __get_user_asm(x, __p, __e, "movl", "r", unsigned long); break; \
        default: __get_user_bad(); \
        } \
        __e; \
    })
#define get_user(x, ptr) \
    ({ \
        typeof(*(ptr)) *__from = (void __user *)(unsigned long)(ptr); \
        access_ok(VERIFY_READ, __from, sizeof(*__from)) ? __get_user(x, __from) : ((x) = (typeof(x))0, (long)-EFAULT); \
    })
/// put_user(x, pointer): writes x (1, 2, 4 or 8 bytes) to the user; 0 or -EFAULT.
#define __put_user(x, ptr) \
    ({ \
        long __e = 0; \
        void *__p = (void *)(unsigned long)(ptr); \
        typeof(*(ptr)) __x = (typeof(*(ptr)))(x); \
        switch (sizeof(*(ptr))) { \
        case 1: __put_user_asm((unsigned long)__x, __p, __e, "movb", "q", unsigned char); break; \
        case 2: __put_user_asm((unsigned long)__x, __p, __e, "movw", "r", unsigned short); break; \
        case 4: __put_user_asm((unsigned long)__x, __p, __e, "movl", "r", unsigned long); break; \
        case 8: __e = __copy_to_user((void __user *)__p, (const void *)(unsigned long)&__x, 8) ? -EFAULT : 0; break; \
        default: __get_user_bad(); \
        } \
        __e; \
    })
#define put_user(x, ptr) \
    ({ \
        typeof(*(ptr)) *__to = (void *)(unsigned long)(ptr); \
        access_ok(VERIFY_WRITE, __to, sizeof(*__to)) ? __put_user(x, __to) : (long)-EFAULT; \
    })
