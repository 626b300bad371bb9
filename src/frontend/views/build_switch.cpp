// SPDX-License-Identifier: MIT
// The page of one change of rings: gathers what the panels need, once, and puts them together, the most important one first.
#include "frontend/views/build_switch.hpp"

#include "frontend/views/builders.hpp"
#include "frontend/views/step_words.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

/// Instructions that are looked at again for one picture: a few milliseconds' worth.
constexpr u64 longest_window = 20'000;
/// In ring 3 only the last instructions are of interest.
constexpr u64 window_in_ring3 = 48;

} // namespace

HistoryWindow window_of(const Moment& moment) {
    HistoryWindow window;
    const u64 here = moment.now.instruction;
    window.change = moment.debuggee.time().ring_change_before(here);
    const u64 longest = moment.cpl_before() == 0 ? longest_window : window_in_ring3;
    const u64 begin = window.change ? window.change->instruction : 0;
    window.from = here - begin > longest ? here - longest : begin;
    window.whole = window.from == begin && window.change;
    return window;
}

StackHistory history_of(const Moment& moment, const HistoryWindow& window) {
    StackHistory history(moment.cpu, moment.stack_bottom, moment.stack_top);
    if (window.from < moment.now.instruction)
        moment.debuggee.time().rerun(window.from, moment.now.instruction, history);
    for (const StepHere& here : moment.steps) {
        if (here.number > moment.now.micro) break;
        PushedFrame frame{0,
                          here.transfer->kind,
                          here.transfer->vector,
                          false,
                          here.transfer->before.cpl != here.transfer->after.cpl,
                          moment.now.instruction};
        frame.delivery = moment.record.external_interrupt || !moment.record.retired;
        if (!here.step->accesses.empty()) frame.eip_slot = static_cast<u32>(here.step->accesses[0].linear.value);
        history.add(*here.step, moment.now.instruction, frame);
    }
    return history;
}

std::string access_text(const std::vector<trace::Access>& accesses) {
    std::string text;
    std::size_t same = 0;
    for (std::size_t i = 0; i < accesses.size(); i += same) {
        const auto alike = [&](const trace::Access& a) {
            return a.size == accesses[i].size &&
                   (a.intent == Intent::Write) == (accesses[i].intent == Intent::Write);
        };
        same = 0;
        while (i + same < accesses.size() && alike(accesses[i + same])) ++same;
        const std::string one =
            fmt::format("{}{}", accesses[i].intent == Intent::Write ? 'W' : 'R', accesses[i].size);
        text += (text.empty() ? "" : " ") +
                (same <= 2 ? one + (same == 2 ? " " + one : "") : fmt::format("{}x{}", one, same));
    }
    return text;
}

std::string name_here(const Moment& moment) {
    const cpu::protect::RecordedTransfer* transfer = moment.transfer();
    if (!transfer) return {};
    const bool own = !moment.record.external_interrupt && (moment.record.retired || transfer->faulted);
    return transfer_name(transfer->kind, transfer->vector, !own);
}

std::string bytes_at(const Moment& moment, u32 linear, u8 length) {
    std::string text;
    for (u32 i = 0; i < length; ++i)
        if (const auto byte = moment.debuggee.memory().get<u8>(linear + i))
            text += fmt::format("{}{:02x}", i ? " " : "", *byte);
    return text;
}

Status build_switch(Debuggee& debuggee, const Options& options, ViewModel& model) {
    const SwitchMoment moment(debuggee, options);
    model.panels.push_back(steps_panel(moment));
    model.panels.push_back(kernel_stack_panel(moment));
    model.panels.push_back(registers_panel(moment));
    model.panels.push_back(chain_panel(moment));
    model.panels.push_back(user_stack_panel(moment));
    model.panels.push_back(timeline_panel(moment));
    model.panels.push_back(caption_panel(moment));
    if (!debuggee.guest()) model.remarks.push_back("not our kernel: pt_regs, thread_info and tasks are unknown");
    const std::string name = name_here(moment);
    const std::string at = options.relative ? "" : " at " + machine::to_text(moment.now);
    model.title = (name.empty() ? moment.code_place(moment.record.before) : name) + at;
    if (const StepHere* step = moment.last_step()) model.title += ": " + row_text(moment, *step);
    return Nothing{};
}

} // namespace trapgate::frontend::views
