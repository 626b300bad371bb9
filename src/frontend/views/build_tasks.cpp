// SPDX-License-Identifier: MIT
// View `tasks`: every task of our kernel, with its kernel stack and where it sleeps; the run queue; and whose stack the TSS names.
// Truth: task_struct and runqueue in the guest's memory (kernel/task_list.hpp).
#include "frontend/views/builders.hpp"
#include "frontend/views/naming.hpp"
#include "frontend/views/relative.hpp"
#include "kernel/task_list.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

using kernel::TaskState;

const TaskState* by_address(const std::vector<TaskState>& tasks, u32 address) {
    for (const TaskState& task : tasks)
        if (task.address == address) return &task;
    return nullptr;
}

std::string name_of(const std::vector<TaskState>& tasks, u32 address) {
    const TaskState* task = by_address(tasks, address);
    return task ? fmt::format("{} ({})", task->comm, task->pid) : fmt::format("{:08x}", address);
}

/// "sys_wait4+1a3", or for one that is not asleep where it will go on.
std::string place_of(const Debuggee& debuggee, const TaskState& task) {
    if (task.running) return "here: " + code_name(debuggee, debuggee.cpu().eip);
    if (task.never_ran) return "ret_from_fork: has never run";
    const auto chain = kernel::sleeping_chain(debuggee.memory(), task);
    const u32 place = kernel::waits_in(*debuggee.guest(), chain);
    return place ? code_name(debuggee, place) : code_name(debuggee, task.eip);
}

std::string chain_text(const Debuggee& debuggee, const TaskState& task) {
    std::string text;
    for (const auto& frame : kernel::sleeping_chain(debuggee.memory(), task))
        text += fmt::format("{}{}", text.empty() ? "" : " <- ", code_name(debuggee, frame.return_address));
    return text;
}

TableRow task_row(const Debuggee& debuggee, const TaskState& task) {
    const auto use = kernel::stack_use(*debuggee.guest(), debuggee.memory(), task);
    const u32 esp = task.running ? debuggee.cpu().reg(cpu::Gpr::esp) : task.esp;
    const bool on_stack = esp - task.thread_info <= debuggee.guest()->stack_size();
    const std::string pid = fmt::format("{}", task.pid);
    // Who has never run has used what copy_thread put there; what else lies on the page is somebody's before.
    const std::string deepest = task.never_ran ? fmt::format("{}", task.stack_top - esp)
                                : use          ? fmt::format("{}", use->used())
                                               : "?";
    const std::string chain = chain_text(debuggee, task);
    return row({{pid},
                {task.comm, task.mm ? Meaning::Ring3 : Meaning::Ring0},
                {std::string(1, task.letter()), task.letter() == 'Z' ? Meaning::Warning : Meaning::Text},
                {fmt::format("{}", task.parent_pid)},
                {fmt::format("{}", task.prio)},
                {fmt::format("{:08x}", task.stack_top)},
                {on_stack ? fmt::format("{}", task.thread_info + debuggee.guest()->stack_size() - esp) : "0"},
                {deepest},
                {place_of(debuggee, task)},
                {task.running ? "-" : fmt::format("{:08x}", task.esp)},
                {task.running ? "-" : fmt::format("{:08x}", task.eip)}},
               "task." + pid, view_command("stack", pid),
               fmt::format("{} ({}) is {}.{}", task.comm, task.pid, task.state_text(),
                           chain.empty() ? "" : " Callers: " + chain),
               task.running ? Mark::Now : Mark::None);
}

Panel tasks_panel(const Debuggee& debuggee, const std::vector<TaskState>& tasks) {
    TablePanel table;
    table.columns = {{"pid", true},    {"comm"},       {"S"},     {"parent", true}, {"prio", true}, {"stack top"},
                     {"in use", true}, {"high", true}, {"where"}, {"thread.esp"},   {"thread.eip"}};
    table.marks = true;
    for (const TaskState& task : tasks) table.rows.push_back(task_row(debuggee, task));
    return panel("tasks", fmt::format("tasks ({})", tasks.size()), table);
}

