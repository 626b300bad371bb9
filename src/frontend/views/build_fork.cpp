// SPDX-License-Identifier: MIT
// View `fork`: a parent and its child side by side: the frame that copy_thread copied, word by word, with those that differ marked;
// what it put into the child's thread_struct; what the two share; and how far the birth has come.
// Truth: the guest's memory; names of words by DWARF. What copy_thread does: guest/kernel/arch/i386/kernel/process.c.
#include "frontend/views/builders.hpp"
#include "frontend/views/naming.hpp"
#include "frontend/views/relative.hpp"
#include "kernel/guest_struct.hpp"
#include "kernel/syscalls.hpp"
#include "kernel/task_list.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

using kernel::GuestStruct;
using kernel::TaskState;

struct Family {
    TaskState parent, child;
    bool being_made = false; ///< copy_thread is at work just now
};

/// A frame is where SAVE_ALL left it: right below the top of the stack.
u32 frame_of(const kernel::GuestKernel& guest, const TaskState& task) {
    return task.thread_info + guest.stack_size() - guest.pt_regs().size;
}

/// The word of pt_regs at an offset, as the kernel's header calls it.
std::string_view word_name(const kernel::Layout& layout, u32 offset) {
    for (const auto& member : layout.members)
        if (member.offset == offset) return member.name;
    return "?";
}

/// The child that copy_thread is just filling: it hangs on no list yet. Its task_struct is the fifth parameter, the second of those
/// on the stack (regparm(3)).
std::optional<u32> child_being_made(const Debuggee& debuggee) {
    const auto& cpu = debuggee.cpu();
    const auto* symbol = debuggee.guest()->symbols().containing(cpu.eip);
    if (cpu.cpl != 0 || !symbol || symbol->name != "copy_thread") return std::nullopt;
    const u32 esp = cpu.reg(cpu::Gpr::esp), ebp = cpu.reg(cpu::Gpr::ebp);
    // Where the return address lies: on top at first, below the saved EBP after one instruction, then above EBP until the end.
    for (const u32 at : {esp, esp + 4, ebp + 4}) {
        const auto back = debuggee.memory().get<u32>(at);
        const auto* caller = back ? debuggee.guest()->symbols().containing(*back) : nullptr;
        constexpr u32 second_on_stack = 8;
        if (caller && caller->name == "copy_process") return debuggee.memory().get<u32>(at + second_on_stack);
    }
    return std::nullopt;
}

std::optional<Family> newborn(const Debuggee& debuggee, const std::vector<TaskState>& tasks) {
    const auto child = child_being_made(debuggee);
    if (!child) return std::nullopt;
    const auto running = std::ranges::find_if(tasks, &TaskState::running);
    if (running == tasks.end()) return std::nullopt;
    Family family{*running, kernel::read_task(*debuggee.guest(), debuggee.cpu(), *child), true};
    family.child.parent_pid = running->pid; // written later
    return family;
}

const TaskState* youngest(const std::vector<TaskState>& tasks) {
    const TaskState* found = nullptr;
    for (const TaskState& task : tasks)
        if (task.pid > 1 && (!found || task.never_ran > found->never_ran ||
                             (task.never_ran == found->never_ran && task.pid > found->pid)))
            found = &task;
    return found;
}

Result<const TaskState*> task_of(const std::vector<TaskState>& tasks, std::string_view text) {
    s32 pid = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), pid);
    if (problem != std::errc() || end != text.data() + text.size())
        return Error{fmt::format("{}: the fork view takes a pid, or the pids of two tasks", text), 2};
    const TaskState* task = kernel::find_task(tasks, pid);
    if (!task) return Error{fmt::format("there is no task with pid {}", pid), 2};
    return task;
}

Result<std::optional<Family>> choose(const Debuggee& debuggee, const std::vector<TaskState>& tasks,
                                     std::string_view subject) {
    const TaskState* child = nullptr;
    if (subject.empty()) {
        if (auto family = newborn(debuggee, tasks)) return family;
        child = youngest(tasks);
    } else if (const auto blank = subject.find(' '); blank != std::string_view::npos) {
        TRY(first, task_of(tasks, subject.substr(0, blank)));
        TRY(second, task_of(tasks, subject.substr(subject.find_first_not_of(' ', blank))));
        return std::optional(Family{*first, *second});
    } else {
        TRY(given, task_of(tasks, subject));
        child = given;
    }
    const TaskState* parent = child ? kernel::find_task(tasks, child->parent_pid) : nullptr;
    if (!parent || parent == child) return std::optional<Family>();
    return std::optional(Family{*parent, *child});
}

/// What a word of the frame means.
std::string meaning_of(const Debuggee& debuggee, std::string_view name, u32 value) {
    if (name == "eip") return code_name(debuggee, value);
    if (name == "eflags") return bits_set(eflags_bits(), value);
    if (name == "xcs" || name == "xss") return fmt::format("ring {}", value & 3);
    if (name == "orig_eax")
        if (const auto* call = kernel::find_syscall(value)) return std::string(call->name);
    return {};
}

