// SPDX-License-Identifier: MIT
// Lanes of XMM and MMX registers, spelled as gdb spells them: $xmm0.v4_int32[1], $mm3.v8_int8[0], $mm3.uint64.
// Each lies in a part of its register that machine::find_register knows.
#pragma once

#include "base/types.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trapgate::frontend::debug {

struct Lane {
    std::string part; ///< "xmm0.v2_int64[1]", "mm3.uint64"
    u8 low_bit;       ///< in the part
    u8 bytes;
};

/// xmm0 to xmm7, mm0 to mm7.
bool is_vector_register(std::string_view name);
/// Nothing if the register is not seen that way, or has no such lane.
std::optional<Lane> find_lane(std::string_view name, std::string_view view, u64 index);
/// "v4_int32[0]": for messages.
std::string_view lane_example(std::string_view name);
/// The views of that register with their counts: "v16_int8[0..15], …".
std::string lane_views(std::string_view name);

} // namespace trapgate::frontend::debug
