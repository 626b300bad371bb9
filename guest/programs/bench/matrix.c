// SPDX-License-Identifier: MIT
// matrix: products of 64 x 64 matrices of integers. Multiplications, two memory operands an iteration, counted loops.

#include "bench.h"

const char bench_name[] = "matrix";
const unsigned bench_rounds = 12;

enum { SIZE = 64 };
static int32_t a[SIZE][SIZE], b[SIZE][SIZE], product[SIZE][SIZE];

static void multiply(void)
{
    for (int row = 0; row < SIZE; row++)
        for (int column = 0; column < SIZE; column++) {
            int32_t sum = 0;
            for (int k = 0; k < SIZE; k++)
                sum += a[row][k] * b[k][column];
            product[row][column] = sum;
        }
}

uint32_t bench_run(unsigned rounds)
{
    uint32_t state = 7, sum = 0;
    for (int i = 0; i < SIZE * SIZE; i++) {
        (&a[0][0])[i] = bench_random(&state) & 0xffff;
        (&b[0][0])[i] = bench_random(&state) & 0xffff;
    }
    while (rounds--) {
        multiply();
        for (int i = 0; i < SIZE * SIZE; i++)
            (&a[0][0])[i] = (sum = sum * 31 + (&product[0][0])[i]) & 0xffff;
    }
    return sum;
}
