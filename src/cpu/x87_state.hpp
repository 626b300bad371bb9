// SPDX-License-Identifier: MIT
// The registers of the floating-point unit, as FSAVE writes them.
// Source: [SDM1] "x87 FPU Execution Environment".
#pragma once

#include "base/types.hpp"

#include <array>

namespace trapgate::cpu {

/// A number in the 80-bit format, as it lies in a register.
struct Float80 {
    u64 significand = 0;
    u16 sign_exponent = 0;
    constexpr bool operator==(const Float80&) const = default;
};

struct X87State {
    std::array<Float80, 8> registers; ///< physical R0…R7, not ST(i)
    u16 control = 0x037f;
    u16 status = 0;    ///< TOP in bits 13:11
    u16 tags = 0xffff; ///< two bits each, R0 lowest: 0 valid, 1 zero, 2 special, 3 empty
    u16 opcode = 0;    ///< the 11 bits of the last non-control instruction
    u32 instruction_offset = 0;
    u16 instruction_selector = 0;
    u32 operand_offset = 0;
    u16 operand_selector = 0;
};

} // namespace trapgate::cpu
