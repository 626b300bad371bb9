// SPDX-License-Identifier: MIT
// 64-bit division, which a 32-bit compiler leaves to its support library. We have none, so here are its four
// functions under the names the compiler calls.

#include <stdint.h>

uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *remainder);
uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor);
int64_t __divdi3(int64_t dividend, int64_t divisor);
int64_t __moddi3(int64_t dividend, int64_t divisor);

/// A divisor of 32 bits: two `div` instructions, the remainder of the high half goes into the low one.
static uint64_t divide_by_word(uint64_t dividend, uint32_t divisor, uint64_t *remainder)
{
    uint32_t high = dividend >> 32, low = dividend;
    uint32_t high_quotient = high / divisor, rest = high % divisor, low_quotient;
    __asm__("divl %4" : "=a"(low_quotient), "=d"(rest) : "0"(low), "1"(rest), "rm"(divisor));
    *remainder = rest;
    return (uint64_t)high_quotient << 32 | low_quotient;
}

/// A longer divisor: the quotient has at most 32 bits, found one by one.
static uint64_t divide_by_bits(uint64_t dividend, uint64_t divisor, uint64_t *remainder)
{
    uint64_t rest = dividend >> 32, quotient = 0;
    for (int bit = 31; bit >= 0; bit--) {
        rest = rest << 1 | (dividend >> bit & 1);
        quotient <<= 1;
        if (rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
    }
    *remainder = rest;
    return quotient;
}

uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *remainder)
{
    uint64_t rest;
    uint64_t quotient = divisor >> 32 ? divide_by_bits(dividend, divisor, &rest)
                                      : divide_by_word(dividend, (uint32_t)divisor, &rest);
    if (remainder)
        *remainder = rest;
    return quotient;
}

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor)
{
    return __udivmoddi4(dividend, divisor, 0);
}

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t rest;
    __udivmoddi4(dividend, divisor, &rest);
    return rest;
}

static uint64_t magnitude(int64_t n)
{
    return n < 0 ? -(uint64_t)n : (uint64_t)n;
}

int64_t __divdi3(int64_t dividend, int64_t divisor)
{
    uint64_t quotient = __udivdi3(magnitude(dividend), magnitude(divisor));
    return (dividend < 0) != (divisor < 0) ? -quotient : quotient;
}

int64_t __moddi3(int64_t dividend, int64_t divisor)
{
    uint64_t rest = __umoddi3(magnitude(dividend), magnitude(divisor));
    return dividend < 0 ? -rest : rest;
}
