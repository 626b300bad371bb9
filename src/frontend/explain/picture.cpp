// SPDX-License-Identifier: MIT
// Columns: number and name of a step, its text (wrapped), and on the right what it touched and what a failure would raise.
#include "frontend/explain/picture.hpp"

#include "cpu/isa/micro_steps.hpp"
#include "frontend/disassembly.hpp"
#include "frontend/explain/columns.hpp"
#include "frontend/explain/places.hpp"
#include "kernel/syscalls.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>

namespace trapgate::frontend {

namespace {

using cpu::isa::MicroStep;
using cpu::isa::MicroStepPhase;

constexpr std::size_t insn_right_width = 42;

std::string access_text(const SwitchRecording& recording, const PictureContext& context,
                        const trace::Access& access) {
    const char kind = access.intent == Intent::Write ? 'W' : 'R';
    const auto linear = static_cast<u32>(access.linear.value);
    const std::string name = context.raw ? "" : place_name(recording, context, linear);
    const std::string where = name.empty() ? fmt::format("{:08x}", linear) : fmt::format("{} {:08x}", name, linear);
    return fmt::format("{}{} {} {} {:0{}x}", kind, access.size, where, access.intent == Intent::Write ? "<-" : "=",
                       access.value, access.size * 2);
}

std::string change_text(const PictureContext& context, const Change& change) {
    constexpr u32 small = 64;
    if (change.name == "esp" && change.before - change.after < small)
        return fmt::format("esp -= {}", change.before - change.after);
    if (change.name == "esp" && change.after - change.before < small)
        return fmt::format("esp += {}", change.after - change.before);
    const std::string name = change.name == "eip" && !context.raw ? code_name(context, change.after) : "";
    return fmt::format("{} {:0{}x} -> {:0{}x}{}", change.name, change.before, change.digits, change.after,
                       change.digits, name.empty() ? "" : " " + name);
}

/// The error codes that the texts leave open, filled in where the vector is known.
std::string raises_text(std::string_view raises, const RecordedTransfer& transfer) {
    std::string text(raises);
    constexpr std::string_view open = "vector*8+2";
    for (std::size_t at; (at = text.find(open)) != std::string::npos;)
        text.replace(at, open.size(), fmt::format("{:x}", transfer.vector * 8 + 2));
    return text;
}

/// The values in words repeat what went over the bus or what changed.
bool says_nothing_new(const RecordedStep& step) {
    const bool one_value = step.values.find(',') == std::string::npos && step.values.find('=') != std::string::npos;
    return step.values.empty() || (one_value && (!step.accesses.empty() || !step.changes.empty())) ||
           (!step.changes.empty() && step.changes.size() > 1);
}

std::vector<Cell> right_cells(const SwitchRecording& recording, const RecordedTransfer& transfer,
                              const PictureContext& context, const RecordedStep& step) {
    std::vector<Cell> cells;
    if (!says_nothing_new(step)) cells.push_back({step.values, Tone::Title});
    for (const trace::Access& access : step.accesses)
        cells.push_back({access_text(recording, context, access), Tone::Access});
    for (const Change& change : step.changes) cells.push_back({change_text(context, change), Tone::Title});
    const auto raises = cpu::isa::info(static_cast<MicroStep>(step.step)).raises;
    if (!raises.empty()) cells.push_back({"else " + raises_text(raises, transfer), Tone::Faint});
    return cells;
}

std::string step_rows(const SwitchRecording& recording, const RecordedTransfer& transfer,
                      const PictureContext& context, const RecordedStep& step) {
    const auto& info = cpu::isa::info(static_cast<MicroStep>(step.step));
    const auto left = wrap(info.text, text_width);
    const auto right = pack(right_cells(recording, transfer, context, step), context.style);
    return columns_rows(fmt::format("{:>3}  {}", step.number, info.name), left, right);
}

std::string fetch_row(const RecordedTransfer& transfer, const PictureContext& context) {
    if (!transfer.length) return {};
    std::array<u8, 15> bytes{};
    const kernel::CpuMemory memory(context.cpu);
    if (!memory.read(transfer.eip, std::span(bytes).first(transfer.length))) return {};
    std::string hex;
    for (const u8 byte : std::span(bytes).first(transfer.length)) hex += fmt::format("{:02x} ", byte);
    return fmt::format("{:>3}  {:<{}}{:<{}} {}\n", 0, "fetch", name_width, "read and decode the instruction",
                       text_width, hex);
}

std::string title_of(const RecordedTransfer& transfer) {
    switch (transfer.kind) {
    case trace::TransferKind::Interrupt: return fmt::format("int $0x{:x}", transfer.vector);
    case trace::TransferKind::InterruptReturn: return "iret";
    case trace::TransferKind::Sysenter: return "sysenter";
    case trace::TransferKind::Sysexit: return "sysexit";
    default: return "transfer";
    }
}

std::string insn_text(const PictureContext& context, u32 linear, u8 length) {
    static const Disassembler disassembler(32);
    std::array<u8, 15> bytes{};
    const kernel::CpuMemory memory(context.cpu);
    if (!memory.read(linear, std::span(bytes).first(length))) return "(unreadable)";
    return disassembler.at(std::span(bytes).first(length), linear).text;
}

std::string place_or_number(const SwitchRecording& recording, const PictureContext& context, u32 linear) {
    const std::string name = context.raw ? "" : place_name(recording, context, linear);
    return name.empty() ? fmt::format("{:08x}", linear) : name;
}

std::vector<Cell> insn_cells(const SwitchRecording& recording, const PictureContext& context,
                             const RecordedInsn& insn) {
    std::vector<Cell> cells;
    for (const trace::Access& access : insn.accesses) {
        const bool write = access.intent == Intent::Write;
        cells.push_back({fmt::format("{}{} {} {} {:0{}x}", write ? 'W' : 'R', access.size,
                                     place_or_number(recording, context, static_cast<u32>(access.linear.value)),
                                     write ? "<-" : "=", access.value, access.size * 2),
                         Tone::Access});
    }
    return cells;
}

/// Several instructions of one source line that write the frame are one macro's: SAVE_ALL is the only one there.
bool from_macro(const SwitchRecording& recording, const PictureContext& context, const StackWord& word) {
    if (word.by_transfer || !word.eip) return false;
    const std::string line = source_name(context, word.eip);
    return std::count_if(recording.frame.begin(), recording.frame.end(), [&](const StackWord& other) {
               return !other.by_transfer && other.eip && source_name(context, other.eip) == line;
           }) > 1;
}

std::string writer_text(const SwitchRecording& recording, const PictureContext& context, const StackWord& word) {
    if (word.by_transfer) return fmt::format("CPU       {}", title_of(recording.entry));
    if (!word.eip) return "(before this call)";
    const std::string source = source_name(context, word.eip);
    const bool assembly = source.find(".S:") != std::string::npos;
    const std::string who = from_macro(recording, context, word) ? "SAVE_ALL" : assembly ? "entry.S" : "C";
    return fmt::format("{:<9} {:<24} {}", who, code_name(context, word.eip), source);
}

Tone writer_tone(const StackWord& word) {
    return word.by_transfer ? Tone::Ring3 : Tone::Ring0;
}

/// What a value of the frame means, where that helps.
std::string meaning(const PictureContext& context, std::string_view member, const StackWord& word) {
    if (member == "eip") return code_name(context, word.value);
    if (member == "orig_eax")
        if (const auto* call = kernel::find_syscall(word.value)) return std::string(call->name);
    if (member == "xcs" || member == "xss") return fmt::format("ring {}", word.value & 3);
    return {};
}

std::string frame_rows(const SwitchRecording& recording, const PictureContext& context) {
    std::string rows;
    const u32 frame = recording.task.stack_top - context.kernel.pt_regs().size;
    for (const StackWord& word : recording.frame) {
        const std::string_view member = frame_member(context, word.address - frame);
        rows += fmt::format("   {:08x}  +{:02x}  {:<9} {:08x}  {:<21} {}\n", word.address, word.address - frame,
                            member, word.value, meaning(context, member, word),
                            context.style.paint(writer_tone(word), writer_text(recording, context, word)));
    }
    return rows;
}

std::string thread_info_rows(const SwitchRecording& recording, const PictureContext& context) {
    std::string rows;
    for (const kernel::Member& member : context.kernel.thread_info().members) {
        if (member.size != 4 || member.count != 1 || member.name.find('.') != std::string::npos) continue;
        if (member.offset + 4 > recording.thread_info.size()) continue;
        u32 value = 0;
        std::memcpy(&value, recording.thread_info.data() + member.offset, 4);
        const std::string note = member.name == "task" ? fmt::format("task_struct of {} (pid {})",
                                                                     recording.task.comm, recording.task.pid)
                                                       : "";
        rows += fmt::format("   {:08x}  +{:02x}  {:<14} {:08x}  {}\n", recording.task.thread_info + member.offset,
                            member.offset, member.name, value, note);
    }
    return rows;
}

} // namespace

std::string transfer_picture(const SwitchRecording& recording, const RecordedTransfer& transfer,
                             const PictureContext& context) {
    const Style& style = context.style;
    std::string text =
        style.paint(Tone::Title, fmt::format("{} at {:08x} {}: ring {} -> {}", title_of(transfer), transfer.eip,
                                             code_name(context, transfer.eip), transfer.from_cpl, transfer.to_cpl));
    text += fmt::format("\n\n{:>3}  {:<{}}{:<{}} {}\n", "#", "step", name_width, "what it checks or does",
                        text_width, "bus: Read/Write and bytes, changes; else raises");
    text += fetch_row(transfer, context);
    bool committed = false;
    for (const RecordedStep& step : transfer.steps) {
        const bool commits = cpu::isa::info(static_cast<MicroStep>(step.step)).phase == MicroStepPhase::Commit;
        if (commits && !committed)
            text += rule(style, Tone::Warning, "point of no return: nothing below can fault");
        committed |= commits;
        text += step_rows(recording, transfer, context, step);
    }
    return text;
}

std::string entry_picture(const SwitchRecording& recording, const PictureContext& context) {
    std::string text = context.style.paint(Tone::Title, "then the kernel, until the frame is complete") + "\n\n";
    for (const RecordedInsn& insn : recording.first) {
        const std::string left =
            fmt::format("   {:08x}  {:<21} {:<28} {:<12}", insn.linear, code_name(context, insn.linear),
                        insn_text(context, insn.linear, insn.length), source_name(context, insn.linear));
        const auto effects = pack(insn_cells(recording, context, insn), context.style, insn_right_width);
        text += left + (effects.empty() ? "" : effects[0]) + "\n";
        for (std::size_t i = 1; i < effects.size(); ++i) text += fmt::format("{:<78}{}\n", "", effects[i]);
    }
    return trimmed(text);
}

std::string stack_picture(const SwitchRecording& recording, const PictureContext& context) {
    const kernel::Task& task = recording.task;
    const Style& style = context.style;
    const u32 size = context.kernel.stack_size();
    std::string text =
        style.paint(Tone::Title, fmt::format("kernel stack of {} (pid {}), {} bytes, when the frame is complete",
                                             task.comm, task.pid, size));
    text += fmt::format("\n\n   {:08x}  = TSS.esp0\n", task.stack_top);
    text += rule(style, Tone::Faint,
                 fmt::format("struct pt_regs: {} words       value     meaning               written by",
                             recording.frame.size()));
    text += frame_rows(recording, context);
    text += rule(style, Tone::Faint, "below it: the C functions' frames");
    const u32 below = task.stack_top - context.kernel.pt_regs().size - 4;
    if (recording.return_address)
        text += fmt::format("   {:08x}       return to {:08x} {}\n", below, recording.return_address,
                            code_name(context, recording.return_address));
    text += fmt::format("      :          deepest ESP of this call: {:08x} ({} of {} bytes), in {}\n",
                        recording.deepest_esp, task.stack_top - recording.deepest_esp, size,
                        code_name(context, recording.deepest_eip));
    text += rule(style, Tone::Faint, "thread_info: ESP & ~(stack size - 1)");
    return trimmed(text + thread_info_rows(recording, context));
}

std::string outcome_picture(const SwitchRecording& recording, const PictureContext& context) {
    std::string text =
        fmt::format("{}\n   {} instructions in ring 0", recording.call_text, recording.instructions_in_kernel);
    if (recording.interrupts) text += fmt::format(" ({} interrupts or exceptions between)", recording.interrupts);
    if (recording.result)
        text += fmt::format("; EAX's slot {:08x} <- {:08x} by {} ({})", recording.result->address,
                            recording.result->value, code_name(context, recording.result->eip),
                            source_name(context, recording.result->eip));
    if (recording.way_out)
        text += fmt::format("\n   back to ring 3 by {} at {:08x} {}", title_of(*recording.way_out),
                            recording.way_out->eip, code_name(context, recording.way_out->eip));
    else
        text += "\n   it did not come back";
    return text + "\n";
}

} // namespace trapgate::frontend
