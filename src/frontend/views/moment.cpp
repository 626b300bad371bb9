// SPDX-License-Identifier: MIT
// Members of the TSS: [SDM3] "Task-State Segment (TSS)".
#include "frontend/views/moment.hpp"

#include "frontend/disassembly.hpp"
#include "frontend/exceptions.hpp"
#include "trace/transfer_names.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

constexpr u32 tss_bytes = 104, tss_esp0 = 4, tss_ss0 = 8;
constexpr u32 page = 4096;
constexpr u32 virtual8086_words = 9; ///< of the frame that an interrupt out of virtual-8086 mode pushes
constexpr auto cs_index = static_cast<std::size_t>(cpu::SegmentRegister::cs);
constexpr u8 irq_base = 0x20; ///< where our kernel and most others put the interrupt controllers' vectors

std::string tss_member(u32 offset) {
    if (offset == tss_esp0) return "TSS.esp0";
    if (offset == tss_ss0) return "TSS.ss0";
    return fmt::format("TSS+{:x}", offset);
}

std::string member_at(const kernel::Layout& layout, u32 offset) {
    const kernel::Member* best = nullptr;
    for (const kernel::Member& member : layout.members)
        if (member.offset <= offset && offset < member.offset + member.size * std::max(member.count, 1u) &&
            (!best || member.size <= best->size))
            best = &member;
    if (!best) return fmt::format("+{:x}", offset);
    return offset == best->offset ? best->name : fmt::format("{}+{:x}", best->name, offset - best->offset);
}

} // namespace

const machine::InstructionRecord& Moment::record_of(Debuggee& debuggee) {
    return debuggee.time().instruction();
}

Moment::Moment(Debuggee& the_debuggee, const Options& the_options)
    : debuggee(the_debuggee), options(the_options), cpu(the_debuggee.cpu()), now(the_debuggee.time().now()),
      record(record_of(the_debuggee)), task(the_debuggee.task()) {
    u32 number = 0;
    for (const auto& transfer : record.transfers)
        for (const auto& step : transfer.steps) steps.push_back({&transfer, &step, ++number});
    if (now.micro > steps.size())
        steps.resize(now.micro, {nullptr, nullptr, 0}); // cannot be: go_to() stops at the last
    find_stack();
}

void Moment::find_stack() {
    const kernel::GuestKernel* guest = debuggee.guest();
    if (guest && task)
        virtual8086 = guest->in_virtual8086(debuggee.memory(), *task);
    else
        virtual8086 = in_virtual8086(cpl_before() == 3 ? record.before : record.after);
    if (task) {
        stack_top = task->stack_top;
        stack_bottom = task->thread_info;
    } else if (cpu.tr.present) {
        stack_top = debuggee.memory().get<u32>(cpu.tr.base + tss_esp0).value_or(0);
        stack_bottom = stack_top > page ? stack_top - page : 0;
    }
}

/// What CS names in the GDT; nothing where selectors are paragraphs, and of the LDT.
std::optional<cpu::Descriptor> Moment::code_descriptor(const cpu::protect::Registers& registers) const {
    const u16 selector = registers.selectors[cs_index];
    const bool names_entry = (registers.cr0 & cpu::cr0::pe) && !in_virtual8086(registers);
    if (!names_entry || cpu::selector_in_ldt(selector) || (selector | 7u) > cpu.gdtr.limit) return std::nullopt;
    const auto raw = debuggee.memory().get<u64>(cpu.gdtr.base + (selector & ~7u));
    return raw ? std::optional(cpu::Descriptor{*raw}) : std::nullopt;
}

u32 Moment::linear_of(const cpu::protect::Registers& registers) const {
    if (in_virtual8086(registers)) return paragraph_base(registers.selectors[cs_index]) + registers.eip;
    const auto descriptor = code_descriptor(registers);
    return (descriptor ? descriptor->base() : 0) + registers.eip;
}

