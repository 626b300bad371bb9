// SPDX-License-Identifier: MIT
// 64-bit division for `/` and `%`: the i386 has only 64 by 32, so the compiler calls these.
#include <linux/types.h>
#include <asm/div64.h>

static u64 divide(u64 n, u64 d, u64 *remainder)
{
    if (!(d >> 32)) {
        *remainder = do_div(n, (u32)d);
        return n;
    }
    u64 quotient = 0, rest = 0; // bit by bit, as on paper: rare
    for (int i = 63; i >= 0; i--) {
        rest = (rest << 1) | ((n >> i) & 1);
        if (rest >= d) {
            rest -= d;
            quotient |= 1ULL << i;
        }
    }
    *remainder = rest;
    return quotient;
}

u64 __udivmoddi4(u64 n, u64 d, u64 *remainder);
u64 __udivdi3(u64 n, u64 d);
u64 __umoddi3(u64 n, u64 d);
s64 __divdi3(s64 n, s64 d);
s64 __moddi3(s64 n, s64 d);

u64 __udivmoddi4(u64 n, u64 d, u64 *remainder) { return divide(n, d, remainder); }
u64 __udivdi3(u64 n, u64 d)
{
    u64 remainder;
    return divide(n, d, &remainder);
}
u64 __umoddi3(u64 n, u64 d)
{
    u64 remainder;
    divide(n, d, &remainder);
    return remainder;
}
s64 __divdi3(s64 n, s64 d)
{
    u64 quotient = __udivdi3(n < 0 ? -n : n, d < 0 ? -d : d);
    return (n < 0) != (d < 0) ? -(s64)quotient : (s64)quotient;
}
s64 __moddi3(s64 n, s64 d)
{
    u64 remainder = __umoddi3(n < 0 ? -n : n, d < 0 ? -d : d);
    return n < 0 ? -(s64)remainder : (s64)remainder;
}
