// SPDX-License-Identifier: MIT
// View `descriptor`: one gate or segment descriptor, opened bit by bit: the fields as the manual draws them, what they add up to,
// each check with what it would raise if it were otherwise, and the command that tries it on a copy of the machine.
// Source: [SDM3] figures "Segment Descriptor", "IDT Gate Descriptors", "TSS Descriptor", "Call-Gate Descriptor".
#include "cpu/protect/describe.hpp"
#include "cpu/protect/descriptors.hpp"
#include "frontend/views/builders.hpp"
#include "frontend/views/descriptor_checks.hpp"
#include "frontend/views/naming.hpp"
#include "frontend/views/relative.hpp"

#include <charconv>
#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

using cpu::Descriptor;
namespace type = cpu::protect::system_type;

constexpr u32 descriptor_bytes = 8;

/// What is opened.
struct Subject {
    enum class Table : u8 { Gdt, Ldt, Idt } table = Table::Gdt;
    u32 index = 0;
    u16 selector = 0;                     ///< for GDT and LDT
    std::string by{};                     ///< "held by ss"
    const cpu::Segment* loaded = nullptr; ///< the register that was named
    std::string_view table_name() const {
        return table == Table::Idt ? "IDT" : table == Table::Ldt ? "LDT" : "GDT";
    }
    std::string name() const { return fmt::format("{}[{:02x}]", table_name(), index); }
};