bool Moment::is_wide(const cpu::protect::Registers& registers) const {
    if (in_virtual8086(registers) || !(registers.cr0 & cpu::cr0::pe)) return false;
    const auto descriptor = code_descriptor(registers);
    return !descriptor || descriptor->default_big();
}

std::string Moment::code_place(const cpu::protect::Registers& registers) const {
    return in_virtual8086(registers) ? far_pointer(registers.selectors[cs_index], registers.eip)
                                     : code(linear_of(registers));
}

const cpu::protect::RecordedTransfer* Moment::transfer() const {
    if (const StepHere* last = last_step()) return last->transfer;
    return record.transfers.empty() ? nullptr : &record.transfers[0];
}

u32 Moment::steps_done(const cpu::protect::RecordedTransfer& transfer) const {
    return static_cast<u32>(std::ranges::count_if(
        steps, [&](const StepHere& here) { return here.transfer == &transfer && here.number <= now.micro; }));
}

std::string Moment::code_name(u32 linear) const {
    return options.numbers ? "" : debuggee.symbols().name_at(linear);
}

std::string Moment::code(u32 linear) const {
    const std::string name = code_name(linear);
    return name.empty() ? fmt::format("{:08x}", linear) : name;
}

u32 Moment::frame_size() const {
    constexpr u32 pushed_by_processor = 20, word = 4;
    if (debuggee.guest()) return frame_layout().size;
    return virtual8086 ? virtual8086_words * word : pushed_by_processor;
}

/// REQUIRES: it is our kernel.
const kernel::Layout& Moment::frame_layout() const {
    const kernel::GuestKernel& guest = *debuggee.guest();
    return task ? guest.trap_frame(debuggee.memory(), *task) : guest.pt_regs();
}

u32 Moment::frame_base() const {
    return stack_top - frame_size();
}

std::string Moment::frame_member(u32 offset) const {
    static constexpr const char* hardware[] = {"eip", "cs", "eflags", "esp", "ss", "es", "ds", "fs", "gs"};
    if (!debuggee.guest()) return offset / 4 < std::size(hardware) ? hardware[offset / 4] : "";
    for (const kernel::Member& member : frame_layout().members)
        if (member.offset == offset) {
            if (member.name.starts_with("__")) return member.name.substr(2);
            return member.name.size() == 3 && member.name[0] == 'x' ? member.name.substr(1) : member.name;
        }
    return "";
}

std::string Moment::stack_name(u32 linear) const {
    if (task && linear >= frame_base() && linear % 4 == 0) {
        if (const std::string member = frame_member(linear - frame_base()); !member.empty())
            return (debuggee.guest() ? frame_layout().name : "frame") + "." + member;
    }
    const kernel::GuestKernel* guest = debuggee.guest();
    if (task && guest && linear - task->thread_info < guest->thread_info().size)
        return "thread_info." + member_at(guest->thread_info(), linear - task->thread_info);
    return fmt::format("esp0-{:x}", stack_top - linear);
}

std::string Moment::data_name(u32 linear) const {
    if (options.numbers) return {};
    if (linear - cpu.idtr.base <= cpu.idtr.limit && cpu.idtr.limit != 0xffff)
        return fmt::format("IDT[{:02x}]", (linear - cpu.idtr.base) / 8);
    if (linear - cpu.gdtr.base <= cpu.gdtr.limit && cpu.gdtr.limit != 0xffff)
        return fmt::format("GDT[{:02x}]", (linear - cpu.gdtr.base) / 8);
    if (cpu.tr.present && linear - cpu.tr.base < tss_bytes) return tss_member(linear - cpu.tr.base);
    // SYSENTER's stack pointer is chosen to point just behind something: what begins there does not matter.
    const kernel::Symbol* before = linear == cpu.sysenter_esp ? debuggee.symbols().containing(linear - 1) : nullptr;
    if (before && before->address + before->size == linear) return "end of " + before->name;
    if (in_kernel_stack(linear)) return stack_name(linear);
    return debuggee.symbols().name_at(linear);
}

