// SPDX-License-Identifier: MIT
// Operands of instructions that are not worth a handler for each shape: register or memory, decided when they run.
#pragma once

#include "cpu/cpu.hpp"
#include "cpu/isa/insn.hpp"
#include "cpu/memory.hpp"

namespace trapgate::cpu::ops {

using isa::Insn;

inline bool has_memory(const Insn& i) {
    return i.shape & isa::shape::memory;
}
inline bool is_16(const Insn& i) {
    return i.shape & isa::shape::operand16;
}
inline SegmentRegister segment_of(const Insn& i) {
    return static_cast<SegmentRegister>(i.segment);
}

/// Offset of the memory operand in its segment.
inline u32 effective_offset(const Cpu& cpu, const Insn& i) {
    const u32 offset = cpu.get<u32>(i.base) + (cpu.get<u32>(i.scaled) << i.scale) + i.displacement;
    return i.shape & isa::shape::address16 ? offset & 0xffff : offset;
}

/// `offset + bytes` as the address size wraps it.
inline u32 wrap(const Insn& i, u32 offset) {
    return i.shape & isa::shape::address16 ? offset & 0xffff : offset;
}

template <class T> T load_from(Cpu& cpu, SegmentRegister segment, u32 offset) {
    return load<T>(cpu, linear_address(cpu, segment, offset, sizeof(T), Intent::Read));
}
template <class T> void store_to(Cpu& cpu, SegmentRegister segment, u32 offset, T value) {
    store<T>(cpu, linear_address(cpu, segment, offset, sizeof(T), Intent::Write), value);
}

/// The E operand.
template <class T> T read_e(Cpu& cpu, const Insn& i) {
    return has_memory(i) ? load_from<T>(cpu, segment_of(i), effective_offset(cpu, i)) : cpu.get<T>(i.rm);
}
template <class T> void write_e(Cpu& cpu, const Insn& i, T value) {
    if (has_memory(i))
        store_to<T>(cpu, segment_of(i), effective_offset(cpu, i), value);
    else
        cpu.set<T>(i.rm, value);
}

// --- The stack: SS:ESP or SS:SP as SS.B says ---------------------------------------------------------

inline u32 stack_mask(const Cpu& cpu) {
    return cpu.mode & mode::stack32 ? 0xffffffffu : 0xffffu;
}
/// Sets ESP, or its low half with a 16-bit stack.
inline void set_stack_pointer(Cpu& cpu, u32 value) {
    u32& esp = cpu.reg(Gpr::esp);
    const u32 mask = stack_mask(cpu);
    esp = (esp & ~mask) | (value & mask);
}

template <class T> void push(Cpu& cpu, T value) {
    const u32 offset = (cpu.reg(Gpr::esp) - sizeof(T)) & stack_mask(cpu);
    store_to<T>(cpu, SegmentRegister::ss, offset, value);
    set_stack_pointer(cpu, offset);
}
/// The word at `above` bytes over the stack pointer; nothing is taken off.
template <class T> T stack_word(Cpu& cpu, u32 above = 0) {
    return load_from<T>(cpu, SegmentRegister::ss, (cpu.reg(Gpr::esp) + above) & stack_mask(cpu));
}
template <class T> T pop(Cpu& cpu) {
    const T value = stack_word<T>(cpu);
    set_stack_pointer(cpu, cpu.reg(Gpr::esp) + sizeof(T));
    return value;
}

/// Raises #GP(0) unless `offset` lies inside CS: every near transfer checks its target.
inline void check_code_offset(const Cpu& cpu, u32 offset) {
    if (offset > cpu.segment(SegmentRegister::cs).limit) raise(Vector::GP, 0);
}

inline void require_cpl0(const Cpu& cpu) {
    if (cpu.cpl != 0) raise(Vector::GP, 0);
}

} // namespace trapgate::cpu::ops
