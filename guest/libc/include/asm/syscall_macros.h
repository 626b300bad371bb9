/* SPDX-License-Identifier: MIT */
/*
 * _syscall0 to _syscall6: each line makes one function that issues one system call.  [W20] [W21] [W22]
 *
 *     #define __NR_open 5
 *     _syscall3(long, open, const char *, filename, int, flags, int, mode)
 *
 * A macro takes the type of the result, the name, and then a type and a name for each argument:
 * 2 + 2n parameters. The function needs nothing from the library but errno.
 *
 * The registers: number eax; arguments ebx, ecx, edx, esi, edi, ebp; result eax.
 */
#ifndef _ASM_SYSCALL_MACROS_H
#define _ASM_SYSCALL_MACROS_H

#include <errno.h>

/* -4095 to -1 are errors, everything else is a result.  [W10] */
#define __syscall_return(type, result)                          \
    do {                                                        \
        if ((unsigned long)(result) >= (unsigned long)-4095) {  \
            errno = -(int)(result);                             \
            (result) = -1;                                      \
        }                                                       \
        return (type)(result);                                  \
    } while (0)

#define _syscall0(type, name)                                   \
    type name(void)                                             \
    {                                                           \
        long __result;                                          \
        __asm__ volatile("int $0x80"                            \
                         : "=a"(__result)                       \
                         : "0"(__NR_##name)                     \
                         : "memory");                           \
        __syscall_return(type, __result);                       \
    }

#define _syscall1(type, name, type1, arg1)                      \
    type name(type1 arg1)                                       \
    {                                                           \
        long __result;                                          \
        __asm__ volatile("int $0x80"                            \
                         : "=a"(__result)                       \
                         : "0"(__NR_##name), "b"((long)(arg1))  \
                         : "memory");                           \
        __syscall_return(type, __result);                       \
    }

#define _syscall2(type, name, type1, arg1, type2, arg2)         \
    type name(type1 arg1, type2 arg2)                           \
    {                                                           \
        long __result;                                          \
        __asm__ volatile("int $0x80"                            \
                         : "=a"(__result)                       \
                         : "0"(__NR_##name), "b"((long)(arg1)), \
                           "c"((long)(arg2))                    \
                         : "memory");                           \
        __syscall_return(type, __result);                       \
    }

#define _syscall3(type, name, type1, arg1, type2, arg2, type3, arg3) \
    type name(type1 arg1, type2 arg2, type3 arg3)               \
    {                                                           \
        long __result;                                          \
        __asm__ volatile("int $0x80"                            \
                         : "=a"(__result)                       \
                         : "0"(__NR_##name), "b"((long)(arg1)), \
                           "c"((long)(arg2)), "d"((long)(arg3)) \
                         : "memory");                           \
        __syscall_return(type, __result);                       \
    }

#define _syscall4(type, name, type1, arg1, type2, arg2, type3, arg3, type4, arg4) \
    type name(type1 arg1, type2 arg2, type3 arg3, type4 arg4)   \
    {                                                           \
        long __result;                                          \
        __asm__ volatile("int $0x80"                            \
                         : "=a"(__result)                       \
                         : "0"(__NR_##name), "b"((long)(arg1)), \
                           "c"((long)(arg2)), "d"((long)(arg3)), \
                           "S"((long)(arg4))                    \
                         : "memory");                           \
        __syscall_return(type, __result);                       \
    }

#define _syscall5(type, name, type1, arg1, type2, arg2, type3, arg3, type4, arg4, type5, arg5) \
    type name(type1 arg1, type2 arg2, type3 arg3, type4 arg4, type5 arg5) \
    {                                                           \
        long __result;                                          \
        __asm__ volatile("int $0x80"                            \
                         : "=a"(__result)                       \
                         : "0"(__NR_##name), "b"((long)(arg1)), \
                           "c"((long)(arg2)), "d"((long)(arg3)), \
                           "S"((long)(arg4)), "D"((long)(arg5)) \
                         : "memory");                           \
        __syscall_return(type, __result);                       \
    }

/*
 * The sixth argument travels in ebp, which no constraint can name, and which the compiler may use as frame
 * pointer. So the number and the sixth argument go through memory that eax points at: ebp is saved, loaded from
 * 4(%eax), and restored after the trap.
 */
#define _syscall6(type, name, type1, arg1, type2, arg2, type3, arg3, type4, arg4, type5, arg5, type6, arg6) \
    type name(type1 arg1, type2 arg2, type3 arg3, type4 arg4, type5 arg5, type6 arg6) \
    {                                                           \
        long __number_and_sixth[2] = {__NR_##name, (long)(arg6)}; \
        long __result;                                          \
        __asm__ volatile("pushl %%ebp\n\t"                      \
                         "movl 4(%%eax), %%ebp\n\t"             \
                         "movl (%%eax), %%eax\n\t"              \
                         "int $0x80\n\t"                        \
                         "popl %%ebp"                           \
                         : "=a"(__result)                       \
                         : "0"(__number_and_sixth), "b"((long)(arg1)), \
                           "c"((long)(arg2)), "d"((long)(arg3)), \
                           "S"((long)(arg4)), "D"((long)(arg5)) \
                         : "memory");                           \
        __syscall_return(type, __result);                       \
    }

/* The name that some texts give to the first of them.  [N16] */
#define __syscall0 _syscall0

#endif
