// SPDX-License-Identifier: MIT
// Single bits of a bitmap in memory, by the 386's bit instructions.
#pragma once

#define BITOP_ADDRESS(a) (*(volatile long *)(a))
static inline void set_bit(int nr, volatile void *a)
{
    __asm__ __volatile__("lock btsl %1,%0" : "+m"(BITOP_ADDRESS(a)) : "Ir"(nr) : "memory");
}
static inline void clear_bit(int nr, volatile void *a)
{
    __asm__ __volatile__("lock btrl %1,%0" : "+m"(BITOP_ADDRESS(a)) : "Ir"(nr) : "memory");
}
static inline void change_bit(int nr, volatile void *a)
{
    __asm__ __volatile__("lock btcl %1,%0" : "+m"(BITOP_ADDRESS(a)) : "Ir"(nr) : "memory");
}
#define __set_bit set_bit
#define __clear_bit clear_bit
static inline int test_and_set_bit(int nr, volatile void *a)
{
    int old;
    __asm__ __volatile__("lock btsl %2,%1; sbbl %0,%0" : "=r"(old), "+m"(BITOP_ADDRESS(a)) : "Ir"(nr) : "memory");
    return old;
}
static inline int test_and_clear_bit(int nr, volatile void *a)
{
    int old;
    __asm__ __volatile__("lock btrl %2,%1; sbbl %0,%0" : "=r"(old), "+m"(BITOP_ADDRESS(a)) : "Ir"(nr) : "memory");
    return old;
}
#define __test_and_set_bit test_and_set_bit
#define __test_and_clear_bit test_and_clear_bit
static inline int test_bit(int nr, const volatile void *a)
{
    return (((const volatile unsigned long *)a)[nr >> 5] >> (nr & 31)) & 1;
}
/// Number of the lowest set bit; the word must not be 0.
static inline unsigned long __ffs(unsigned long word)
{
    __asm__("bsfl %1,%0" : "=r"(word) : "rm"(word));
    return word;
}
#define ffz(word) __ffs(~(word))
/// 1 + number of the lowest (ffs) or highest (fls) set bit; 0 for a word of zeros.
static inline int ffs(int x) { return x ? (int)__ffs(x) + 1 : 0; }
static inline int fls(int x)
{
    int bit;
    if (!x)
        return 0;
    __asm__("bsrl %1,%0" : "=r"(bit) : "rm"(x));
    return bit + 1;
}
unsigned long find_next_bit(const unsigned long *map, unsigned long size, unsigned long offset);
unsigned long find_next_zero_bit(const unsigned long *map, unsigned long size, unsigned long offset);
#define find_first_bit(map, size) find_next_bit(map, size, 0)
#define find_first_zero_bit(map, size) find_next_zero_bit(map, size, 0)
