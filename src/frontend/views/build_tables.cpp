// SPDX-License-Identifier: MIT
// View `tables`: what the processor keeps and what it reads in memory: control registers and EFLAGS bit by bit, segment registers with
// their hidden part, GDT, IDT, TSS, MSRs. Works for every kernel.
// Source: [SDM3] "System Architecture Overview", "Segment Descriptors", "Task-State Segment (TSS)".
#include "cpu/protect/describe.hpp"
#include "cpu/protect/task_layout.hpp"
#include "frontend/views/builders.hpp"
#include "frontend/views/naming.hpp"
#include "frontend/views/relative.hpp"
#include "frontend/virtual8086.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

using cpu::Cpu;
using cpu::Descriptor;

constexpr std::string_view segment_names[] = {"es", "cs", "ss", "ds", "fs", "gs"};
constexpr u32 descriptor_bytes = 8;

void add_bits(TablePanel& table, std::string_view name, std::span<const BitName> bits, u32 value) {
    table.rows.push_back(
        row({{std::string(name), Meaning::Title}, {fmt::format("{:08x}", value)}, {bits_set(bits, value)}},
            fmt::format("control.{}", name)));
    for (const BitName& bit : bits) {
        const u32 field = (value >> bit.low) & ((1u << bit.width) - 1);
        const std::string_view words = field ? bit.one : bit.zero;
        if (words.empty() && field == 0) continue;
        const std::string where =
            bit.width == 1 ? fmt::format("{}", bit.low) : fmt::format("{}:{}", bit.low + bit.width - 1, bit.low);
        table.rows.push_back(
            row({{fmt::format("  {}", bit.name), field ? Meaning::Text : Meaning::Dim},
                 {fmt::format("bit {:<5} {:x}", where, field), field ? Meaning::Text : Meaning::Dim},
                 {std::string(words), field ? Meaning::Text : Meaning::Dim}},
                fmt::format("control.{}.{}", name, bit.name)));
    }
}

Panel control_panel(const Debuggee& debuggee) {
    const Cpu& cpu = debuggee.cpu();
    TablePanel table;
    table.columns = {{"register"}, {"value"}, {"what it says"}};
    add_bits(table, "EFLAGS", eflags_bits(), cpu.flags.image());
    add_bits(table, "CR0", cr0_bits(), cpu.cr0);
    table.rows.push_back(row(
        {{"CR2", Meaning::Title},
         {fmt::format("{:08x}", cpu.cr2)},
         {"address of the last page fault" + (cpu.cr2 ? ": " + address_name(debuggee, cpu.cr2) : std::string())}},
        "control.CR2", view_command("pages", fmt::format("{:08x}", cpu.cr2))));
    table.rows.push_back(
        row({{"CR3", Meaning::Title}, {fmt::format("{:08x}", cpu.cr3)}, {"physical address of the page directory"}},
            "control.CR3", view_command("pages", "")));
    add_bits(table, "CR4", cr4_bits(), cpu.cr4);
    for (const int i : {0, 1, 2, 3, 6, 7})
        table.rows.push_back(row({{fmt::format("DR{}", i), Meaning::Title},
                                  {fmt::format("{:08x}", cpu.dr[static_cast<u32>(i)])},
                                  {i < 4    ? "breakpoint address"
                                   : i == 6 ? "why #DB came"
                                            : "breakpoints enabled"}},
                                 fmt::format("control.DR{}", i)));
    return panel("control", "control registers and flags", table);
}

Panel msr_panel(const Debuggee& debuggee) {
    const Cpu& cpu = debuggee.cpu();
    TablePanel table;
    table.columns = {{"MSR"}, {"name"}, {"value"}, {"what it means"}};
    const u32 cs = cpu.sysenter_cs & 0xfffc;
    const std::string selectors =
        cs ? fmt::format("in: CS {:04x} SS {:04x}; out: CS {:04x} SS {:04x}", cs, cs + 8, cs + 16 + 3, cs + 24 + 3)
           : "0: SYSENTER raises #GP(0)";
    table.rows.push_back(
        row({{"174"}, {"SYSENTER_CS", Meaning::Title}, {fmt::format("{:08x}", cpu.sysenter_cs)}, {selectors}},
            "msr.174"));
    table.rows.push_back(
        row({{"175"},
             {"SYSENTER_ESP", Meaning::Title},
             {fmt::format("{:08x}", cpu.sysenter_esp)},
             {cpu.sysenter_esp ? "below it: " + address_name(debuggee, cpu.sysenter_esp - 4) : ""}},
            "msr.175"));
    table.rows.push_back(row({{"176"},
                              {"SYSENTER_EIP", Meaning::Title},
                              {fmt::format("{:08x}", cpu.sysenter_eip)},
                              {address_name(debuggee, cpu.sysenter_eip)}},
                             "msr.176"));
    table.rows.push_back(row({{"10"},
                              {"TSC", Meaning::Title},
                              {fmt::format("{}", debuggee.machine().clock() + cpu.tsc_offset)},
                              {"clocks, as RDTSC counts them"}},
                             "msr.10"));
    return panel("msr", "model-specific registers", table);
}

