// SPDX-License-Identifier: MIT
// Moving data between the kernel and a user. A fault inside the loop is resolved (page brought in) or ends the loop:
// each function then says how much is left. Rows U08-U12.
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/uaccess.h>

/// rep movs that stops at a fault; the number of bytes not moved. First whole words, then the rest; the fixup of the
/// words leaves 4 * words + rest to be copied byte by byte, so that everything up to the bad address arrives.
static unsigned long copy_faulting(void *to, const void *from, unsigned long n)
{
    unsigned long words = n / 4, rest = n & 3;
    __asm__ __volatile__("0:\trep; movsl\n"
                         "\tmovl %3,%0\n"
                         "1:\trep; movsb\n"
                         "2:\n"
                         ".section .fixup,\"ax\"\n"
                         "3:\tleal (%3,%0,4),%0\n"
                         "\tjmp 1b\n"
                         ".previous\n"
                         ".section __ex_table,\"a\"\n"
                         "\t.balign 4\n"
                         "\t.long 0b,3b\n"
                         "\t.long 1b,2b\n"
                         ".previous"
                         : "+c"(words), "+D"(to), "+S"(from)
                         : "r"(rest)
                         : "memory");
    return words;
}

unsigned long __copy_to_user(void __user *to, const void *from, unsigned long n)
{
    return copy_faulting((void *)(unsigned long)to, from, n);
}

/// What could not be read is zeros in the kernel's buffer, never old kernel data.
unsigned long __copy_from_user(void *to, const void __user *from, unsigned long n)
{
    unsigned long left = copy_faulting(to, (const void *)(unsigned long)from, n);
    if (left)
        memset((char *)to + n - left, 0, left);
    return left;
}

unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
{
    return access_ok(VERIFY_WRITE, to, n) ? copy_faulting((void *)(unsigned long)to, from, n) : n;
}

unsigned long copy_from_user(void *to, const void __user *from, unsigned long n)
{
    if (access_ok(VERIFY_READ, from, n))
        return __copy_from_user(to, from, n);
    memset(to, 0, n);
    return n;
}

unsigned long clear_user(void __user *to, unsigned long n)
{
    if (!access_ok(VERIFY_WRITE, to, n))
        return n;
    __asm__ __volatile__("1:\trep; stosb\n"
                         "2:\n"
                         ".section __ex_table,\"a\"\n"
                         "\t.balign 4\n"
                         "\t.long 1b,2b\n"
                         ".previous"
                         : "+c"(n), "+D"(to)
                         : "a"(0)
                         : "memory");
    return n;
}

/// A string may end just before the limit, so the check goes byte by byte with the copy.
long strncpy_from_user(char *to, const char __user *from, long count)
{
    unsigned long limit = current_thread_info()->addr_limit.seg;
    for (long n = 0; n < count; n++) {
        char c;
        if ((unsigned long)(from + n) >= limit || __get_user(c, from + n))
            return -EFAULT;
        to[n] = c;
        if (!c)
            return n;
    }
    return count;
}

long strnlen_user(const char __user *s, long n)
{
    unsigned long limit = current_thread_info()->addr_limit.seg;
    for (long i = 0; i < n; i++) {
        char c;
        if ((unsigned long)(s + i) >= limit || __get_user(c, s + i))
            return 0;
        if (!c)
            return i + 1;
    }
    return n + 1;
}
