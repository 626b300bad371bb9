// SPDX-License-Identifier: MIT
// crc32: the checksum of Ethernet and zip over 64 KB, with a table of 256 words. A chain of dependent loads, shifts and
// exclusive ors.

#include "bench.h"

const char bench_name[] = "crc32";
const unsigned bench_rounds = 40;

static uint32_t table[256];
static uint8_t data[65536];

static void prepare(void)
{
    for (uint32_t n = 0; n < 256; n++) {
        uint32_t remainder = n;
        for (int bit = 0; bit < 8; bit++)
            remainder = remainder >> 1 ^ (remainder & 1 ? 0xedb88320 : 0);
        table[n] = remainder;
    }
    uint32_t state = 1;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = bench_random(&state);
}

uint32_t bench_run(unsigned rounds)
{
    prepare();
    uint32_t crc = 0xffffffff;
    while (rounds--)
        for (size_t i = 0; i < sizeof data; i++)
            crc = crc >> 8 ^ table[(crc ^ data[i]) & 0xff];
    return ~crc;
}
