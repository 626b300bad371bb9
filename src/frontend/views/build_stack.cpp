// SPDX-License-Identifier: MIT
// View `stack`: a whole kernel stack, from TSS.esp0 down to thread_info: the saved registers, who called whom, locals folded, what was
// never touched, and how the kernel finds `current` from ESP alone. For any task; who wrote each word is known for the running one.
// Truth: the guest's memory and its chain of saved EBPs (the kernel is built with frame pointers); names by DWARF.
#include "frontend/views/build_switch.hpp"
#include "frontend/views/builders.hpp"
#include "frontend/views/naming.hpp"
#include "frontend/views/relative.hpp"
#include "kernel/guest_struct.hpp"
#include "kernel/task_list.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <map>

namespace trapgate::frontend::views {

namespace {

using kernel::TaskState;

constexpr u32 word = 4;
constexpr u32 shortest_fold = 3; ///< fewer locals than this are shown as they are

/// One stack as it is now.
struct Stack {
    TaskState task;
    u32 bottom = 0; ///< end of thread_info
    u32 top = 0;
    u32 esp = 0; ///< top if nothing is on it
    std::vector<kernel::StackFrame> frames{};
    u32 eip = 0; ///< of the innermost function that has set up its frame
    /// Where the return address of a function lies whose frame is not set up yet, or not any more; 0: there is none.
    u32 frameless_return = 0;
    bool unfolded = false;       ///< every word is wanted
    std::map<u32, Slot> known{}; ///< what the history of this task says, by address
};

Result<const TaskState*> task_of(const std::vector<TaskState>& tasks, std::string_view text) {
    if (text.empty()) {
        const auto running = std::ranges::find_if(tasks, &TaskState::running);
        if (running == tasks.end()) return Error{"no task runs: give the pid of one", 1};
        return &*running;
    }
    s32 pid = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), pid);
    const TaskState* task =
        problem == std::errc() && end == text.data() + text.size() ? kernel::find_task(tasks, pid) : nullptr;
    if (!task)
        return Error{
            fmt::format("{}: no task has that pid (the stack view takes a pid, `all` for unfolded words, or both)",
                        text),
            2};
    return task;
}

/// Words of the running task, as the switch page knows them: with who wrote them.
void add_history(Debuggee& debuggee, const Options& options, Stack& stack) {
    const SwitchMoment moment(debuggee, options);
    const Panel panel = kernel_stack_panel(moment);
    for (const Slot& slot : std::get<StackPanel>(panel.content).slots) stack.known[slot.address] = slot;
}

/// EBP is the caller's as long as `push %ebp; mov %esp,%ebp` has not run, and again at `ret`.
void skip_frameless(const Debuggee& debuggee, Stack& stack) {
    const auto* symbol = debuggee.guest()->symbols().containing(stack.eip);
    if (!symbol || stack.esp >= stack.top || debuggee.cpu().cpl != 0) return;
    constexpr u8 push_ebp = 0x55, ret = 0xc3;
    const bool begins_with_push = debuggee.memory().get<u8>(static_cast<u32>(symbol->address)) == push_ebp;
    if (debuggee.memory().get<u8>(stack.eip) == ret || (begins_with_push && stack.eip == symbol->address))
        stack.frameless_return = stack.esp;
    else if (begins_with_push && stack.eip == symbol->address + 1)
        stack.frameless_return = stack.esp + word;
    else
        return;
    stack.eip = debuggee.memory().get<u32>(stack.frameless_return).value_or(0);
}

Stack stack_of(Debuggee& debuggee, const Options& options, const TaskState& task) {
    const auto& guest = *debuggee.guest();
    const auto& cpu = debuggee.cpu();
    Stack stack;
    stack.task = task;
    stack.bottom = task.thread_info + guest.thread_info().size;
    stack.top = task.thread_info + guest.stack_size();
    stack.esp = task.running ? cpu.reg(cpu::Gpr::esp) : task.esp;
    if (stack.esp < stack.bottom || stack.esp > stack.top) stack.esp = stack.top;
    if (task.running) {
        add_history(debuggee, options, stack);
        stack.eip = cpu.eip;
        skip_frameless(debuggee, stack);
        if (stack.esp != stack.top)
            stack.frames = kernel::frame_chain(debuggee.memory(), cpu.reg(cpu::Gpr::ebp), stack.esp, stack.top);
    } else if (!task.never_ran) {
        stack.eip = task.eip;
        stack.frames = kernel::sleeping_chain(debuggee.memory(), task);
    }
    return stack;
}

