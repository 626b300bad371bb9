// SPDX-License-Identifier: MIT
// life: Conway's cells on a torus of 128 x 128 bytes. Eight neighbouring byte loads a cell, small tables, two grids.

#include "bench.h"

const char bench_name[] = "life";
const unsigned bench_rounds = 40;

enum { SIZE = 128, MASK = SIZE - 1 };
static uint8_t grids[2][SIZE][SIZE];

static void step(uint8_t from[SIZE][SIZE], uint8_t to[SIZE][SIZE])
{
    static const uint8_t lives[2][9] = {{0, 0, 0, 1, 0, 0, 0, 0, 0}, {0, 0, 1, 1, 0, 0, 0, 0, 0}};
    for (int y = 0; y < SIZE; y++) {
        const uint8_t *above = from[(y - 1) & MASK], *row = from[y], *below = from[(y + 1) & MASK];
        for (int x = 0; x < SIZE; x++) {
            int left = (x - 1) & MASK, right = (x + 1) & MASK;
            int neighbours = above[left] + above[x] + above[right] + row[left] + row[right] + below[left] + below[x] +
                             below[right];
            to[y][x] = lives[row[x]][neighbours];
        }
    }
}

uint32_t bench_run(unsigned rounds)
{
    uint32_t state = 5, sum = 0;
    for (int i = 0; i < SIZE * SIZE; i++)
        (&grids[0][0][0])[i] = bench_random(&state) % 3 == 0;
    for (unsigned round = 0; round < rounds; round++)
        step(grids[round & 1], grids[~round & 1]);
    for (int i = 0; i < SIZE * SIZE; i++)
        sum = sum * 31 + (&grids[rounds & 1][0][0])[i];
    return sum;
}