/// Why copy_thread made this word differ.
std::string why(const Family& family, std::string_view name, u32 child) {
    if (!family.being_made && !family.child.never_ran) return {}; // it has run since: they differ for any reason
    if (name == "eax" && child == 0) return "fork() gives the child 0";
    if (name == "esp" && !family.being_made) return "a stack of its own (clone)";
    return family.being_made ? "not copied yet" : "";
}

TableRow frame_row(const Debuggee& debuggee, const Family& family, u32 offset) {
    const auto& guest = *debuggee.guest();
    const std::string_view name = word_name(guest.pt_regs(), offset);
    const u32 at_parent = frame_of(guest, family.parent) + offset,
              at_child = frame_of(guest, family.child) + offset;
    const auto parent = debuggee.memory().get<u32>(at_parent), child = debuggee.memory().get<u32>(at_child);
    const auto text = [](std::optional<u32> value) { return value ? fmt::format("{:08x}", *value) : "????????"; };
    const bool same = parent == child;
    const std::string because = same ? "" : why(family, name, child.value_or(0));
    return row({{fmt::format("{:08x}", at_parent)},
                {std::string(name), Meaning::Title},
                {text(parent)},
                {same ? "=" : "*", same ? Meaning::Dim : Meaning::Changed},
                {fmt::format("{:08x}", at_child)},
                {text(child), same ? Meaning::Text : Meaning::Changed},
                {because.empty() ? meaning_of(debuggee, name, child.value_or(0)) : because,
                 same ? Meaning::Dim : Meaning::Changed}},
               fmt::format("frame.{}", name), fmt::format("who {:08x}", at_child),
               same ? "The same in both. Click: who wrote the child's." : "Differs. Click: who wrote the child's.");
}

Panel frame_panel(const Debuggee& debuggee, const Family& family) {
    const auto& guest = *debuggee.guest();
    TablePanel table;
    table.columns = {{fmt::format("{} ({})", family.parent.comm, family.parent.pid)}, {"pt_regs"}, {"parent"}, {""},
                     {fmt::format("{} ({})", family.child.comm, family.child.pid)},   {"child"},   {"meaning"}};
    constexpr u32 word = 4;
    for (u32 offset = guest.pt_regs().size; offset > 0; offset -= word)
        table.rows.push_back(frame_row(debuggee, family, offset - word));
    return panel("frames", "the two frames: what ring 3 left behind, and the copy", table, Meaning::Ring0);
}

struct Compared {
    std::string_view name; ///< member of task_struct
    std::string_view note; ///< if both are the same / if they differ
    std::string_view differs;
};

TableRow compared_row(std::string_view name, const std::string& parent, const std::string& child,
                      std::string_view note, bool expected = true) {
    const bool same = parent == child;
    return row({{std::string(name), Meaning::Title},
                {parent},
                {same ? "=" : "*", same ? Meaning::Dim : Meaning::Changed},
                {child, same ? Meaning::Text : Meaning::Changed},
                {std::string(note), expected ? Meaning::Dim : Meaning::Warning}},
               fmt::format("thread.{}", name));
}

void add_thread_rows(const Debuggee& debuggee, const Family& family, TablePanel& table) {
    const auto& guest = *debuggee.guest();
    const auto hex = [](u32 value) { return fmt::format("{:08x}", value); };
    const u32 frame = frame_of(guest, family.child);
    table.rows.push_back(compared_row("thread.esp0", hex(family.parent.stack_top), hex(family.child.stack_top),
                                      "goes into TSS.esp0 at the switch"));
    table.rows.push_back(compared_row(
        "thread.esp", family.parent.running ? "(runs)" : hex(family.parent.esp), hex(family.child.esp),
        family.child.esp == frame ? "= childregs: ESP of its first moment" : "has moved on since it was born"));
    table.rows.push_back(compared_row("thread.eip", family.parent.running ? "(runs)" : hex(family.parent.eip),
                                      hex(family.child.eip),
                                      family.child.eip ? code_name(debuggee, family.child.eip) : "not set yet"));
    for (const std::string_view name : {"task", "flags", "preempt_count"}) {
        const auto value = [&](const TaskState& task) {
            return GuestStruct(debuggee.memory(), &guest.thread_info(), task.thread_info).word_or_zero(name);
        };
        table.rows.push_back(compared_row(fmt::format("info.{}", name), hex(value(family.parent)),
                                          hex(value(family.child)),
                                          name == "task" ? "thread_info was copied, then this was put right" : ""));
    }
    const auto pid = [](const TaskState& task) { return fmt::format("{}", task.pid); };
    table.rows.push_back(
        compared_row("pid", pid(family.parent), pid(family.child), "what fork() gives the parent"));
}

