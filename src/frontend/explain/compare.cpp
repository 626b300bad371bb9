// SPDX-License-Identifier: MIT
// Counting, and the table. The kernel's part is known for our kernel only: its frame is struct pt_regs.
#include "frontend/explain/compare.hpp"

#include "cpu/isa/micro_steps.hpp"
#include "cpu/protect/recorder.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace trapgate::frontend {

namespace {

using cpu::isa::MicroStep;
using cpu::isa::MicroStepPhase;
using cpu::protect::RecordedTransfer;
using machine::InstructionRecord;
using trace::TransferKind;

bool ran(const RecordedTransfer& transfer, MicroStep step) {
    return std::any_of(transfer.steps.begin(), transfer.steps.end(),
                       [step](const auto& done) { return done.step == step && !done.faulted; });
}

std::vector<u8> sizes(const RecordedTransfer& transfer, Intent intent) {
    std::vector<u8> found;
    for (const auto& step : transfer.steps)
        for (const trace::Access& access : step.accesses)
            if ((access.intent == Intent::Write) == (intent == Intent::Write)) found.push_back(access.size);
    return found;
}

u32 count_checks(const RecordedTransfer& transfer) {
    return static_cast<u32>(std::count_if(transfer.steps.begin(), transfer.steps.end(), [](const auto& step) {
        const auto& info = cpu::isa::info(step.step);
        return info.phase == MicroStepPhase::Check && !info.raises.empty();
    }));
}

std::string stack_text(const RecordedTransfer& transfer) {
    if (ran(transfer, MicroStep::load_tr)) return "by the CPU, with the task";
    if (ran(transfer, MicroStep::switch_stack)) return "by the CPU, from the TSS";
    if (ran(transfer, MicroStep::sysenter_esp)) return "by the CPU, from MSR 175h";
    if (ran(transfer, MicroStep::load_ss_esp)) return "by the CPU, from the stack";
    if (ran(transfer, MicroStep::sysexit_esp)) return "by the CPU, from ECX";
    return "none";
}

std::string saved_text(const RecordedTransfer& transfer) {
    if (ran(transfer, MicroStep::save_task)) return "the task, in its TSS";
    std::string saved;
    for (const auto& step : transfer.steps) {
        std::string_view name = cpu::isa::info(step.step).name;
        if (!name.starts_with("push ")) continue;
        saved += saved.empty() ? "" : " ";
        for (const char c : name.substr(5)) saved += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return saved.empty() ? "nothing" : saved;
}

std::string flags_text(const InstructionRecord& record) {
    const auto interrupts = [](u32 eflags) { return eflags & cpu::eflags::if_ ? 1 : 0; };
    return fmt::format("{} -> {}", interrupts(record.before.eflags), interrupts(record.after.eflags));
}

/// What the kernel's entry code does until something is pushed below its frame.
class FrameWatch final : public trace::Observer {
  public:
    FrameWatch(const cpu::Cpu& cpu, u32 frame, u32 top, std::function<void()> done)
        : cpu_(cpu), frame_(frame), top_(top), done_(std::move(done)) {}
    void on(const trace::Access& access) override {
        const auto linear = static_cast<u32>(access.linear.value);
        if (access.intent == Intent::Write && linear >= frame_ && linear < top_) words_.push_back(linear & ~3u);
    }
    void on(const trace::Retired&) override {
        if (complete_) return;
        const u32 esp = cpu_.reg(cpu::Gpr::esp);
        complete_ = esp < frame_ && top_ - esp < page_size;
        instructions_ += 1;
        if (complete_) {
            written_ = std::move(words_);
            done_();
        }
    }
    bool complete() const { return complete_; }
    u32 instructions() const { return instructions_; }
    u32 words() const {
        std::vector<u32> words = written_;
        std::sort(words.begin(), words.end());
        return static_cast<u32>(std::unique(words.begin(), words.end()) - words.begin());
    }

  private:
    const cpu::Cpu& cpu_;
    const u32 frame_, top_;
    std::function<void()> done_;
    std::vector<u32> words_, written_;
    u32 instructions_ = 0;
    bool complete_ = false;
};

void count_entry(EventRun& run, const InstructionRecord& record, u64 end, Comparison& result) {
    const auto task = run.task();
    if (!task || record.after.cpl != 0 || record.before.cpl != 3) return;
    FrameWatch watch(run.cpu(), task->stack_top - run.guest()->pt_regs().size, task->stack_top, [] {});
    run.time().rerun(record.instruction + 1, end, watch);
    if (!watch.complete()) return;
    result.entry_instructions = watch.instructions();
    result.software_words = watch.words();
}

std::string bytes_text(const std::vector<u8>& sizes) {
    if (sizes.empty()) return "none";
    constexpr std::size_t most = 6;
    const int sum = std::accumulate(sizes.begin(), sizes.end(), 0);
    const bool alike = std::all_of(sizes.begin(), sizes.end(), [&](u8 size) { return size == sizes[0]; });
    if (sizes.size() == 1) return fmt::format("{} bytes", sum);
    if (alike) return fmt::format("{} x {} = {} bytes", sizes.size(), sizes[0], sum);
    if (sizes.size() > most) return fmt::format("{} accesses, {} bytes", sizes.size(), sum);
    return fmt::format("{} = {} bytes", fmt::join(sizes, "+"), sum);
}

std::string optional_text(const std::optional<u32>& value) {
    return value ? std::to_string(*value) : "-";
}

struct Row {
    const char* name;
    std::string (*text)(const Comparison&);
};

const Row rows[] = {
    {"micro-steps", [](const Comparison& c) { return std::to_string(c.micro_steps); }},
    {"checks that can fail", [](const Comparison& c) { return std::to_string(c.checks); }},
    {"memory reads", [](const Comparison& c) { return bytes_text(c.reads); }},
    {"memory writes", [](const Comparison& c) { return bytes_text(c.writes); }},
    {"stack switch", [](const Comparison& c) { return c.stack; }},
    {"saved by the CPU", [](const Comparison& c) { return c.saved; }},
    {"IF", [](const Comparison& c) { return c.flags; }},
    {"entry code, instructions", [](const Comparison& c) { return optional_text(c.entry_instructions); }},
    {"saved by it, words", [](const Comparison& c) { return optional_text(c.software_words); }},
    {"between in and out",
     [](const Comparison& c) {
         return c.back.empty() ? "-" : fmt::format("{} instruction{}", c.between, c.between == 1 ? "" : "s");
     }},
    {"returns with", [](const Comparison& c) { return c.back.empty() ? "(not seen)" : c.back; }},
    {"  its micro-steps", [](const Comparison& c) { return c.back.empty() ? "-" : std::to_string(c.back_steps); }},
    {"  its memory reads", [](const Comparison& c) { return c.back.empty() ? "-" : bytes_text(c.back_reads); }},
    {"clocks, --timing=none",
     [](const Comparison& c) { return c.back.empty() ? "-" : fmt::format("{} in all", c.between + 2); }},
};

std::string_view back_name(TransferKind kind) {
    switch (kind) {
    case TransferKind::InterruptReturn: return "iret";
    case TransferKind::Sysexit: return "sysexit";
    case TransferKind::FarReturn: return "lret";
    default: return "?";
    }
}

} // namespace

Comparison count(EventRun& run, const InstructionRecord& record, std::string title) {
    const RecordedTransfer& transfer = record.transfers.back();
    Comparison result;
    result.title = std::move(title);
    result.where = fmt::format("instruction {}", record.instruction);
    const bool fetched =
        record.retired && !record.external_interrupt; // an instruction was fetched and decoded for it
    result.micro_steps = static_cast<u32>(transfer.steps.size()) + (fetched ? 1 : 0);
    result.reads = sizes(transfer, Intent::Read);
    result.writes = sizes(transfer, Intent::Write);
    result.checks = count_checks(transfer);
    result.stack = stack_text(transfer);
    result.saved = saved_text(transfer);
    result.flags = flags_text(record);
    const auto back = run.way_back(record);
    if (!back) return result;
    const RecordedTransfer& out = back->transfers.back();
    result.back = back_name(out.kind);
    result.back_steps = static_cast<u32>(out.steps.size()) + 1;
    result.back_reads = sizes(out, Intent::Read);
    result.between = back->instruction - record.instruction - 1;
    count_entry(run, record, back->instruction, result);
    return result;
}

std::string comparison_table(const std::vector<Comparison>& columns, const Style& style) {
    constexpr std::size_t name_column = 26, least = 24;
    std::vector<std::size_t> widths;
    for (const Comparison& column : columns) {
        std::size_t width = std::max(least, column.title.size() + 2);
        for (const Row& row : rows) width = std::max(width, row.text(column).size() + 2);
        widths.push_back(width);
    }
    std::string heading = fmt::format("{:<{}}", "", name_column), text;
    for (std::size_t i = 0; i < columns.size(); ++i) heading += fmt::format("{:<{}}", columns[i].title, widths[i]);
    heading.erase(heading.find_last_not_of(' ') + 1);
    text += style.paint(Tone::Title, heading) + "\n";
    for (const Row& row : rows) {
        std::string line = fmt::format("{:<{}}", row.name, name_column);
        for (std::size_t i = 0; i < columns.size(); ++i)
            line += fmt::format("{:<{}}", row.text(columns[i]), widths[i]);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

} // namespace trapgate::frontend
