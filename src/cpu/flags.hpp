// SPDX-License-Identifier: MIT
// EFLAGS. The six arithmetic flags are kept lazily: as the last result and the carries that produced it.
// Source: [SDM1] "EFLAGS Register".
//
//   result   sign-extended to 32 bits:  ZF = (result == 0)
//   carries  bit 31  carry out of the most significant bit            = CF
//            bit 30  carry into it, so that OF = bit 31 xor bit 30
//            bit 15–8  a byte xor'ed into the result before PF is taken (0 but after POPF and its like)
//            bit 3   carry out of bit 3                                 = AF
//            bit 0   a bit xor'ed into the sign before SF is taken       (0 but after POPF and its like)
#pragma once

#include "base/types.hpp"

#include <bit>

namespace trapgate::cpu {

namespace eflags {
constexpr u32 cf = 1u << 0, one = 1u << 1, pf = 1u << 2, af = 1u << 4, zf = 1u << 6, sf = 1u << 7, tf = 1u << 8,
              if_ = 1u << 9, df = 1u << 10, of = 1u << 11, iopl = 3u << 12, nt = 1u << 14, rf = 1u << 16,
              vm = 1u << 17, ac = 1u << 18, vif = 1u << 19, vip = 1u << 20, id = 1u << 21;
constexpr u32 arithmetic = cf | pf | af | zf | sf | of;
constexpr u32 iopl_shift = 12;
} // namespace eflags

class Flags {
  public:
    bool cf() const { return carries_ >> 31; }
    bool of() const { return ((carries_ >> 31) ^ (carries_ >> 30)) & 1; }
    bool af() const { return (carries_ >> 3) & 1; }
    bool zf() const { return result_ == 0; }
    bool sf() const { return ((result_ >> 31) ^ carries_) & 1; }
    bool pf() const { return !(std::popcount((result_ ^ (carries_ >> 8)) & 0xff) & 1); }
    bool df() const { return system_ & eflags::df; }

    /// The condition of Jcc, SETcc and CMOVcc: bits 3:1 choose, bit 0 negates. [SDM2] "Condition Codes".
    template <u8 code> bool condition() const;

    // Setters: `result` is what was computed, a and b the operands; the operand type gives the width.
    template <class T> void set_add(T a, T b, T result) {
        const u32 out = (u32{a} & b) | ((u32{a} | b) & ~u32{result});
        set<T>(result, out);
    }
    template <class T> void set_sub(T a, T b, T result) {
        const u32 out = (~u32{a} & b) | ((~u32{a} | b) & result);
        set<T>(result, out);
    }
    template <class T> void set_logic(T result) { // CF = OF = 0, AF undefined (cleared, as on silicon)
        result_ = extend(result);
        carries_ = 0;
    }
    /// INC and DEC: as an addition or subtraction of 1, but CF stays.
    template <class T> void set_inc(T, T result) {
        set_step(extend(result), result == T{1} << (8 * sizeof(T) - 1), (result & 0xf) == 0);
    }
    template <class T> void set_dec(T, T result) {
        set_step(extend(result), static_cast<T>(result + 1) == T{1} << (8 * sizeof(T) - 1), (result & 0xf) == 0xf);
    }
    /// Result with carry, overflow and auxiliary carry given: shifts, multiplications, BCD.
    template <class T> void set_result(T result, bool carry, bool overflow, bool auxiliary = false) {
        result_ = extend(result);
        carries_ = (u32{carry} << 31) | (u32{carry != overflow} << 30) | (u32{auxiliary} << 3);
    }
    /// Only CF, only CF and OF, only ZF: the rest stays.
    void set_cf(bool carry) { set_cf_of(carry, of()); }
    void set_cf_of(bool carry, bool overflow) {
        carries_ = (carries_ & 0x3fffffff) | (u32{carry} << 31) | (u32{carry != overflow} << 30);
    }
    void set_zf(bool zero) {
        const u32 image = arithmetic();
        set_arithmetic(zero ? image | eflags::zf : image & ~eflags::zf);
    }

    /// CF PF AF ZF SF OF at their places in EFLAGS.
    u32 arithmetic() const {
        return (cf() ? eflags::cf : 0) | (pf() ? eflags::pf : 0) | (af() ? eflags::af : 0) |
               (zf() ? eflags::zf : 0) | (sf() ? eflags::sf : 0) | (of() ? eflags::of : 0);
    }
    void set_arithmetic(u32 image) {
        const bool zero = image & eflags::zf;
        result_ = zero ? 0 : 1; // 0 has even parity, 1 odd; both have sign 0
        const bool sign_differs = image & eflags::sf;
        const bool parity_differs = bool(image & eflags::pf) != zero;
        set_cf_of_af(image);
        carries_ |= (parity_differs ? 0x100u : 0u) | (sign_differs ? 1u : 0u);
    }

    /// The flags that are no arithmetic: kept as they are in EFLAGS, bit 1 included.
    u32 system() const { return system_; }
    void set_system(u32 image) { system_ = (image & ~eflags::arithmetic) | eflags::one; }
    void set_system_bit(u32 bit, bool on) { system_ = on ? system_ | bit : system_ & ~bit; }
    bool test_system(u32 bit) const { return system_ & bit; }
    u8 iopl() const { return (system_ >> eflags::iopl_shift) & 3; }

    /// All of EFLAGS.
    u32 image() const { return system_ | arithmetic(); }
    void set_image(u32 image) {
        set_arithmetic(image);
        set_system(image);
    }

  private:
    template <class T> static u32 extend(T result) {
        if constexpr (sizeof(T) == 1)
            return static_cast<u32>(s32{static_cast<s8>(result)});
        else if constexpr (sizeof(T) == 2)
            return static_cast<u32>(s32{static_cast<s16>(result)});
        else
            return result;
    }
    template <class T> void set(T result, u32 carry_out_of_each_bit) {
        result_ = extend(result);
        carries_ = ((carry_out_of_each_bit << (32 - 8 * sizeof(T))) & 0xc0000000) | (carry_out_of_each_bit & 8);
    }
    void set_step(u32 extended, bool overflow, bool auxiliary) {
        const u32 carry = carries_ & 0x80000000;
        result_ = extended;
        carries_ = carry | ((carry >> 1) ^ (u32{overflow} << 30)) | (u32{auxiliary} << 3);
    }
    void set_cf_of_af(u32 image) {
        const bool carry = image & eflags::cf, overflow = image & eflags::of;
        carries_ = (u32{carry} << 31) | (u32{carry != overflow} << 30) | ((image & eflags::af) ? 8u : 0u);
    }

    u32 result_ = 1;
    u32 carries_ = 0; // result 1 is not zero, not negative and of odd parity: all six flags read 0
    u32 system_ = eflags::one;
};

template <u8 code> bool Flags::condition() const {
    constexpr u8 kind = code >> 1;
    bool holds = false;
    if constexpr (kind == 0)
        holds = of();
    else if constexpr (kind == 1)
        holds = cf();
    else if constexpr (kind == 2)
        holds = zf();
    else if constexpr (kind == 3)
        holds = cf() || zf();
    else if constexpr (kind == 4)
        holds = sf();
    else if constexpr (kind == 5)
        holds = pf();
    else if constexpr (kind == 6)
        holds = sf() != of();
    else
        holds = zf() || sf() != of();
    return holds != bool(code & 1);
}

} // namespace trapgate::cpu
