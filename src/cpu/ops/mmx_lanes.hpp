// SPDX-License-Identifier: MIT
// The arithmetic of MMX: functions of two 64-bit values, lane by lane.
// Source: [SDM2] the page of each instruction, "Operation".
#pragma once

#include "base/types.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <type_traits>

namespace trapgate::cpu::ops::lanes {

template <class T> using Lanes = std::array<T, 8 / sizeof(T)>;

template <class T> constexpr Lanes<T> split(u64 value) {
    return std::bit_cast<Lanes<T>>(value);
}
template <class T> constexpr u64 join(const Lanes<T>& lanes) {
    return std::bit_cast<u64>(lanes);
}

/// Applies `f` to each pair of lanes; its result is cut to the width of a lane.
template <class T, class F> constexpr u64 each(u64 a, u64 b, F f) {
    const Lanes<T> x = split<T>(a), y = split<T>(b);
    Lanes<T> result{};
    for (std::size_t n = 0; n < result.size(); ++n) result[n] = static_cast<T>(f(x[n], y[n]));
    return join<T>(result);
}

template <class To, class From> constexpr To saturate(From value) {
    using Limits = std::numeric_limits<To>;
    return static_cast<To>(std::clamp<From>(value, Limits::min(), Limits::max()));
}

template <class T> constexpr u64 add(u64 a, u64 b) {
    return each<T>(a, b, [](T x, T y) { return x + y; });
}
template <class T> constexpr u64 subtract(u64 a, u64 b) {
    return each<T>(a, b, [](T x, T y) { return x - y; });
}
template <class T> constexpr u64 add_saturated(u64 a, u64 b) {
    return each<T>(a, b, [](T x, T y) { return saturate<T>(s32{x} + y); });
}
template <class T> constexpr u64 subtract_saturated(u64 a, u64 b) {
    return each<T>(a, b, [](T x, T y) { return saturate<T>(s32{x} - y); });
}
template <class T> constexpr u64 equal(u64 a, u64 b) {
    return each<T>(a, b, [](T x, T y) { return x == y ? ~T{0} : T{0}; });
}
template <class T> constexpr u64 greater(u64 a, u64 b) {
    return each<T>(a, b, [](T x, T y) { return x > y ? ~T{0} : T{0}; });
}
template <class T> constexpr u64 minimum(u64 a, u64 b) {
    return each<T>(a, b, [](T x, T y) { return std::min(x, y); });
}
template <class T> constexpr u64 maximum(u64 a, u64 b) {
    return each<T>(a, b, [](T x, T y) { return std::max(x, y); });
}
template <class T> constexpr u64 average(u64 a, u64 b) {
    return each<T>(a, b, [](T x, T y) { return (u32{x} + y + 1) >> 1; });
}
constexpr u64 multiply_low(u64 a, u64 b) {
    return each<s16>(a, b, [](s16 x, s16 y) { return s32{x} * y; });
}
constexpr u64 multiply_high(u64 a, u64 b) {
    return each<s16>(a, b, [](s16 x, s16 y) { return s32{x} * y >> 16; });
}
constexpr u64 multiply_high_unsigned(u64 a, u64 b) {
    return each<u16>(a, b, [](u16 x, u16 y) { return u32{x} * y >> 16; });
}
constexpr u64 multiply_and_add(u64 a, u64 b) {
    const Lanes<s16> x = split<s16>(a), y = split<s16>(b);
    const auto sum = [&](std::size_t n) {
        return static_cast<u32>(s32{x[n]} * y[n]) + static_cast<u32>(s32{x[n + 1]} * y[n + 1]);
    };
    return join<u32>({sum(0), sum(2)});
}
constexpr u64 sum_of_differences(u64 a, u64 b) {
    const Lanes<u8> x = split<u8>(a), y = split<u8>(b);
    u64 sum = 0;
    for (std::size_t n = 0; n < 8; ++n) sum += static_cast<u64>(x[n] > y[n] ? x[n] - y[n] : y[n] - x[n]);
    return sum;
}

constexpr u64 bit_and(u64 a, u64 b) {
    return a & b;
}
constexpr u64 bit_and_not(u64 a, u64 b) {
    return ~a & b;
}
constexpr u64 bit_or(u64 a, u64 b) {
    return a | b;
}
constexpr u64 bit_xor(u64 a, u64 b) {
    return a ^ b;
}

/// The lanes of the lower halves (or the upper ones), one of `a`, one of `b`, in turn.
template <class T, bool high> constexpr u64 interleave(u64 a, u64 b) {
    const Lanes<T> x = split<T>(a), y = split<T>(b);
    Lanes<T> result{};
    const std::size_t first = high ? result.size() / 2 : 0;
    for (std::size_t n = 0; n < result.size(); ++n) result[n] = (n & 1 ? y : x)[first + n / 2];
    return join<T>(result);
}

/// Halves the width of the lanes of both, `a` first.
template <class From, class To> constexpr u64 pack(u64 a, u64 b) {
    const Lanes<From> x = split<From>(a), y = split<From>(b);
    Lanes<To> result{};
    for (std::size_t n = 0; n < x.size(); ++n) {
        result[n] = saturate<To>(s32{x[n]});
        result[n + x.size()] = saturate<To>(s32{y[n]});
    }
    return join<To>(result);
}

/// The count is the whole 64-bit value. T is unsigned for the logical shifts.
template <class T> constexpr u64 shift_left(u64 value, u64 count) {
    if (count >= 8 * sizeof(T)) return 0;
    return each<T>(value, 0, [&](T x, T) { return x << count; });
}
template <class T> constexpr u64 shift_right(u64 value, u64 count) {
    if (count >= 8 * sizeof(T)) {
        if constexpr (std::is_unsigned_v<T>) return 0;
        count = 8 * sizeof(T) - 1;
    }
    return each<T>(value, 0, [&](T x, T) { return x >> count; });
}

} // namespace trapgate::cpu::ops::lanes
