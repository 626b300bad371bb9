// SPDX-License-Identifier: MIT
// What the generator has to know of an instruction: which bytes it is made of, not what it does.
// Source: derived from the rows of src/cpu/isa/instructions.def by shapes.cpp; there is no second table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace trapgate::silicon {

/// What follows ModRM, SIB and displacement.
enum class Immediate : uint8_t { Byte, Word, OperandSize, FarPointer, AddressSize };

struct Shape {
    std::string row;     // the row in the table's own words, for reports
    uint16_t opcode = 0; // second byte + 0x0F00 for the two-byte map
    int8_t digit = -1;   // the reg field of ModRM where it is part of the opcode
    int16_t exact = -1;  // the whole ModRM byte where it is part of the opcode
    bool has_modrm = false, memory_only = false, register_only = false;
    bool lockable = false;
    bool is_simd = false;   // MMX, SSE, FXSAVE: the case brings their registers
    bool names_xmm = false; // an operand is an XMM register
    bool memory_operand_is_aligned = false;
    bool bare = false, needs_f3 = false; // what 66, F2 and F3 before it would change
    bool undefined = false;              // no row: #UD, unless the host is newer than the table
    std::vector<Immediate> immediates;
    uint32_t undefined_flags = 0, written_flags = 0, read_flags = 0; // as the row says
    std::string excuse;                                              // not empty: why no test is made of this row

    bool is(uint16_t low, uint16_t high) const { return opcode >= low && opcode <= high; }
    bool is(uint16_t one) const { return opcode == one; }
};

} // namespace trapgate::silicon
