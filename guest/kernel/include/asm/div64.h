// SPDX-License-Identifier: MIT
// 64 by 32 bit division: do_div(n, base) leaves the quotient in n and gives the remainder.
#pragma once

#define do_div(n, base) \
    ({ \
        unsigned long _upper, _low, _high, _remainder, _base = (base); \
        __asm__("" : "=a"(_low), "=d"(_high) : "A"(n)); \
        _upper = _high; \
        if (_high) { \
            _upper = _high % _base; \
            _high = _high / _base; \
        } \
        __asm__("divl %2" : "=a"(_low), "=d"(_remainder) : "rm"(_base), "0"(_low), "1"(_upper)); \
        __asm__("" : "=A"(n) : "a"(_low), "d"(_high)); \
        _remainder; \
    })
