// SPDX-License-Identifier: MIT
// Ports.
#pragma once

#include <linux/types.h>
#include <asm/page.h>
#define __OUT(name, type, suffix) \
    static inline void name(type value, unsigned short port) \
    { \
        __asm__ __volatile__("out" suffix " %0,%w1" : : "a"(value), "Nd"(port)); \
    }
#define __IN(name, type, suffix) \
    static inline type name(unsigned short port) \
    { \
        type v; \
        __asm__ __volatile__("in" suffix " %w1,%0" : "=a"(v) : "Nd"(port)); \
        return v; \
    }
__OUT(outb, unsigned char, "b")
__OUT(outw, unsigned short, "w")
__OUT(outl, unsigned int, "l")
__IN(inb, unsigned char, "b")
__IN(inw, unsigned short, "w")
__IN(inl, unsigned int, "l")
#undef __OUT
#undef __IN
static inline void insb(unsigned short port, void *to, unsigned long count)
{
    __asm__ __volatile__("rep; insb" : "+D"(to), "+c"(count) : "d"(port) : "memory");
}
static inline void outsb(unsigned short port, const void *from, unsigned long count)
{
    __asm__ __volatile__("rep; outsb" : "+S"(from), "+c"(count) : "d"(port) : "memory");
}
/// Old chips need a pause between accesses; a write to port 0x80 is one.
static inline void slow_down_io(void) { outb(0, 0x80); }
static inline void outb_p(unsigned char v, unsigned short port) { outb(v, port); slow_down_io(); }
static inline unsigned char inb_p(unsigned short port) { unsigned char v = inb(port); slow_down_io(); return v; }
#define virt_to_phys(a) __pa(a)
#define phys_to_virt(a) __va(a)
