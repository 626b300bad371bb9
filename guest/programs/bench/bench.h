// SPDX-License-Identifier: MIT
// What each compute kernel defines. bench_main.c is the program around it:  NAME [ROUNDS]
// prints one line, "NAME rounds=N checksum=XXXXXXXX", which must be the same on every machine.
#pragma once

#include <stddef.h>
#include <stdint.h>

extern const char bench_name[];
extern const unsigned bench_rounds; // about 10 to 30 million instructions

/// Does the work `rounds` times and returns a number that depends on all of it.
uint32_t bench_run(unsigned rounds);

/// The same pseudo-random numbers everywhere (xorshift).
static inline uint32_t bench_random(uint32_t *state)
{
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}
