// SPDX-License-Identifier: MIT
// fixed: the Mandelbrot set in fixed point. Products of 32 by 32 bits to 64, shifts across two registers.

#include "bench.h"

const char bench_name[] = "fixed";
const unsigned bench_rounds = 12;

enum { WIDTH = 64, HEIGHT = 48, DEPTH = 48, ONE = 1 << 24 };

static int32_t times(int32_t a, int32_t b)
{
    return (int64_t)a * b >> 24;
}

static int iterate(int32_t re, int32_t im)
{
    int32_t x = 0, y = 0;
    for (int n = 0; n < DEPTH; n++) {
        int32_t xx = times(x, x), yy = times(y, y);
        if (xx + yy > 4 * ONE)
            return n;
        y = 2 * times(x, y) + im;
        x = xx - yy + re;
    }
    return DEPTH;
}

uint32_t bench_run(unsigned rounds)
{
    uint32_t sum = 0;
    while (rounds--)
        for (int row = 0; row < HEIGHT; row++)
            for (int column = 0; column < WIDTH; column++)
                sum = sum * 31 + iterate(-2 * ONE + column * (3 * ONE / WIDTH), -ONE + row * (2 * ONE / HEIGHT) + rounds);
    return sum;
}