class Rows {
  public:
    Rows(const Debuggee& debuggee, const Options& options, const Stack& stack)
        : debuggee_(debuggee), options_(options), stack_(stack), guest_(*debuggee.guest()),
          frame_(stack.top - guest_.pt_regs().size) {
        u32 eip = stack.eip;
        for (const auto& frame : stack.frames) {
            functions_.push_back(function_at(eip));
            eip = frame.return_address;
        }
        functions_.push_back(function_at(eip));
    }

    TablePanel table() {
        table_.columns = {{"address"}, {"what"}, {"value"}, {"who"}, {"meaning"}};
        table_.marks = true;
        const u32 lowest = std::min(stack_.esp, lowest_expected());
        for (u32 address = stack_.top - word; address >= lowest; address -= word) add(address);
        flush();
        add_free(lowest);
        if (options_.low_on_top) std::ranges::reverse(table_.rows);
        return std::move(table_);
    }

  private:
    std::string function_at(u32 eip) const {
        const auto* symbol = debuggee_.symbols().containing(eip);
        return symbol ? symbol->name : "";
    }
    /// Words that the entry under way will push are shown before they are there.
    u32 lowest_expected() const {
        const bool fresh = stack_.esp >= frame_;
        return fresh || stack_.task.running ? std::max(std::min(frame_, stack_.top - word), stack_.bottom)
                                            : stack_.top;
    }

    void add(u32 address) {
        if (address >= frame_) return add_saved(address);
        if (address == stack_.frameless_return)
            return add_return(address, stack_.eip, function_at(debuggee_.cpu().eip));
        for (std::size_t i = 0; i < stack_.frames.size(); ++i) {
            if (address == stack_.frames[i].ebp + word)
                return add_return(address, stack_.frames[i].return_address, functions_[i]);
            if (address == stack_.frames[i].ebp) return add_saved_ebp(address);
        }
        const Slot* known = slot(address);
        if (known && !known->name.empty()) return add_named(address, *known);
        fold_.push_back(address);
    }

    const Slot* slot(u32 address) const {
        const auto found = stack_.known.find(address);
        return found == stack_.known.end() ? nullptr : &found->second;
    }
    std::optional<u32> value(u32 address) const { return debuggee_.memory().get<u32>(address); }

    void put(u32 address, Span what, std::string shown, Span who, std::string meaning, Mark mark) {
        flush();
        const std::string at = fmt::format("{:08x}", address);
        table_.rows.push_back(row({{at, address == stack_.esp ? Meaning::Title : Meaning::Dim},
                                   std::move(what),
                                   {std::move(shown)},
                                   std::move(who),
                                   {(address == stack_.esp ? "<- ESP  " : "") + meaning}},
                                  "word." + at, "who " + at, "Click: who wrote it last.", mark));
    }
    static Meaning meaning_of(Writer writer) {
        switch (writer) {
        case Writer::Cpu: return Meaning::Cpu;
        case Writer::Entry: return Meaning::Entry;
        case Writer::Kernel: return Meaning::Kernel;
        default: return Meaning::Dim;
        }
    }
    Span who_of(u32 address) const {
        const Slot* known = slot(address);
        if (!known) return {""};
        return {known->who, meaning_of(known->writer)};
    }
    Mark mark_of(u32 address) const {
        const Slot* known = slot(address);
        return known ? known->mark : Mark::None;
    }

    /// A word of the frame at the top: known by name even before it is written.
    void add_saved(u32 address) {
        const Slot* known = slot(address);
        std::string name;
        for (const auto& member : guest_.pt_regs().members)
            if (member.offset == address - frame_) name = member.name;
        const bool there = known ? known->value.has_value() : address >= stack_.esp;
        const u32 now = value(address).value_or(0);
        put(address, {name, Meaning::Title}, there ? fmt::format("{:08x}", now) : "........", who_of(address),
            known                    ? known->meaning
            : there && name == "eip" ? "-> " + code_name(debuggee_, now)
                                     : "",
            mark_of(address));
    }
    void add_return(u32 address, u32 to, const std::string& callee) {
        put(address, {"return", Meaning::Title}, fmt::format("{:08x}", to), {"CALL " + callee, Meaning::Kernel},
            "-> " + code_name(debuggee_, to), mark_of(address));
    }
    void add_saved_ebp(u32 address) {
        const u32 saved = value(address).value_or(0);
        put(address, {"saved ebp"}, fmt::format("{:08x}", saved), who_of(address), "", mark_of(address));
    }
    void add_named(u32 address, const Slot& known) {
        put(address, {known.name, Meaning::Title}, known.value ? fmt::format("{:08x}", *known.value) : "........",
            who_of(address), known.meaning, known.mark);
    }

    /// Whose locals lie at an address: those of the innermost frame that begins above it.
    const std::string& owner(u32 address) const {
        std::size_t i = 0;
        while (i < stack_.frames.size() && stack_.frames[i].ebp < address) ++i;
        return functions_[i];
    }

