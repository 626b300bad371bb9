// SPDX-License-Identifier: MIT
// IRET and RETF: back to the same or an outer level. (To another task: task_switch.cpp.)
// Source: [SDM2] IRET/IRETD and RET, "Operation".
//
//   IRET, outer level        RETF n, outer level
//   ESP -> EIP               ESP -> EIP
//          CS                       CS
//          EFLAGS                   n bytes
//          outer ESP                outer ESP (n more bytes are released there)
//          outer SS                 outer SS
#include "cpu/protect/flag_rules.hpp"
#include "cpu/protect/lists.hpp"
#include "cpu/protect/stack.hpp"
#include "cpu/protect/task_switch.hpp"
#include "cpu/protect/virtual8086.hpp"

namespace trapgate::cpu::protect {

namespace {

using isa::MicroStep;

void nested_task(Transfer& t) {
    t.nested = t.cpu.flags.test_system(eflags::nt);
}

void return_mode(Transfer& t) {
    t.to_virtual8086 = t.width == 4 && (t.eflags_image & eflags::vm) && t.cpu.cpl == 0;
}

void return_selector(Transfer& t) {
    const u16 selector = t.target_selector;
    if (selector_is_null(selector)) [[unlikely]]
        raise(Vector::GP, 0);
    if (!locate_descriptor(t.cpu, selector, t.target_address) || selector_rpl(selector) < t.cpu.cpl) [[unlikely]]
        raise(Vector::GP, selector_error(selector));
}

void return_descriptor(Transfer& t) {
    const Descriptor d = t.target = read_descriptor(t.cpu, t.target_address);
    const u8 rpl = selector_rpl(t.target_selector) & 3;
    if (!d.is_code() || (d.conforming() ? d.dpl() > rpl : d.dpl() != rpl)) [[unlikely]]
        raise(Vector::GP, selector_error(t.target_selector));
    if (!d.present()) [[unlikely]]
        raise(Vector::NP, selector_error(t.target_selector));
    probe_accessed(t.cpu, t.target_address, d);
}

void return_level(Transfer& t) {
    t.new_cpl = selector_rpl(t.target_selector) & 3;
    t.outer = t.new_cpl > t.cpu.cpl;
}

void read_return_esp(Transfer& t) {
    t.stack_pointer = read_stack(t, t.outer_offset);
}
void read_return_ss(Transfer& t) {
    t.stack_selector = static_cast<u16>(read_stack(t, t.outer_offset + t.width));
}

void return_stack(Transfer& t) {
    const u16 selector = t.stack_selector;
    if (selector_is_null(selector)) [[unlikely]]
        raise(Vector::GP, 0);
    const u32 error = selector_error(selector);
    if (!locate_descriptor(t.cpu, selector, t.stack_address)) [[unlikely]]
        raise(Vector::GP, error);
    const Descriptor d = t.stack_descriptor = read_descriptor(t.cpu, t.stack_address);
    if (selector_rpl(selector) != t.new_cpl || d.dpl() != t.new_cpl || !d.writable()) [[unlikely]]
        raise(Vector::GP, error);
    if (!d.present()) [[unlikely]]
        raise(Vector::SS, error);
    probe_accessed(t.cpu, t.stack_address, d);
}

void load_cs_eip(Transfer& t) {
    Cpu& cpu = t.cpu;
    mark_accessed(cpu, t.target_address, t.target);
    load_hidden(cpu.segment(SegmentRegister::cs), t.target_selector, t.target);
    cpu.eip = t.target_eip;
}

void load_eflags(Transfer& t) {
    Flags& flags = t.cpu.flags;
    const u32 changeable = changeable_eflags(t.cpu, t.width == 2);
    flags.set_arithmetic(t.eflags_image);
    flags.set_system((flags.system() & ~changeable) | (t.eflags_image & changeable));
}

void load_ss_esp(Transfer& t) {
    Cpu& cpu = t.cpu;
    mark_accessed(cpu, t.stack_address, t.stack_descriptor);
    Segment& stack = cpu.segment(SegmentRegister::ss);
    load_hidden(stack, t.stack_selector, t.stack_descriptor);
    const u32 kept = stack.big ? 0 : cpu.reg(Gpr::esp) & 0xffff0000;
    cpu.reg(Gpr::esp) = moved_esp(stack, kept | stack_offset(stack, t.stack_pointer), t.release);
}

void load_cpl(Transfer& t) {
    t.cpu.set_cpl(t.new_cpl);
}

/// What the outer level may not hold is taken from it. No memory is read.
void null_segments(Transfer& t) {
    Cpu& cpu = t.cpu;
    bool fallen = false;
    for (const SegmentRegister r :
         {SegmentRegister::ds, SegmentRegister::es, SegmentRegister::fs, SegmentRegister::gs}) {
        Segment& segment = cpu.segment(r);
        if (!segment.present || segment.dpl >= cpu.cpl || segment.conforming()) [[likely]]
            continue;
        segment = Segment::null(0);
        fallen = true;
    }
    if (fallen) cpu.update_mode();
}

constexpr Step iret_begin_steps[] = {
    {MicroStep::nested_task, nested_task},
};
constexpr Step iret_steps[] = {
    {MicroStep::read_return_eip, read_return_eip},
    {MicroStep::read_return_cs, read_return_cs},
    {MicroStep::read_return_eflags, read_return_eflags},
    {MicroStep::return_mode, return_mode},
};
constexpr Step iret_target_steps[] = {
    {MicroStep::return_selector, return_selector},
    {MicroStep::return_descriptor, return_descriptor},
    {MicroStep::return_level, return_level},
};
constexpr Step iret_same_steps[] = {
    {MicroStep::eip_limit, check_target_eip},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::load_cs_eip, load_cs_eip},
    {MicroStep::load_eflags, load_eflags},
    {MicroStep::release_frame, release_frame},
};
constexpr Step iret_outer_steps[] = {
    {MicroStep::read_return_esp, read_return_esp},
    {MicroStep::read_return_ss, read_return_ss},
    {MicroStep::return_stack, return_stack},
    {MicroStep::eip_limit, check_target_eip},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::load_cs_eip, load_cs_eip},
    {MicroStep::load_eflags, load_eflags},
    {MicroStep::load_ss_esp, load_ss_esp},
    {MicroStep::load_cpl, load_cpl},
    {MicroStep::null_segments, null_segments},
};
constexpr Step far_return_steps[] = {
    {MicroStep::read_return_eip, read_return_eip}, {MicroStep::read_far_return_cs, read_far_return_cs},
    {MicroStep::return_selector, return_selector}, {MicroStep::return_descriptor, return_descriptor},
    {MicroStep::return_level, return_level},
};
constexpr Step far_return_same_steps[] = {
    {MicroStep::eip_limit, check_target_eip},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::load_cs_eip, load_cs_eip},
    {MicroStep::release_frame, release_frame},
};
constexpr Step far_return_outer_steps[] = {
    {MicroStep::read_return_esp, read_return_esp},
    {MicroStep::read_return_ss, read_return_ss},
    {MicroStep::return_stack, return_stack},
    {MicroStep::eip_limit, check_target_eip},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::load_cs_eip, load_cs_eip},
    {MicroStep::load_ss_esp, load_ss_esp},
    {MicroStep::load_cpl, load_cpl},
    {MicroStep::null_segments, null_segments},
};

} // namespace

