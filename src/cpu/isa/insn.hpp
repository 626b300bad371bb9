// SPDX-License-Identifier: MIT
// A decoded instruction, as the engine runs it.
#pragma once

#include "base/types.hpp"
#include "cpu/segment.hpp"

namespace trapgate::cpu {
struct Cpu;
}

namespace trapgate::cpu::isa {

struct Insn;

/// Executes one instruction and gives the next one to run, or null to leave the block.
using Handler = const Insn* (*)(Cpu&, const Insn*);

namespace prefix {
constexpr u8 operand_size = 1, address_size = 2, lock = 4, rep = 8, repne = 16, segment = 32;
}

/// Instructions of a block lie side by side; the engine runs `handler`, which finds its operands here.
/// Registers are byte offsets into State::gpr, so that AL, AH, AX and EAX need no case distinction.
struct Insn {
    Handler handler = nullptr;
    u32 displacement = 0;
    u32 immediate = 0; ///< immediate operand, sign-extended as the row says; target EIP of a direct branch
    u16 row = 0;       ///< in instructions.def
    u16 offset = 0;    ///< of its first byte from the block's EIP
    u8 index = 0;      ///< position in the block
    u8 length = 0;
    u8 rm = 0;        ///< register of the E operand; the destination where both operands are registers
    u8 reg = 0;       ///< register of the G operand; number of the segment, control or debug register
                      ///< (rm and reg of MMX and XMM operands are numbers, not offsets)
    u8 base = 32;     ///< base register, 32 = none (gpr[8], always 0)
    u8 scaled = 32;   ///< index register, 32 = none
    u8 scale = 0;     ///< the index register is shifted left by this
    u8 segment = 3;   ///< SegmentRegister of the memory operand (default or overridden)
    u16 selector = 0; ///< of a far pointer; second immediate of ENTER
    u8 prefixes = 0;  ///< prefix:: bits
    u8 shape = 0;     ///< shape:: bits

    bool width_is_byte() const;
};
static_assert(sizeof(Insn) == 32);

namespace shape {
constexpr u8 memory = 1;      ///< the E operand is memory
constexpr u8 operand16 = 2;   ///< operand size is 16
constexpr u8 address16 = 4;   ///< address size is 16
constexpr u8 fused = 8;       ///< the handler also does the next instruction
constexpr u8 flags_dead = 16; ///< the handler leaves the arithmetic flags alone: nobody can see them
constexpr u8 byte = 32;       ///< the row's data operand is one byte wide
} // namespace shape

inline bool Insn::width_is_byte() const {
    return shape & shape::byte;
}

} // namespace trapgate::cpu::isa
