// SPDX-License-Identifier: MIT
// instructions.def as constexpr data: rows, their operands, and the index by opcode. Overlapping rows do not compile.
// Source: [SDM2] "Instruction Format", "Opcode Map".
#pragma once

#include "base/types.hpp"
#include "cpu/flags.hpp"
#include "cpu/model.hpp"

#include <array>
#include <string_view>

namespace trapgate::cpu::isa {

/// Where an operand comes from.
enum class Source : u8 {
    None,
    E, ///< ModRM.rm: register or memory
    G, ///< ModRM.reg: general register
    M, ///< ModRM.rm: memory only
    R, ///< ModRM.rm: register only
    I, ///< immediate
    J, ///< relative branch target
    A, ///< far pointer in the instruction
    O, ///< memory at a displacement without ModRM
    X, ///< memory at DS:(E)SI
    Y, ///< memory at ES:(E)DI
    Z, ///< register in the low three opcode bits
    S, ///< ModRM.reg: segment register
    C, ///< ModRM.reg: control register
    D, ///< ModRM.reg: debug register
    Accumulator,
    Cl,
    Dx,
    One,
    FixedSegment, ///< es, cs, ss, ds, fs, gs as part of the opcode
    Stack,        ///< ST(i) of the x87
    P,            ///< ModRM.reg: MMX register
    Q,            ///< ModRM.rm: MMX register or memory
    N,            ///< ModRM.rm: MMX register only
    V,            ///< ModRM.reg: XMM register
    W,            ///< ModRM.rm: XMM register or memory
    U,            ///< ModRM.rm: XMM register only
};

/// How large it is.
enum class Size : u8 {
    None,
    b,       ///< 1 byte
    w,       ///< 2 bytes
    v,       ///< 2 or 4 bytes, by operand size
    d,       ///< 4 bytes
    q,       ///< 8 bytes
    p,       ///< far pointer: 4 or 6 bytes
    a,       ///< two values of operand size (BOUND)
    s,       ///< register: operand size; memory: 2 bytes (E), or 6 bytes (M: GDTR image)
    t,       ///< 10 bytes (x87)
    any,     ///< not read as a whole (LEA, INVLPG)
    x87_env, ///< FLDENV image
    x87_all, ///< FSAVE image
    x,       ///< 16 bytes, aligned if in memory
    o,       ///< 16 bytes anywhere
    fx,      ///< FXSAVE image
};

struct Operand {
    Source source = Source::None;
    Size size = Size::None;
    bool sign_extended_byte = false; ///< sIb
    u8 fixed = 0;                    ///< number of a fixed segment register or stack register
};

/// What the ModRM byte must be.
struct ModRmRule {
    enum class Kind : u8 { Any, Digit, DigitMemory, DigitRegister, Memory, Register, Exact } kind = Kind::Any;
    u8 value = 0;
};

enum class Since : u8 { I386, I486, P5, P6, P2, P3 };

namespace attribute {
constexpr u8 lockable = 1; ///< LOCK is allowed when the destination is memory
constexpr u8 ends = 2;     ///< ends a block
constexpr u8 bare = 4;     ///< 66, F2 and F3 before it make another instruction of it
constexpr u8 f3 = 8;       ///< F3 is part of the opcode; 66 and F2 make another instruction of it
} // namespace attribute

struct Row {
    u16 opcode;
    ModRmRule modrm;
    std::string_view mnemonic;
    std::string_view operand_text;
    std::array<Operand, 3> operands;
    Generation since;
    u32 flags_written; ///< EFLAGS bits
    u32 flags_read;
    u32 flags_undefined;
    u8 attributes;
    bool has_modrm;
    constexpr bool is(u8 bits) const { return attributes & bits; }
};

/// The row of that number (Insn::row).
const Row& row(u16 number);
u16 row_count();

/// First row with that opcode, or `no_row`; `next_row` gives the others.
constexpr u16 no_row = 0xffff;
u16 first_row(u16 opcode);
u16 next_row(u16 number);

/// Does the ModRM byte fit the rule?
constexpr bool fits(ModRmRule rule, u8 modrm) {
    const u8 digit = (modrm >> 3) & 7;
    const bool memory = modrm < 0xc0;
    switch (rule.kind) {
    case ModRmRule::Kind::Any: return true;
    case ModRmRule::Kind::Digit: return digit == rule.value;
    case ModRmRule::Kind::DigitMemory: return digit == rule.value && memory;
    case ModRmRule::Kind::DigitRegister: return digit == rule.value && !memory;
    case ModRmRule::Kind::Memory: return memory;
    case ModRmRule::Kind::Register: return !memory;
    case ModRmRule::Kind::Exact: return modrm == rule.value;
    }
    return false;
}

} // namespace trapgate::cpu::isa
