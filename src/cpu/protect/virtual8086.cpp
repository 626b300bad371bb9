// SPDX-License-Identifier: MIT
// Virtual-8086 mode: the transfers that only it has.
// Source: [SDM2] INT n, IRET, CALL, JMP and RET, "Operation", the branches for EFLAGS.VM = 1; [SDM3] "8086 Emulation".
//
//   frame of an interrupt out of the mode          ESP -> EIP  CS  EFLAGS (VM = 1)  ESP  SS  ES  DS  FS  GS
//   (a doubleword each, or a word with a 16-bit gate; an error code lies below EIP)
#include "cpu/protect/virtual8086.hpp"

#include "cpu/protect/flag_rules.hpp"
#include "cpu/protect/lists.hpp"
#include "cpu/protect/stack.hpp"

namespace trapgate::cpu::protect {

namespace {

using isa::MicroStep;
using S = SegmentRegister;

constexpr u32 highest_ip = 0xffff;

/// INT n and IRET ask for IOPL 3; else the monitor in ring 0 shall do them.
void virtual8086_iopl(Transfer& t) {
    if (t.cpu.flags.iopl() < 3) raise(Vector::GP, 0);
}

// --- Out of the mode -----------------------------------------------------------------------------

void virtual8086_handler(Transfer& t) {
    if (t.target.conforming() || t.target.dpl() != 0)
        raise(Vector::GP, selector_error(t.target_selector, t.external));
    t.inner = true;
    t.new_cpl = 0;
    t.target_eip = t.width == 4 ? t.gate.gate_offset() : t.gate.gate_offset() & 0xffff;
}

void virtual8086_frame(Transfer& t) {
    check_frame(t, t.stack, t.stack_pointer, 9u + t.has_error_code, Rights::Supervisor,
                selector_error(t.stack_selector, t.external));
    check_target_eip(t);
}

template <S r> void push_segment(Transfer& t) {
    push(t, t.cpu.segment(r).selector);
}

void push_virtual8086_eflags(Transfer& t) {
    push(t, t.eflags_image);
}

void null_data_segments(Transfer& t) {
    for (const S r : {S::ds, S::es, S::fs, S::gs}) t.cpu.segment(r) = Segment::null(0);
    t.cpu.update_mode();
}

constexpr Step int_steps[] = {{MicroStep::virtual8086_iopl, virtual8086_iopl}};
constexpr Step leave_steps[] = {
    {MicroStep::virtual8086_handler, virtual8086_handler},
    {MicroStep::tss_stack, read_tss_stack},
    {MicroStep::stack_descriptor, check_inner_stack},
    {MicroStep::virtual8086_frame, virtual8086_frame},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::switch_stack, switch_stack},
    {MicroStep::push_gs, push_segment<S::gs>},
    {MicroStep::push_fs, push_segment<S::fs>},
    {MicroStep::push_ds, push_segment<S::ds>},
    {MicroStep::push_es, push_segment<S::es>},
    {MicroStep::push_ss, push_old_ss},
    {MicroStep::push_esp, push_old_esp},
    {MicroStep::push_eflags, push_virtual8086_eflags},
    {MicroStep::push_cs, push_old_cs},
    {MicroStep::push_eip, push_old_eip},
    {MicroStep::null_data_segments, null_data_segments},
};

// --- Into the mode -------------------------------------------------------------------------------

void read_virtual8086_stack(Transfer& t) {
    t.stack_pointer = read_stack(t, 12);
    t.stack_selector = static_cast<u16>(read_stack(t, 16));
}

/// ES, DS, FS, GS: kept in the order of the frame.
void read_virtual8086_data(Transfer& t) {
    constexpr S in_frame[] = {S::es, S::ds, S::fs, S::gs};
    u32 offset = 20;
    for (const S r : in_frame) {
        t.task.selectors[static_cast<u8>(r)] = static_cast<u16>(read_stack(t, offset));
        offset += 4;
    }
}

void virtual8086_ip(Transfer& t) {
    if (t.target_eip > highest_ip) raise(Vector::GP, 0);
}

/// All bits: at CPL 0 the image decides, VM and IOPL included.
void load_virtual8086_eflags(Transfer& t) {
    Flags& flags = t.cpu.flags;
    const u32 changeable = changeable_eflags(t.cpu, false) | eflags::vm;
    flags.set_arithmetic(t.eflags_image);
    flags.set_system((flags.system() & ~changeable) | (t.eflags_image & changeable));
}

void load_virtual8086_segments(Transfer& t) {
    Cpu& cpu = t.cpu;
    for (const S r : {S::es, S::ds, S::fs, S::gs})
        cpu.segment(r) = virtual8086_segment(t.task.selectors[static_cast<u8>(r)]);
    cpu.segment(S::ss) = virtual8086_segment(t.stack_selector);
    cpu.reg(Gpr::esp) = t.stack_pointer;
    cpu.set_cpl(3);
}

constexpr Step enter_steps[] = {
    {MicroStep::read_virtual8086_stack, read_virtual8086_stack},
    {MicroStep::read_virtual8086_data, read_virtual8086_data},
    {MicroStep::virtual8086_ip, virtual8086_ip},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::load_cs_eip, load_virtual8086_cs},
    {MicroStep::load_eflags, load_virtual8086_eflags},
    {MicroStep::load_virtual8086_segments, load_virtual8086_segments},
};

