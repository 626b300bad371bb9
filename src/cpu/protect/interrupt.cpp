// SPDX-License-Identifier: MIT
// The interrupt path: INT n, exceptions and external interrupts enter here and nowhere else.
// Source: [SDM2] INT n, "Operation"; [SDM3] "Exception- or Interrupt-Handler Procedures", "Interrupt Tasks".
//
//   new stack, inner level            same level
//   SSn:ESPn -> .--------------.      ESP -> .--------------.
//               | old SS       |             | EFLAGS       |
//               | old ESP      |             | CS           |
//               | EFLAGS       |             | EIP          |
//               | CS           |             | (error code) |
//               | EIP          |             '--------------'
//               | (error code) |
//               '--------------'
#include "cpu/protect/gate_target.hpp"
#include "cpu/protect/lists.hpp"
#include "cpu/protect/stack.hpp"
#include "cpu/protect/task_switch.hpp"
#include "cpu/protect/virtual8086.hpp"

namespace trapgate::cpu::protect {

namespace {

using isa::MicroStep;

u32 gate_error(const Transfer& t) {
    return t.vector * 8u + 2 + t.external; // the IDT bit, and EXT
}

void idt_limit(Transfer& t) {
    if (t.vector * 8u + 7 > t.cpu.idtr.limit) [[unlikely]]
        raise(Vector::GP, gate_error(t));
}

void read_gate(Transfer& t) {
    t.gate = read_descriptor(t.cpu, t.cpu.idtr.base + t.vector * 8u);
}

void gate_type(Transfer& t) {
    const u8 type = t.gate.type();
    const bool code_gate = (type & ~u8{system_type::wide | 1}) == system_type::interrupt_gate16;
    if (t.gate.is_code_or_data() || (!code_gate && type != system_type::task_gate)) [[unlikely]]
        raise(Vector::GP, gate_error(t));
    t.width = type & system_type::wide ? 4 : 2;
}

void gate_dpl(Transfer& t) {
    if (t.gate.dpl() < t.cpu.cpl) [[unlikely]]
        raise(Vector::GP, gate_error(t));
}

void gate_present(Transfer& t) {
    if (!t.gate.present()) [[unlikely]]
        raise(Vector::NP, gate_error(t));
}

void inner_frame(Transfer& t) {
    const u32 words = 5 + t.has_error_code;
    const u32 error = selector_error(t.stack_selector, t.external);
    check_frame(t, t.stack, t.stack_pointer, words, Rights::Supervisor, error);
    check_target_eip(t);
}

void same_frame(Transfer& t) {
    const u32 words = 3 + t.has_error_code;
    const Segment& stack = t.cpu.segment(SegmentRegister::ss);
    check_frame(t, stack, t.cpu.reg(Gpr::esp), words, stack_rights(t.cpu.cpl), t.external);
    check_target_eip(t);
}

void push_eflags(Transfer& t) {
    push(t, t.eflags_image);
}
void push_error_code(Transfer& t) {
    push(t, t.error_code);
}

constexpr u32 cleared_by_both = eflags::tf | eflags::nt | eflags::rf | eflags::vm;

void trap_gate_flags(Transfer& t) {
    t.cpu.flags.set_system_bit(cleared_by_both, false);
}

void interrupt_gate_flags(Transfer& t) {
    t.cpu.flags.set_system_bit(cleared_by_both | eflags::if_, false);
}

constexpr Step by_instruction_steps[] = {
    {MicroStep::idt_limit, idt_limit}, {MicroStep::read_gate, read_gate},       {MicroStep::gate_type, gate_type},
    {MicroStep::gate_dpl, gate_dpl},   {MicroStep::gate_present, gate_present},
};
constexpr Step by_event_steps[] = {
    {MicroStep::idt_limit, idt_limit},
    {MicroStep::read_gate, read_gate},
    {MicroStep::gate_type, gate_type},
    {MicroStep::gate_present, gate_present},
};
constexpr Step target_steps[] = {
    {MicroStep::target_selector, target_selector},
    {MicroStep::target_descriptor, target_descriptor},
};
constexpr Step level_steps[] = {
    {MicroStep::handler_level, choose_level},
};
constexpr Step inner_steps[] = {
    {MicroStep::tss_stack, read_tss_stack},
    {MicroStep::stack_descriptor, check_inner_stack},
    {MicroStep::inner_frame, inner_frame},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::switch_stack, switch_stack},
    {MicroStep::push_ss, push_old_ss},
    {MicroStep::push_esp, push_old_esp},
    {MicroStep::push_eflags, push_eflags},
    {MicroStep::push_cs, push_old_cs},
    {MicroStep::push_eip, push_old_eip},
};
constexpr Step same_steps[] = {
    {MicroStep::same_frame, same_frame},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::push_eflags, push_eflags},
    {MicroStep::push_cs, push_old_cs},
    {MicroStep::push_eip, push_old_eip},
};
constexpr Step error_code_steps[] = {
    {MicroStep::push_error_code, push_error_code},
};
constexpr Step enter_trap_gate_steps[] = {
    {MicroStep::enter_handler, enter_target},
    {MicroStep::trap_gate_flags, trap_gate_flags},
};
constexpr Step enter_interrupt_gate_steps[] = {
    {MicroStep::enter_handler, enter_target},
    {MicroStep::interrupt_gate_flags, interrupt_gate_flags},
};

