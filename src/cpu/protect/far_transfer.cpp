// SPDX-License-Identifier: MIT
// JMP and CALL with a far pointer: what the selector names decides. (Call gates: call_gate.cpp; tasks: task_switch.cpp.)
// Source: [SDM2] JMP and CALL, "Operation"; [SDM3] "Privilege Level Checking When Transferring Program Control Between Code Segments".
#include "cpu/protect/call_gate.hpp"
#include "cpu/protect/lists.hpp"
#include "cpu/protect/stack.hpp"
#include "cpu/protect/task_switch.hpp"
#include "cpu/protect/virtual8086.hpp"

namespace trapgate::cpu::protect {

namespace {

using isa::MicroStep;

void far_selector(Transfer& t) {
    if (selector_is_null(t.gate_selector)) [[unlikely]]
        raise(Vector::GP, 0);
    if (!locate_descriptor(t.cpu, t.gate_selector, t.gate_address)) [[unlikely]]
        raise(Vector::GP, selector_error(t.gate_selector));
}

bool is_tss(u8 type) {
    return (type & ~u8{system_type::wide | system_type::tss_busy}) == system_type::tss16;
}
bool is_call_gate(u8 type) {
    return (type & ~u8{system_type::wide}) == system_type::call_gate16;
}

void far_descriptor(Transfer& t) {
    const Descriptor d = t.gate = read_descriptor(t.cpu, t.gate_address);
    const u8 type = d.type();
    const bool usable =
        d.is_code_or_data() ? d.is_code() : is_tss(type) || is_call_gate(type) || type == system_type::task_gate;
    if (!usable) [[unlikely]]
        raise(Vector::GP, selector_error(t.gate_selector));
}

void far_code(Transfer& t) {
    const Descriptor d = t.target = t.gate;
    t.target_selector = t.gate_selector;
    t.target_address = t.gate_address;
    const u8 cpl = t.new_cpl = t.cpu.cpl;
    const bool allowed = d.conforming() ? d.dpl() <= cpl : selector_rpl(t.target_selector) <= cpl && d.dpl() == cpl;
    if (!allowed) [[unlikely]]
        raise(Vector::GP, selector_error(t.target_selector));
    if (!d.present()) [[unlikely]]
        raise(Vector::NP, selector_error(t.target_selector));
    probe_accessed(t.cpu, t.target_address, d);
}

constexpr Step far_target_steps[] = {
    {MicroStep::far_selector, far_selector},
    {MicroStep::far_descriptor, far_descriptor},
};
constexpr Step jump_code_steps[] = {
    {MicroStep::far_code, far_code},
    {MicroStep::eip_limit, check_target_eip},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::load_cs_eip, enter_target},
};
constexpr Step call_code_steps[] = {
    {MicroStep::far_code, far_code},
    {MicroStep::call_frame, check_call_frame},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::push_cs, push_old_cs},
    {MicroStep::push_eip, push_old_eip},
    {MicroStep::load_cs_eip, enter_target},
};

/// Chooses by what the selector named.
void transfer_by_descriptor(Transfer& t) {
    if (t.cpu.virtual8086()) [[unlikely]]
        return far_transfer_in_virtual8086(t);
    run(t, ListId::far_target);
    const u8 type = t.gate.type();
    if (t.gate.is_code_or_data())
        run(t, t.kind == trace::TransferKind::FarCall ? ListId::call_code : ListId::jump_code);
    else if (type == system_type::task_gate)
        transfer_by_task_gate(t);
    else if (is_tss(type))
        transfer_to_tss(t);
    else
        transfer_by_call_gate(t);
}

void far_transfer(Cpu& cpu, trace::TransferKind kind, u16 selector, u32 offset, OperandSize size) {
    Transfer t(cpu, kind, size);
    t.gate_selector = selector;
    t.target_eip = size == OperandSize::Doubleword ? offset : offset & 0xffff;
    t.eflags_image = cpu.flags.image();
    run_transfer(t, transfer_by_descriptor);
}

} // namespace

constinit const StepList far_target_list = make_list<far_target_steps>("JMP or CALL far: what the selector names");
constinit const StepList jump_code_list = make_list<jump_code_steps>("JMP to a code segment");
constinit const StepList call_code_list = make_list<call_code_steps>("CALL to a code segment");

void far_jump(Cpu& cpu, u16 selector, u32 offset, OperandSize size) {
    far_transfer(cpu, trace::TransferKind::FarJump, selector, offset, size);
}

void far_call(Cpu& cpu, u16 selector, u32 offset, OperandSize size) {
    far_transfer(cpu, trace::TransferKind::FarCall, selector, offset, size);
}

} // namespace trapgate::cpu::protect
