// SPDX-License-Identifier: MIT
// x87 control instructions: control and status words, environment, the whole state.
// Source: [SDM1] "x87 FPU State", figures "Protected Mode x87 FPU State Image in Memory"; [SDM2] FSAVE, FRSTOR, FSTENV, FLDENV.
#include "cpu/ops/x87.hpp"
#include "cpu/ops/x87_stack.hpp"

namespace trapgate::cpu::ops {

namespace {

u32 environment_bytes(const Insn& i) {
    return is_16(i) ? 14 : 28;
}

/// Field `n` of the environment: 2 or 4 bytes each.
u32 field_offset(const Insn& i, u32 n) {
    return wrap(i, n * (is_16(i) ? 2 : 4));
}

void store_field(Cpu& cpu, const Insn& i, u32 base, u32 n, u32 value) {
    const u32 offset = wrap(i, base + field_offset(i, n));
    if (is_16(i))
        store_to<u16>(cpu, segment_of(i), offset, static_cast<u16>(value));
    else
        store_to<u32>(cpu, segment_of(i), offset, value);
}

u32 load_field(Cpu& cpu, const Insn& i, u32 base, u32 n) {
    const u32 offset = wrap(i, base + field_offset(i, n));
    return is_16(i) ? load_from<u16>(cpu, segment_of(i), offset) : load_from<u32>(cpu, segment_of(i), offset);
}

// Registers lie ten bytes apart: word by word, so that AC finds nothing that silicon does not.

Float80 load_register(Cpu& cpu, const Insn& i, u32 offset) {
    Float80 value;
    for (u32 n = 0; n < 4; ++n)
        value.significand |= u64{load_from<u16>(cpu, segment_of(i), wrap(i, offset + 2 * n))} << 16 * n;
    value.sign_exponent = load_from<u16>(cpu, segment_of(i), wrap(i, offset + 8));
    return value;
}

void store_register(Cpu& cpu, const Insn& i, u32 offset, const Float80& value) {
    for (u32 n = 0; n < 4; ++n)
        store_to<u16>(cpu, segment_of(i), wrap(i, offset + 2 * n), static_cast<u16>(value.significand >> 16 * n));
    store_to<u16>(cpu, segment_of(i), wrap(i, offset + 8), value.sign_exponent);
}

/// FLDENV and FRSTOR: silicon's faults tell of the first field, then of the last byte, then of those between.
void probe_ends(Cpu& cpu, const Insn& i, u32 base, u32 bytes) {
    load_field(cpu, i, base, 0);
    load_from<u8>(cpu, segment_of(i), wrap(i, base + bytes - 1));
}

/// The tag word in memory is computed from the registers: only "empty" is kept by hand.
void store_environment(Cpu& cpu, const Insn& i, u32 base) {
    const X87State& x87 = cpu.x87;
    const u32 upper = is_16(i) ? 0 : 0xffff0000;
    store_field(cpu, i, base, 0, upper | x87.control);
    store_field(cpu, i, base, 1, upper | x87.status);
    store_field(cpu, i, base, 2, upper | x87.tags);
    store_field(cpu, i, base, 3, x87.instruction_offset);
    store_field(cpu, i, base, 4, x87.instruction_selector | u32{x87.opcode} << 16);
    store_field(cpu, i, base, 5, x87.operand_offset);
    store_field(cpu, i, base, 6, upper | x87.operand_selector);
}

void load_environment(Cpu& cpu, const Insn& i, u32 base) {
    X87State next = cpu.x87;
    next.control = static_cast<u16>((load_field(cpu, i, base, 0) & 0x1f7f) | 0x40);
    next.status = static_cast<u16>(load_field(cpu, i, base, 1));
    next.tags = static_cast<u16>(load_field(cpu, i, base, 2));
    next.instruction_offset = load_field(cpu, i, base, 3);
    const u32 selector_and_opcode = load_field(cpu, i, base, 4);
    next.instruction_selector = static_cast<u16>(selector_and_opcode);
    next.opcode = static_cast<u16>(selector_and_opcode >> 16 & 0x7ff);
    next.operand_offset = load_field(cpu, i, base, 5);
    next.operand_selector = static_cast<u16>(load_field(cpu, i, base, 6));
    cpu.x87 = next;
    X87Stack(cpu).update_summary();
}

/// Tags other than "empty" follow the register contents.
void retag(Cpu& cpu) {
    X87State& x87 = cpu.x87;
    for (u32 n = 0; n < 8; ++n)
        if ((x87.tags >> (2 * n) & 3) != static_cast<u32>(Tag::Empty))
            x87.tags = static_cast<u16>((x87.tags & ~(3u << (2 * n))) | static_cast<u32>(tag_of(x87.registers[n]))
                                                                            << (2 * n));
}

u32 probe_image(Cpu& cpu, const Insn& i, u32 bytes) {
    const u32 offset = effective_offset(cpu, i);
    const u32 field = is_16(i) ? 2 : 4;
    const u32 linear = linear_address(cpu, segment_of(i), offset, field, Intent::Write);
    if (cpu.alignment_checked && linear % field) raise(Vector::AC);
    probe_write(cpu, linear, field, Rights::Current);
    probe_write(cpu, linear_address(cpu, segment_of(i), wrap(i, offset + bytes - 1), 1, Intent::Write), 1,
                Rights::Current);
    return offset;
}

void reset(Cpu& cpu) {
    X87State& x87 = cpu.x87;
    x87.control = 0x37f;
    x87.status = 0;
    x87.tags = 0xffff;
    x87.opcode = x87.instruction_selector = x87.operand_selector = 0;
    x87.instruction_offset = x87.operand_offset = 0;
}

} // namespace

void fldenv(Cpu& cpu, const Insn& i) {
    begin_waiting(cpu);
    probe_ends(cpu, i, effective_offset(cpu, i), environment_bytes(i));
    load_environment(cpu, i, effective_offset(cpu, i));
    retag(cpu);
}

void fnstenv(Cpu& cpu, const Insn& i) {
    require_x87(cpu);
    store_environment(cpu, i, probe_image(cpu, i, environment_bytes(i)));
    cpu.x87.control |= host::all_masked;
    X87Stack(cpu).update_summary();
}

void frstor(Cpu& cpu, const Insn& i) {
    begin_waiting(cpu);
    const u32 base = effective_offset(cpu, i);
    const u32 registers = base + environment_bytes(i);
    probe_ends(cpu, i, base, environment_bytes(i) + 80);
    std::array<Float80, 8> values;
    for (u32 n = 0; n < 8; ++n) values[n] = load_register(cpu, i, registers + 10 * n);
    load_environment(cpu, i, base);
    for (u32 n = 0; n < 8; ++n) cpu.x87.registers[X87Stack(cpu).physical(n)] = values[n];
    retag(cpu);
}

void fnsave(Cpu& cpu, const Insn& i) {
    require_x87(cpu);
    const u32 base = probe_image(cpu, i, environment_bytes(i) + 80);
    store_environment(cpu, i, base);
    const u32 registers = base + environment_bytes(i);
    const X87Stack stack(cpu);
    for (u32 n = 0; n < 8; ++n) store_register(cpu, i, registers + 10 * n, stack.get(n));
    reset(cpu);
}

void fldcw(Cpu& cpu, const Insn& i) {
    begin_waiting(cpu);
    const u16 value = load_from<u16>(cpu, segment_of(i), effective_offset(cpu, i));
    cpu.x87.control = static_cast<u16>((value & 0x1f7f) | 0x40);
    X87Stack(cpu).update_summary();
}

void fnstcw(Cpu& cpu, const Insn& i) {
    require_x87(cpu);
    store_to<u16>(cpu, segment_of(i), effective_offset(cpu, i), cpu.x87.control);
}

void fnstsw_memory(Cpu& cpu, const Insn& i) {
    require_x87(cpu);
    store_to<u16>(cpu, segment_of(i), effective_offset(cpu, i), cpu.x87.status);
}

void fnstsw_ax(Cpu& cpu, const Insn&) {
    require_x87(cpu);
    cpu.set<u16>(0, cpu.x87.status);
}

void fnclex(Cpu& cpu, const Insn&) {
    require_x87(cpu);
    cpu.x87.status &= 0x7f00;
}

void fninit(Cpu& cpu, const Insn&) {
    require_x87(cpu);
    reset(cpu);
}

void fnop_control(Cpu& cpu, const Insn&) {
    require_x87(cpu);
}

} // namespace trapgate::cpu::ops
