// SPDX-License-Identifier: MIT
// The hardware task switch: from the decision to the moment when the new task's state is in the registers.
// What is checked then, in the new task, is in task_context.cpp.
// Source: [SDM3] "Task Management", "Task Switching" (steps, and table "Exception Conditions Checked During a Task Switch"),
// "Task-State Segment (TSS)", "16-Bit Task-State Segment (TSS)".
#include "cpu/protect/task_switch.hpp"

#include "cpu/protect/lists.hpp"
#include "cpu/protect/stack.hpp"
#include "cpu/protect/task_layout.hpp"

namespace trapgate::cpu::protect {

namespace {

using isa::MicroStep;

bool is_available_tss(Descriptor d) {
    return !d.is_code_or_data() && (d.type() & ~u8{system_type::wide}) == system_type::tss16;
}
bool is_busy_tss(Descriptor d) {
    return !d.is_code_or_data() && (d.type() & ~u8{system_type::wide}) == system_type::busy_tss16;
}

// --- Which task ----------------------------------------------------------------------------------

void task_gate_rights(Transfer& t) {
    const u8 dpl = t.gate.dpl();
    if (dpl < t.cpu.cpl || dpl < selector_rpl(t.gate_selector)) raise(Vector::GP, selector_error(t.gate_selector));
    if (!t.gate.present()) raise(Vector::NP, selector_error(t.gate_selector));
}

void task_selector(Transfer& t) {
    t.target_selector = t.gate.gate_selector();
    if (selector_in_ldt(t.target_selector) || !locate_descriptor(t.cpu, t.target_selector, t.target_address))
        raise(Vector::GP, selector_error(t.target_selector, t.external));
}

void check_available(Transfer& t) {
    if (!is_available_tss(t.target)) raise(Vector::GP, selector_error(t.target_selector, t.external));
    if (!t.target.present()) raise(Vector::NP, selector_error(t.target_selector, t.external));
}

void task_descriptor(Transfer& t) {
    t.target = read_descriptor(t.cpu, t.target_address);
    check_available(t);
}

void tss_rights(Transfer& t) {
    t.target_selector = t.gate_selector;
    t.target_address = t.gate_address;
    t.target = t.gate;
    const u8 dpl = t.target.dpl();
    if (selector_in_ldt(t.target_selector) || dpl < t.cpu.cpl || dpl < selector_rpl(t.target_selector))
        raise(Vector::GP, selector_error(t.target_selector));
    check_available(t);
}

void read_back_link(Transfer& t) {
    t.target_selector = load_system<u16>(t.cpu, t.cpu.tr.base);
}

void back_link_descriptor(Transfer& t) {
    const u32 error = selector_error(t.target_selector);
    if (selector_in_ldt(t.target_selector) || !locate_descriptor(t.cpu, t.target_selector, t.target_address))
        raise(Vector::TS, error);
    t.target = read_descriptor(t.cpu, t.target_address);
    if (!is_busy_tss(t.target)) raise(Vector::TS, error);
    if (!t.target.present()) raise(Vector::NP, error);
}

// --- Checks before the point of no return ---------------------------------------------------------

void tss_limit(Transfer& t) {
    if (t.target.limit() < task_layout(t.target.type()).last_byte)
        raise(Vector::TS, selector_error(t.target_selector, t.external));
    if (!t.cpu.tr.present || t.cpu.tr.limit < task_layout(t.cpu.tr.type).last_byte)
        raise(Vector::TS, selector_error(t.cpu.tr.selector, t.external));
}

u32 old_descriptor(const Cpu& cpu) {
    return cpu.gdtr.base + (cpu.tr.selector & ~7u);
}

void tss_reachable(Transfer& t) {
    Cpu& cpu = t.cpu;
    probe_write(cpu, cpu.tr.base, task_layout(cpu.tr.type).last_byte + 1, Rights::Supervisor);
    probe_write(cpu, t.target.base(), task_layout(t.target.type()).last_byte + 1, Rights::Supervisor);
    probe_write(cpu, old_descriptor(cpu) + access_byte_offset, 1, Rights::Supervisor);
    probe_write(cpu, t.target_address + access_byte_offset, 1, Rights::Supervisor);
}

u32 load_field(Cpu& cpu, u32 address, u8 width) {
    return width == 4 ? load_system<u32>(cpu, address) : load_system<u16>(cpu, address);
}

void read_task(Transfer& t) {
    Cpu& cpu = t.cpu;
    const TaskLayout& layout = task_layout(t.target.type());
    const u32 base = t.target.base();
    TaskImage& task = t.task;
    task.cr3 = layout.cr3 ? load_system<u32>(cpu, base + layout.cr3) : cpu.cr3;
    task.eip = load_field(cpu, base + layout.eip, layout.width);
    task.eflags = load_field(cpu, base + layout.eflags, layout.width);
    for (u32 i = 0; i < 8; ++i) task.gpr[i] = load_field(cpu, base + layout.gpr + i * layout.width, layout.width);
    for (u32 i = 0; i < segment_registers; ++i)
        task.selectors[i] =
            i < layout.selectors ? load_system<u16>(cpu, base + layout.first_selector + i * layout.width) : u16{0};
    task.ldt = load_system<u16>(cpu, base + layout.ldt);
    task.debug_trap = layout.debug_trap && (load_system<u16>(cpu, base + layout.debug_trap) & 1);
}

// --- Commits --------------------------------------------------------------------------------------

void set_busy(Cpu& cpu, u32 descriptor, bool busy) {
    const u32 address = descriptor + access_byte_offset;
    const u8 access = load_system<u8>(cpu, address);
    const u8 bit = system_type::tss_busy;
    store_system<u8>(cpu, address, static_cast<u8>(busy ? access | bit : access & ~bit));
}

void old_not_busy(Transfer& t) {
    set_busy(t.cpu, old_descriptor(t.cpu), false);
}
void new_busy(Transfer& t) {
    set_busy(t.cpu, t.target_address, true);
}

void store_field(Cpu& cpu, u32 address, u32 value, u8 width) {
    width == 4 ? store_system<u32>(cpu, address, value) : store_system<u16>(cpu, address, static_cast<u16>(value));
}

void save_task_with(Transfer& t, u32 eflags_image) {
    Cpu& cpu = t.cpu;
    const TaskLayout& layout = task_layout(cpu.tr.type);
    const u32 base = cpu.tr.base;
    store_field(cpu, base + layout.eip, cpu.eip, layout.width);
    store_field(cpu, base + layout.eflags, eflags_image, layout.width);
    for (u32 i = 0; i < 8; ++i) store_field(cpu, base + layout.gpr + i * layout.width, cpu.gpr[i], layout.width);
    for (u32 i = 0; i < layout.selectors; ++i)
        store_system<u16>(cpu, base + layout.first_selector + i * layout.width, cpu.segments[i].selector);
}

void save_task(Transfer& t) {
    save_task_with(t, t.eflags_image);
}
void save_task_returning(Transfer& t) {
    save_task_with(t, t.cpu.flags.image() & ~eflags::nt);
}

void write_back_link(Transfer& t) {
    store_system<u16>(t.cpu, t.target.base(), t.cpu.tr.selector);
    t.task.eflags |= eflags::nt;
}

void load_tr(Transfer& t) {
    Cpu& cpu = t.cpu;
    constexpr u64 busy = u64{system_type::tss_busy} << 40;
    constexpr u32 local_breakpoints = 0x155; // L0 to L3 and LE
    cpu.tr = Segment::from(t.target_selector, {t.target.raw | busy});
    cpu.set_cr0(cpu.cr0 | cr0::ts);
    cpu.dr[7] &= ~local_breakpoints;
}

constexpr Step task_gate_steps[] = {{MicroStep::task_gate_rights, task_gate_rights}};
constexpr Step tss_steps[] = {{MicroStep::tss_rights, tss_rights}};
constexpr Step task_target_steps[] = {
    {MicroStep::task_selector, task_selector},
    {MicroStep::task_descriptor, task_descriptor},
};
constexpr Step iret_nested_steps[] = {
    {MicroStep::read_back_link, read_back_link},
    {MicroStep::back_link_descriptor, back_link_descriptor},
};
constexpr Step nesting_steps[] = {
    {MicroStep::tss_limit, tss_limit},
    {MicroStep::tss_reachable, tss_reachable},
    {MicroStep::read_task, read_task},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::save_task, save_task},
    {MicroStep::write_back_link, write_back_link},
    {MicroStep::new_busy, new_busy},
    {MicroStep::load_tr, load_tr},
    {MicroStep::load_task, load_task},
};
constexpr Step jump_steps[] = {
    {MicroStep::tss_limit, tss_limit},
    {MicroStep::tss_reachable, tss_reachable},
    {MicroStep::read_task, read_task},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::old_not_busy, old_not_busy},
    {MicroStep::save_task, save_task},
    {MicroStep::new_busy, new_busy},
    {MicroStep::load_tr, load_tr},
    {MicroStep::load_task, load_task},
};
constexpr Step return_steps[] = {
    {MicroStep::tss_limit, tss_limit},
    {MicroStep::tss_reachable, tss_reachable},
    {MicroStep::read_task, read_task},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::old_not_busy, old_not_busy},
    {MicroStep::save_task_returning, save_task_returning},
    {MicroStep::load_tr, load_tr},
    {MicroStep::load_task, load_task},
};