// --- Inside the mode -----------------------------------------------------------------------------

/// IOPL, VM, VIF and VIP stay.
void load_flags_in_virtual8086(Transfer& t) {
    Flags& flags = t.cpu.flags;
    const u32 changeable = changeable_eflags(t.cpu, t.width == 2);
    flags.set_arithmetic(t.eflags_image);
    flags.set_system((flags.system() & ~changeable) | (t.eflags_image & changeable));
}

void far_call_frame(Transfer& t) {
    check_frame(t, t.cpu.segment(S::ss), t.cpu.reg(Gpr::esp), 2, Rights::Current, 0);
    virtual8086_ip(t);
}

void take_far_pointer(Transfer& t) {
    t.target_selector = t.gate_selector;
    t.new_cpl = 3; // pushes are the user's
}

constexpr Step iret_steps[] = {
    {MicroStep::virtual8086_iopl, virtual8086_iopl},
    {MicroStep::read_return_eip, read_return_eip},
    {MicroStep::read_return_cs, read_return_cs},
    {MicroStep::read_return_eflags, read_return_eflags},
    {MicroStep::virtual8086_ip, virtual8086_ip},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::load_cs_eip, load_virtual8086_cs},
    {MicroStep::load_eflags, load_flags_in_virtual8086},
    {MicroStep::release_frame, release_frame},
};
constexpr Step far_return_steps[] = {
    {MicroStep::read_return_eip, read_return_eip},
    {MicroStep::read_far_return_cs, read_far_return_cs},
    {MicroStep::virtual8086_ip, virtual8086_ip},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::load_cs_eip, load_virtual8086_cs},
    {MicroStep::release_frame, release_frame},
};
constexpr Step far_jump_steps[] = {
    {MicroStep::virtual8086_pointer, take_far_pointer},
    {MicroStep::virtual8086_ip, virtual8086_ip},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::load_cs_eip, load_virtual8086_cs},
};
constexpr Step far_call_steps[] = {
    {MicroStep::virtual8086_pointer, take_far_pointer},
    {MicroStep::call_frame, far_call_frame},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::push_cs, push_old_cs},
    {MicroStep::push_eip, push_old_eip},
    {MicroStep::load_cs_eip, load_virtual8086_cs},
};

} // namespace

constinit const StepList virtual8086_int_list = make_list<int_steps>("INT n in virtual-8086 mode");
constinit const StepList virtual8086_leave_list = make_list<leave_steps>("out of virtual-8086 mode");
constinit const StepList virtual8086_enter_list = make_list<enter_steps>("to virtual-8086 mode");
constinit const StepList virtual8086_iret_list = make_list<iret_steps>("IRET in virtual-8086 mode");
constinit const StepList virtual8086_far_return_list = make_list<far_return_steps>("RET far in virtual-8086 mode");
constinit const StepList virtual8086_jump_list = make_list<far_jump_steps>("JMP far in virtual-8086 mode");
constinit const StepList virtual8086_call_list = make_list<far_call_steps>("CALL far in virtual-8086 mode");

void leave_virtual8086(Transfer& t) {
    run(t, ListId::virtual8086_leave);
}

void enter_virtual8086(Transfer& t) {
    run(t, ListId::virtual8086_enter);
}

void return_in_virtual8086(Transfer& t) {
    const bool to_virtual_flags = (t.cpu.cr4 & cr4::vme) && t.cpu.flags.iopl() < 3;
    run(t, to_virtual_flags ? ListId::virtual8086_virtual_iret : ListId::virtual8086_iret);
}

void far_return_in_virtual8086(Transfer& t) {
    run(t, ListId::virtual8086_far_return);
}

void far_transfer_in_virtual8086(Transfer& t) {
    const bool call = t.kind == trace::TransferKind::FarCall;
    run(t, call ? ListId::virtual8086_call : ListId::virtual8086_jump);
}

} // namespace trapgate::cpu::protect