std::optional<u32> hexadecimal(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    if (text.ends_with('h')) text.remove_suffix(1);
    u32 value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Subject of_selector(u16 selector) {
    Subject subject;
    subject.table = cpu::selector_in_ldt(selector) ? Subject::Table::Ldt : Subject::Table::Gdt;
    subject.index = selector >> 3;
    subject.selector = selector;
    return subject;
}

std::optional<Subject> of_register(const cpu::Cpu& cpu, std::string_view name) {
    constexpr std::string_view names[] = {"es", "cs", "ss", "ds", "fs", "gs"};
    const cpu::Segment* segment = name == "tr" ? &cpu.tr : name == "ldtr" ? &cpu.ldtr : nullptr;
    for (u32 i = 0; i < std::size(names); ++i)
        if (name == names[i]) segment = &cpu.segments[i];
    if (!segment) return std::nullopt;
    Subject subject = of_selector(segment->selector);
    subject.by = fmt::format("held by {}", name);
    subject.loaded = segment;
    return subject;
}

/// "idt 80", "IDT[80]", "gdt:0c": the table's name, then a number in hexadecimal.
std::optional<Subject> of_table(std::string_view text) {
    std::string lower;
    for (const char c : text)
        if (c != '[' && c != ']' && c != ':' && c != ' ') lower += static_cast<char>(c | 0x20);
    Subject subject;
    if (lower.starts_with("idt"))
        subject.table = Subject::Table::Idt;
    else if (lower.starts_with("ldt"))
        subject.table = Subject::Table::Ldt;
    else if (!lower.starts_with("gdt"))
        return std::nullopt;
    const auto index = hexadecimal(std::string_view(lower).substr(3));
    if (!index || *index > 0x1fff) return std::nullopt;
    subject.index = *index;
    if (subject.table != Subject::Table::Idt)
        subject.selector = static_cast<u16>(*index * 8 | (subject.table == Subject::Table::Ldt ? 4 : 0));
    return subject;
}

/// What this moment is about: the gate of the interrupt that is being taken, else the code segment.
Subject of_moment(Debuggee& debuggee) {
    const auto& record = debuggee.time().instruction();
    for (const auto& transfer : record.transfers)
        if (transfer.kind == trace::TransferKind::Interrupt) {
            Subject subject;
            subject.table = Subject::Table::Idt;
            subject.index = transfer.vector;
            subject.by = "the way of this instruction";
            return subject;
        }
    return *of_register(debuggee.cpu(), "cs");
}

Result<Subject> choose(Debuggee& debuggee, const std::string& text) {
    if (text.empty()) return of_moment(debuggee);
    if (auto subject = of_register(debuggee.cpu(), text)) return *subject;
    if (auto subject = of_table(text)) return *subject;
    if (const auto value = hexadecimal(text); value && *value <= 0xffff)
        return of_selector(static_cast<u16>(*value));
    return Error{
        fmt::format(
            "{}: no descriptor. It is `idt 80`, `gdt 0c`, a selector (73) or a register (cs … gs, tr, ldtr)", text),
        2};
}

struct Place {
    u32 address = 0;
    bool inside = false; ///< inside the table's limit
    std::optional<u64> raw{};
};

Place find(const Debuggee& debuggee, const Subject& subject) {
    const auto& cpu = debuggee.cpu();
    Place place;
    const u32 offset = subject.index * descriptor_bytes, last = offset + descriptor_bytes - 1;
    switch (subject.table) {
    case Subject::Table::Idt:
        place.address = cpu.idtr.base + offset;
        place.inside = last <= cpu.idtr.limit;
        break;
    case Subject::Table::Gdt:
        place.address = cpu.gdtr.base + offset;
        place.inside = last <= cpu.gdtr.limit;
        break;
    case Subject::Table::Ldt:
        place.address = cpu.ldtr.base + offset;
        place.inside = cpu.ldtr.present && last <= cpu.ldtr.limit;
        break;
    }
    place.raw = debuggee.memory().get<u64>(place.address);
    return place;
}

// --- The drawing -----------------------------------------------------------------------------------------

struct Field {
    std::string_view name;
    u8 high, low; ///< bits of the eight bytes
    bool binary;  ///< shown in binary, else in hexadecimal
};

constexpr Field segment_fields[] = {
    {"base 31:24", 63, 56, false}, {"G", 55, 55, true},           {"D/B", 54, 54, true},
    {"0", 53, 53, true},           {"AVL", 52, 52, true},         {"limit 19:16", 51, 48, false},
    {"P", 47, 47, true},           {"DPL", 46, 45, true},         {"S", 44, 44, true},
    {"type", 43, 40, true},        {"base 23:16", 39, 32, false}, {"base 15:0", 31, 16, false},
    {"limit 15:0", 15, 0, false}};
constexpr Field gate_fields[] = {
    {"offset 31:16", 63, 48, false}, {"P", 47, 47, true},     {"DPL", 46, 45, true},   {"S", 44, 44, true},
    {"type", 43, 40, true},          {"0 0 0", 39, 37, true}, {"count", 36, 32, true}, {"selector", 31, 16, false},
    {"offset 15:0", 15, 0, false}};

/// `masked`: without the offset, which another build of the kernel has elsewhere.
std::string field_value(const Field& field, u64 raw, bool masked) {
    if (masked && field.name.starts_with("offset")) return "----";
    const u32 bits = field.high - field.low + 1u;
    const u64 value = (raw >> field.low) & ((u64{1} << bits) - 1);
    if (!field.binary) return fmt::format("{:0{}x}", value, (bits + 3) / 4);
    return fmt::format("{:0{}b}", value, bits);
}

std::string bit_range(const Field& field) {
    const int high = field.high % 32, low = field.low % 32;
    return high == low ? fmt::format("{}", high) : fmt::format("{}:{}", high, low);
}

/// The fields of one of the two words, in three rows: bits, names, values.
void draw_word(std::vector<Line>& lines, std::span<const Field> fields, u64 raw, bool high, bool masked) {
    std::string bits, names, values;
    for (const Field& field : fields) {
        if ((field.low >= 32) != high) continue;
        const std::string range = bit_range(field), value = field_value(field, raw, masked);
        const auto width = std::max({range.size(), field.name.size(), value.size()});
        bits += fmt::format("| {:^{}} ", range, width);
        names += fmt::format("| {:^{}} ", field.name, width);
        values += fmt::format("| {:^{}} ", value, width);
    }
    lines.emplace_back(bits + "|", Meaning::Dim);
    lines.emplace_back(names + "|", Meaning::Title);
    lines.emplace_back(values + "|");
    lines[lines.size() - 3].id = high ? "bits.high.numbers" : "bits.low.numbers";
    lines[lines.size() - 2].id = high ? "bits.high.names" : "bits.low.names";
    lines[lines.size() - 1].id = high ? "bits.high" : "bits.low";
}

bool is_gate(const Subject& subject, Descriptor d) {
    if (subject.table == Subject::Table::Idt) return true;
    if (d.is_code_or_data()) return false;
    const u8 t = d.type();
    return t == type::task_gate || t == type::call_gate16 || t == type::call_gate32;
}

std::string hex_bytes(u64 raw, bool masked) {
    std::string text;
    for (u32 i = 0; i < descriptor_bytes; ++i)
        if (const bool offset = i < 2 || i >= 6; masked && offset)
            text += i ? " --" : "--";
        else
            text += fmt::format("{}{:02x}", i ? " " : "", (raw >> (8 * i)) & 0xff);
    return text;
}

Panel bits_panel(const Subject& subject, const Place& place, Descriptor d, bool relative) {
    const bool masked = relative && is_gate(subject, d);
    const auto word = [&](u32 value, bool high) {
        if (!masked) return fmt::format("{:08x}", value);
        return high ? fmt::format("----{:04x}", value & 0xffff) : fmt::format("{:04x}----", value >> 16);
    };
    TextPanel text;
    text.lines.emplace_back(
        fmt::format("bytes in memory, from {:08x}: {}", place.address, hex_bytes(d.raw, masked)));
    text.lines.back().id = "bits.bytes";
    text.lines.back().command = fmt::format("who {:08x}:8", place.address);
    text.lines.back().tip = "Click: who wrote them last.";
    const std::span<const Field> fields =
        is_gate(subject, d) ? std::span<const Field>(gate_fields) : std::span<const Field>(segment_fields);
    text.lines.emplace_back("bytes 7-4 = " + word(static_cast<u32>(d.raw >> 32), true), Meaning::Dim);
    draw_word(text.lines, fields, d.raw, true, masked);
    text.lines.emplace_back("bytes 3-0 = " + word(static_cast<u32>(d.raw), false), Meaning::Dim);
    draw_word(text.lines, fields, d.raw, false, masked);
    return panel("bits", fmt::format("{} at {:08x}", subject.name(), place.address), text);
}

// --- What it adds up to ------------------------------------------------------------------------------------

void add(std::vector<Line>& lines, std::string text, Meaning meaning = Meaning::Text) {
    lines.emplace_back(std::move(text), meaning);
    lines.back().id = fmt::format("meaning.{}", lines.size());
}

void gate_meaning(const Debuggee& debuggee, Descriptor d, bool relative, std::vector<Line>& lines) {
    const u8 t = d.type();
    const std::string kind = cpu::protect::descriptor_kind(d);
    if (t == type::task_gate) {
        add(lines, fmt::format("{}: switches to the task whose TSS is {:04x} = GDT[{:02x}]", kind,
                               d.gate_selector(), d.gate_selector() >> 3));
        lines.back().command = view_command("descriptor", fmt::format("{:x}", d.gate_selector()));
        return;
    }
    const u32 offset = t & type::wide ? d.gate_offset() : d.gate_offset() & 0xffff;
    add(lines, relative
                   ? fmt::format("{}: leads to {:04x}:{}", kind, d.gate_selector(), code_name(debuggee, offset))
                   : fmt::format("{}: leads to {:04x}:{:08x} {}", kind, d.gate_selector(), offset,
                                 code_name(debuggee, offset)));
    lines.back().command = view_command("code", fmt::format("{:08x}", offset));
    if (!relative)
        add(lines, fmt::format("offset = {:04x} << 16 | {:04x} = {:08x}", d.gate_offset() >> 16,
                               d.gate_offset() & 0xffff, d.gate_offset()));
    add(lines, fmt::format("selector {:04x} -> {}[{:02x}], RPL {} (does not count)", d.gate_selector(),
                           cpu::selector_in_ldt(d.gate_selector()) ? "LDT" : "GDT", d.gate_selector() >> 3,
                           d.gate_selector() & 3));
    lines.back().command = view_command("descriptor", fmt::format("{:x}", d.gate_selector()));
    if (t == type::trap_gate32 || t == type::trap_gate16) add(lines, "trap gate: IF stays as it is");
    if (t == type::interrupt_gate32 || t == type::interrupt_gate16)
        add(lines, "interrupt gate: IF := 0 on the way in");
    add(lines,
        d.dpl() == 3 ? "DPL 3: ring 3 may come in by INT n"
                     : fmt::format("DPL {}: INT n from an outer ring raises #GP", d.dpl()),
        d.dpl() == 3 ? Meaning::Ring3 : Meaning::Ring0);
}

void segment_meaning(Descriptor d, std::vector<Line>& lines) {
    add(lines, fmt::format("{}, {}", cpu::protect::descriptor_kind(d), d.present() ? "present" : "not present"),
        d.present() ? Meaning::Text : Meaning::Warning);
    add(lines, fmt::format("base  = {:02x} << 24 | {:02x} << 16 | {:04x} = {:08x}", d.raw >> 56,
                           (d.raw >> 32) & 0xff, (d.raw >> 16) & 0xffff, d.base()));
    const auto field = static_cast<u32>((d.raw & 0xffff) | ((d.raw >> 32) & 0xf0000));
    add(lines, d.granularity() ? fmt::format("limit = {:05x} * 4096 + fff = {:08x}  (G = 1)", field, d.limit())
                               : fmt::format("limit = {:05x}  (G = 0: bytes)", field));
    add(lines, fmt::format("DPL {}", d.dpl()), d.dpl() == 3 ? Meaning::Ring3 : Meaning::Ring0);
    const u8 t = d.type();
    if (d.is_code())
        add(lines,
            fmt::format("type {:04b}: code, {}, {}, {}", t, d.conforming() ? "conforming" : "not conforming",
                        d.readable() ? "readable" : "execute only", d.accessed() ? "accessed" : "not accessed"));
    else if (d.is_data())
        add(lines,
            fmt::format("type {:04b}: data, {}, {}, {}", t, d.expand_down() ? "expand-down" : "expand-up",
                        d.writable() ? "writable" : "read only", d.accessed() ? "accessed" : "not accessed"));
    else if (t == type::busy_tss32 || t == type::busy_tss16)
        add(lines, "busy: TR holds it, or a task that it interrupted");
    if (d.is_code_or_data())
        add(lines, d.default_big()
                       ? (d.is_code() ? "D = 1: operands and addresses of 32 bits" : "B = 1: ESP, not SP")
                       : "D/B = 0: 16 bits");
}

Panel meaning_panel(const Debuggee& debuggee, const Subject& subject, Descriptor d, bool relative) {
    TextPanel text;
    if (is_gate(subject, d))
        gate_meaning(debuggee, d, relative, text.lines);
    else
        segment_meaning(d, text.lines);
    if (subject.loaded && subject.loaded->present) {
        const auto fresh = cpu::Segment::from(subject.selector, d);
        const bool same = fresh.base == subject.loaded->base && fresh.limit == subject.loaded->limit &&
                          fresh.dpl == subject.loaded->dpl;
        add(text.lines,
            same ? "the register's hidden part is the same"
                 : "the register's hidden part differs: it was loaded before the table changed",
            same ? Meaning::Dim : Meaning::Warning);
    }
    return panel("meaning", subject.by.empty() ? "what it says" : fmt::format("what it says ({})", subject.by),
                 text);
}

// --- Checks ----------------------------------------------------------------------------------------------

Panel interrupt_panel(const Debuggee& debuggee, const Subject& subject, u8 cpl) {
    TablePanel table;
    table.columns = {{"check"}, {"here"}, {"otherwise"}, {"try it"}};
    table.marks = true;
    u32 number = 0;
    for (const auto& check :
         interrupt_checks(debuggee.cpu(), debuggee.memory(), static_cast<u8>(subject.index), cpl)) {
        const std::string command =
            check.edit ? fmt::format("what-if {{char}}0x{:08x} = 0x{:02x}", check.edit->address, check.edit->value)
                       : "";
        const std::string otherwise = check.change.empty() || !check.passes
                                          ? check.outcome
                                          : fmt::format("{} raises {}", check.change, check.outcome);
        table.rows.push_back(row({{check.name},
                                  {check.here, check.passes ? Meaning::Entry : Meaning::Warning},
                                  {otherwise, check.passes ? Meaning::Text : Meaning::Warning},
                                  {check.passes ? command : "", Meaning::Dim}},
                                 fmt::format("check.{}", ++number), check.passes ? command : "",
                                 fmt::format("{} = {}", check.outcome, check.because),
                                 check.passes ? Mark::Done : Mark::Failed));
    }
    return panel(
        "checks",
        fmt::format("INT {:x}h from ring {}: what is asked, and what a no would raise", subject.index, cpl), table);
}

Panel loads_panel(const Subject& subject, Descriptor d) {
    TablePanel table;
    table.columns = {{"loaded by"}, {"ds es fs gs"}, {"ss"}, {"cs, far jump or call"}};
    for (const u8 cpl : {3, 0}) {
        const auto selector = static_cast<u16>((subject.selector & ~3u) | cpl);
        TableRow line;
        line.id = fmt::format("loads.ring{}", cpl);
        line.tip = "By a selector whose RPL is the ring that loads it.";
        line.cells.push_back(
            {fmt::format("ring {} ({:04x})", cpl, selector), cpl == 3 ? Meaning::Ring3 : Meaning::Ring0});
        for (const auto target : {LoadTarget::Data, LoadTarget::Stack, LoadTarget::Code}) {
            const std::string fault = load_outcome(d, selector, cpl, target);
            line.cells.push_back(fault.empty() ? Span{"yes", Meaning::Entry} : Span{fault, Meaning::Warning});
        }
        table.rows.push_back(std::move(line));
    }
    return panel("checks", "who may load it, and what it raises otherwise", table);
}

} // namespace

