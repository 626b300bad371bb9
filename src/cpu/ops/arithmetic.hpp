// SPDX-License-Identifier: MIT
// Arithmetic and logic on values: each instruction as its manual page says it, with no encoding, time or tracing.
// `F` is Flags, or DeadFlags where the block shows that nobody can see the flags. Operands are unsigned of the operand size.
// Source: [SDM2] the page of each instruction.
#pragma once

#include "base/types.hpp"
#include "cpu/flags.hpp"

#include <bit>
#include <limits>
#include <type_traits>

namespace trapgate::cpu::ops {

/// Stands in for Flags: reads the real ones, sets nothing.
struct DeadFlags {
    const Flags& real;
    bool cf() const { return real.cf(); }
    bool of() const { return real.of(); }
    template <class T> void set_add(T, T, T) {}
    template <class T> void set_sub(T, T, T) {}
    template <class T> void set_logic(T) {}
    template <class T> void set_inc(T, T) {}
    template <class T> void set_dec(T, T) {}
    template <class T> void set_result(T, bool, bool, bool = false) {}
    void set_cf(bool) {}
    void set_cf_of(bool, bool) {}
};

template <class T> constexpr u32 bits = 8 * sizeof(T);
template <class T> constexpr bool top_bit(T value) {
    return value >> (bits<T> - 1) & 1;
}
template <class T> constexpr std::make_signed_t<T> as_signed(T value) {
    return static_cast<std::make_signed_t<T>>(value);
}

// --- Two operands --------------------------------------------------------------------------------

struct Add {
    static constexpr bool writes_back = true;
    template <class T, class F> static T apply(F& f, T a, T b) {
        const T result = static_cast<T>(a + b);
        f.template set_add<T>(a, b, result);
        return result;
    }
};
struct Adc {
    static constexpr bool writes_back = true;
    template <class T, class F> static T apply(F& f, T a, T b) {
        const T result = static_cast<T>(a + b + f.cf());
        f.template set_add<T>(a, b, result);
        return result;
    }
};
struct Sub {
    static constexpr bool writes_back = true;
    template <class T, class F> static T apply(F& f, T a, T b) {
        const T result = static_cast<T>(a - b);
        f.template set_sub<T>(a, b, result);
        return result;
    }
};
struct Sbb {
    static constexpr bool writes_back = true;
    template <class T, class F> static T apply(F& f, T a, T b) {
        const T result = static_cast<T>(a - b - f.cf());
        f.template set_sub<T>(a, b, result);
        return result;
    }
};
struct Cmp : Sub {
    static constexpr bool writes_back = false;
};
struct And {
    static constexpr bool writes_back = true;
    template <class T, class F> static T apply(F& f, T a, T b) {
        const T result = a & b;
        f.template set_logic<T>(result);
        return result;
    }
};
struct Test : And {
    static constexpr bool writes_back = false;
};
struct Or {
    static constexpr bool writes_back = true;
    template <class T, class F> static T apply(F& f, T a, T b) {
        const T result = a | b;
        f.template set_logic<T>(result);
        return result;
    }
};
struct Xor {
    static constexpr bool writes_back = true;
    template <class T, class F> static T apply(F& f, T a, T b) {
        const T result = a ^ b;
        f.template set_logic<T>(result);
        return result;
    }
};
/// IMUL with two or three operands: the low half; CF = OF = it did not fit. SF, ZF, PF follow the result, as on silicon.
struct Imul2 {
    static constexpr bool writes_back = true;
    template <class T, class F> static T apply(F& f, T a, T b) {
        const s64 product = s64{as_signed(a)} * as_signed(b);
        const T result = static_cast<T>(product);
        const bool lost = product != as_signed(result);
        f.template set_result<T>(result, lost, lost);
        return result;
    }
};

// --- One operand ---------------------------------------------------------------------------------

struct Inc {
    template <class T, class F> static T apply(F& f, T a) {
        const T result = static_cast<T>(a + 1);
        f.template set_inc<T>(a, result);
        return result;
    }
};
struct Dec {
    template <class T, class F> static T apply(F& f, T a) {
        const T result = static_cast<T>(a - 1);
        f.template set_dec<T>(a, result);
        return result;
    }
};
struct Not {
    template <class T, class F> static T apply(F&, T a) { return static_cast<T>(~a); }
};
struct Neg {
    template <class T, class F> static T apply(F& f, T a) {
        const T result = static_cast<T>(0 - a);
        f.template set_sub<T>(0, a, result);
        return result;
    }
};

struct ZeroExtend {
    template <class T, class From> static T apply(From value) { return value; }
};
struct SignExtend {
    template <class T, class From> static T apply(From value) { return static_cast<T>(as_signed(value)); }
};

// --- Shifts and rotates: `count` is 1 to 31 (the caller has masked it and skipped 0) ----------------

struct Shl {
    template <class T, class F> static T apply(F& f, T a, u32 count) {
        const u64 wide = u64{a} << count;
        const T result = static_cast<T>(wide);
        const bool carry = wide >> bits<T> & 1;
        f.template set_result<T>(result, carry, carry != top_bit(result));
        return result;
    }
};
struct Shr {
    template <class T, class F> static T apply(F& f, T a, u32 count) {
        const T result = static_cast<T>(u64{a} >> count);
        f.template set_result<T>(result, u64{a} >> (count - 1) & 1, top_bit(a));
        return result;
    }
};
struct Sar {
    template <class T, class F> static T apply(F& f, T a, u32 count) {
        const s64 wide = as_signed(a);
        const T result = static_cast<T>(wide >> count);
        f.template set_result<T>(result, wide >> (count - 1) & 1, false);
        return result;
    }
};
struct Rol {
    template <class T, class F> static T apply(F& f, T a, u32 count) {
        const T result = std::rotl(a, static_cast<int>(count % bits<T>));
        const bool carry = result & 1;
        f.set_cf_of(carry, carry != top_bit(result));
        return result;
    }
};
struct Ror {
    template <class T, class F> static T apply(F& f, T a, u32 count) {
        const T result = std::rotr(a, static_cast<int>(count % bits<T>));
        const bool carry = top_bit(result);
        f.set_cf_of(carry, carry != bool(result >> (bits<T> - 2) & 1));
        return result;
    }
};
/// Rotates through CF: bits<T> + 1 bits. A count that is a multiple of that changes nothing.
struct Rcl {
    template <class T, class F> static T apply(F& f, T a, u32 count) {
        count %= bits<T> + 1;
        if (count == 0) return a;
        const u64 ring = u64{a} | u64{f.cf()} << bits<T>;
        const u64 turned = ring << count | ring >> (bits<T> + 1 - count);
        const T result = static_cast<T>(turned);
        const bool carry = turned >> bits<T> & 1;
        f.set_cf_of(carry, carry != top_bit(result));
        return result;
    }
};
struct Rcr {
    template <class T, class F> static T apply(F& f, T a, u32 count) {
        count %= bits<T> + 1;
        if (count == 0) return a;
        const u64 ring = u64{a} | u64{f.cf()} << bits<T>;
        const u64 turned = ring >> count | ring << (bits<T> + 1 - count);
        const T result = static_cast<T>(turned);
        const bool carry = turned >> bits<T> & 1;
        f.set_cf_of(carry, top_bit(result) != bool(result >> (bits<T> - 2) & 1));
        return result;
    }
};

/// SHLD and SHRD; with 16-bit operands and counts above 16 the result is undefined: as on silicon, the source follows
/// the destination again.
struct Shld {
    template <class T, class F> static T apply(F& f, T a, T filler, u32 count) {
        const u64 wide = sizeof(T) == 2 ? u64{a} << 32 | u64{filler} << 16 | a : u64{a} << 32 | filler;
        const u64 shifted = wide << count;
        const T result = static_cast<T>(sizeof(T) == 2 ? shifted >> 32 : shifted >> 32);
        const bool carry = sizeof(T) == 2 ? (wide << (count - 1)) >> 47 & 1 : wide >> (64 - count) & 1;
        f.template set_result<T>(result, carry, top_bit(result) != top_bit(a));
        return result;
    }
};
struct Shrd {
    template <class T, class F> static T apply(F& f, T a, T filler, u32 count) {
        const u64 wide = sizeof(T) == 2 ? u64{a} << 32 | u64{filler} << 16 | a : u64{filler} << 32 | a;
        const T result = static_cast<T>(wide >> count);
        f.template set_result<T>(result, wide >> (count - 1) & 1, top_bit(result) != top_bit(a));
        return result;
    }
};

// --- Bit tests: value with the bit changed; CF = the bit before ------------------------------------

struct Bt {
    static constexpr bool writes_back = false;
    template <class T> static T apply(T a, T) { return a; }
};
struct Bts {
    static constexpr bool writes_back = true;
    template <class T> static T apply(T a, T mask) { return a | mask; }
};
struct Btr {
    static constexpr bool writes_back = true;
    template <class T> static T apply(T a, T mask) { return a & static_cast<T>(~mask); }
};
struct Btc {
    static constexpr bool writes_back = true;
    template <class T> static T apply(T a, T mask) { return a ^ mask; }
};

struct Bsf {
    template <class T> static T apply(T a) { return static_cast<T>(std::countr_zero(a)); }
};
struct Bsr {
    template <class T> static T apply(T a) { return static_cast<T>(bits<T> - 1 - std::countl_zero(a)); }
};

} // namespace trapgate::cpu::ops
