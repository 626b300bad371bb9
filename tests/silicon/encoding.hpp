// SPDX-License-Identifier: MIT
// The prefixes of a finished test, read back from its bytes.
// Source: [SDM2] "Instruction Prefixes".
#pragma once

#include "values.hpp"

namespace trapgate::silicon {

constexpr bool is_prefix(uint8_t byte) {
    return byte == 0x26 || byte == 0x2E || byte == 0x36 || byte == 0x3E || (byte >= 0x64 && byte <= 0x67) ||
           byte == 0xF0 || byte == 0xF2 || byte == 0xF3;
}

constexpr bool has_16_bit_operands(const Case& test) {
    bool prefixed = false;
    for (uint32_t i = 0; i < test.code_length && is_prefix(test.code[i]); ++i) prefixed |= test.code[i] == 0x66;
    return selects_16_bit(test.segments[Cs]) != prefixed;
}

} // namespace trapgate::silicon