Status build_descriptor(Debuggee& debuggee, const Options& options, ViewModel& model) {
    TRY(subject, choose(debuggee, options.subject));
    const Place place = find(debuggee, subject);
    model.title = fmt::format("descriptor {} at {:08x}", subject.name(), place.address);
    if (!place.inside) {
        model.remarks.push_back(
            fmt::format("{} lies outside its table: whoever uses it gets #GP({:x})", subject.name(),
                        subject.table == Subject::Table::Idt ? subject.index * 8 + 2 : subject.selector & ~3u));
        return Nothing{};
    }
    if (!place.raw) {
        model.remarks.push_back(
            fmt::format("{:08x} is not mapped: whoever uses {} gets a page fault", place.address, subject.name()));
        return Nothing{};
    }
    const Descriptor d{*place.raw};
    if (subject.table != Subject::Table::Idt && subject.index == 0)
        model.remarks.emplace_back("GDT[00] is the null descriptor: the processor never reads it");
    // In the middle of a transfer CPL may have changed already: the checks were made with the one before.
    const u8 cpl = debuggee.time().now().micro ? debuggee.time().instruction().before.cpl : debuggee.cpu().cpl;
    model.panels.push_back(bits_panel(subject, place, d, options.relative));
    model.panels.push_back(meaning_panel(debuggee, subject, d, options.relative));
    if (subject.table == Subject::Table::Idt)
        model.panels.push_back(interrupt_panel(debuggee, subject, cpl));
    else if (d.is_code_or_data())
        model.panels.push_back(loads_panel(subject, d));
    if (options.relative) make_relative(debuggee, model);
    return Nothing{};
}

} // namespace trapgate::frontend::views