constinit const StepList iret_begin_list = make_list<iret_begin_steps>("IRET: by task or by stack");
constinit const StepList iret_list = make_list<iret_steps>("IRET: where to");
constinit const StepList iret_target_list = make_list<iret_target_steps>("IRET: the code segment");
constinit const StepList iret_same_list = make_list<iret_same_steps>("to the same level");
constinit const StepList iret_outer_list = make_list<iret_outer_steps>("to an outer level");
constinit const StepList far_return_list = make_list<far_return_steps>("RET far: where to");
constinit const StepList far_return_same_list = make_list<far_return_same_steps>("to the same level");
constinit const StepList far_return_outer_list = make_list<far_return_outer_steps>("to an outer level");

void interrupt_return(Cpu& cpu, OperandSize size) {
    Transfer t(cpu, trace::TransferKind::InterruptReturn, size);
    t.outer_offset = 3u * t.width;
    run_transfer(t, [](Transfer& transfer) {
        if (transfer.cpu.virtual8086()) [[unlikely]]
            return return_in_virtual8086(transfer);
        run(transfer, ListId::iret_begin);
        if (transfer.nested) [[unlikely]]
            return return_to_task(transfer);
        run(transfer, ListId::iret);
        if (transfer.to_virtual8086) [[unlikely]]
            return enter_virtual8086(transfer);
        run(transfer, ListId::iret_target);
        run(transfer, transfer.outer ? ListId::iret_outer : ListId::iret_same);
    });
}

void far_return(Cpu& cpu, u16 release, OperandSize size) {
    Transfer t(cpu, trace::TransferKind::FarReturn, size);
    t.release = release;
    t.outer_offset = 2u * t.width + release;
    run_transfer(t, [](Transfer& transfer) {
        if (transfer.cpu.virtual8086()) [[unlikely]]
            return far_return_in_virtual8086(transfer);
        run(transfer, ListId::far_return);
        run(transfer, transfer.outer ? ListId::far_return_outer : ListId::far_return_same);
    });
}

} // namespace trapgate::cpu::protect
