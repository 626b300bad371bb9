// SPDX-License-Identifier: MIT
// Members that are bit fields. Such a Member's `type` ends like a declaration in C, with the place of its bits: "unsigned int : 28 @ 3"
// are 28 bits from bit 3 on of the unit of `size` bytes at `offset`.
#pragma once

#include "kernel/debug_info.hpp"

#include <string_view>

namespace trapgate::kernel {

struct BitField {
    u8 bits = 0; ///< 0: it is none
    u8 low_bit = 0;
    /// The member's own bits of what lies in its unit, zero-extended.
    u64 value_in(u64 unit) const { return bits ? unit >> low_bit & ((u64{1} << bits) - 1) : unit; }
};

BitField bit_field(const Member& member);
/// Its type without that end.
std::string_view unit_type(const Member& member);

/// Makes a bit field of `member`, whose bits begin `first_bit` bits behind the beginning of the structure: in units of its type as C
/// reads them; in as few bytes as it takes where they cross the border of such a unit.
/// REQUIRES: 0 < bits < 64, and `size` is that of the type.
void place_bits(Member& member, u32 first_bit, u32 bits);

} // namespace trapgate::kernel
