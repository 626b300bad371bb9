// SPDX-License-Identifier: MIT
// The list on the left: micro-steps of a transfer, or the instructions of the way since the ring changed.
#include "frontend/exceptions.hpp"
#include "frontend/views/build_switch.hpp"
#include "frontend/views/step_words.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace trapgate::frontend::views {

namespace {

using cpu::isa::MicroStepPhase;

constexpr std::size_t instructions_before = 13, instructions_after = 8;

Step step_row(const Moment& moment, const StepHere& here) {
    const auto& info = cpu::isa::info(here.step->step);
    Step row;
    row.at = {moment.now.instruction, here.number};
    row.number = here.number;
    row.mark = here.number < moment.now.micro    ? Mark::Done
               : here.number == moment.now.micro ? Mark::Now
                                                 : Mark::Ahead;
    if (here.step->faulted && here.number <= moment.now.micro) row.mark = Mark::Failed;
    row.name = info.name;
    row.text = row_text(moment, here);
    row.access = access_text(here.step->accesses);
    row.raises = raises_text(moment, here);
    row.general = info.text;
    row.commit = info.phase == MicroStepPhase::Commit;
    row.id = fmt::format("step.{}", here.number);
    row.tip = std::string(info.text) + (row.raises.empty() ? "" : "; otherwise " + row.raises);
    row.command = "goto " + machine::to_text(row.at);
    return row;
}

/// What has happened before the first micro-step.
Step first_row(const Moment& moment) {
    const machine::InstructionRecord& record = moment.record;
    Step row;
    row.at = {moment.now.instruction, 0};
    row.mark = moment.now.micro ? Mark::Done : Mark::Now;
    row.id = "step.0";
    row.name = "fetch";
    row.command = "goto " + machine::to_text(row.at);
    if (record.external_interrupt) {
        row.name = "interrupt";
        row.text = fmt::format("take the interrupt: vector {:02x}",
                               record.transfers.empty() ? 0 : record.transfers[0].vector);
        row.general = "between two instructions: INTR, IF = 1, and the controller gives the vector";
    } else if (!record.length) {
        row.text = "fetch the instruction";
        row.general = "fetch and decode the instruction";
    } else {
        row.text =
            fmt::format("fetch {}: {}", bytes_at(moment, record.linear, record.length), moment.assembly_here());
        row.general = "fetch and decode the instruction; nothing has changed yet";
    }
    row.tip = row.general;
    return row;
}

/// Between the instruction's own transfer (or what it tried) and the delivery of what it raised.
Step delivery_row(const Moment& moment, const cpu::protect::RecordedTransfer& transfer) {
    Step row;
    row.at = moment.now;
    row.text = fmt::format("-- {} is raised: its delivery", exception_symbol(transfer.vector));
    row.id = "delivery";
    return row;
}

std::string can_fault_text(const Moment& moment) {
    std::set<std::string> names;
    for (const StepHere& here : moment.steps) {
        if (here.number <= moment.now.micro || here.transfer != moment.transfer()) continue;
        const std::string_view raises = cpu::isa::info(here.step->step).raises;
        for (std::size_t at = 0; (at = raises.find('#', at)) != std::string_view::npos; at += 3)
            names.insert(std::string(raises.substr(at, 3)));
    }
    if (names.empty()) return "nothing can fault any more";
    std::string text = "can still fault:";
    for (const std::string& name : names) text += " " + name;
    return text;
}

/// The instruction that comes after this one.
std::string next_text(const Moment& moment) {
    if (moment.record.stop) return "next: nothing, the machine stops: " + moment.record.stop->text;
    return fmt::format("next: {}  ({})", moment.assembly_next(), moment.code_place(moment.record.after));
}

Panel micro_steps(const SwitchMoment& moment) {
    StepsPanel panel;
    const bool own = !moment.record.external_interrupt;
    panel.steps.push_back(first_row(moment));
    const cpu::protect::RecordedTransfer* before = nullptr;
    for (const StepHere& here : moment.steps) {
        const bool raised = own && !moment.record.retired && !here.transfer->faulted;
        if (before != here.transfer && raised) panel.steps.push_back(delivery_row(moment, *here.transfer));
        before = here.transfer;
        panel.steps.push_back(step_row(moment, here));
    }
    panel.can_fault = can_fault_text(moment);
    panel.next = next_text(moment);
    return {"steps", name_here(moment) + ": micro-steps", Meaning::Dim, std::move(panel)};
}

// --- Instructions ------------------------------------------------------------------------------------

Step done_row(const SwitchMoment& moment, const DoneInsn& insn, u64 first) {
    Step row;
    row.at = {insn.number, 0};
    row.number = static_cast<u32>(insn.number - first);
    row.mark = Mark::Done;
    row.name = moment.code(insn.linear);
    row.text = insn.transfer && !insn.length ? "-- " + transfer_name(insn.kind, insn.vector, true) + " is delivered"
                                             : moment.assembly(insn.linear, nullptr, insn.wide);
    row.access = insn.transfer ? "" : access_text(insn.accesses);
    row.id = fmt::format("insn.{}", insn.number);
    row.command = fmt::format("goto {}", insn.number);
    row.tip = moment.source(insn.linear);
    return row;
}

/// REQUIRES: what stands there runs, or will run, with the segment of the current instruction.
Step row_at(const SwitchMoment& moment, u64 number, u32 linear, u64 first, Mark mark) {
    Step row;
    row.at = {number, 0};
    row.number = static_cast<u32>(number - first);
    row.mark = mark;
    row.name = moment.code(linear);
    row.text = moment.assembly(linear, nullptr, moment.is_wide(moment.record.before));
    row.id = fmt::format("insn.{}", number);
    row.tip = moment.source(linear);
    row.command = fmt::format("goto {}", number);
    return row;
}

/// What stands behind the instruction in memory, up to the next jump: what will run if nothing comes between.
void add_ahead(const SwitchMoment& moment, StepsPanel& panel, u64 first) {
    u32 linear = moment.record.linear;
    u8 length = 0;
    const bool wide = moment.is_wide(moment.record.before);
    std::string text = moment.assembly(linear, &length, wide);
    for (u64 i = 1; i <= instructions_after && length; ++i) {
        const bool leaves = text.starts_with("j") || text.starts_with("ret") || text.starts_with("iret") ||
                            text.starts_with("call") || text.starts_with("sysexit") || text.starts_with("int");
        if (leaves) break;
        linear += length;
        text = moment.assembly(linear, &length, wide);
        if (length) panel.steps.push_back(row_at(moment, moment.now.instruction + i, linear, first, Mark::Ahead));
    }
}

Panel instructions(const SwitchMoment& moment) {
    StepsPanel panel;
    panel.instructions = true;
    const u64 first = moment.window.change ? moment.window.change->instruction : moment.window.from;
    const auto& done = moment.history.instructions();
    const std::size_t skipped = done.size() > instructions_before ? done.size() - instructions_before : 0;
    for (std::size_t i = skipped; i < done.size(); ++i) panel.steps.push_back(done_row(moment, done[i], first));
    Step now = row_at(moment, moment.now.instruction, moment.record.linear, first, Mark::Now);
    now.access = access_text(moment.record.accesses);
    panel.steps.push_back(std::move(now));
    add_ahead(moment, panel, first);
    panel.next = next_text(moment);
    const u8 ring = moment.cpl_before();
    const std::string since =
        moment.window.change ? fmt::format("instructions since {}",
                                           transfer_name(moment.window.change->kind, moment.window.change->vector,
                                                         moment.window.change->delivery))
                             : "instructions";
    return {"steps", since, ring == 0 ? Meaning::Ring0 : Meaning::Ring3, std::move(panel)};
}

} // namespace

Panel steps_panel(const SwitchMoment& moment) {
    return moment.steps.empty() ? instructions(moment) : micro_steps(moment);
}

} // namespace trapgate::frontend::views
