// SPDX-License-Identifier: MIT
// sha256: the hash function over 64-byte blocks. Long straight code of rotations, additions and logic in more values
// than there are registers.
// Source: FIPS 180-4, "SHA-256 Hash Computation".

#include "bench.h"

const char bench_name[] = "sha256";
const unsigned bench_rounds = 6000;

static uint32_t constants[64], state[8];

static uint32_t rotate(uint32_t n, int by)
{
    return n >> by | n << (32 - by);
}

/// The first 32 bits behind the point of the `root`-th root of `prime`: x with x^root <= prime * 2^(32 root).
static uint32_t root_fraction(uint32_t prime, int root)
{
    uint64_t low = 0, high = 8ull << 32; // of x = root * 2^32
    while (high - low > 1) {
        uint64_t middle = (low + high) / 2;
        // Compare middle^root with prime << 32 * root in 64-bit pieces of 32 bits each.
        uint32_t power[4] = {1};
        for (int factor = 0; factor < root; factor++) {
            uint32_t next[4] = {0};
            for (int part = 0; part < 2; part++) {
                uint64_t carry = 0, digit = (uint32_t)(middle >> 32 * part);
                for (int k = 0; k + part < 4; k++) {
                    carry += power[k] * digit + next[k + part];
                    next[k + part] = (uint32_t)carry;
                    carry >>= 32;
                }
            }
            for (int k = 0; k < 4; k++)
                power[k] = next[k];
        }
        if (power[root] < prime)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

/// The constants are roots of the first primes: computed, not copied.
static void prepare(void)
{
    int found = 0;
    for (uint32_t n = 2; found < 64; n++) {
        int prime = 1;
        for (uint32_t d = 2; d * d <= n; d++)
            prime &= n % d != 0;
        if (!prime)
            continue;
        if (found < 8)
            state[found] = root_fraction(n, 2);
        constants[found++] = root_fraction(n, 3);
    }
}

static void hash_block(const uint32_t block[16])
{
    uint32_t w[64];
    for (int t = 0; t < 16; t++)
        w[t] = block[t];
    for (int t = 16; t < 64; t++) {
        uint32_t small = w[t - 15], big = w[t - 2];
        w[t] = w[t - 16] + (rotate(small, 7) ^ rotate(small, 18) ^ small >> 3) + w[t - 7] +
               (rotate(big, 17) ^ rotate(big, 19) ^ big >> 10);
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int t = 0; t < 64; t++) {
        uint32_t one = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + constants[t] + w[t];
        uint32_t two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + one, d = c, c = b, b = a, a = one + two;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

uint32_t bench_run(unsigned rounds)
{
    prepare();
    uint32_t block[16] = {0x61626380, [15] = 24}; // the message "abc", padded; then whatever comes
    while (rounds--) {
        hash_block(block);
        block[rounds & 15] ^= state[0];
    }
    return state[0];
}