    void flush() {
        if (fold_.empty()) return;
        const std::vector<u32> words = std::exchange(fold_, {});
        const std::string id = fmt::format("fold.{:08x}", words.back());
        if (words.size() >= shortest_fold && !stack_.unfolded) return add_fold(words, id);
        for (const u32 address : words) {
            const Slot* known = slot(address);
            const u32 now = value(address).value_or(0);
            const std::string name = address_name(debuggee_, now);
            put(address, {owner(address), Meaning::Dim}, fmt::format("{:08x}", now), who_of(address),
                known && !known->meaning.empty()     ? known->meaning
                : now >= 0xc0000000 && !name.empty() ? "-> " + name
                                                     : "",
                mark_of(address));
        }
    }
    void add_fold(const std::vector<u32>& words, const std::string& id) {
        const bool has_esp = std::ranges::find(words, stack_.esp) != words.end();
        const bool now = std::ranges::any_of(words, [&](u32 address) { return mark_of(address) == Mark::Now; });
        const std::string& function = owner(words.back());
        table_.rows.push_back(
            row({{fmt::format("{:08x}", words.back()), has_esp ? Meaning::Title : Meaning::Dim},
                 {function, Meaning::Dim},
                 {fmt::format("{} words", words.size()), Meaning::Dim},
                 {""},
                 {has_esp ? "<- ESP  locals, saved registers" : "locals, saved registers", Meaning::Dim}},
                id, view_command("stack", fmt::format("{} all", stack_.task.pid)),
                "Folded. Click to see each word.", now ? Mark::Now : Mark::None));
    }

    void add_free(u32 lowest) {
        const auto use = kernel::stack_use(guest_, debuggee_.memory(), stack_.task);
        if (!use) return;
        const u32 deepest = stack_.task.never_ran ? lowest : std::min(use->lowest, lowest);
        const auto gap = [&](u32 from, u32 to, std::string what, std::string id) {
            if (from >= to) return;
            table_.rows.push_back(row({{fmt::format("{:08x}", from), Meaning::Dim},
                                       {""},
                                       {size_text(to - from), Meaning::Dim},
                                       {""},
                                       {std::move(what), Meaning::Dim}},
                                      std::move(id)));
        };
        gap(deepest, lowest, "used before, not now", "gap.used");
        gap(stack_.bottom, deepest, "never touched", "gap.free");
        table_.rows.push_back(row({{fmt::format("{:08x}", stack_.task.thread_info)},
                                   {"thread_info", Meaning::Title},
                                   {size_text(guest_.thread_info().size)},
                                   {""},
                                   {fmt::format("of {} ({})", stack_.task.comm, stack_.task.pid)}},
                                  "thread_info"));
    }

    const Debuggee& debuggee_;
    const Options& options_;
    const Stack& stack_;
    const kernel::GuestKernel& guest_;
    const u32 frame_;
    std::vector<std::string> functions_; ///< of each frame, innermost first
    std::vector<u32> fold_;              ///< words without a name, from high to low
    TablePanel table_;
};

/// "[#####.....]": so much of it.
std::string bar(u32 part, u32 whole, u32 columns) {
    const u32 filled = whole ? std::min(columns, (part * columns + whole - 1) / whole) : 0;
    return "[" + std::string(filled, '#') + std::string(columns - filled, '.') + "]";
}

Panel use_panel(const Debuggee& debuggee, const Stack& stack) {
    const auto& guest = *debuggee.guest();
    TextPanel text;
    const auto line = [&](std::string what, std::string id, Meaning meaning = Meaning::Text) {
        text.lines.emplace_back(std::move(what), meaning);
        text.lines.back().id = std::move(id);
    };
    const auto use = kernel::stack_use(guest, debuggee.memory(), stack.task);
    const u32 size = stack.top - stack.bottom, used = stack.top - stack.esp;
    const u32 deepest = std::max(used, stack.task.never_ran || !use ? used : use->used());
    constexpr u32 columns = 32;
    line(fmt::format("now   {} {:>5} of {} bytes", bar(used, size, columns), used, size), "use.now");
    line(fmt::format("high  {} {:>5} = {} %, at most", bar(deepest, size, columns), deepest,
                     size ? deepest * 100 / size : 0),
         "use.high");
    text.lines.back().tip = "The words that are not zero. Pages that belonged to something else before count too.";
    const u32 mask = guest.stack_size() - 1;
    const u32 esp = stack.esp == stack.top ? stack.top - word : stack.esp;
    line(fmt::format("current_thread_info() = esp & ~{:x}", mask), "arithmetic");
    line(fmt::format("  = {:08x} & {:08x} = {:08x}{}", esp, ~mask, esp & ~mask,
                     stack.esp == stack.top ? "  (after the first push)" : ""),
         "arithmetic.value");
    const kernel::GuestStruct info(debuggee.memory(), &guest.thread_info(), stack.task.thread_info);
    line(fmt::format("{:08x} thread_info of {} ({})", stack.task.thread_info, stack.task.comm, stack.task.pid),
         "thread_info", Meaning::Title);
    for (const auto& member : guest.thread_info().members) {
        if (member.size != word || member.count != 1 || member.name.find('.') != std::string::npos) continue;
        line(fmt::format("  {:<14} {:08x}", member.name, info.word_or_zero(member.name)),
             "thread_info." + member.name);
        if (member.name == "task")
            text.lines.back().spans.push_back({fmt::format("  task_struct of {}", stack.task.comm), Meaning::Dim});
    }
    return panel("use", "how much of it, and what lies at the bottom", text);
}