Panel tss_panel(const Debuggee& debuggee, const std::vector<TaskState>& tasks) {
    const auto& cpu = debuggee.cpu();
    const auto& guest = *debuggee.guest();
    TextPanel text;
    const auto current = guest.current(cpu);
    if (!current) return panel("current", "whose stack is it", text);
    Line esp0(
        {{fmt::format("TR {:04x} -> TSS {:08x}: esp0 = {:08x}", cpu.tr.selector, cpu.tr.base, current->stack_top)},
         {fmt::format("   belongs to {}", name_of(tasks, current->address)), Meaning::Title}});
    esp0.id = "tss.esp0";
    esp0.tip = "The next entry from ring 3 begins to push here. __switch_to writes it at each switch.";
    text.lines.push_back(std::move(esp0));
    const u32 esp = cpu.reg(cpu::Gpr::esp), mask = guest.stack_size() - 1, info = esp & ~mask;
    if (cpu.cpl == 0 && info == current->thread_info) {
        Line arithmetic(fmt::format("current = *(esp & ~{:x}) = *({:08x} & ~{:x}) = *{:08x} = {:08x}", mask, esp,
                                    mask, info, current->address));
        arithmetic.id = "current";
        arithmetic.tip =
            "How the kernel itself finds the running task: thread_info lies at the bottom of its stack.";
        text.lines.push_back(std::move(arithmetic));
    } else {
        text.lines.emplace_back(fmt::format("esp {:08x} is not on that stack: ring {}", esp, cpu.cpl),
                                cpu.cpl == 3 ? Meaning::Ring3 : Meaning::Warning);
    }
    return panel("current", "whose stack is it", text);
}

std::string queue_text(const std::vector<TaskState>& tasks, const kernel::RunQueue& queue, bool active) {
    std::string text;
    u32 last = ~0u;
    for (const auto& queued : queue.queued) {
        if (queued.active != active) continue;
        text += queued.queue == last ? ", " : fmt::format("{}[{}] ", text.empty() ? "" : "  ", queued.queue);
        text += name_of(tasks, queued.task);
        last = queued.queue;
    }
    return text.empty() ? "(empty)" : text;
}

Panel queue_panel(const kernel::RunQueue& queue, const std::vector<TaskState>& tasks) {
    TextPanel text;
    text.wrap = true;
    text.lines.emplace_back(fmt::format("nr_running {}   switches {}   curr {}   idle {}", queue.nr_running,
                                        queue.nr_switches, name_of(tasks, queue.curr), name_of(tasks, queue.idle)));
    text.lines.emplace_back("active   " + queue_text(tasks, queue, true));
    text.lines.emplace_back("expired  " + queue_text(tasks, queue, false));
    for (auto& line : text.lines)
        line.tip = "The lowest number in brackets runs first; who has used its slice up moves to expired.";
    text.lines[0].id = "queue.head";
    text.lines[1].id = "queue.active";
    text.lines[2].id = "queue.expired";
    return panel("runqueue", "run queue", text);
}

} // namespace

Status build_tasks(Debuggee& debuggee, const Options& options, ViewModel& model) {
    model.title = "tasks";
    if (!debuggee.guest()) {
        model.remarks.emplace_back("tasks are known only of Trapgate's own kernel: this one's structures are not");
        return Nothing{};
    }
    const auto tasks = kernel::all_tasks(*debuggee.guest(), debuggee.cpu());
    if (tasks.empty()) {
        model.remarks.emplace_back("there are no tasks yet: the kernel has not come so far");
        return Nothing{};
    }
    model.panels.push_back(tasks_panel(debuggee, tasks));
    model.panels.push_back(tss_panel(debuggee, tasks));
    if (const auto queue = kernel::run_queue(*debuggee.guest(), debuggee.cpu()))
        model.panels.push_back(queue_panel(*queue, tasks));
    else
        model.remarks.emplace_back("this kernel has no runqueue");
    model.remarks.emplace_back(
        "\"high\": the words of a stack that are not zero; pages used before count too, so at most that much");
    if (options.relative) make_relative(debuggee, model);
    return Nothing{};
}

} // namespace trapgate::frontend::views
