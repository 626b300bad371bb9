// SPDX-License-Identifier: MIT
// The text about one transfer: what happened, its steps, the frame that it left on the stack, where it went and how it came back.
#include "frontend/explain/event.hpp"

#include "cpu/isa/micro_steps.hpp"
#include "cpu/protect/recorder.hpp"
#include "frontend/disassembly.hpp"
#include "frontend/explain/columns.hpp"
#include "frontend/virtual8086.hpp"
#include "trace/transfer_names.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>

namespace trapgate::frontend {

namespace {

using cpu::isa::MicroStep;
using cpu::isa::MicroStepPhase;
using cpu::protect::RecordedStep;
using cpu::protect::RecordedTransfer;
using machine::InstructionRecord;
using trace::TransferKind;

constexpr auto cs_index = static_cast<std::size_t>(cpu::SegmentRegister::cs);

constexpr std::string_view tss_words[] = {
    "back link", "esp0", "ss0", "esp1", "ss1", "esp2", "ss2", "cr3", "eip", "eflags", "eax", "ecx", "edx",
    "ebx",       "esp",  "ebp", "esi",  "edi", "es",   "cs",  "ss",  "ds",  "fs",     "gs",  "ldt", "t, io map"};

struct Context {
    EventRun& run;
    const Style& style;
    bool raw;
};

std::string tss_member(std::string_view which, u32 offset) {
    if (offset / 4 < std::size(tss_words) && offset % 4 == 0)
        return fmt::format("{}.{}", which, tss_words[offset / 4]);
    return fmt::format("{}+{:x}", which, offset);
}

/// The base of the TSS that a selector names, by the GDT as it stands.
std::optional<u32> tss_base(const EventRun& run, u16 selector) {
    const cpu::TableRegister gdt = run.cpu().gdtr;
    if ((selector & 4) || (selector | 7u) > gdt.limit) return std::nullopt;
    const kernel::CpuMemory memory(run.cpu());
    const auto descriptor = memory.get<u64>(gdt.base + (selector & ~7u));
    if (!descriptor) return std::nullopt;
    return static_cast<u32>((*descriptor >> 16 & 0xffffff) | (*descriptor >> 56) << 24);
}

/// IDT[0e], GDT[0c], TSS.esp0, pt_regs.xss, a symbol; empty if nothing is known. By the machine before the transfer.
std::string place(const Context& context, const InstructionRecord& record, u32 linear) {
    if (context.raw) return {};
    constexpr u32 tss_bytes = 104;
    const cpu::Cpu& cpu = context.run.cpu();
    if (linear - cpu.idtr.base <= cpu.idtr.limit) return fmt::format("IDT[{:02x}]", (linear - cpu.idtr.base) / 8);
    if (linear - cpu.gdtr.base <= cpu.gdtr.limit) return fmt::format("GDT[{:02x}]", (linear - cpu.gdtr.base) / 8);
    if (linear - cpu.tr.base < tss_bytes) return tss_member("TSS", linear - cpu.tr.base);
    if (record.after.tr != record.before.tr)
        if (const auto base = tss_base(context.run, record.after.tr); base && linear - *base < tss_bytes)
            return tss_member("new TSS", linear - *base);
    if (const auto task = context.run.task()) {
        const auto& saved = context.run.guest()->trap_frame(kernel::CpuMemory(cpu), *task);
        const u32 frame = task->stack_top - saved.size;
        if (linear >= frame && linear < task->stack_top)
            for (const kernel::Member& member : saved.members)
                if (member.offset == linear - frame) return saved.name + "." + member.name;
    }
    return context.run.code(linear);
}

std::string access_text(const Context& context, const InstructionRecord& record, const trace::Access& access) {
    const auto linear = static_cast<u32>(access.linear.value);
    const bool write = access.intent == Intent::Write;
    const std::string name = place(context, record, linear);
    return fmt::format("{}{} {}{:08x} {} {:0{}x}", write ? 'W' : 'R', access.size, name.empty() ? "" : name + " ",
                       linear, write ? "<-" : "=", access.value, access.size * 2);
}

/// The values in words only repeat what went over the bus or what changed.
bool says_nothing_new(const RecordedStep& step, bool changes) {
    const bool one_value = step.values.find(',') == std::string::npos && step.values.find('=') != std::string::npos;
    return !step.faulted && (step.values.empty() || changes || (one_value && !step.accesses.empty()));
}

/// Registers that the step changed; a stack pointer that moved a little as a difference.
std::vector<std::string> changes_of(const RecordedStep& step) {
    auto changes = cpu::protect::changes(step.before, step.after);
    constexpr std::size_t esp = 4;
    const auto moved = static_cast<s32>(step.after.gpr[esp] - step.before.gpr[esp]);
    constexpr s32 small = 64;
    if (moved && moved > -small && moved < small)
        for (std::string& change : changes)
            if (change.starts_with("esp "))
                change = fmt::format("esp {}= {}", moved < 0 ? '-' : '+', std::abs(moved));
    return changes;
}

std::string step_rows(const Context& context, const InstructionRecord& record, const RecordedTransfer& transfer,
                      const RecordedStep& step) {
    const auto& info = cpu::isa::info(step.step);
    std::vector<Cell> cells;
    const auto changes = changes_of(step);
    if (!says_nothing_new(step, !changes.empty())) cells.push_back({step.values, Tone::Title});
    for (const trace::Access& access : step.accesses)
        cells.push_back({access_text(context, record, access), Tone::Access});
    for (const std::string& change : changes) cells.push_back({change, Tone::Title});
    std::string raises(info.raises);
    constexpr std::string_view open = "vector*8+2";
    if (const auto at = raises.find(open); at != std::string::npos)
        raises.replace(at, open.size(), fmt::format("{:x}", transfer.vector * 8 + 2));
    if (step.faulted)
        cells.push_back({"FAILED: raises one of " + raises, Tone::Warning});
    else if (!raises.empty())
        cells.push_back({"else " + raises, Tone::Faint});
    return columns_rows(fmt::format("{:>3}  {}", step.number, info.name), wrap(info.text, text_width),
                        pack(cells, context.style));
}

std::string software_name(u8 vector) {
    if (vector == 3) return "int3 (#BP)";
    return vector == 4 ? "into (#OF)" : fmt::format("int $0x{:x}", vector);
}

/// " through a call gate", " through a task gate: a task switch" …; by the steps that ran.
std::string_view gate_text(const InstructionRecord& record) {
    const auto ran = [&record](MicroStep step) {
        for (const RecordedTransfer& transfer : record.transfers)
            for (const RecordedStep& done : transfer.steps)
                if (done.step == step && !done.faulted) return true;
        return false;
    };
    if (ran(MicroStep::call_gate_rights)) return " through a call gate";
    if (!ran(MicroStep::load_tr)) return "";
    if (ran(MicroStep::task_gate_rights) || (ran(MicroStep::read_gate) && ran(MicroStep::task_descriptor)))
        return " through a task gate: a task switch";
    return ran(MicroStep::read_back_link) ? " to the task in the back link: a task switch"
                                          : " to a TSS: a task switch";
}

std::string kind_name(const InstructionRecord& record, const RecordedTransfer& transfer, bool own) {
    if (transfer.kind != TransferKind::Interrupt) return std::string(trace::transfer_name(transfer.kind));
    if (record.external_interrupt) return fmt::format("delivery of interrupt {:02x}h", transfer.vector);
    if (!own) return fmt::format("delivery of {}", exception_name(transfer.vector));
    return software_name(transfer.vector);
}

/// "ring 3 -> 0", "V86 -> ring 0".
std::string rings_text(const RecordedTransfer& transfer) {
    const auto is_v86 = [](const cpu::protect::Registers& r) { return in_virtual8086(r) && r.cpl == 3; };
    const bool from = is_v86(transfer.before), to = is_v86(transfer.after);
    if (!from && !to) return fmt::format("ring {} -> {}", transfer.before.cpl, transfer.after.cpl);
    const auto name = [](bool v86, u8 cpl) { return v86 ? std::string("V86") : fmt::format("ring {}", cpl); };
    return name(from, transfer.before.cpl) + " -> " + name(to, transfer.after.cpl);
}

std::string transfer_rows(const Context& context, const InstructionRecord& record, const RecordedTransfer& transfer,
                          bool own) {
    const Style& style = context.style;
    std::string title = kind_name(record, transfer, own);
    title += transfer.faulted ? ": given up" : ": " + rings_text(transfer);
    std::string text = style.paint(Tone::Title, title);
    text += fmt::format("\n\n{:>3}  {:<{}}{:<{}} {}\n", "#", "step", name_width, "what it checks or does",
                        text_width, "bus: Read/Write and bytes, changes; else raises");
    bool committed = false;
    for (const RecordedStep& step : transfer.steps) {
        const bool commits = cpu::isa::info(step.step).phase == MicroStepPhase::Commit;
        if (commits && !committed)
            text += rule(style, Tone::Warning,
                         transfer.after.tr != transfer.before.tr
                             ? "point of no return: what fails below, fails in the new task"
                             : "point of no return: nothing below can fault");
        committed |= commits;
        text += step_rows(context, record, transfer, step);
    }
    return text + "\n";
}

std::string meaning_of_push(const Context& context, const RecordedTransfer& transfer, std::string_view name,
                            u32 value) {
    if (name == "error") return error_code_text(transfer.vector, value);
    if (in_virtual8086(transfer.before)) {
        const u16 cs = transfer.before.selectors[cs_index];
        if (name == "eip") return fmt::format("{} = {:05x}", far_pointer(cs, value), paragraph_base(cs) + value);
        if (name == "eflags") return "VM = 1: this says that it was virtual-8086 code";
        return name == "esp" ? "" : fmt::format("a paragraph: {:05x}", paragraph_base(value));
    }
    if (name == "eip") return context.run.code(value);
    return name == "cs" || name == "ss" ? fmt::format("ring {}", value & 3) : "";
}

/// What the processor pushed, from the top down.
std::string frame_rows(const Context& context, const InstructionRecord& record) {
    std::string rows;
    const RecordedTransfer& transfer = record.transfers.back();
    for (const RecordedStep& step : transfer.steps) {
        std::string_view name = cpu::isa::info(step.step).name;
        if (!name.starts_with("push ")) continue;
        name.remove_prefix(5);
        for (const trace::Access& access : step.accesses) {
            if (access.intent != Intent::Write) continue;
            const auto linear = static_cast<u32>(access.linear.value), value = static_cast<u32>(access.value);
            const std::string meaning = meaning_of_push(context, transfer, name, value);
            const std::size_t place_width = in_virtual8086(transfer.before) ? 25 : 18;
            rows += fmt::format("   {:08x}  {:<10} {:0{}x}  {:<{}} {}\n", linear, name, value, access.size * 2,
                                place(context, record, linear), place_width, meaning);
        }
    }
    if (rows.empty()) return {};
    return context.style.paint(Tone::Title, "what the processor has pushed") + "\n\n" + rows + "\n";
}

std::string insn_text(const EventRun& run, u32 linear, bool virtual8086) {
    static const Disassembler of_32_bits(32), of_16_bits(16);
    const Disassembler& disassembler = virtual8086 ? of_16_bits : of_32_bits;
    std::array<u8, 15> bytes{};
    std::size_t length = 0;
    const kernel::CpuMemory memory(run.cpu());
    while (length < bytes.size() &&
           memory.read(linear + static_cast<u32>(length), std::span(bytes).subspan(length, 1)))
        ++length;
    return length ? disassembler.at(std::span(bytes).first(length), linear).text : "(its page is not there)";
}

/// The instruction's own transfer; otherwise the delivery of what it raised, or of an interrupt.
bool is_own(const EventRun& run, const InstructionRecord& record, std::size_t which) {
    if (record.external_interrupt || which > 0) return false;
    if (record.transfers[0].kind != TransferKind::Interrupt) return true;
    const auto opcode = kernel::CpuMemory(run.cpu()).get<u8>(record.linear);
    const bool raises = opcode && (*opcode == 0xcc || *opcode == 0xcd || *opcode == 0xce || *opcode == 0xf1);
    return raises && (record.retired || record.transfers[0].faulted);
}

/// The instruction that did it. A #DB that was pending belongs to the one before.
u32 culprit(EventRun& run, const InstructionRecord& record) {
    if (!run.cpu().debug_hits || !record.instruction) return record.linear;
    const u32 linear = run.time().instruction_at(record.instruction - 1).linear;
    run.time().go_to({record.instruction, 0});
    return linear;
}

/// The first line: what it was, and where.
std::string headline(const Context& context, const InstructionRecord& record) {
    EventRun& run = context.run;
    const RecordedTransfer& last = record.transfers.back();
    const bool exception = !record.external_interrupt && !is_own(run, record, record.transfers.size() - 1);
    std::string what = record.external_interrupt ? "an interrupt from outside"
                       : exception               ? exception_name(last.vector)
                                                 : kind_name(record, last, true);
    what += gate_text(record);
    std::string who;
    if (const auto& kernel = run.options().kernel) who = kernel->substr(kernel->rfind('/') + 1);
    if (const auto task = run.task()) who = fmt::format("{} (pid {})", task->comm, task->pid);
    std::string text = context.style.paint(
        Tone::Title, fmt::format("{}   in {}, at instruction {}", what, who, record.instruction));
    const u32 linear = culprit(run, record);
    const bool virtual8086 = in_virtual8086(record.before);
    const u16 cs = record.before.selectors[cs_index];
    const std::string line = run.source(linear);
    const std::string name = virtual8086 ? far_pointer(cs, linear - paragraph_base(cs)) : run.code(linear);
    text += fmt::format("\n   {} {:08x} {}{}: {}\n", record.external_interrupt ? "before" : "by", linear, name,
                        line.empty() ? "" : " (" + line + ")", insn_text(run, linear, virtual8086));
    return text;
}

/// Why a #DB was due: DR6's bits, as they wait for the next step.
std::string hits_text(u32 hits) {
    if (hits & cpu::pending_debug::single_step) return "DR6.BS: EFLAGS.TF was 1 before it";
    return "DR6.B0-B3: it touched what a debug register watches";
}

/// What virtual-8086 code may not do by itself: what touches the interrupt flag, and INT.
std::string why_protected(const EventRun& run, const InstructionRecord& record) {
    const std::string text = insn_text(run, record.linear, true);
    const u32 iopl = record.before.eflags >> 12 & 3;
    for (const char* sensitive : {"cli", "sti", "pushf", "popf", "int", "iret"})
        if (text.starts_with(sensitive) && iopl < 3)
            return fmt::format(
                "   IOPL is {}, below 3: CLI, STI, PUSHF, POPF, INT n and IRET are left to the monitor, the "
                "kernel\n",
                iopl);
    return {};
}

/// Error code and CR2 of an exception, in words.
std::string fault_lines(const EventRun& run, const InstructionRecord& record) {
    const RecordedTransfer& last = record.transfers.back();
    if (record.external_interrupt || last.kind != TransferKind::Interrupt) return {};
    std::string text;
    for (const RecordedStep& step : last.steps)
        if (step.step == MicroStep::push_error_code)
            for (const trace::Access& access : step.accesses)
                text += fmt::format("   error code {:08x}: {}\n", access.value,
                                    error_code_text(last.vector, static_cast<u32>(access.value)));
    if (last.vector == 1 && run.cpu().debug_hits)
        text += fmt::format(
            "   a trap: that instruction is complete\n   its delivery is a step of its own, number {}: {}\n",
            record.instruction, hits_text(run.cpu().debug_hits));
    if (last.vector == 13 && in_virtual8086(last.before)) text += why_protected(run, record);
    if (last.vector == 14)
        text += fmt::format("   CR2 = {:08x}, the address that was asked for\n", last.before.cr2);
    return text;
}

/// Where it led, and how it came back.
std::string ending(const Context& context, const InstructionRecord& record) {
    EventRun& run = context.run;
    const auto& after = record.after;
    if (in_virtual8086(after) && after.cpl == 3) {
        const u32 linear = paragraph_base(after.selectors[cs_index]) + after.eip;
        return fmt::format("goes on in V86, ring 3, at {} = {:05x}: {}\n",
                           far_pointer(after.selectors[cs_index], after.eip), linear, insn_text(run, linear, true));
    }
    std::string text = fmt::format("goes on in ring {} at {:08x} {}", after.cpl, after.eip, run.code(after.eip));
    if (const std::string line = run.source(after.eip); !line.empty()) text += " (" + line + ")";
    const auto kind = record.transfers.back().kind;
    if (kind != TransferKind::Interrupt && kind != TransferKind::FarCall) return text + "\n";
    if (const auto back = run.way_back(record)) {
        const bool virtual8086 = in_virtual8086(back->after);
        const std::string to = virtual8086 ? far_pointer(back->after.selectors[cs_index], back->after.eip)
                                           : fmt::format("{:08x} {}", back->after.eip, run.code(back->after.eip));
        text += fmt::format("\n   back to ring {}{} by {} at {:08x} {}, {} instruction{} later", back->after.cpl,
                            virtual8086 ? ", V86," : "", kind_name(*back, back->transfers.back(), true),
                            back->linear, run.code(back->linear), back->instruction - record.instruction,
                            back->instruction - record.instruction == 1 ? "" : "s");
        if (kind == TransferKind::Interrupt && !record.external_interrupt && !record.retired)
            text += back->after.eip == record.eip && virtual8086 == in_virtual8086(record.before)
                        ? ": the instruction is tried again"
                        : ", to " + to;
    } else {
        text += "\n   it did not come back";
    }
    return text + "\n";
}

} // namespace

std::string event_picture(EventRun& run, const InstructionRecord& record, const Style& style, bool raw) {
    const Context context{run, style, raw};
    std::string text = headline(context, record) + fault_lines(context.run, record) + "\n";
    for (std::size_t i = 0; i < record.transfers.size(); ++i)
        text += transfer_rows(context, record, record.transfers[i], is_own(run, record, i));
    return trimmed(text + frame_rows(context, record) + ending(context, record));
}

} // namespace trapgate::frontend
