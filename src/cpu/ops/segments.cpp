// SPDX-License-Identifier: MIT
// Instructions that read and load segment registers and descriptor-table registers.
// Source: [SDM2] MOV, POP, LDS/LES/LFS/LGS/LSS, ARPL, LAR, LSL, VERR/VERW, LLDT, LTR, SLDT, STR.
#include "cpu/ops/operand.hpp"
#include "cpu/ops/ops.hpp"
#include "cpu/protect/protect.hpp"

namespace trapgate::cpu::ops {

namespace {

protect::OperandSize operand_size(const Insn& i) {
    return is_16(i) ? protect::OperandSize::Word : protect::OperandSize::Doubleword;
}

SegmentRegister target(const Insn& i) {
    return static_cast<SegmentRegister>(i.reg);
}

/// Instructions about selectors do not exist where selectors are paragraphs. [SDM3] "8086 Emulation".
void require_protected(const Cpu& cpu) {
    if (cpu.virtual8086()) raise(Vector::UD);
}

/// 16 bits to memory; a 32-bit register is zero-extended.
void write_selector(Cpu& cpu, const Insn& i, u16 selector) {
    if (has_memory(i) || is_16(i))
        write_e<u16>(cpu, i, selector);
    else
        cpu.set<u32>(i.rm, selector);
}

/// LAR and LSL: the G operand and ZF.
void write_checked(Cpu& cpu, const Insn& i, std::optional<u32> value) {
    cpu.flags.set_zf(value.has_value());
    if (!value) return;
    const u8 destination = has_memory(i) ? i.reg : i.rm;
    if (is_16(i))
        cpu.set<u16>(destination, static_cast<u16>(*value));
    else
        cpu.set<u32>(destination, *value);
}

/// The selector operand of LAR and LSL: where both operands are registers, the source is `reg`.
u16 source_selector(Cpu& cpu, const Insn& i) {
    return has_memory(i) ? read_e<u16>(cpu, i) : cpu.get<u16>(i.reg);
}

} // namespace

void pop_segment(Cpu& cpu, const Insn& i) {
    const u32 size = is_16(i) ? 2 : 4;
    const u16 selector = stack_word<u16>(cpu); // the other half of a doubleword is not read
    const u32 after = cpu.reg(Gpr::esp) + size;
    const u32 mask = stack_mask(cpu); // of the old SS
    protect::load_segment(cpu, target(i), selector);
    u32& esp = cpu.reg(Gpr::esp);
    esp = (esp & ~mask) | (after & mask);
    if (target(i) == SegmentRegister::ss) cpu.interrupt_shadow = cpu.debug_shadow = true;
}

void load_segment(Cpu& cpu, const Insn& i) {
    if (target(i) == SegmentRegister::cs || i.reg >= segment_registers) raise(Vector::UD);
    protect::load_segment(cpu, target(i), read_e<u16>(cpu, i));
    if (target(i) == SegmentRegister::ss) cpu.interrupt_shadow = cpu.debug_shadow = true;
}

void store_segment(Cpu& cpu, const Insn& i) {
    if (i.reg >= segment_registers) raise(Vector::UD);
    write_selector(cpu, i, cpu.segments[i.reg].selector);
}

void load_far_pointer_into(Cpu& cpu, const Insn& i, SegmentRegister segment) {
    const u32 size = is_16(i) ? 2 : 4;
    const u32 offset = effective_offset(cpu, i);
    const u32 value =
        is_16(i) ? load_from<u16>(cpu, segment_of(i), offset) : load_from<u32>(cpu, segment_of(i), offset);
    const u16 selector = load_from<u16>(cpu, segment_of(i), wrap(i, offset + size));
    protect::load_segment(cpu, segment, selector);
    if (is_16(i))
        cpu.set<u16>(i.reg, static_cast<u16>(value));
    else
        cpu.set<u32>(i.reg, value);
}

void arpl(Cpu& cpu, const Insn& i) {
    require_protected(cpu);
    const u16 source = cpu.get<u16>(i.reg);
    const u16 destination = read_e<u16>(cpu, i);
    const bool raised = selector_rpl(destination) < selector_rpl(source);
    if (raised) // only then is memory written
        write_e<u16>(cpu, i, static_cast<u16>((destination & ~3) | selector_rpl(source)));
    cpu.flags.set_zf(raised);
}

void sldt(Cpu& cpu, const Insn& i) {
    require_protected(cpu);
    write_selector(cpu, i, cpu.ldtr.selector);
}
void str(Cpu& cpu, const Insn& i) {
    require_protected(cpu);
    write_selector(cpu, i, cpu.tr.selector);
}
void lldt(Cpu& cpu, const Insn& i) {
    require_protected(cpu);
    require_cpl0(cpu);
    protect::load_local_table(cpu, read_e<u16>(cpu, i));
}
void ltr(Cpu& cpu, const Insn& i) {
    require_protected(cpu);
    require_cpl0(cpu);
    protect::load_task_register(cpu, read_e<u16>(cpu, i));
}
void verr(Cpu& cpu, const Insn& i) {
    require_protected(cpu);
    cpu.flags.set_zf(protect::verify_read(cpu, read_e<u16>(cpu, i)));
}
void verw(Cpu& cpu, const Insn& i) {
    require_protected(cpu);
    cpu.flags.set_zf(protect::verify_write(cpu, read_e<u16>(cpu, i)));
}
void lar(Cpu& cpu, const Insn& i) {
    require_protected(cpu);
    write_checked(cpu, i, protect::load_access_rights(cpu, source_selector(cpu, i), operand_size(i)));
}
void lsl(Cpu& cpu, const Insn& i) {
    require_protected(cpu);
    write_checked(cpu, i, protect::load_segment_limit(cpu, source_selector(cpu, i)));
}

} // namespace trapgate::cpu::ops
