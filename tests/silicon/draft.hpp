// SPDX-License-Identifier: MIT
// A test while it is being made: the encoding in pieces, and the case that will come of it.
// Source: [SDM2] "Instruction Format".
#pragma once

#include "shape.hpp"
#include "values.hpp"

namespace trapgate::silicon {

struct Draft {
    Random& random;
    const Shape& shape;
    Case test{};

    bool operand16 = false, address16 = false;
    int override_segment = -1; // SegmentRegister
    uint8_t repeat = 0;        // 0, F2 or F3
    bool lock = false;
    int padding = 0; // prefixes that say nothing new

    bool memory = false; // ModRM names memory
    uint8_t modrm = 0, sib = 0;
    bool has_sib = false;
    uint8_t displacement_bytes = 0;
    uint32_t displacement = 0;
    uint8_t immediate[8] = {};
    uint8_t immediate_bytes = 0;

    uint32_t& reg(uint32_t r) { return test.registers[r]; }
    uint32_t reg(uint32_t r) const { return test.registers[r]; }
    uint8_t reg_field() const { return modrm >> 3 & 7; }
    uint8_t rm_field() const { return modrm & 7; }
    uint32_t operand_bytes() const { return operand16 ? 2 : 4; }

    bool is_string() const { return shape.is(0x6C, 0x6F) || shape.is(0xA4, 0xA7) || shape.is(0xAA, 0xAF); }
    bool is_branch() const;
    /// A bit test whose register operand reaches beyond the addressed word.
    bool is_bit_string() const {
        return shape.is(0x0FA3) || shape.is(0x0FAB) || shape.is(0x0FB3) || shape.is(0x0FBB);
    }

    uint32_t default_segment() const;
    uint32_t memory_segment() const {
        return override_segment >= 0 ? uint32_t(override_segment) : default_segment();
    }
    /// The offset that ModRM, SIB, displacement and the registers give together.
    uint32_t effective_offset() const;
    /// The linear address that a memory operand really touches first.
    uint32_t effective_address() const;
    uint32_t stack_address() const;

    void poke(uint32_t address, const void* bytes, uint8_t count);
    void poke_words(uint32_t address, std::initializer_list<uint32_t> words);
};

// The stages, in the order in which they run.
void choose_prefixes(Draft&);
void choose_registers(Draft&);
void choose_operands(Draft&); // ModRM, SIB, displacement, immediates
void set_the_scene(Draft&);   // registers that make this instruction interesting
void aim(Draft&);             // makes the memory operand fall where it should
void choose_fpu(Draft&);      // the x87's registers and operand
void choose_vectors(Draft&);  // MMX and XMM registers, MXCSR and operand
void fill_memory(Draft&);     // what the instruction will find there
void place_code(Draft&);      // encodes, chooses the address and how the test ends
/// Where a memory operand has to be aligned, it mostly is.
void align_operand(Draft&, uint32_t& target);
bool is_safe(const Draft&); // false: the test might reach into the child itself

} // namespace trapgate::silicon
