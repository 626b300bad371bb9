// SPDX-License-Identifier: MIT
// Call gates, 16 and 32 bit: to the same level, or to an inner one with a copy of the parameters.
// Source: [SDM2] CALL, "Operation", CALL-GATE; [SDM3] "Accessing a Code Segment Through a Call Gate", "Stack Switching".
//
//   SSn:ESPn -> .--------------.
//               | old SS       |
//               | old ESP      |
//               | parameters   |   as on the caller's stack
//               | old CS       |
//        ESP -> | old EIP      |
//               '--------------'
#include "cpu/protect/call_gate.hpp"

#include "cpu/protect/gate_target.hpp"
#include "cpu/protect/lists.hpp"
#include "cpu/protect/stack.hpp"

namespace trapgate::cpu::protect {

namespace {

using isa::MicroStep;

void call_gate_rights(Transfer& t) {
    const u8 dpl = t.gate.dpl();
    if (dpl < t.cpu.cpl || dpl < selector_rpl(t.gate_selector)) [[unlikely]]
        raise(Vector::GP, selector_error(t.gate_selector));
    if (!t.gate.present()) [[unlikely]]
        raise(Vector::NP, selector_error(t.gate_selector));
    t.width = t.gate.type() & system_type::wide ? 4 : 2;
}

void jump_target(Transfer& t) {
    const Descriptor d = t.target = read_descriptor(t.cpu, t.target_address);
    const bool allowed = d.is_code() && (d.conforming() ? d.dpl() <= t.cpu.cpl : d.dpl() == t.cpu.cpl);
    if (!allowed) [[unlikely]]
        raise(Vector::GP, selector_error(t.target_selector));
    if (!d.present()) [[unlikely]]
        raise(Vector::NP, selector_error(t.target_selector));
    probe_accessed(t.cpu, t.target_address, d);
    choose_level(t);
}

void read_parameters(Transfer& t) {
    for (u32 i = 0; i < t.gate.gate_parameter_count(); ++i) t.parameters[i] = read_stack(t, i * t.width);
}

void inner_call_frame(Transfer& t) {
    const u32 words = 4u + t.gate.gate_parameter_count();
    check_frame(t, t.stack, t.stack_pointer, words, Rights::Supervisor, selector_error(t.stack_selector));
    check_target_eip(t);
}

void push_parameters(Transfer& t) {
    for (u32 i = t.gate.gate_parameter_count(); i-- > 0;) push(t, t.parameters[i]);
}

constexpr Step rights_steps[] = {
    {MicroStep::call_gate_rights, call_gate_rights},
    {MicroStep::target_selector, target_selector},
};
constexpr Step target_steps[] = {
    {MicroStep::target_descriptor, target_descriptor},
    {MicroStep::call_level, choose_level},
};
constexpr Step jump_target_steps[] = {
    {MicroStep::jump_target, jump_target},
};
constexpr Step jump_steps[] = {
    {MicroStep::eip_limit, check_target_eip},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::load_cs_eip, enter_target},
};
constexpr Step same_steps[] = {
    {MicroStep::call_frame, check_call_frame},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::push_cs, push_old_cs},
    {MicroStep::push_eip, push_old_eip},
    {MicroStep::load_cs_eip, enter_target},
};
constexpr Step inner_steps[] = {
    {MicroStep::tss_stack, read_tss_stack},
    {MicroStep::stack_descriptor, check_inner_stack},
    {MicroStep::read_parameters, read_parameters},
    {MicroStep::inner_call_frame, inner_call_frame},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::switch_stack, switch_stack},
    {MicroStep::push_ss, push_old_ss},
    {MicroStep::push_esp, push_old_esp},
    {MicroStep::copy_parameters, push_parameters},
    {MicroStep::push_cs, push_old_cs},
    {MicroStep::push_eip, push_old_eip},
    {MicroStep::enter_level, enter_target},
};

} // namespace

constinit const StepList call_gate_rights_list = make_list<rights_steps>("through a call gate");
constinit const StepList call_gate_target_list = make_list<target_steps>("the gate's code segment");
constinit const StepList jump_gate_target_list = make_list<jump_target_steps>("the gate's code segment, for JMP");
constinit const StepList jump_gate_list = make_list<jump_steps>("JMP through the gate");
constinit const StepList call_gate_same_list = make_list<same_steps>("CALL through the gate, same level");
constinit const StepList call_gate_inner_list = make_list<inner_steps>("CALL through the gate, inner level");

void check_call_frame(Transfer& t) {
    const Segment& stack = t.cpu.segment(SegmentRegister::ss);
    check_frame(t, stack, t.cpu.reg(Gpr::esp), 2, stack_rights(t.cpu.cpl), 0);
    check_target_eip(t);
}

void transfer_by_call_gate(Transfer& t) {
    run(t, ListId::call_gate_rights);
    if (t.kind == trace::TransferKind::FarJump) {
        run(t, ListId::jump_gate_target);
        run(t, ListId::jump_gate);
        return;
    }
    run(t, ListId::call_gate_target);
    t.parameters = {};
    run(t, t.inner ? ListId::call_gate_inner : ListId::call_gate_same);
}

} // namespace trapgate::cpu::protect
