// SPDX-License-Identifier: MIT
// View `syscalls`: the system calls up to this moment as strace would print them, the one in progress last; each line goes to its
// moment. The calls come from the list of transfers, arguments from the guest's memory of that time (call_list.hpp).
#include "frontend/views/builders.hpp"
#include "frontend/views/call_list.hpp"
#include "frontend/views/naming.hpp"
#include "kernel/syscall_text.hpp"
#include "kernel/syscalls.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

constexpr std::size_t most_calls = 60;

std::string text_of(const SystemCall& call) {
    if (call.decoded) return call.text;
    const auto* known = kernel::find_syscall(call.number);
    std::string text = known ? fmt::format("{}(…", known->name) : fmt::format("syscall_{:#x}(…", call.number);
    if (call.back) text += fmt::format(") = {}", static_cast<s32>(call.result));
    return text;
}

Meaning meaning_of_call(const SystemCall& call) {
    if (!call.back) return Meaning::Now;
    return kernel::is_error(call.result) ? Meaning::Warning : Meaning::Text;
}

/// How long it has been in the kernel.
std::string length_of(const SystemCall& call, u64 now) {
    if (call.about_to) return "";
    return fmt::format("{}", call.back.value_or(now) - call.entry);
}

TableRow call_row(const SystemCall& call, u64 now, bool never) {
    const std::string time = fmt::format("{}", call.entry);
    const bool open = !call.back && !never;
    const std::string state = call.about_to ? "   comes next" : open ? "   in the kernel" : "";
    return row(
        {{time, Meaning::Dim},
         {call.decoded ? fmt::format("{}", call.pid) : ""},
         {call.by_sysenter ? "sysenter" : "int 80", Meaning::Dim},
         {never ? "" : length_of(call, now)},
         {text_of(call) + state, never ? Meaning::Text : meaning_of_call(call)}},
        "call." + time, "goto " + time,
        fmt::format("{}. Click: go to where it enters the kernel.", call.decoded ? call.comm : "not decoded"),
        open ? Mark::Now : Mark::Done);
}

} // namespace

Status build_syscalls(Debuggee& debuggee, const Options&, ViewModel& model) {
    model.title = "system calls";
    if (!debuggee.guest()) {
        model.remarks.emplace_back("what another kernel's INT means is its own affair: only transfers are known");
        return Nothing{};
    }
    auto calls = system_calls(debuggee, most_calls);
    if (calls.empty()) {
        model.remarks.emplace_back("nobody has called the kernel yet");
        return Nothing{};
    }
    decode(debuggee, calls);
    TablePanel table;
    table.columns = {{"time", true}, {"pid", true}, {"way in"}, {"took", true}, {"call"}};
    table.marks = true;
    const u64 now = debuggee.time().now().instruction;
    for (const SystemCall& call : calls) {
        const auto* known = kernel::find_syscall(call.number);
        const bool never = known && known->result == kernel::SyscallResult::Never;
        table.rows.push_back(call_row(call, now, never));
    }
    model.panels.push_back(panel("syscalls",
                                 calls.size() >= most_calls ? fmt::format("the last {} system calls", calls.size())
                                                            : std::string("system calls"),
                                 table));
    model.remarks.emplace_back(
        "took: instructions from the way in to the way back, those of other tasks and of interrupts included");
    return Nothing{};
}

} // namespace trapgate::frontend::views