void add_shared_rows(const Debuggee& debuggee, const Family& family, TablePanel& table) {
    constexpr Compared members[] = {
        {"mm", "one address space for both (CLONE_VM)",
         "an address space of its own: pages are copied when written"},
        {"files", "one table of descriptors (CLONE_FILES)", "its own copy of the descriptors"},
        {"fs", "one working directory (CLONE_FS)", "its own root and working directory"},
        {"sighand", "one set of handlers (CLONE_SIGHAND)", "its own copy of the handlers"},
        {"signal", "one thread group (CLONE_THREAD)", "a process of its own"},
    };
    for (const Compared& member : members) {
        const auto value = [&](const TaskState& task) {
            return debuggee.guest()->task_word(debuggee.memory(), task.address, member.name);
        };
        const auto parent = value(family.parent), child = value(family.child);
        if (!parent || !child) continue;
        table.rows.push_back(compared_row(member.name, fmt::format("{:08x}", *parent),
                                          fmt::format("{:08x}", *child),
                                          parent == child ? member.note : member.differs));
    }
}

Panel thread_panel(const Debuggee& debuggee, const Family& family) {
    TablePanel table;
    table.columns = {{"task_struct"}, {"parent"}, {""}, {"child"}, {"meaning"}};
    add_thread_rows(debuggee, family, table);
    add_shared_rows(debuggee, family, table);
    return panel("threads", "what the switch will use, and what the two share", table);
}

/// The child has been in ring 3.
bool has_been_outside(Debuggee& debuggee, const TaskState& child) {
    const u64 now = debuggee.time().now().instruction;
    const auto transfers = debuggee.time().transfers();
    return std::any_of(transfers.rbegin(), transfers.rend(), [&](const machine::TransferNews& news) {
        return news.instruction < now && news.from_cpl == 0 && news.to_cpl == 3 && news.esp0 == child.stack_top;
    });
}

Panel story_panel(Debuggee& debuggee, const Family& family) {
    const auto& guest = *debuggee.guest();
    const u32 frame = frame_of(guest, family.child), parent_frame = frame_of(guest, family.parent);
    const GuestStruct child(debuggee.memory(), &guest.pt_regs(), frame),
        parent(debuggee.memory(), &guest.pt_regs(), parent_frame);
    const bool copied = !family.being_made || child.word("xcs") == parent.word("xcs");
    const bool thread = family.child.esp == frame || !family.child.never_ran;
    const bool ready = family.child.eip != 0 && (family.child.never_ran || !family.being_made) && thread;
    const bool ran = !family.being_made && !family.child.never_ran;
    const bool outside = ran && has_been_outside(debuggee, family.child);
    struct Part {
        std::string text;
        bool done;
    };
    const Part parts[] = {
        {fmt::format("dup_task_struct: {} for the stack at {:08x}, thread_info and task_struct copied",
                     size_text(guest.stack_size()), family.child.thread_info),
         true},
        {fmt::format("copy_thread: *childregs = *regs, {} words to {:08x}", guest.pt_regs().size / 4, frame),
         copied},
        {"childregs->eax = 0: what fork() will give the child",
         copied && (ran || !family.being_made || child.word_or_zero("eax") == 0)},
        {fmt::format("thread.esp = {:08x}, thread.esp0 = {:08x}, thread.eip = ret_from_fork", frame,
                     frame + guest.pt_regs().size),
         ready},
        {"wake_up_new_task puts it into the run queue", !family.being_made},
        {fmt::format("switch_to: TSS.esp0 := {:08x}, ESP := {:08x}, jump to ret_from_fork",
                     frame + guest.pt_regs().size, frame),
         ran},
        {"restore_all and iret: the child comes back from a call that it never made", outside},
    };
    TablePanel table;
    table.columns = {{"", true}, {"what happens"}};
    table.marks = true;
    u32 number = 0;
    bool now_marked = false;
    for (const Part& part : parts) {
        const Mark mark = part.done ? Mark::Done : now_marked ? Mark::Ahead : Mark::Now;
        now_marked |= !part.done;
        table.rows.push_back(
            row({{fmt::format("{}", ++number)}, {part.text, part.done ? Meaning::Text : Meaning::Ahead}},
                fmt::format("story.{}", number), "", "", mark));
    }
    return panel("story", "how far the child is", table);
}

} // namespace

Status build_fork(Debuggee& debuggee, const Options& options, ViewModel& model) {
    model.title = "fork: parent and child";
    if (!debuggee.guest()) {
        model.remarks.emplace_back("tasks are known only of Trapgate's own kernel: this one's structures are not");
        return Nothing{};
    }
    const auto tasks = kernel::all_tasks(*debuggee.guest(), debuggee.cpu());
    TRY(chosen, choose(debuggee, tasks, options.subject));
    if (!chosen) {
        model.remarks.emplace_back("nobody has forked yet: there is no parent and child to compare");
        return Nothing{};
    }
    const Family& family = *chosen;
    model.title = fmt::format("fork: {} ({}) and its child {} ({})", family.parent.comm, family.parent.pid,
                              family.child.comm, family.child.pid);
    model.panels.push_back(frame_panel(debuggee, family));
    model.panels.push_back(thread_panel(debuggee, family));
    model.panels.push_back(story_panel(debuggee, family));
    if (family.being_made)
        model.remarks.emplace_back("copy_thread is at work: step on and see the words arrive");
    else if (!family.child.never_ran)
        model.remarks.emplace_back(
            "the child has run since: both frames are those of the last way into the kernel");
    if (options.relative) make_relative(debuggee, model);
    return Nothing{};
}

} // namespace trapgate::frontend::views
