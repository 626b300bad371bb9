// SPDX-License-Identifier: MIT
// Blocks of memory. The string instructions of the processor do the moving: short to read, and quick enough.

#include <stdint.h>
#include <string.h>

void *memcpy(void *to, const void *from, size_t n)
{
    void *result = to;
    size_t words = n / 4;
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
    size_t bytes = n % 4;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
    return result;
}

void *memmove(void *to, const void *from, size_t n)
{
    if ((uintptr_t)to - (uintptr_t)from >= n)
        return memcpy(to, from, n);
    // The destination begins inside the source: copy from the end.
    char *last_to = (char *)to + n - 1;
    const char *last_from = (const char *)from + n - 1;
    __asm__ volatile("std; rep movsb; cld" : "+D"(last_to), "+S"(last_from), "+c"(n) : : "memory");
    return to;
}

void *memset(void *to, int byte, size_t n)
{
    void *at = to;
    size_t words = n / 4;
    uint32_t pattern = (unsigned char)byte * 0x01010101u;
    __asm__ volatile("rep stosl" : "+D"(at), "+c"(words) : "a"(pattern) : "memory");
    size_t bytes = n % 4;
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(pattern) : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *left = a, *right = b;
    for (; n; n--, left++, right++)
        if (*left != *right)
            return *left - *right;
    return 0;
}

void *memchr(const void *block, int byte, size_t n)
{
    const unsigned char *at = block;
    for (; n; n--, at++)
        if (*at == (unsigned char)byte)
            return (void *)at;
    return NULL;
}