std::string memory_check(const Debuggee& debuggee, const cpu::Segment& segment) {
    if (!segment.present) return segment.selector < 4 ? "null" : "holds nothing";
    const bool from_nowhere = segment.raw == 0 && segment.base == paragraph_base(segment.selector);
    if (debuggee.cpu().virtual8086() && from_nowhere) return "V86: a paragraph, times 16";
    u32 address = 0;
    if (!cpu::protect::locate_descriptor(debuggee.cpu(), segment.selector, address))
        return "no entry for it any more";
    const auto raw = debuggee.memory().get<u64>(address);
    if (!raw) return "its entry is not mapped";
    const cpu::Segment fresh = cpu::Segment::from(segment.selector, Descriptor{*raw});
    const bool same = fresh.base == segment.base && fresh.limit == segment.limit && fresh.dpl == segment.dpl &&
                      (fresh.type | 1) == (segment.type | 1);
    return same ? "" : "the table says otherwise by now";
}

/// What kind of segment a register holds, by its hidden part.
std::string kind_of(const cpu::Segment& segment) {
    constexpr u32 type_shift = 40, s_shift = 44, big_shift = 54;
    return cpu::protect::descriptor_kind(
        Descriptor{u64{segment.type} << type_shift | u64{segment.s} << s_shift | u64{segment.big} << big_shift});
}

void add_segment(const Debuggee& debuggee, TablePanel& table, std::string_view name, const cpu::Segment& segment) {
    const std::string remark = memory_check(debuggee, segment);
    const bool bad = !remark.empty() && remark != "null" && !remark.starts_with("V86");
    table.rows.push_back(row({{std::string(name), Meaning::Title},
                              {fmt::format("{:04x}", segment.selector)},
                              {segment.present ? fmt::format("{:08x}", segment.base) : "-"},
                              {segment.present ? fmt::format("{:08x}", segment.limit) : "-"},
                              {segment.present ? kind_of(segment) : "-"},
                              {segment.present ? fmt::format("{}", segment.dpl) : "-",
                               segment.dpl == 3 ? Meaning::Ring3 : Meaning::Ring0},
                              {fmt::format("{}", segment.selector & 3)},
                              {remark, bad ? Meaning::Warning : Meaning::Dim}},
                             fmt::format("segment.{}", name), view_command("descriptor", name),
                             "The hidden part: what the descriptor said when the register was loaded."));
}

Panel segments_panel(const Debuggee& debuggee) {
    const Cpu& cpu = debuggee.cpu();
    TablePanel table;
    table.columns = {{"register"}, {"selector"}, {"base"}, {"limit"}, {"kind"}, {"DPL", true}, {"RPL", true}, {""}};
    for (const u8 i : {1, 2, 3, 0, 4, 5}) add_segment(debuggee, table, segment_names[i], cpu.segments[i]);
    add_segment(debuggee, table, "tr", cpu.tr);
    add_segment(debuggee, table, "ldtr", cpu.ldtr);
    for (const auto& [name, reg] : {std::pair{"gdtr", &cpu.gdtr}, {"idtr", &cpu.idtr}})
        table.rows.push_back(row({{name, Meaning::Title},
                                  {"-"},
                                  {fmt::format("{:08x}", reg->base)},
                                  {fmt::format("{:08x}", reg->limit)},
                                  {fmt::format("{} entries", (u32{reg->limit} + 1) / descriptor_bytes)},
                                  {"-"},
                                  {"-"},
                                  {address_name(debuggee, reg->base), Meaning::Dim}},
                                 fmt::format("segment.{}", name)));
    return panel("segments", "segment registers, with what they hide", table);
}

