// SPDX-License-Identifier: MIT
// The half of a task switch that happens in the new task: a fault here is raised before its first instruction.
// Source: [SDM3] "Task Switching", steps after the commit; table "Exception Conditions Checked During a Task Switch".
#include "cpu/protect/flag_rules.hpp"
#include "cpu/protect/lists.hpp"
#include "cpu/protect/stack.hpp"
#include "cpu/protect/task_layout.hpp"
#include "cpu/protect/virtual8086.hpp"

namespace trapgate::cpu::protect {

namespace {

using isa::MicroStep;

/// Reads the descriptor of `selector`, which must lie inside its table, else #TS(selector).
Descriptor task_descriptor_of(Transfer& t, u16 selector, u32& address) {
    if (!locate_descriptor(t.cpu, selector, address)) raise(Vector::TS, selector_error(selector, t.external));
    return read_descriptor(t.cpu, address);
}

void load_checked(Transfer& t, SegmentRegister r, u16 selector, u32 address, Descriptor d) {
    probe_accessed(t.cpu, address, d);
    mark_accessed(t.cpu, address, d);
    load_hidden(t.cpu.segment(r), selector, d);
    t.cpu.update_mode();
}

void task_ldt(Transfer& t) {
    const u16 selector = t.task.ldt;
    if (selector_is_null(selector)) return;
    const u32 error = selector_error(selector, t.external);
    u32 address = 0;
    if (selector_in_ldt(selector)) raise(Vector::TS, error);
    const Descriptor d = task_descriptor_of(t, selector, address);
    if (d.is_code_or_data() || d.type() != system_type::ldt || !d.present()) raise(Vector::TS, error);
    t.cpu.ldtr = Segment::from(selector, d);
}

void task_cs(Transfer& t) {
    if (t.cpu.virtual8086()) return; // selectors are no indices there
    const u16 selector = t.cpu.segment(SegmentRegister::cs).selector;
    const u32 error = selector_error(selector, t.external);
    if (selector_is_null(selector)) raise(Vector::TS, t.external);
    u32 address = 0;
    const Descriptor d = task_descriptor_of(t, selector, address);
    const u16 rpl = selector_rpl(selector);
    if (!d.is_code() || (d.conforming() ? d.dpl() > rpl : d.dpl() != rpl)) raise(Vector::TS, error);
    if (!d.present()) raise(Vector::NP, error);
    load_checked(t, SegmentRegister::cs, selector, address, d);
}

void task_ss(Transfer& t) {
    if (t.cpu.virtual8086()) return; // selectors are no indices there
    const u16 selector = t.cpu.segment(SegmentRegister::ss).selector;
    const u32 error = selector_error(selector, t.external);
    if (selector_is_null(selector)) raise(Vector::TS, t.external);
    u32 address = 0;
    const Descriptor d = task_descriptor_of(t, selector, address);
    if (selector_rpl(selector) != t.cpu.cpl || d.dpl() != t.cpu.cpl || !d.writable()) raise(Vector::TS, error);
    if (!d.present()) raise(Vector::SS, error);
    load_checked(t, SegmentRegister::ss, selector, address, d);
}

void task_data_segment(Transfer& t, SegmentRegister r) {
    const u16 selector = t.cpu.segment(r).selector;
    if (selector_is_null(selector)) return;
    const u32 error = selector_error(selector, t.external);
    u32 address = 0;
    const Descriptor d = task_descriptor_of(t, selector, address);
    const bool fits =
        (d.is_code() && d.conforming()) || (d.dpl() >= t.cpu.cpl && d.dpl() >= selector_rpl(selector));
    if (!d.is_code_or_data() || !d.readable() || !fits) raise(Vector::TS, error);
    if (!d.present()) raise(Vector::NP, error);
    load_checked(t, r, selector, address, d);
}

void task_data(Transfer& t) {
    if (t.cpu.virtual8086()) return; // selectors are no indices there
    for (const SegmentRegister r :
         {SegmentRegister::ds, SegmentRegister::es, SegmentRegister::fs, SegmentRegister::gs})
        task_data_segment(t, r);
}

void task_eip(Transfer& t) {
    if (t.cpu.eip > t.cpu.segment(SegmentRegister::cs).limit) raise(Vector::GP, t.external);
}

void task_error_code(Transfer& t) {
    t.new_cpl = t.cpu.cpl;
    t.width = task_layout(t.cpu.tr.type).width;
    const Segment& stack = t.cpu.segment(SegmentRegister::ss);
    check_frame(t, stack, t.cpu.reg(Gpr::esp), 1, stack_rights(t.cpu.cpl), t.external);
    push(t, t.error_code);
}

void task_debug_trap(Transfer& t) {
    constexpr u32 task_switched = 1u << 15; // DR6.BT
    if (!t.task.debug_trap) return;
    t.cpu.dr[6] |= task_switched;
    raise(Vector::DB);
}

constexpr Step context_steps[] = {
    {MicroStep::task_ldt, task_ldt},   {MicroStep::task_cs, task_cs},   {MicroStep::task_ss, task_ss},
    {MicroStep::task_data, task_data}, {MicroStep::task_eip, task_eip},
};
constexpr Step error_code_steps[] = {{MicroStep::task_error_code, task_error_code}};
constexpr Step debug_steps[] = {{MicroStep::task_debug_trap, task_debug_trap}};

/// The bits that exist in EFLAGS of this processor.
u32 existing_eflags(const Cpu& cpu) {
    u32 bits = eflags::arithmetic | eflags::tf | eflags::if_ | eflags::df | eflags::iopl | eflags::nt | eflags::rf;
    if (task_layout(cpu.tr.type).width == 4) bits |= eflags::vm;
    if (cpu.model.generation >= Generation::i486) bits |= eflags::ac;
    if (cpu.model.has_cpuid) bits |= eflags::id;
    if (has_virtual_interrupts(cpu)) bits |= eflags::vif | eflags::vip;
    return bits;
}

} // namespace

constinit const StepList task_context_list = make_list<context_steps>("in the new task");
constinit const StepList task_error_code_list = make_list<error_code_steps>("error code for the new task");
constinit const StepList task_debug_list = make_list<debug_steps>("debug trap of the new task");

void load_task(Transfer& t) {
    Cpu& cpu = t.cpu;
    const TaskImage& task = t.task;
    if (cpu.paging() && task_layout(cpu.tr.type).cr3) cpu.set_cr3(task.cr3);
    cpu.eip = task.eip;
    cpu.flags.set_image(task.eflags & existing_eflags(cpu));
    for (u32 i = 0; i < task.gpr.size(); ++i) cpu.gpr[i] = task.gpr[i];
    const bool virtual8086 = cpu.virtual8086();
    for (u32 i = 0; i < segment_registers; ++i)
        cpu.segments[i] = virtual8086 ? virtual8086_segment(task.selectors[i]) : Segment::null(task.selectors[i]);
    cpu.ldtr = Segment::null(task.ldt);
    cpu.set_cpl(virtual8086 ? 3 : selector_rpl(task.selectors[static_cast<u8>(SegmentRegister::cs)]) & 3);
}

void run_in_new_task(Transfer& t) {
    try {
        run(t, ListId::task_context);
        if (t.has_error_code) run(t, ListId::task_error_code);
        run(t, ListId::task_debug);
    } catch (Fault& fault) {
        fault.committed = true;
        throw;
    }
}

} // namespace trapgate::cpu::protect
