// SPDX-License-Identifier: MIT
// memcpy, memmove, memset by rep movs / rep stos: one instruction for the processor that interprets us.
#include <linux/string.h>

void *memcpy(void *to, const void *from, size_t n)
{
    void *d = to;
    size_t words = n / 4;
    __asm__ __volatile__("rep; movsl" : "+D"(d), "+S"(from), "+c"(words) : : "memory");
    n &= 3;
    __asm__ __volatile__("rep; movsb" : "+D"(d), "+S"(from), "+c"(n) : : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    if ((unsigned long)to - (unsigned long)from >= n)
        return memcpy(to, from, n);
    void *d = (char *)to + n - 1; // overlapping, target behind source: from the end down
    const void *s = (const char *)from + n - 1;
    __asm__ __volatile__("std; rep; movsb; cld" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
    return to;
}

void *memset(void *to, int c, size_t n)
{
    void *d = to;
    size_t words = n / 4;
    unsigned long fill = (unsigned char)c * 0x01010101UL;
    __asm__ __volatile__("rep; stosl" : "+D"(d), "+c"(words) : "a"(fill) : "memory");
    n &= 3;
    __asm__ __volatile__("rep; stosb" : "+D"(d), "+c"(n) : "a"(fill) : "memory");
    return to;
}
