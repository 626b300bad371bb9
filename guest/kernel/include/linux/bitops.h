// SPDX-License-Identifier: MIT
// See asm/bitops.h.
#pragma once

#include <asm/bitops.h>
#include <linux/types.h>
static inline unsigned long hweight32(unsigned int w)
{
    unsigned long n = 0;
    for (; w; w &= w - 1)
        n++;
    return n;
}
#define hweight_long hweight32
static inline int get_bitmask_order(unsigned int count) { return fls(count); }
