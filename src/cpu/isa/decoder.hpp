// SPDX-License-Identifier: MIT
// From bytes to Insn. Executes nothing and raises nothing: says what it found.
// Source: [SDM2] "Instruction Format", tables "16/32-Bit Addressing Forms with the ModR/M Byte".
#pragma once

#include "cpu/isa/insn.hpp"
#include "cpu/isa/table.hpp"

#include <span>

namespace trapgate::cpu::isa {

constexpr u32 max_length = 15;

enum class Found : u8 {
    Instruction,
    NeedMoreBytes, ///< the bytes given end before the instruction does
    TooLong,       ///< more than 15 bytes: #GP(0)
    Undefined,     ///< no such instruction on this generation: #UD
};

/// What the operands turned out to be; with the operand widths it chooses the handler.
enum class Form : u8 {
    None,
    Register,          ///< rm
    Memory,            ///< memory
    RegisterRegister,  ///< rm is the destination, reg the source
    MemoryRegister,    ///< memory is the destination
    RegisterMemory,    ///< reg is the destination
    RegisterImmediate, ///< rm is the destination
    MemoryImmediate,
    Immediate,
};

struct Decoded {
    Found found = Found::Undefined;
    Form form = Form::None;
    u8 width = 4; ///< of the first operand: 1, 2 or 4; the operand size if it has none of its own
    Insn insn;
};

/// Decodes the instruction at `bytes`. `code32` is CS.D; `next_eip(length)` = eip + length gives branch targets.
/// Address-size and operand-size effects are resolved; `insn.handler` is left null.
Decoded decode(std::span<const u8> bytes, bool code32, u32 eip, Generation generation);

} // namespace trapgate::cpu::isa
