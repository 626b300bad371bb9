// SPDX-License-Identifier: MIT
// Far transfers and interrupts by instruction: operands here, the transfer itself in protect/.
// Source: [SDM2] CALL, JMP, RET, INT n, IRET, BOUND, SYSENTER, SYSEXIT, UD.
#include "cpu/ops/operand.hpp"
#include "cpu/ops/ops.hpp"
#include "cpu/protect/protect.hpp"

namespace trapgate::cpu::ops {

namespace {

using protect::Origin;

protect::OperandSize operand_size(const Insn& i) {
    return is_16(i) ? protect::OperandSize::Word : protect::OperandSize::Doubleword;
}

struct FarPointer {
    u16 selector;
    u32 offset;
};

FarPointer read_far_pointer(Cpu& cpu, const Insn& i) {
    const u32 at = effective_offset(cpu, i);
    const u32 size = is_16(i) ? 2 : 4;
    const u32 offset = is_16(i) ? load_from<u16>(cpu, segment_of(i), at) : load_from<u32>(cpu, segment_of(i), at);
    return {load_from<u16>(cpu, segment_of(i), wrap(i, at + size)), offset};
}

template <class T> void check_bounds(Cpu& cpu, const Insn& i) {
    const u32 at = effective_offset(cpu, i);
    const auto index = static_cast<std::make_signed_t<T>>(cpu.get<T>(i.reg));
    const auto lower = static_cast<std::make_signed_t<T>>(load_from<T>(cpu, segment_of(i), at));
    if (index < lower) // before the upper bound is read
        raise(Vector::BR);
    const auto upper =
        static_cast<std::make_signed_t<T>>(load_from<T>(cpu, segment_of(i), wrap(i, at + sizeof(T))));
    if (index > upper) raise(Vector::BR);
}

} // namespace

void far_call_direct(Cpu& cpu, const Insn& i) {
    protect::far_call(cpu, i.selector, i.immediate, operand_size(i));
}
void far_jump_direct(Cpu& cpu, const Insn& i) {
    protect::far_jump(cpu, i.selector, i.immediate, operand_size(i));
}
void far_call_indirect(Cpu& cpu, const Insn& i) {
    const FarPointer pointer = read_far_pointer(cpu, i);
    protect::far_call(cpu, pointer.selector, pointer.offset, operand_size(i));
}
void far_jump_indirect(Cpu& cpu, const Insn& i) {
    const FarPointer pointer = read_far_pointer(cpu, i);
    protect::far_jump(cpu, pointer.selector, pointer.offset, operand_size(i));
}
void far_return(Cpu& cpu, const Insn& i) {
    protect::far_return(cpu, static_cast<u16>(i.immediate), operand_size(i));
}
void iret(Cpu& cpu, const Insn& i) {
    protect::interrupt_return(cpu, operand_size(i));
}

void int3(Cpu& cpu, const Insn&) {
    protect::enter_interrupt(cpu, static_cast<u8>(Vector::BP), std::nullopt, Origin::Int3);
}
void int_n(Cpu& cpu, const Insn& i) {
    protect::enter_interrupt(cpu, static_cast<u8>(i.immediate), std::nullopt, Origin::Software);
}
void into(Cpu& cpu, const Insn&) {
    if (cpu.flags.of()) protect::enter_interrupt(cpu, static_cast<u8>(Vector::OF), std::nullopt, Origin::Into);
}
void int1(Cpu& cpu, const Insn&) {
    protect::enter_interrupt(cpu, static_cast<u8>(Vector::DB), std::nullopt, Origin::Int1);
}

void bound(Cpu& cpu, const Insn& i) {
    is_16(i) ? check_bounds<u16>(cpu, i) : check_bounds<u32>(cpu, i);
}

void sysenter(Cpu& cpu, const Insn&) {
    if (!cpu.model.has(feature::sep)) raise(Vector::UD);
    protect::sysenter(cpu);
}
void sysexit(Cpu& cpu, const Insn&) {
    if (!cpu.model.has(feature::sep)) raise(Vector::UD);
    protect::sysexit(cpu);
}

void undefined(Cpu&, const Insn&) {
    raise(Vector::UD);
}

} // namespace trapgate::cpu::ops
