// SPDX-License-Identifier: MIT
// The numbers tests are made of: corner values, addresses near something, selectors of every kind.
// Source: the address space of case.hpp; [SDM3] "Segment Descriptors" for what a selector can name.
#pragma once

#include "case.hpp"
#include "random.hpp"

namespace trapgate::silicon {

/// A number in which arithmetic is likely to carry, overflow or change sign; any width up to 32 bits.
uint32_t corner(Random&);

/// What a general register holds: corners, noise, small numbers, pointers.
uint32_t register_value(Random&);

/// A linear address at or next to the data pages; `low` asks for one that a 16-bit address reaches.
uint32_t data_address(Random&, bool low);

/// A selector of any kind but the one that would switch the host to 64-bit code.
uint16_t any_selector(Random&);

/// A selector that data segment registers mostly accept.
uint16_t data_selector(Random&);

/// True if `address` is so near the child's own memory that a test must not go there.
constexpr bool is_forbidden(uint32_t address) {
    return address - (forbidden_begin - 0x20'0000) < forbidden_end - forbidden_begin + 0x40'0000;
}

/// Base of the segment that `selector` names, 0 for the flat ones.
constexpr uint32_t segment_base(uint16_t selector) {
    const uint32_t index = selector >> 3;
    return (selector & 4) && index < local_descriptor_count ? local_descriptors[index].base : 0;
}

constexpr bool selects_16_bit(uint16_t selector) {
    const uint32_t index = selector >> 3;
    return (selector & 4) && index < local_descriptor_count && !local_descriptors[index].default_32;
}

} // namespace trapgate::silicon