std::string Moment::data(u32 linear) const {
    const std::string name = data_name(linear);
    if (name.empty()) return word(linear);
    return options.relative ? name : fmt::format("{} = {:08x}", name, linear);
}

std::string Moment::word(u32 value) const {
    constexpr u32 kernel_base = 0xc0000000, highest = 0xffff0000;
    if (!options.relative || value < kernel_base || value >= highest) return fmt::format("{:08x}", value);
    if (value == stack_top) return "esp0";
    const std::string name = data_name(value);
    return name.empty() ? "(kernel)" : name;
}

std::string Moment::stack_pointer(u32 value) const {
    if (!options.relative || value > stack_top || value < stack_bottom) return word(value);
    return value == stack_top ? "esp0" : fmt::format("esp0-{:x}", stack_top - value);
}

std::string Moment::source(u32 linear) const {
    const auto line = debuggee.line_of(linear);
    if (!line) return {};
    return fmt::format("{}:{}", line->file.substr(line->file.rfind('/') + 1), line->line);
}

/// Numbers of seven or eight hexadecimal digits that have a name, by it; also -0x3fec9c90, which is c0136370.
std::string Moment::with_names(std::string text) const {
    for (std::size_t at = 0; (at = text.find("0x", at)) != std::string::npos;) {
        std::size_t end = at + 2;
        while (end < text.size() && std::isxdigit(static_cast<unsigned char>(text[end]))) ++end;
        if (end - at == 10 || end - at == 9) {
            const bool negative = at > 0 && text[at - 1] == '-';
            const auto digits = static_cast<u32>(std::stoul(text.substr(at + 2, end - at - 2), nullptr, 16));
            const std::size_t begin = at - negative;
            if (const std::string name = debuggee.symbols().name_at(negative ? 0 - digits : digits);
                !name.empty()) {
                text.replace(begin, end - begin, name);
                end = begin + name.size();
            }
        }
        at = end;
    }
    return text;
}

std::string Moment::assembly(u32 linear, u8* length, bool wide) const {
    static const Disassembler of_32_bits(32), of_16_bits(16);
    const Disassembler& disassembler = wide ? of_32_bits : of_16_bits;
    std::array<u8, 15> bytes{};
    std::size_t there = bytes.size();
    while (there && !debuggee.memory().read(linear, std::span(bytes).first(there))) --there;
    if (length) *length = 0;
    if (!there) return "(not mapped)";
    const DisassembledInsn insn = disassembler.at(std::span(bytes).first(there), linear);
    if (length) *length = static_cast<u8>(insn.length);
    return options.numbers ? insn.text : with_names(insn.text);
}

std::string bytes_text(u32 bytes) {
    return bytes % 1024 == 0 && bytes ? fmt::format("{} KiB", bytes / 1024) : fmt::format("{} bytes", bytes);
}

std::string flags_text(u32 eflags) {
    struct Flag {
        u32 bit;
        const char* name;
    };
    static constexpr Flag flags[] = {{0, "CF"},  {2, "PF"},  {4, "AF"},  {6, "ZF"},  {7, "SF"},
                                     {8, "TF"},  {9, "IF"},  {10, "DF"}, {11, "OF"}, {14, "NT"},
                                     {16, "RF"}, {17, "VM"}, {18, "AC"}};
    std::string text;
    for (const Flag& flag : flags)
        if (eflags >> flag.bit & 1) text += (text.empty() ? "" : " ") + std::string(flag.name);
    if (const u32 iopl = eflags >> 12 & 3) text += fmt::format("{}IOPL={}", text.empty() ? "" : " ", iopl);
    return text;
}

std::string transfer_name(trace::TransferKind kind, u8 vector, bool delivery) {
    if (kind != trace::TransferKind::Interrupt) return std::string(trace::transfer_name(kind));
    if (!delivery) return fmt::format("int {:02x}", vector);
    if (vector < irq_base) return exception_symbol(vector);
    return vector < irq_base + 16 ? fmt::format("irq {}", vector - irq_base) : fmt::format("vector {:02x}", vector);
}

} // namespace trapgate::frontend::views
