// SPDX-License-Identifier: MIT
// Searching bitmaps: the next set or clear bit at or after an offset; `size` if there is none.
#include <linux/bitops.h>

static unsigned long find_next(const unsigned long *map, unsigned long size, unsigned long offset, unsigned long flip)
{
    while (offset < size) {
        unsigned long word = (map[offset / 32] ^ flip) >> (offset & 31);
        if (word) {
            offset += __ffs(word);
            return offset < size ? offset : size;
        }
        offset = (offset | 31) + 1;
    }
    return size;
}
unsigned long find_next_bit(const unsigned long *map, unsigned long size, unsigned long offset)
{
    return find_next(map, size, offset, 0);
}
unsigned long find_next_zero_bit(const unsigned long *map, unsigned long size, unsigned long offset)
{
    return find_next(map, size, offset, ~0UL);
}
