// SPDX-License-Identifier: MIT
// Tasks are threads. The callers of the one that runs are those that the debugger's `backtrace` finds; of the others, the chain
// of EBPs that they left on their kernel stacks, and by pt_regs where they came from.
#include "frontend/dap/adapter.hpp"

#include "frontend/debug/backtrace.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::dap {

namespace {

constexpr u32 kernel_space = 0xc0000000;
constexpr std::size_t most_frames = 256;

s64 thread_of(s32 pid) {
    return pid == 0 ? idle_thread : pid;
}

} // namespace

u32 Adapter::linear_eip() const {
    return cpu().segment(cpu::SegmentRegister::cs).base + cpu().eip;
}

s64 Adapter::current_thread() const {
    const auto task = debuggee_->task();
    return task ? thread_of(task->pid) : idle_thread;
}

Json Adapter::threads(const Json&) {
    Json threads = Json::array();
    std::vector<kernel::TaskState> tasks;
    if (debuggee_->guest() && !moving_) tasks = kernel::all_tasks(*debuggee_->guest(), cpu());
    for (const kernel::TaskState& task : tasks)
        threads.push_back({{"id", thread_of(task.pid)},
                           {"name", fmt::format("{} {} ({})", task.pid, task.comm, task.state_text())}});
    const s64 current = current_thread();
    const bool listed =
        std::any_of(threads.begin(), threads.end(), [&](const Json& each) { return each["id"] == current; });
    if (!listed) {
        const auto task = debuggee_->task();
        threads.push_back(
            {{"id", current}, {"name", task ? fmt::format("{} {}", task->pid, task->comm) : "processor"}});
    }
    return {{"threads", threads}};
}

/// Where the task came into the kernel from, by the pt_regs at the top of its kernel stack.
std::optional<Frame> Adapter::user_frame(const kernel::Task& task, s64 thread) const {
    const kernel::Layout& layout = debuggee_->guest()->pt_regs();
    const u32 regs = task.stack_top - layout.size;
    const auto word = [&](std::string_view short_name, std::string_view long_name) -> std::optional<u32> {
        const kernel::Member* member = layout.find(short_name);
        if (!member) member = layout.find(long_name);
        return member ? debuggee_->memory().get<u32>(regs + member->offset) : std::nullopt;
    };
    const auto eip = word("eip", "ip"), cs = word("xcs", "cs"), ebp = word("ebp", "bp"), esp = word("esp", "sp");
    if (!eip || !cs || (*cs & 3) != 3 || !ebp || !esp) return std::nullopt;
    return Frame{thread, false, true, *eip, *ebp, *esp};
}

std::vector<Frame> Adapter::frames_of_processor() const {
    debug::Context context{*interpreter_, *debuggee_, {}, debug::DebuggeeScope(*debuggee_)};
    std::vector<Frame> frames;
    for (const debug::CallFrame& each : debug::call_frames(context, most_frames))
        frames.push_back({current_thread(), frames.empty(), each.cpl == 3, each.eip, each.ebp, each.esp});
    return frames;
}

/// Of a task that waits for its turn: what switch_to left. Its user frames lie in its own address space, which is not the present one.
std::vector<Frame> Adapter::frames_of_sleeper(const kernel::TaskState& task) const {
    const s64 thread = thread_of(task.pid);
    std::vector<Frame> frames;
    if (task.eip) frames.push_back({thread, false, false, task.eip, std::nullopt, task.esp});
    for (const kernel::StackFrame& each : kernel::sleeping_chain(debuggee_->memory(), task))
        frames.push_back(
            {thread, false, false, each.return_address, debuggee_->memory().get<u32>(each.ebp), each.ebp + 4});
    if (task.mm)
        if (const auto outer = user_frame(task, thread)) frames.push_back(*outer);
    return frames;
}

std::vector<Frame> Adapter::frames_of(s64 thread) {
    if (thread == current_thread()) return frames_of_processor();
    if (debuggee_->guest())
        for (const kernel::TaskState& task : kernel::all_tasks(*debuggee_->guest(), cpu()))
            if (thread_of(task.pid) == thread) return frames_of_sleeper(task);
    throw Refusal{fmt::format("there is no thread {}", thread)};
}

std::string Adapter::name_of(const Frame& frame) const {
    const bool known = !frame.user || frame.thread == current_thread();
    std::string name = known ? debuggee_->symbols().name_at(frame.pc) : "";
    if (frame.user && frame.pc < kernel_space && !sources_->program_runs()) name.clear();
    if (name.empty()) name = fmt::format("0x{:08x}", frame.pc);
    if (frame.innermost)
        if (const u32 micro = time().now().micro) name += fmt::format(" [after micro-step {}]", micro);
    return name + (frame.user ? "  (ring 3)" : "");
}

Json Adapter::stack_trace(const Json& arguments) {
    const auto all = frames_of(need_number(arguments, "threadId"));
    const auto start = static_cast<std::size_t>(std::clamp<s64>(number(arguments, "startFrame", 0), 0, 1 << 20));
    const s64 wanted = number(arguments, "levels", 0);
    const std::size_t levels = wanted > 0 ? static_cast<std::size_t>(wanted) : most_frames;
    Json frames = Json::array();
    for (std::size_t i = start; i < all.size() && i - start < levels; ++i) {
        frames_.push_back(all[i]);
        Json frame{{"id", frames_.size()},
                   {"name", name_of(all[i])},
                   {"line", 0},
                   {"column", 0},
                   {"instructionPointerReference", fmt::format("0x{:08x}", all[i].pc)}};
        const bool elsewhere = all[i].user && all[i].thread != current_thread();
        const u32 code =
            all[i].innermost || i == 0 ? all[i].pc : all[i].pc - 1; // of the call, not of what follows it
        if (const auto* line = elsewhere ? nullptr : sources_->line_of(code)) {
            frame["line"] = line->line;
            frame["column"] = 1;
            frame["source"] = sources_->source(sources_->file_of(*line));
        } else {
            frame["presentationHint"] = "subtle";
        }
        frames.push_back(std::move(frame));
    }
    return {{"stackFrames", frames}, {"totalFrames", all.size()}};
}

const Frame& Adapter::frame_of(const Json& arguments, const char* name) const {
    const s64 id = need_number(arguments, name);
    if (id < 1 || static_cast<std::size_t>(id) > frames_.size())
        throw Refusal{fmt::format("{} {}: no frame of this stop", name, id)};
    return frames_[static_cast<std::size_t>(id - 1)];
}

} // namespace trapgate::frontend::dap