/// Which registers hold a selector of this entry.
std::string users_of(const Cpu& cpu, u32 index) {
    std::string users;
    const auto add = [&](std::string_view name) { users += fmt::format("{}{}", users.empty() ? "" : " ", name); };
    for (u32 i = 0; i < cpu::segment_registers; ++i)
        if (cpu.segments[i].present && !cpu::selector_in_ldt(cpu.segments[i].selector) &&
            cpu.segments[i].selector >> 3 == index)
            add(segment_names[i]);
    if (cpu.tr.selector >> 3 == index && index) add("tr");
    if (cpu.ldtr.present && cpu.ldtr.selector >> 3 == index) add("ldtr");
    const u32 entry = (cpu.sysenter_cs & 0xfffc) >> 3;
    if (entry && index == entry) add("sysenter:cs");
    if (entry && index == entry + 1) add("sysenter:ss");
    if (entry && index == entry + 2) add("sysexit:cs");
    if (entry && index == entry + 3) add("sysexit:ss");
    return users;
}

TableRow gdt_row(const Cpu& cpu, u32 index, Descriptor d) {
    const std::string name = fmt::format("{:02x}", index);
    const bool system = !d.is_code_or_data();
    const bool gate = system && (d.type() == cpu::protect::system_type::task_gate || (d.type() & 7) == 4);
    const std::string flags =
        fmt::format("{}{}{}", d.present() ? "P" : "-", d.is_code_or_data() && d.accessed() ? " A" : "",
                    d.granularity() && !gate ? " G" : "");
    return row({{name},
                {fmt::format("{:04x}", index * 8 | (d.dpl() == 3 ? 3 : 0))},
                {fmt::format("{:016x}", d.raw)},
                {cpu::protect::descriptor_kind(d)},
                {gate ? fmt::format("-> {:04x}", d.gate_selector()) : fmt::format("{:08x}", d.base())},
                {gate ? fmt::format("{:08x}", d.gate_offset()) : fmt::format("{:08x}", d.limit())},
                {fmt::format("{}", d.dpl()), d.dpl() == 3 ? Meaning::Ring3 : Meaning::Ring0},
                {flags, d.present() ? Meaning::Text : Meaning::Warning},
                {users_of(cpu, index), Meaning::Title}},
               "gdt." + name, view_command("descriptor", "gdt " + name), "Click to open it bit by bit.");
}

Panel gdt_panel(const Debuggee& debuggee) {
    const Cpu& cpu = debuggee.cpu();
    TablePanel table;
    table.columns = {{"entry"}, {"selector"},  {"bytes 7..0"}, {"kind"}, {"base"},
                     {"limit"}, {"DPL", true}, {"flags"},      {"in"}};
    u32 empty = 0;
    for (u32 index = 0; (index + 1) * descriptor_bytes - 1 <= cpu.gdtr.limit; ++index) {
        const auto raw = debuggee.memory().get<u64>(cpu.gdtr.base + index * descriptor_bytes);
        if (!raw || *raw == 0) {
            ++empty;
            continue;
        }
        table.rows.push_back(gdt_row(cpu, index, Descriptor{*raw}));
    }
    Panel made = panel(
        "gdt", fmt::format("GDT at {:08x}, limit {:x}; {} entries are empty", cpu.gdtr.base, cpu.gdtr.limit, empty),
        table);
    return made;
}

TableRow idt_row(const Debuggee& debuggee, u32 vector, Descriptor gate) {
    const std::string name = fmt::format("{:02x}", vector);
    const bool task = gate.type() == cpu::protect::system_type::task_gate;
    const std::string target = task ? fmt::format("{:04x} (a TSS)", gate.gate_selector())
                                    : fmt::format("{:04x}:{:08x} {}", gate.gate_selector(), gate.gate_offset(),
                                                  code_name(debuggee, gate.gate_offset()));
    return row({{name},
                {cpu::protect::descriptor_kind(gate)},
                {fmt::format("{}", gate.dpl()), gate.dpl() == 3 ? Meaning::Ring3 : Meaning::Ring0},
                {gate.present() ? "1" : "0", gate.present() ? Meaning::Text : Meaning::Warning},
                {target}},
               "idt." + name, view_command("descriptor", "idt " + name),
               gate.dpl() == 3 ? "Ring 3 may come in here by INT n."
                               : "Only faults, interrupts and ring 0 come in here.");
}

