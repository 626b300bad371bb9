// SPDX-License-Identifier: MIT
// MMX: operands, moves, and how they touch the x87.
// Source: [SDM1] "Effect of MMX, SSE, … Instructions on x87 FPU State"; [SDM2] the page of each instruction.
#include "cpu/ops/mmx.hpp"

#include "cpu/ops/x87_stack.hpp"

namespace trapgate::cpu::ops {

namespace {

void clear_top(Cpu& cpu) {
    cpu.x87.status &= 0xc7ff;
}

u64 read_memory(Cpu& cpu, const Insn& i) {
    return load_from<u64>(cpu, segment_of(i), effective_offset(cpu, i));
}

/// The last operand: memory, or a register. Memory is read before anything changes.
u64 read_source(Cpu& cpu, const Insn& i) {
    return has_memory(i) ? read_memory(cpu, i) : mmx_register(cpu, i.reg);
}

void combine(Cpu& cpu, const Insn& i, u64 source, MmxFunction* function) {
    enter_mmx(cpu);
    const u8 destination = vector_destination(i);
    set_mmx_register(cpu, destination, function(mmx_register(cpu, destination), source));
}

} // namespace

void begin_mmx(Cpu& cpu) {
    if (cpu.cr0 & cr0::em) raise(Vector::UD);
    begin_waiting(cpu);
}

void enter_mmx(Cpu& cpu) {
    clear_top(cpu);
    X87State& x87 = cpu.x87;
    if (!(x87.tags & x87.tags >> 1 & 0x5555)) return; // none is empty
    for (u32 n = 0; n < 8; ++n)
        if ((x87.tags >> (2 * n) & 3) == static_cast<u32>(Tag::Empty))
            x87.tags = static_cast<u16>((x87.tags & ~(3u << (2 * n))) | static_cast<u32>(tag_of(x87.registers[n]))
                                                                            << (2 * n));
}

void set_mmx_register(Cpu& cpu, u8 number, u64 value) {
    X87State& x87 = cpu.x87;
    x87.registers[number] = {value, 0xffff};
    x87.tags =
        static_cast<u16>((x87.tags & ~(3u << (2 * number))) | static_cast<u32>(Tag::Special) << (2 * number));
}

void mmx_compute(Cpu& cpu, const Insn& i, MmxFunction* function) {
    begin_mmx(cpu);
    combine(cpu, i, read_source(cpu, i), function);
}

void mmx_compute_low(Cpu& cpu, const Insn& i, MmxFunction* function) {
    begin_mmx(cpu);
    const u64 source =
        has_memory(i) ? load_from<u32>(cpu, segment_of(i), effective_offset(cpu, i)) : mmx_register(cpu, i.reg);
    combine(cpu, i, source, function);
}

void mmx_shift_by_immediate(Cpu& cpu, const Insn& i, MmxShift* shift) {
    begin_mmx(cpu);
    combine(cpu, i, i.immediate & 0xff, shift);
}

void emms(Cpu& cpu, const Insn&) {
    begin_mmx(cpu);
    clear_top(cpu);
    cpu.x87.tags = 0xffff;
}

void movd_to_mmx(Cpu& cpu, const Insn& i) {
    begin_mmx(cpu);
    const u32 value =
        has_memory(i) ? load_from<u32>(cpu, segment_of(i), effective_offset(cpu, i)) : cpu.get<u32>(i.reg);
    enter_mmx(cpu);
    set_mmx_register(cpu, vector_destination(i), value);
}

// A load that faults leaves the x87 as it was; a store has changed TOP by then, on silicon too.

void movd_from_mmx(Cpu& cpu, const Insn& i) {
    begin_mmx(cpu);
    clear_top(cpu);
    write_e<u32>(cpu, i, static_cast<u32>(mmx_register(cpu, i.reg)));
    enter_mmx(cpu);
}

void movq_load(Cpu& cpu, const Insn& i) {
    begin_mmx(cpu);
    const u64 value = read_source(cpu, i);
    enter_mmx(cpu);
    set_mmx_register(cpu, vector_destination(i), value);
}

void movq_store(Cpu& cpu, const Insn& i) {
    begin_mmx(cpu);
    clear_top(cpu);
    const u64 value = mmx_register(cpu, i.reg);
    if (has_memory(i)) store_to<u64>(cpu, segment_of(i), effective_offset(cpu, i), value);
    enter_mmx(cpu);
    if (!has_memory(i)) set_mmx_register(cpu, i.rm, value);
}

void pshufw(Cpu& cpu, const Insn& i) {
    begin_mmx(cpu);
    const lanes::Lanes<u16> source = lanes::split<u16>(read_source(cpu, i));
    lanes::Lanes<u16> result{};
    for (u32 n = 0; n < 4; ++n) result[n] = source[i.immediate >> (2 * n) & 3];
    enter_mmx(cpu);
    set_mmx_register(cpu, vector_destination(i), lanes::join<u16>(result));
}

void pinsrw(Cpu& cpu, const Insn& i) {
    begin_mmx(cpu);
    const u16 value =
        has_memory(i) ? load_from<u16>(cpu, segment_of(i), effective_offset(cpu, i)) : cpu.get<u16>(i.reg);
    enter_mmx(cpu);
    const u8 destination = vector_destination(i);
    lanes::Lanes<u16> result = lanes::split<u16>(mmx_register(cpu, destination));
    result[i.immediate & 3] = value;
    set_mmx_register(cpu, destination, lanes::join<u16>(result));
}

void pextrw(Cpu& cpu, const Insn& i) {
    begin_mmx(cpu);
    enter_mmx(cpu);
    cpu.set<u32>(i.rm, lanes::split<u16>(mmx_register(cpu, i.reg))[i.immediate & 3]);
}

void pmovmskb(Cpu& cpu, const Insn& i) {
    begin_mmx(cpu);
    enter_mmx(cpu);
    u32 mask = 0;
    const lanes::Lanes<u8> bytes = lanes::split<u8>(mmx_register(cpu, i.reg));
    for (u32 n = 0; n < 8; ++n) mask |= u32{bytes[n]} >> 7 << n;
    cpu.set<u32>(i.rm, mask);
}

/// Stores the bytes that the mask chooses to DS:(E)DI. The whole eight bytes have to be writable, whatever the mask says.
void maskmovq(Cpu& cpu, const Insn& i) {
    begin_mmx(cpu);
    const u32 offset = wrap(i, cpu.reg(Gpr::edi));
    const lanes::Lanes<u8> value = lanes::split<u8>(mmx_register(cpu, i.rm)),
                           mask = lanes::split<u8>(mmx_register(cpu, i.reg));
    enter_mmx(cpu);
    const u32 linear = linear_address(cpu, segment_of(i), offset, 8, Intent::Write);
    if (cpu.alignment_checked && linear % 8) raise(Vector::AC);
    probe_write(cpu, linear, 8, Rights::Current);
    for (u32 n = 0; n < 8; ++n)
        if (mask[n] >> 7) store_to<u8>(cpu, segment_of(i), wrap(i, offset + n), value[n]);
}

} // namespace trapgate::cpu::ops
