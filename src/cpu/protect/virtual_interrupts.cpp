// SPDX-License-Identifier: MIT
// CR4.VME: INT n of a virtual 8086 to the handler in its own table, and IRET from there with an IF that is VIF.
// Source: [SDM2] INT n, IRET, "Operation"; [SDM3] "Handling Software Interrupts", methods 4 to 6 of its table, "32-Bit Task-State
// Segment (TSS)" for the bitmap. (CLI, STI, PUSHF and POPF: ops/; the rules of their flags: flag_rules.hpp.)
//
//   TSS                                              the program's stack         its table, at linear address 0
//   | ...               |                     SP ->  | IP (16 bits) |            vector * 4 -> | IP |
//   | redirection map   | 32 bytes: bit n is         | CS           |                          | CS |
//   +-------------------+ the one of INT n           | FLAGS        |
//   | I/O map           | <- I/O map base
#include "cpu/protect/flag_rules.hpp"
#include "cpu/protect/lists.hpp"
#include "cpu/protect/stack.hpp"
#include "cpu/protect/task_layout.hpp"
#include "cpu/protect/virtual8086.hpp"

namespace trapgate::cpu::protect {

namespace {

using isa::MicroStep;

// --- INT n ---------------------------------------------------------------------------------------

/// Finds the byte that holds the vector's bit.
void redirection_map(Transfer& t) {
    constexpr u32 map_bytes = 32;
    const Segment& tr = t.cpu.tr;
    if (!tr.present || !(tr.type & system_type::wide) || tr.limit < io_map_base_offset + 1) raise(Vector::GP, 0);
    const u32 end = load_system<u16>(t.cpu, tr.base + io_map_base_offset);
    const u32 offset = end - map_bytes + t.vector / 8u; // below 32 it wraps, and lies outside
    if (offset > tr.limit) raise(Vector::GP, 0);
    t.gate_address = tr.base + offset;
}

void redirection_bit(Transfer& t) {
    t.redirected = !(load_system<u8>(t.cpu, t.gate_address) >> t.vector % 8u & 1);
}

void own_handler(Transfer& t) {
    const u32 entry = t.vector * 4u;
    t.width = 2;
    t.new_cpl = 3; // pushes are the user's
    t.target_eip = load_system<u16>(t.cpu, entry);
    t.target_selector = load_system<u16>(t.cpu, entry + 2);
}

void own_frame(Transfer& t) {
    check_frame(t, t.cpu.segment(SegmentRegister::ss), t.cpu.reg(Gpr::esp), 3, Rights::Current, 0);
}

void virtual_image(Transfer& t) {
    t.eflags_image = virtual_flags(t.cpu);
}

void push_flags(Transfer& t) {
    push(t, t.eflags_image);
}

void own_handler_flags(Transfer& t) {
    t.cpu.flags.set_system_bit(eflags::if_ | eflags::tf | eflags::rf, false);
}

void virtual_handler_flags(Transfer& t) {
    t.cpu.flags.set_system_bit(eflags::vif | eflags::tf | eflags::rf, false);
}

constexpr Step redirection_steps[] = {
    {MicroStep::redirection_map, redirection_map},
    {MicroStep::redirection_bit, redirection_bit},
};
constexpr Step own_handler_steps[] = {
    {MicroStep::own_handler, own_handler},
    {MicroStep::own_frame, own_frame},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::push_eflags, push_flags},
    {MicroStep::push_cs, push_old_cs},
    {MicroStep::push_eip, push_old_eip},
    {MicroStep::load_cs_eip, load_virtual8086_cs},
    {MicroStep::own_handler_flags, own_handler_flags},
};
constexpr Step virtual_handler_steps[] = {
    {MicroStep::own_handler, own_handler},
    {MicroStep::own_frame, own_frame},
    {MicroStep::virtual_image, virtual_image},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::push_eflags, push_flags},
    {MicroStep::push_cs, push_old_cs},
    {MicroStep::push_eip, push_old_eip},
    {MicroStep::load_cs_eip, load_virtual8086_cs},
    {MicroStep::virtual_handler_flags, virtual_handler_flags},
};

// --- IRET ----------------------------------------------------------------------------------------

void virtual_iret(Transfer& t) {
    require_virtual_interrupts(t.cpu, t.width == 2);
}

void virtual_pending(Transfer& t) {
    check_virtual_flags(t.cpu, t.eflags_image);
}

void load_flags(Transfer& t) {
    load_virtual_flags(t.cpu, t.eflags_image);
}

constexpr Step iret_steps[] = {
    {MicroStep::virtual_iret, virtual_iret},
    {MicroStep::read_return_eip, read_return_eip},
    {MicroStep::read_return_cs, read_return_cs},
    {MicroStep::read_return_eflags, read_return_eflags},
    {MicroStep::virtual_pending, virtual_pending},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::load_cs_eip, load_virtual8086_cs},
    {MicroStep::load_virtual_flags, load_flags},
    {MicroStep::release_frame, release_frame},
};

} // namespace

constinit const StepList virtual8086_redirection_list =
    make_list<redirection_steps>("INT n in virtual-8086 mode with CR4.VME");
constinit const StepList virtual8086_own_handler_list =
    make_list<own_handler_steps>("to the program's own handler, IOPL 3");
constinit const StepList virtual8086_virtual_handler_list =
    make_list<virtual_handler_steps>("to the program's own handler, IOPL < 3");
constinit const StepList virtual8086_virtual_iret_list =
    make_list<iret_steps>("IRET in virtual-8086 mode with CR4.VME, IOPL < 3");

bool redirect_in_virtual8086(Transfer& t) {
    if (!(t.cpu.cr4 & cr4::vme)) return false;
    run(t, ListId::virtual8086_redirection);
    if (!t.redirected) return false;
    const bool owns_if = t.cpu.flags.iopl() == 3;
    run(t, owns_if ? ListId::virtual8086_own_handler : ListId::virtual8086_virtual_handler);
    return true;
}

} // namespace trapgate::cpu::protect
