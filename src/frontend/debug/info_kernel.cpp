// SPDX-License-Identifier: MIT
// info tasks, thread_info, pt_regs, syscalls: what needs the layouts of our own kernel.
#include "frontend/debug/command_table.hpp"
#include "frontend/debug/stop_text.hpp"
#include "frontend/views/call_list.hpp"
#include "kernel/pid_tables.hpp"
#include "kernel/syscalls.hpp"
#include "kernel/task_list.hpp"
#include "trace/transfer_names.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

constexpr std::size_t usual_lines = 20;

Error other_kernel(std::string_view what) {
    return Error{fmt::format("info {}: the layouts of this kernel are not known; only our own kernel's are", what),
                 1};
}

Result<kernel::Task> current(Context& context, std::string_view what) {
    if (!context.debuggee.guest()) return other_kernel(what);
    const auto task = context.debuggee.task();
    if (!task)
        return Error{fmt::format("info {}: there are no tasks yet; `until ring3` leads to the first program", what),
                     1};
    return *task;
}

std::string structure_text(Context& context, std::string_view name, u32 address) {
    const kernel::Layout* layout = context.scope.layout(name);
    if (!layout) return {};
    Type type = integer(layout->size, true);
    type.structure = layout->name;
    return fmt::format("{:#010x}: struct {} {}", address, name,
                       show({type, address, address, {}}, 'x', context.scope));
}

/// How many lines, as an argument says.
Result<std::size_t> lines_of(Context& context, std::string_view argument) {
    if (argument.empty()) return usual_lines;
    TRY(count, context.number(argument));
    return static_cast<std::size_t>(std::min<u64>(count, 100'000));
}

template <class Wanted>
std::vector<const machine::TransferNews*> last_transfers(Context& context, std::size_t most, Wanted wanted) {
    std::vector<const machine::TransferNews*> found;
    const u64 now = context.time().now().instruction;
    const auto all = context.time().transfers();
    for (auto at = all.rbegin(); at != all.rend() && found.size() < most; ++at)
        if (at->instruction < now && wanted(*at)) found.push_back(&*at);
    std::reverse(found.begin(), found.end());
    return found;
}

} // namespace

Outcome info_tasks(Context& context, std::string_view) {
    if (!context.debuggee.guest()) return failed(other_kernel("tasks"));
    const auto tasks = kernel::all_tasks(*context.debuggee.guest(), context.cpu());
    if (tasks.empty()) return said("There are no tasks yet.");
    std::string text = "    pid  tgid parent  S  task_struct  kernel stack        name\n";
    for (const kernel::TaskState& task : tasks)
        text += fmt::format("{} {:>5} {:>5}  {:>5}  {}  {:08x}     {:08x}-{:08x}  {}{}\n", task.running ? '*' : ' ',
                            task.pid, task.tgid, task.parent_pid, task.letter(), task.address, task.thread_info,
                            task.stack_top, task.comm, task.never_ran ? "  (has not run yet)" : "");
    return said(text);
}

Outcome info_pids(Context& context, std::string_view) {
    if (!context.debuggee.guest()) return failed(other_kernel("pids"));
    const auto uses = kernel::pid_tables(*context.debuggee.guest(), context.cpu());
    if (uses.empty()) return said("There are no tasks yet.");
    std::string text = " number  bit  PID   thread group   process group   session\n";
    for (const kernel::PidUse& use : uses) {
        const auto tasks = [&](kernel::PidType type) {
            return fmt::format("{}", fmt::join(use.tasks[static_cast<std::size_t>(type)], " "));
        };
        text += fmt::format("{:>7}  {:<3}  {:<4}  {:<13}  {:<14}  {}\n", use.number, use.reserved ? "set" : "-",
                            tasks(kernel::PidType::Pid), tasks(kernel::PidType::Tgid), tasks(kernel::PidType::Pgid),
                            tasks(kernel::PidType::Sid));
    }
    return said(text);
}

Outcome info_thread_info(Context& context, std::string_view) {
    TRY_OR_FAIL(task, current(context, "thread_info"));
    const u32 esp = context.cpu().reg(cpu::Gpr::esp), size = context.debuggee.guest()->stack_size();
    std::string text;
    if (context.cpu().cpl == 0)
        text =
            fmt::format("esp & ~{:x} = {:08x} & {:08x} = {:08x}\n", size - 1, esp, ~(size - 1), esp & ~(size - 1));
    return said(text + structure_text(context, "thread_info", task.thread_info));
}

Outcome info_pt_regs(Context& context, std::string_view) {
    TRY_OR_FAIL(task, current(context, "pt_regs"));
    const u32 address = task.stack_top - context.debuggee.guest()->pt_regs().size;
    std::string text = structure_text(context, "pt_regs", address);
    if (context.cpu().cpl == 3) text += "\nWe are in ring 3: these are of its last entry into the kernel, and old.";
    return said(text);
}

Outcome info_syscalls(Context& context, std::string_view argument) {
    TRY_OR_FAIL(lines, lines_of(context, argument));
    auto calls = views::system_calls(context.debuggee, lines);
    views::decode(context.debuggee, calls);
    std::string text;
    for (const views::SystemCall& call : calls) {
        const kernel::Syscall* known = kernel::find_syscall(call.number);
        const std::string bare = fmt::format("{} ({})", known ? known->name : "?", call.number);
        text += fmt::format("{:>12}  {:<8} pid {:<4} {}\n", call.entry, call.by_sysenter ? "sysenter" : "int 0x80",
                            call.pid, call.decoded && !call.text.empty() ? call.text : bare);
    }
    return said(text.empty() ? "No system calls before now." : text + "`goto N` leads to one of them.");
}

Outcome info_transfers(Context& context, std::string_view argument) {
    TRY_OR_FAIL(lines, lines_of(context, argument));
    const auto kind = [](const machine::TransferNews& t) -> std::string {
        if (t.kind != trace::TransferKind::Interrupt) return std::string(trace::transfer_name(t.kind));
        return fmt::format("{} {:02x}", t.delivery ? "delivery" : "int", t.vector);
    };
    std::string text;
    for (const auto* transfer : last_transfers(context, lines, [](const auto&) { return true; }))
        text += fmt::format("{:>12}  {:<12} ring {} -> {}  at {}\n", transfer->instruction, kind(*transfer),
                            transfer->from_cpl, transfer->to_cpl, show_address(transfer->eip, context.scope));
    return said(text.empty() ? "No transfers before now." : text);
}

} // namespace trapgate::frontend::debug