bool by_instruction(Origin origin) {
    return origin == Origin::Software || origin == Origin::Int3 || origin == Origin::Into;
}

void to_the_handlers_stack(Transfer& t) {
    if (t.cpu.virtual8086()) [[unlikely]]
        return leave_virtual8086(t);
    run(t, ListId::interrupt_level);
    run(t, t.inner ? ListId::interrupt_inner : ListId::interrupt_same);
}

void through_code_gate(Transfer& t) {
    run(t, ListId::interrupt_target);
    to_the_handlers_stack(t);
    if (t.has_error_code) run(t, ListId::interrupt_error_code);
    const bool trap_gate = t.gate.type() & 1;
    run(t, trap_gate ? ListId::interrupt_enter_trap_gate : ListId::interrupt_enter_interrupt_gate);
}

} // namespace

constinit const StepList interrupt_by_instruction_list = make_list<by_instruction_steps>("INT n: the gate");
constinit const StepList interrupt_by_event_list = make_list<by_event_steps>("exception or interrupt: the gate");
constinit const StepList interrupt_target_list = make_list<target_steps>("the handler's code segment");
constinit const StepList interrupt_level_list = make_list<level_steps>("the handler's level");
constinit const StepList interrupt_inner_list = make_list<inner_steps>("to an inner level");
constinit const StepList interrupt_same_list = make_list<same_steps>("on the same level");
constinit const StepList interrupt_error_code_list = make_list<error_code_steps>("error code");
constinit const StepList interrupt_enter_trap_gate_list = make_list<enter_trap_gate_steps>("enter by a trap gate");
constinit const StepList interrupt_enter_interrupt_gate_list =
    make_list<enter_interrupt_gate_steps>("enter by an interrupt gate");

void enter_interrupt(Cpu& cpu, u8 vector, std::optional<u32> error_code, Origin origin, bool set_rf) {
    Transfer t(cpu, trace::TransferKind::Interrupt, OperandSize::Doubleword);
    const bool instruction = by_instruction(origin);
    t.vector = vector;
    t.external = !instruction;
    t.has_error_code = error_code.has_value();
    t.error_code = error_code.value_or(0);
    t.eflags_image = cpu.flags.image();
    if (instruction) t.eflags_image &= ~eflags::rf;
    if (set_rf) t.eflags_image |= eflags::rf;
    run_transfer(t, [instruction, origin](Transfer& transfer) {
        if (origin == Origin::Software && transfer.cpu.virtual8086()) [[unlikely]] {
            if (redirect_in_virtual8086(transfer)) return;
            run(transfer, ListId::virtual8086_int);
        }
        run(transfer, instruction ? ListId::interrupt_by_instruction : ListId::interrupt_by_event);
        if (transfer.gate.type() == system_type::task_gate) [[unlikely]]
            interrupt_by_task(transfer);
        else
            through_code_gate(transfer);
    });
}

void enter_interrupt(Cpu& cpu, u8 vector, std::optional<u32> error_code, Origin origin) {
    enter_interrupt(cpu, vector, error_code, origin, false);
}

} // namespace trapgate::cpu::protect