/// The words that ESP points to, whoever's kernel it is: return addresses by their symbols, the chain of saved EBPs.
Panel words_at_esp(const Debuggee& debuggee) {
    const auto& cpu = debuggee.cpu();
    const u32 esp = cpu.segment(cpu::SegmentRegister::ss).base + cpu.reg(cpu::Gpr::esp);
    constexpr u32 most_words = 64;
    const auto frames = kernel::frame_chain(debuggee.memory(), cpu.reg(cpu::Gpr::ebp), esp, ~0u);
    TablePanel table;
    table.columns = {{"address"}, {"what"}, {"value"}, {"meaning"}};
    for (u32 i = 0; i < most_words; ++i) {
        const u32 address = esp + i * word;
        const auto value = debuggee.memory().get<u32>(address);
        if (!value) break;
        const bool saved = std::ranges::find(frames, address, &kernel::StackFrame::ebp) != frames.end();
        const bool back = std::ranges::find(frames, address - word, &kernel::StackFrame::ebp) != frames.end();
        const std::string at = fmt::format("{:08x}", address), name = code_name(debuggee, *value);
        table.rows.push_back(row({{at, Meaning::Dim},
                                  {back    ? "return"
                                   : saved ? "saved ebp"
                                           : "",
                                   Meaning::Title},
                                  {fmt::format("{:08x}", *value)},
                                  {name.empty() ? "" : "-> " + name, back ? Meaning::Text : Meaning::Dim}},
                                 "word." + at, "who " + at, "Click: who wrote it last."));
    }
    return panel("words", fmt::format("from ESP {:08x} up, ring {}", esp, cpu.cpl), table,
                 cpu.cpl == 3 ? Meaning::Ring3 : Meaning::Ring0);
}

} // namespace

Status build_stack(Debuggee& debuggee, const Options& options, ViewModel& model) {
    model.title = "kernel stack";
    if (!debuggee.guest()) {
        // Where somebody else's stack ends nobody can know; the words below TSS.esp0 are there all the same.
        const SwitchMoment moment(debuggee, options);
        model.panels.push_back(kernel_stack_panel(moment));
        model.panels.push_back(words_at_esp(debuggee));
        model.remarks.emplace_back(
            "how large a stack is, and what lies at its bottom, is known only of Trapgate's own kernel");
        return Nothing{};
    }
    const auto tasks = kernel::all_tasks(*debuggee.guest(), debuggee.cpu());
    if (tasks.empty()) {
        model.remarks.emplace_back("there are no tasks yet: the kernel has not come so far");
        return Nothing{};
    }
    std::string_view subject = options.subject;
    const bool unfolded = subject.ends_with("all");
    if (unfolded) subject.remove_suffix(3);
    while (subject.ends_with(' ')) subject.remove_suffix(1);
    TRY(task, task_of(tasks, subject));
    Stack stack = stack_of(debuggee, options, *task);
    stack.unfolded = unfolded;
    model.title = fmt::format("kernel stack of {} ({})", task->comm, task->pid);
    model.panels.push_back(panel(
        "stack",
        fmt::format("{:08x} = {} of {} ({})", stack.top,
                    task->running && task->stack_top == stack.top ? "TSS.esp0, top" : "top", task->comm, task->pid),
        Rows(debuggee, options, stack).table(), Meaning::Ring0));
    model.panels.push_back(use_panel(debuggee, stack));
    if (task->running && debuggee.cpu().cpl == 3 && stack.esp == stack.top)
        model.remarks.emplace_back(
            "the task is in ring 3: its kernel stack is empty, the next way in begins at the top");
    if (options.relative) make_relative(debuggee, model);
    return Nothing{};
}

} // namespace trapgate::frontend::views
