// SPDX-License-Identifier: MIT
// sieve: the primes below 65536 by crossing out. Byte stores with a stride, short loops, taken branches.

#include "bench.h"

#include <string.h>

const char bench_name[] = "sieve";
const unsigned bench_rounds = 40;

enum { LIMIT = 65536 };
static uint8_t crossed[LIMIT];

uint32_t bench_run(unsigned rounds)
{
    uint32_t sum = 0;
    while (rounds--) {
        memset(crossed, 0, sizeof crossed);
        for (unsigned n = 2; n * n < LIMIT; n++)
            if (!crossed[n])
                for (unsigned multiple = n * n; multiple < LIMIT; multiple += n)
                    crossed[multiple] = 1;
        for (unsigned n = 2; n < LIMIT; n++)
            if (!crossed[n])
                sum = sum * 31 + n;
    }
    return sum;
}