void switch_task(Transfer& t, ListId list) {
    t.task = {};
    run(t, list);
    run_in_new_task(t);
}

void switch_by_instruction(Transfer& t) {
    const bool jump = t.kind == trace::TransferKind::FarJump;
    switch_task(t, jump ? ListId::task_switch_jump : ListId::task_switch_nesting);
}

} // namespace

constinit const StepList task_gate_list = make_list<task_gate_steps>("through a task gate");
constinit const StepList tss_list = make_list<tss_steps>("to a TSS");
constinit const StepList task_target_list = make_list<task_target_steps>("the gate's TSS");
constinit const StepList iret_nested_list = make_list<iret_nested_steps>("IRET to the task in the back link");
constinit const StepList task_switch_nesting_list = make_list<nesting_steps>("task switch, nested");
constinit const StepList task_switch_jump_list = make_list<jump_steps>("task switch, by JMP");
constinit const StepList task_switch_return_list = make_list<return_steps>("task switch, by IRET");

void interrupt_by_task(Transfer& t) {
    run(t, ListId::task_target);
    switch_task(t, ListId::task_switch_nesting);
}

void return_to_task(Transfer& t) {
    run(t, ListId::iret_nested);
    switch_task(t, ListId::task_switch_return);
}

void transfer_by_task_gate(Transfer& t) {
    run(t, ListId::task_gate);
    run(t, ListId::task_target);
    switch_by_instruction(t);
}

void transfer_to_tss(Transfer& t) {
    run(t, ListId::tss);
    switch_by_instruction(t);
}

} // namespace trapgate::cpu::protect
