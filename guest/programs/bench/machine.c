// SPDX-License-Identifier: MIT
// machine: an interpreter of a small stack machine, which computes greatest common divisors. Indirect jumps through a
// switch, divisions, a stack in memory.

#include "bench.h"

const char bench_name[] = "machine";
const unsigned bench_rounds = 20000;

enum operation { LOAD, STORE, REMAINDER, JUMP_IF_ZERO, JUMP, STOP };

// a, b and t are cells 0, 1 and 2.
static const uint8_t code[] = {
    LOAD, 1, JUMP_IF_ZERO, 21,             //  0: while (b)
    LOAD, 0, LOAD, 1, REMAINDER, STORE, 2, //  4:     t = a % b
    LOAD, 1, STORE, 0,                     // 11:     a = b
    LOAD, 2, STORE, 1,                     // 15:     b = t
    JUMP, 0,                               // 19:
    STOP,                                  // 21:
};

static uint32_t interpret(uint32_t cells[4])
{
    uint32_t stack[16], *top = stack;
    for (const uint8_t *at = code;;)
        switch (*at++) {
        case LOAD:
            *top++ = cells[*at++];
            break;
        case STORE:
            cells[*at++] = *--top;
            break;
        case REMAINDER:
            top--;
            top[-1] %= top[0];
            break;
        case JUMP_IF_ZERO:
            at = *--top ? at + 1 : code + *at;
            break;
        case JUMP:
            at = code + *at;
            break;
        case STOP:
            return cells[0];
        }
}

uint32_t bench_run(unsigned rounds)
{
    uint32_t state = 11, sum = 0;
    while (rounds--) {
        uint32_t cells[4] = {bench_random(&state) >> 8, bench_random(&state) >> 8};
        sum = sum * 31 + interpret(cells);
    }
    return sum;
}
