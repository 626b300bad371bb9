// SPDX-License-Identifier: MIT
// queens: all ways to put eight queens on a board so that none attacks another. Recursion, so calls and returns, and
// bit operations on three masks.

#include "bench.h"

const char bench_name[] = "queens";
const unsigned bench_rounds = 300;

enum { SIZE = 8, ALL = (1 << SIZE) - 1 };

static uint32_t sum;

/// Bits that are set in the masks are attacked in this row: by column, and by the two diagonals.
static __attribute__((noinline)) unsigned place(unsigned columns, unsigned left, unsigned right)
{
    if (columns == ALL) {
        sum = sum * 31 + left;
        return 1;
    }
    unsigned ways = 0;
    for (unsigned free = ALL & ~(columns | left | right); free; free &= free - 1) {
        unsigned queen = free & -free;
        ways += place(columns | queen, (left | queen) << 1, (right | queen) >> 1);
    }
    return ways;
}

uint32_t bench_run(unsigned rounds)
{
    unsigned ways = 0;
    while (rounds--)
        ways += place(0, 0, 0);
    return sum ^ ways;
}
