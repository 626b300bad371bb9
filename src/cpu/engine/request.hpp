// SPDX-License-Identifier: MIT
// What a binder asks about an instruction: form, width, and how its memory operand is reached.
#pragma once

#include "base/assert.hpp"
#include "cpu/engine/operands.hpp"
#include "cpu/isa/decoder.hpp"

namespace trapgate::cpu::engine {

using isa::Form;
using isa::Handler;

struct Request {
    Form form;
    u8 width;
    u8 mode;
    const Insn& insn;
    const isa::Row& row;

    bool dead() const { return insn.shape & isa::shape::flags_dead; }
    bool flat() const { return mode & mode::flat; }
    bool address16() const { return insn.shape & isa::shape::address16; }
    bool operand16() const { return insn.shape & isa::shape::operand16; }
    bool flat_stack() const { return flat() && (mode & mode::stack32) && !operand16(); }
    /// Flat addressing: 32 bits, and one of the segments that the mode guarantees.
    bool flat_address() const {
        const auto segment = static_cast<SegmentRegister>(insn.segment);
        return flat() && !address16() &&
               (segment == SegmentRegister::ds || segment == SegmentRegister::es || segment == SegmentRegister::ss);
    }
    bool has_index() const { return insn.scaled != 32; }
};

/// Calls `pick` with the address accessor.
template <class Pick> Handler with_address(const Request& r, Pick pick) {
    if (!r.flat_address()) return pick(Memory<Segmented>{});
    return r.has_index() ? pick(Memory<FlatIndexed>{}) : pick(Memory<FlatBase>{});
}

/// Calls `pick` with a value of the operand type.
template <class Pick> Handler with_width(const Request& r, Pick pick) {
    switch (r.width) {
    case 1: return pick(u8{});
    case 2: return pick(u16{});
    default: return pick(u32{});
    }
}
template <class Pick> Handler with_wide_width(const Request& r, Pick pick) {
    return r.width == 2 ? pick(u16{}) : pick(u32{});
}

/// Calls `pick` with the E operand: the register in `rm`, or memory.
template <class Pick> Handler with_e(const Request& r, Pick pick) {
    if (r.insn.shape & isa::shape::memory) return with_address(r, pick);
    return pick(RmRegister{});
}

/// Calls `pick` with destination and source.
template <class Pick> Handler with_two(const Request& r, Pick pick) {
    switch (r.form) {
    case Form::RegisterRegister: return pick(RmRegister{}, RegRegister{});
    case Form::RegisterImmediate: return pick(RmRegister{}, Immediate{});
    case Form::MemoryRegister: return with_address(r, [&](auto memory) { return pick(memory, RegRegister{}); });
    case Form::MemoryImmediate: return with_address(r, [&](auto memory) { return pick(memory, Immediate{}); });
    case Form::RegisterMemory: return with_address(r, [&](auto memory) { return pick(RegRegister{}, memory); });
    default: ASSERT(!"two operands expected"); return nullptr;
    }
}

/// Destination G, source E: for instructions that have no other direction.
template <class Pick> Handler with_g_e(const Request& r, Pick pick) {
    if (r.insn.shape & isa::shape::memory)
        return with_address(r, [&](auto memory) { return pick(RegRegister{}, memory); });
    return pick(RmRegister{}, RegRegister{});
}

} // namespace trapgate::cpu::engine