/// Gates that nobody has set up for themselves look all the same: neighbours with equal bytes are one row.
Panel idt_panel(const Debuggee& debuggee) {
    const Cpu& cpu = debuggee.cpu();
    TablePanel table;
    table.columns = {{"vector"}, {"kind"}, {"DPL", true}, {"P", true}, {"leads to"}};
    const u32 vectors = std::min<u32>(256, (u32{cpu.idtr.limit} + 1) / descriptor_bytes);
    for (u32 vector = 0; vector < vectors;) {
        const auto raw = debuggee.memory().get<u64>(cpu.idtr.base + vector * descriptor_bytes);
        u32 last = vector;
        while (last + 1 < vectors &&
               debuggee.memory().get<u64>(cpu.idtr.base + (last + 1) * descriptor_bytes) == raw)
            ++last;
        if (raw) {
            TableRow made = idt_row(debuggee, vector, Descriptor{*raw});
            if (last > vector) made.cells[0].text += fmt::format("-{:02x}", last);
            table.rows.push_back(std::move(made));
        }
        vector = last + 1;
    }
    return panel("idt", fmt::format("IDT at {:08x}, limit {:x}", cpu.idtr.base, cpu.idtr.limit), table);
}

void add_tss_word(const Debuggee& debuggee, TablePanel& table, std::string_view name, u32 offset, bool half,
                  std::string meaning) {
    const u32 at = debuggee.cpu().tr.base + offset;
    const auto value = half ? std::optional<u32>(debuggee.memory().get<u16>(at)) : debuggee.memory().get<u32>(at);
    table.rows.push_back(
        row({{fmt::format("{:08x}", at)},
             {fmt::format("+{:02x}", offset)},
             {std::string(name), Meaning::Title},
             {value ? half ? fmt::format("{:04x}", *value) : fmt::format("{:08x}", *value) : "not mapped"},
             {std::move(meaning)}},
            fmt::format("tss.{}", name), fmt::format("who {:08x}", at), "Click: who wrote it last."));
}

Panel tss_panel(const Debuggee& debuggee) {
    const Cpu& cpu = debuggee.cpu();
    TablePanel table;
    table.columns = {{"address"}, {"offset"}, {"member"}, {"value"}, {"meaning"}};
    const auto esp0 = debuggee.memory().get<u32>(cpu.tr.base + 4);
    add_tss_word(debuggee, table, "esp0", 4, false,
                 esp0 && *esp0 ? "an entry from ring 3 pushes below it: " + address_name(debuggee, *esp0 - 4) : "");
    add_tss_word(debuggee, table, "ss0", 8, true, "stack segment of ring 0");
    add_tss_word(debuggee, table, "esp1", 0x0c, false, "");
    add_tss_word(debuggee, table, "ss1", 0x10, true, "");
    add_tss_word(debuggee, table, "esp2", 0x14, false, "");
    add_tss_word(debuggee, table, "ss2", 0x18, true, "");
    add_tss_word(debuggee, table, "cr3", 0x1c, false, "only a hardware task switch loads it");
    add_tss_word(debuggee, table, "eip", 0x20, false, "");
    add_tss_word(debuggee, table, "eflags", 0x24, false, "");
    add_tss_word(debuggee, table, "ldt", 0x60, true, "");
    const auto map = debuggee.memory().get<u16>(cpu.tr.base + cpu::protect::io_map_base_offset);
    add_tss_word(debuggee, table, "iomap", cpu::protect::io_map_base_offset, true,
                 map && *map > cpu.tr.limit ? "beyond the limit: ring 3 may use no port" : "I/O permission bitmap");
    return panel("tss",
                 fmt::format("TR {:04x} -> TSS at {:08x}, limit {:x}", cpu.tr.selector, cpu.tr.base, cpu.tr.limit),
                 table);
}

} // namespace

Status build_tables(Debuggee& debuggee, const Options& options, ViewModel& model) {
    const Cpu& cpu = debuggee.cpu();
    model.title = "the machine's tables";
    model.panels.push_back(segments_panel(debuggee));
    if (cpu.gdtr.base)
        model.panels.push_back(gdt_panel(debuggee));
    else
        model.remarks.emplace_back("GDTR is 0: the kernel has not set up a GDT yet");
    if (cpu.idtr.base)
        model.panels.push_back(idt_panel(debuggee));
    else
        model.remarks.emplace_back("IDTR is 0: the kernel has not set up an IDT yet");
    if (cpu.tr.selector)
        model.panels.push_back(tss_panel(debuggee));
    else
        model.remarks.emplace_back("TR is null: there is no TSS yet");
    model.panels.push_back(control_panel(debuggee));
    model.panels.push_back(msr_panel(debuggee));
    if (options.relative) make_relative(debuggee, model);
    return Nothing{};
}

} // namespace trapgate::frontend::views
