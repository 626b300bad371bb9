// SPDX-License-Identifier: MIT
// Counters changed by one locked instruction.
#pragma once

typedef struct {
    volatile int counter;
} atomic_t;
#define ATOMIC_INIT(i) { (i) }
#define atomic_read(v) ((v)->counter)
#define atomic_set(v, i) ((v)->counter = (i))

static inline void atomic_add(int i, atomic_t *v)
{
    __asm__ __volatile__("lock addl %1,%0" : "+m"(v->counter) : "ir"(i));
}
static inline void atomic_sub(int i, atomic_t *v)
{
    __asm__ __volatile__("lock subl %1,%0" : "+m"(v->counter) : "ir"(i));
}
static inline void atomic_inc(atomic_t *v) { __asm__ __volatile__("lock incl %0" : "+m"(v->counter)); }
static inline void atomic_dec(atomic_t *v) { __asm__ __volatile__("lock decl %0" : "+m"(v->counter)); }
/// True if the counter has become 0.
static inline int atomic_dec_and_test(atomic_t *v)
{
    unsigned char zero;
    __asm__ __volatile__("lock decl %0; sete %1" : "+m"(v->counter), "=qm"(zero) : : "memory");
    return zero;
}
static inline int atomic_inc_and_test(atomic_t *v)
{
    unsigned char zero;
    __asm__ __volatile__("lock incl %0; sete %1" : "+m"(v->counter), "=qm"(zero) : : "memory");
    return zero;
}
static inline int atomic_add_return(int i, atomic_t *v)
{
    unsigned long flags;
    int sum;
    __asm__ __volatile__("pushfl; popl %0; cli" : "=r"(flags) : : "memory"); // a 386 has no xadd
    sum = v->counter += i;
    __asm__ __volatile__("pushl %0; popfl" : : "r"(flags) : "memory", "cc");
    return sum;
}
#define atomic_sub_return(i, v) atomic_add_return(-(i), v)
#define atomic_inc_return(v) atomic_add_return(1, v)
#define atomic_dec_return(v) atomic_add_return(-1, v)
#define atomic_sub_and_test(i, v) (atomic_sub_return(i, v) == 0)
