// SPDX-License-Identifier: MIT
// The panels of the switch page, one builder each. All look at the same moment.
#pragma once

#include "frontend/views/model.hpp"
#include "frontend/views/moment.hpp"
#include "frontend/views/stack_history.hpp"

namespace trapgate::frontend::views {

/// Since when the history looks: the last change into this ring, or later if that is long ago.
struct HistoryWindow {
    u64 from = 0;
    bool whole = true; ///< from the change of rings on; else what lies before is "earlier"
    const machine::TransferNews* change = nullptr; ///< the one into this ring
};
HistoryWindow window_of(const Moment& moment);
/// Runs that stretch again and adds the steps of the current instruction that have run.
StackHistory history_of(const Moment& moment, const HistoryWindow& window);

struct SwitchMoment : Moment {
    SwitchMoment(Debuggee& the_debuggee, const Options& the_options)
        : Moment(the_debuggee, the_options), window(window_of(*this)), history(history_of(*this, window)) {}
    HistoryWindow window;
    StackHistory history;
};

Panel steps_panel(const SwitchMoment& moment);
Panel chain_panel(const SwitchMoment& moment);
Panel kernel_stack_panel(const SwitchMoment& moment);
Panel user_stack_panel(const SwitchMoment& moment);
Panel registers_panel(const SwitchMoment& moment);
Panel timeline_panel(const SwitchMoment& moment);
Panel caption_panel(const SwitchMoment& moment);

/// Who wrote a word of the kernel stack, in a word: "CPU", "SAVE_ALL", "system_call", "sys_write+12".
struct WriterName {
    Writer writer = Writer::Nobody;
    std::string who{};
};

/// "R8", "R2 R4", "W4": what went over the bus.
std::string access_text(const std::vector<trace::Access>& accesses);
/// "int 80", "iret", "#PF": what the current instruction does as a transfer; empty if it is none.
std::string name_here(const Moment& moment);
/// The bytes there, as they stand in memory: "cd 80".
std::string bytes_at(const Moment& moment, u32 linear, u8 length);

} // namespace trapgate::frontend::views
