// SPDX-License-Identifier: MIT
// See the header.
#include "kernel/bit_field.hpp"

#include <charconv>
#include <fmt/format.h>

namespace trapgate::kernel {

namespace {

constexpr std::string_view colon = " : ", at = " @ ";

u8 number(std::string_view text) {
    u8 value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

} // namespace

BitField bit_field(const Member& member) {
    const std::string_view type = member.type;
    const auto bits = type.find(colon), low = type.find(at);
    if (bits == std::string_view::npos || low == std::string_view::npos) return {};
    return {number(type.substr(bits + colon.size())), number(type.substr(low + at.size()))};
}

std::string_view unit_type(const Member& member) {
    return std::string_view(member.type).substr(0, member.type.find(colon));
}

void place_bits(Member& member, u32 first_bit, u32 bits) {
    u32 unit = 8 * member.size, low = first_bit % unit;
    member.offset = first_bit / unit * member.size;
    if (low + bits > unit) {
        low = first_bit % 8;
        member.offset = first_bit / 8;
        member.size = (low + bits + 7) / 8;
    }
    member.type += fmt::format("{}{}{}{}", colon, bits, at, low);
}

} // namespace trapgate::kernel
