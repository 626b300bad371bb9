// SPDX-License-Identifier: MIT
// info gdt, idt, tss: the tables of segmentation, decoded. Source: [SDM3] "Segment Descriptors", "IDT Descriptors", "Task-State Segment (TSS)".
#include "cpu/protect/describe.hpp"
#include "frontend/debug/command_table.hpp"
#include "frontend/debug/stop_text.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

bool is_gate(cpu::Descriptor d) {
    const u8 type = d.type();
    return !d.is_code_or_data() &&
           (type == 4 || type == 5 || type == 6 || type == 7 || type == 12 || type == 14 || type == 15);
}

std::string descriptor_text(Context& context, cpu::Descriptor d) {
    if (d.raw == 0) return "null";
    const std::string rights = fmt::format("{:<12} DPL {} {}", cpu::protect::descriptor_kind(d), d.dpl(),
                                           d.present() ? "P" : "not present");
    if (is_gate(d))
        return d.type() == 5 ? fmt::format("{}  TSS {:04x}", rights, d.gate_selector())
                             : fmt::format("{}  {:04x}:{}", rights, d.gate_selector(),
                                           show_address(d.gate_offset(), context.scope));
    return fmt::format("{}  base {:08x}  limit {:08x}{}{}", rights, d.base(), d.limit(),
                       d.is_code_or_data() && d.accessed() ? "  accessed" : "",
                       d.is_code_or_data() && d.conforming() && d.is_code() ? "  conforming" : "");
}

/// Field by field, for one entry.
std::string opened(Context& context, cpu::Descriptor d, u32 address) {
    std::string text = fmt::format("at {:#010x}: {:016x}\n{}\n", address, d.raw, descriptor_text(context, d));
    text += fmt::format(
        "  bit 47     P     {}\n  bits 46:45 DPL   {}\n  bit 44     S     {}  ({})\n  bits 43:40 type  {:x}\n",
        d.present() ? 1 : 0, d.dpl(), d.is_code_or_data() ? 1 : 0, d.is_code_or_data() ? "code or data" : "system",
        d.type());
    if (is_gate(d))
        return text + fmt::format("  bits 31:16 selector {:04x}\n  bits 63:48, 15:0 offset {:08x}\n",
                                  d.gate_selector(), d.gate_offset());
    return text + fmt::format("  bits 63:56, 39:16 base  {:08x}\n  bits 51:48, 15:0  limit {:05x}{}\n  bit 55     "
                              "G     {}\n  bit 54     D/B   {}\n",
                              d.base(), static_cast<u32>((d.raw & 0xffff) | (d.raw >> 32 & 0xf0000)),
                              d.granularity() ? fmt::format(" (in pages: {:08x})", d.limit()) : "",
                              d.granularity() ? 1 : 0, d.default_big() ? 1 : 0);
}

Outcome table(Context& context, std::string_view argument, std::string_view name, const cpu::TableRegister& where) {
    const u32 entries = (where.limit + 1u) / 8;
    const auto entry = [&](u32 index) { return context.debuggee.memory().get<u64>(where.base + index * 8); };
    if (!argument.empty()) {
        TRY_OR_FAIL(index, context.number(argument));
        if (index >= entries)
            return failed(fmt::format("{}[{:#x}]: its last entry is {:#x}", name, index, entries - 1));
        const auto raw = entry(static_cast<u32>(index));
        if (!raw) return failed(fmt::format("{}[{:#x}]: not mapped", name, index));
        return said(fmt::format("{}[{:02x}] ", name, index) +
                    opened(context, {*raw}, where.base + static_cast<u32>(index) * 8));
    }
    std::string text =
        fmt::format("{}R: base {:08x}, limit {:04x}: {} entries\n", name, where.base, where.limit, entries);
    u32 same = 0; // entries like the one before are counted, not shown: an IDT has 200 of them
    for (u32 index = 0; index < entries; ++index) {
        const auto raw = entry(index);
        const bool repeats = index > 0 && raw == entry(index - 1);
        if (repeats) ++same;
        if (same && (!repeats || index + 1 == entries)) {
            text += fmt::format("  ... {} more of the same\n", same);
            same = 0;
        }
        if (!repeats)
            text +=
                fmt::format("{}[{:02x}]  {}\n", name, index, raw ? descriptor_text(context, {*raw}) : "not mapped");
    }
    return said(text);
}

struct TssRow {
    u32 offset;
    std::string_view name;
    u8 bytes;
};
constexpr TssRow tss_rows[] = {
    {0, "link", 2}, {4, "esp0", 4}, {8, "ss0", 2},      {12, "esp1", 4},   {16, "ss1", 2}, {20, "esp2", 4},
    {24, "ss2", 2}, {28, "cr3", 4}, {32, "eip", 4},     {36, "eflags", 4}, {40, "eax", 4}, {44, "ecx", 4},
    {48, "edx", 4}, {52, "ebx", 4}, {56, "esp", 4},     {60, "ebp", 4},    {64, "esi", 4}, {68, "edi", 4},
    {72, "es", 2},  {76, "cs", 2},  {80, "ss", 2},      {84, "ds", 2},     {88, "fs", 2},  {92, "gs", 2},
    {96, "ldt", 2}, {100, "T", 2},  {102, "I/O map", 2}};

} // namespace

Outcome info_gdt(Context& context, std::string_view argument) {
    return table(context, argument, "GDT", context.cpu().gdtr);
}

Outcome info_idt(Context& context, std::string_view argument) {
    return table(context, argument, "IDT", context.cpu().idtr);
}

Outcome info_tss(Context& context, std::string_view) {
    const cpu::Segment& tr = context.cpu().tr;
    if (!tr.present) return said("TR holds no TSS yet.");
    std::string text = fmt::format("TR {:04x}: TSS at {:08x}, limit {:x}\n", tr.selector, tr.base, tr.limit);
    u32 column = 0;
    for (const TssRow& row : tss_rows) {
        const auto word = context.debuggee.memory().get<u16>(tr.base + row.offset);
        const auto high = context.debuggee.memory().get<u16>(tr.base + row.offset + 2);
        const u32 value = row.bytes == 4 ? word.value_or(0) | u32{high.value_or(0)} << 16 : word.value_or(0);
        const std::string shown = word ? fmt::format("{:0{}x}", value, 2 * row.bytes) : "not mapped";
        text += fmt::format("  +{:02x} {:<8} {:<10}", row.offset, row.name, shown);
        if (++column % 3 == 0) text += '\n';
    }
    return said(text);
}

} // namespace trapgate::frontend::debug
