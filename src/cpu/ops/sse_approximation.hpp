// SPDX-License-Identifier: MIT
// RCPPS, RSQRTPS and their scalar forms: each processor has tables of its own, Trapgate has a definition, so that every host gives
// the same trace. It is the true value rounded to the nearest number with 12 bits behind the binary point of its significand: a
// relative error of 2^-13 at most, where Intel allows 1.5 * 2^-12. There are no ties.
// Source: [SDM2] RCPPS and RSQRTPS, "Description", for zeros, denormals, infinities, NaNs and tiny results.
#pragma once

#include "base/types.hpp"

namespace trapgate::cpu::ops::approximation {

constexpr u32 sign_bit = 0x8000'0000, exponent_field = 0x7f80'0000, fraction_field = 0x007f'ffff,
              hidden_bit = 0x0080'0000, quiet_bit = 0x0040'0000, indefinite = 0xffc0'0000;
constexpr u32 fraction_bits = 23, kept_bits = 12, bias = 127;

constexpr bool is_nan(u32 single) {
    return (single & ~sign_bit) > exponent_field;
}

/// A single from a significand in halves of 1: kept is 2^13 times a value from 1/2 to 1, both included, and the exponent of 1 is
/// given with its bias. Tiny values are 0.
constexpr u32 assemble(u32 kept, s32 biased_exponent) {
    constexpr u32 half = 1u << kept_bits;
    const s32 fraction =
        static_cast<s32>((kept - half) << (fraction_bits - kept_bits)); // at 1 it carries into the exponent
    const s32 single = (biased_exponent - 1) * s32{hidden_bit} + fraction;
    return single < s32{hidden_bit} ? 0 : static_cast<u32>(single);
}

/// 1 / x. Rounding, flush-to-zero and exceptions do not exist for it.
constexpr u32 reciprocal(u32 x) {
    const u32 sign = x & sign_bit;
    if (is_nan(x)) return x | quiet_bit;
    if (!(x & exponent_field)) return sign | exponent_field; // denormals count as zeros
    if (!(~x & exponent_field)) return sign;
    const u32 significand = (x & fraction_field) | hidden_bit;
    const u64 one = u64{1} << (fraction_bits + kept_bits + 1);
    const auto kept = static_cast<u32>((one + significand / 2) / significand);
    const s32 exponent = static_cast<s32>((x & exponent_field) >> fraction_bits);
    return sign | assemble(kept, 2 * s32{bias} - exponent);
}

/// The nearest integer to 2^13 / sqrt(significand / 2^23), for a significand from 1 to below 4.
constexpr u32 inverse_root(u32 significand) {
    constexpr u64 limit =
        u64{1} << (2 * (kept_bits + 2) + fraction_bits); // (2 * kept - 1)^2 * significand <= limit
    u32 kept = 0;
    for (u32 bit = 2u << kept_bits; bit; bit >>= 1) {
        const u64 edge = 2 * u64{kept + bit} - 1;
        if (edge * edge * significand <= limit) kept += bit;
    }
    return kept;
}

/// 1 / sqrt(x).
constexpr u32 reciprocal_square_root(u32 x) {
    const u32 sign = x & sign_bit;
    if (is_nan(x)) return x | quiet_bit;
    if (!(x & exponent_field)) return sign | exponent_field;
    if (sign) return indefinite;
    if (x == exponent_field) return 0;
    const s32 exponent = static_cast<s32>(x >> fraction_bits) - s32{bias};
    const u32 odd = exponent & 1;
    const u32 significand = ((x & fraction_field) | hidden_bit) << odd;
    return assemble(inverse_root(significand), s32{bias} - (exponent - static_cast<s32>(odd)) / 2);
}

static_assert(reciprocal(0x3f80'0000) == 0x3f80'0000 && reciprocal(0x4040'0000) == 0x3eaa'a800);
static_assert(reciprocal_square_root(0x4080'0000) == 0x3f00'0000);

} // namespace trapgate::cpu::ops::approximation
