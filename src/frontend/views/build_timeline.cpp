// SPDX-License-Identifier: MIT
// Who had the processor around now: stretches between changes of rings, the system call of each by name.
#include "frontend/views/build_switch.hpp"

#include "kernel/syscall_text.hpp"
#include "kernel/syscalls.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

using machine::TransferNews;
using trace::TransferKind;

bool changes_ring(const TransferNews& news) {
    return news.from_cpl != news.to_cpl;
}

/// The last `before` changes up to and with `instruction`, and the first `after` behind it, in order.
std::vector<const TransferNews*> changes_around(const Moment& moment, std::size_t before, std::size_t after) {
    const auto all = moment.debuggee.time().transfers();
    const u64 here = moment.now.instruction;
    const auto middle =
        std::ranges::partition_point(all, [&](const TransferNews& n) { return n.instruction <= here; });
    std::vector<const TransferNews*> found;
    for (auto i = middle; i != all.begin() && found.size() < before;)
        if (changes_ring(*--i)) found.push_back(&*i);
    std::ranges::reverse(found);
    for (auto i = middle; i != all.end() && after; ++i)
        if (changes_ring(*i)) found.push_back(&*i), --after;
    return found;
}

bool is_system_call(const TransferNews& news) {
    return news.kind == TransferKind::Sysenter ||
           (news.kind == TransferKind::Interrupt && news.vector == 0x80 && !news.delivery);
}

/// "write(1, \"hello\\n\", 6)" if its arguments can still be read from the frame, else "write".
std::string call_text(const SwitchMoment& moment, const TransferNews& news) {
    const auto* known = kernel::find_syscall(news.eax);
    const std::string name = known ? std::string(known->name) : fmt::format("call {}", news.eax);
    if (news.instruction != moment.now.instruction) {
        if (&news != moment.window.change || !moment.window.whole) return name;
    }
    kernel::SyscallEntry entry{news.eax, {}};
    static constexpr std::size_t registers[] = {3, 1, 2, 6, 7, 5};
    static constexpr const char* members[] = {"ebx", "ecx", "edx", "esi", "edi", "ebp"};
    const kernel::GuestKernel* guest = moment.debuggee.guest();
    if (!guest) return name;
    for (std::size_t i = 0; i < 6; ++i) {
        if (news.instruction == moment.now.instruction) {
            entry.words[i] = moment.record.before.gpr[registers[i]];
            continue;
        }
        const kernel::Member* member = guest->pt_regs().find(members[i]);
        if (!member || !moment.history.words().contains(moment.frame_base() + member->offset)) return name;
        entry.words[i] = moment.debuggee.memory().get<u32>(moment.frame_base() + member->offset).value_or(0);
    }
    std::string text = kernel::entry_text(entry, moment.debuggee.memory()).text;
    if (text.ends_with(", ")) text += "...";
    return text.ends_with(')') ? text : text + ")";
}

/// Between ring 0 and virtual-8086 mode: vm86() has moved esp0 into the stack, else it is the stack's end.
bool of_virtual8086(const SwitchMoment& moment, const TransferNews& news) {
    const kernel::GuestKernel* guest = moment.debuggee.guest();
    if (news.instruction == moment.now.instruction && moment.transfer())
        return in_virtual8086(news.to_cpl == 3 ? moment.record.after : moment.record.before);
    return guest && news.esp0 % guest->stack_size() != 0;
}

std::string label_of(const SwitchMoment& moment, const TransferNews& news) {
    const std::string how = transfer_name(news.kind, news.vector, news.delivery);
    if (of_virtual8086(moment, news)) return how + (news.to_cpl == 3 ? " to V86" : " out of V86");
    return is_system_call(news) ? how + ": " + call_text(moment, news) : how;
}

void add_bars(const SwitchMoment& moment, const std::vector<const TransferNews*>& changes, u64 end,
              TimelinePanel& panel) {
    if (changes.empty()) {
        panel.bars.push_back({moment.cpl_before(), 0, end, "since reset"});
        return;
    }
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const TransferNews& news = *changes[i];
        TimelineBar bar{news.to_cpl, news.instruction, i + 1 < changes.size() ? changes[i + 1]->instruction : end};
        bar.label = label_of(moment, news);
        bar.from_how = transfer_name(news.kind, news.vector, news.delivery);
        bar.id = fmt::format("bar.{}", i);
        bar.command = fmt::format("goto {}", news.instruction);
        bar.tip = fmt::format("ring {} for {} instructions, by {}", bar.ring, bar.to - bar.from, bar.from_how);
        panel.bars.push_back(std::move(bar));
    }
}

/// So much of the first and last stretch that the ones in the middle are not squeezed.
void choose_range(TimelinePanel& panel) {
    if (panel.bars.size() < 2) {
        panel.from = panel.bars.front().from, panel.to = panel.bars.back().to;
        return;
    }
    const u64 from = panel.bars.front().to, to = panel.bars.back().from;
    const u64 margin = std::max<u64>((to - from) / 3, 24);
    panel.from = std::max(panel.bars.front().from, from > margin ? from - margin : 0);
    panel.to = std::min(panel.bars.back().to, to + margin);
    panel.from = std::min(panel.from, panel.now.instruction);
    panel.to = std::max(panel.to, panel.now.instruction + 1);
}

} // namespace

Panel timeline_panel(const SwitchMoment& moment) {
    TimelinePanel panel;
    panel.now = moment.now;
    panel.ring = moment.cpu.cpl;
    const bool changing =
        std::ranges::any_of(moment.record.transfers, [](const auto& t) { return t.before.cpl != t.after.cpl; });
    const auto changes = changes_around(moment, changing ? 3 : 2, 2);
    const u64 end = std::max(moment.debuggee.time().frontier(), moment.now.instruction + 1);
    add_bars(moment, changes, end, panel);
    choose_range(panel);
    if (!moment.options.relative) {
        panel.from_text = fmt::format("insn {}", panel.from);
        panel.to_text = fmt::format("{}", panel.to);
    }
    return {"timeline", "timeline", Meaning::Dim, std::move(panel)};
}

} // namespace trapgate::frontend::views
