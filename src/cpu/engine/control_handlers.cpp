// SPDX-License-Identifier: MIT
// The handlers of near transfers and stack frames outside the flat 32-bit case.
// Source: [SDM2] CALL, JMP, RET, LEAVE.
#include "cpu/engine/control_handlers.hpp"

namespace trapgate::cpu::engine {

namespace {

u32 operand_value(Cpu& cpu, const Insn& i) {
    return ops::is_16(i) ? ops::read_e<u16>(cpu, i) : ops::read_e<u32>(cpu, i);
}

u32 truncate(const Insn& i, u32 eip) {
    return ops::is_16(i) ? eip & 0xffff : eip;
}

/// CALL outside the flat case: as on silicon the return address is in memory before the target is found to be beyond the limit.
void push_return_address(Cpu& cpu, const Insn* i, u32 target) {
    const u32 esp = cpu.reg(Gpr::esp);
    ops::push_any(cpu, *i, Block::of(i).eip_after(i));
    if (target <= cpu.segment(SegmentRegister::cs).limit) [[likely]]
        return;
    cpu.reg(Gpr::esp) = esp;
    raise(Vector::GP, 0);
}

} // namespace

const Insn* leave_frame_any_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 frame = cpu.reg(Gpr::ebp) & ops::stack_mask(cpu);
    if (ops::is_16(*i)) {
        const u16 saved = ops::load_from<u16>(cpu, SegmentRegister::ss, frame);
        ops::set_stack_pointer(cpu, frame + 2);
        cpu.set<u16>(20, saved);
    } else {
        const u32 saved = ops::load_from<u32>(cpu, SegmentRegister::ss, frame);
        ops::set_stack_pointer(cpu, frame + 4);
        cpu.reg(Gpr::ebp) = saved;
    }
    TRAPGATE_NEXT(cpu, i);
}

const Insn* call_any_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    push_return_address(cpu, i, i->immediate);
    TRAPGATE_GO(cpu, i, 1, i->immediate);
}

const Insn* jump_indirect_any_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 target = operand_value(cpu, *i);
    check_target(cpu, target);
    cpu.eip = target;
    return leave(cpu, i);
}

const Insn* call_indirect_any_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 target = operand_value(cpu, *i);
    push_return_address(cpu, i, target);
    cpu.eip = target;
    return leave(cpu, i);
}

const Insn* return_any_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 size = ops::is_16(*i) ? 2 : 4;
    const u32 target = truncate(*i, ops::is_16(*i) ? ops::stack_word<u16>(cpu) : ops::stack_word<u32>(cpu));
    check_target(cpu, target);
    ops::set_stack_pointer(cpu, cpu.reg(Gpr::esp) + size + (i->immediate & 0xffff));
    cpu.eip = target;
    return leave(cpu, i);
}

const Insn* undefined_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    raise(Vector::UD);
}

} // namespace trapgate::cpu::engine
