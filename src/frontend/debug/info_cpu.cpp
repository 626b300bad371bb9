// SPDX-License-Identifier: MIT
// info regs, seg, cr, msr, dr, fpu: what is in the processor. Source of bit names: [SDM1] "EFLAGS Register", [SDM3] "Control Registers".
#include "cpu/protect/describe.hpp"
#include "frontend/debug/command_table.hpp"
#include "frontend/debug/stop_text.hpp"

#include <array>
#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

struct Bit {
    u8 number;
    std::string_view name;
};
constexpr std::array<Bit, 15> flag_bits{{{21, "ID"},
                                         {18, "AC"},
                                         {17, "VM"},
                                         {16, "RF"},
                                         {14, "NT"},
                                         {11, "OF"},
                                         {10, "DF"},
                                         {9, "IF"},
                                         {8, "TF"},
                                         {7, "SF"},
                                         {6, "ZF"},
                                         {4, "AF"},
                                         {2, "PF"},
                                         {0, "CF"},
                                         {20, "VIP"}}};
constexpr std::array<Bit, 10> cr0_bits{{{31, "PG"},
                                        {30, "CD"},
                                        {29, "NW"},
                                        {18, "AM"},
                                        {16, "WP"},
                                        {5, "NE"},
                                        {4, "ET"},
                                        {3, "TS"},
                                        {2, "EM"},
                                        {0, "PE"}}};
constexpr std::array<Bit, 11> cr4_bits{{{10, "OSXMMEXCPT"},
                                        {9, "OSFXSR"},
                                        {8, "PCE"},
                                        {7, "PGE"},
                                        {6, "MCE"},
                                        {5, "PAE"},
                                        {4, "PSE"},
                                        {3, "DE"},
                                        {2, "TSD"},
                                        {1, "PVI"},
                                        {0, "VME"}}};

template <std::size_t n> std::string bits_text(u32 value, const std::array<Bit, n>& bits) {
    std::string text = "[";
    for (const Bit& bit : bits)
        if (value >> bit.number & 1) text += fmt::format(" {}", bit.name);
    return text + " ]";
}

std::string flags_text(u32 flags) {
    return fmt::format("{} IOPL {}", bits_text(flags, flag_bits), flags >> 12 & 3);
}

std::string register_line(Context& context, std::string_view name) {
    const auto value = context.scope.dollar(name);
    if (!value) return {};
    std::string shown = show(*value, 0, context.scope);
    const u32 bits = static_cast<u32>(value->bits);
    if (name == "eflags") shown = flags_text(bits);
    if (name == "cr0") shown = bits_text(bits, cr0_bits);
    if (name == "cr4") shown = bits_text(bits, cr4_bits);
    return fmt::format("{:<16} {:#010x}  {}\n", name, bits, shown);
}

std::string segment_line(std::string_view name, const cpu::Segment& segment) {
    if (!segment.present) return fmt::format("{:<4} {:04x}  null\n", name, segment.selector);
    const std::string kind = segment.raw ? cpu::protect::descriptor_kind(cpu::Descriptor{segment.raw})
                                         : fmt::format("type {:x} s {:d}", segment.type, segment.s);
    return fmt::format("{:<4} {:04x}  base {:08x}  limit {:08x}  {:<12} DPL {}  RPL {}  {} index {:x}\n", name,
                       segment.selector, segment.base, segment.limit, kind, segment.dpl, segment.selector & 3,
                       cpu::selector_in_ldt(segment.selector) ? "LDT" : "GDT", segment.selector >> 3);
}

} // namespace

Outcome info_registers(Context& context, std::string_view argument) {
    std::string text;
    std::vector<std::string_view> names = words_of(argument);
    if (names.size() == 1 && names[0] == "all") {
        names.clear();
        for (const auto& info : machine::all_registers()) names.push_back(info.name);
    }
    if (names.empty())
        names = {"eax",    "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "eip",
                 "eflags", "cs",  "ss",  "ds",  "es",  "fs",  "gs",  "cpl"};
    for (std::string_view name : names) {
        if (name.starts_with('$')) name.remove_prefix(1);
        const std::string line = register_line(context, name);
        if (line.empty()) {
            const std::string meant = context.scope.nearest(name, true);
            return failed(
                fmt::format("{}: no such register{}", name, meant.empty() ? "" : "; did you mean " + meant + "?"));
        }
        text += line;
    }
    return said(text);
}

Outcome info_seg(Context& context, std::string_view) {
    constexpr std::array<std::string_view, 6> names{"es", "cs", "ss", "ds", "fs", "gs"};
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) text += segment_line(names[i], context.cpu().segments[i]);
    text += segment_line("tr", context.cpu().tr);
    text += segment_line("ldtr", context.cpu().ldtr);
    text += fmt::format("gdtr base {:08x} limit {:04x}\n", context.cpu().gdtr.base, context.cpu().gdtr.limit);
    text += fmt::format("idtr base {:08x} limit {:04x}\n", context.cpu().idtr.base, context.cpu().idtr.limit);
    return said(text + fmt::format("CPL  {} ({})\n", context.cpu().cpl, ring_text(context.cpu())));
}

Outcome info_cr(Context& context, std::string_view) {
    const cpu::Cpu& cpu = context.cpu();
    return said(fmt::format("cr0  {:08x}  {}\ncr2  {:08x}  the address of the last page fault\n"
                            "cr3  {:08x}  physical address of the page directory\ncr4  {:08x}  {}\n",
                            cpu.cr0, bits_text(cpu.cr0, cr0_bits), cpu.cr2, cpu.cr3, cpu.cr4,
                            bits_text(cpu.cr4, cr4_bits)));
}

Outcome info_msr(Context& context, std::string_view) {
    const cpu::Cpu& cpu = context.cpu();
    std::string text;
    if (cpu.model.has(cpu::feature::sep))
        text = fmt::format("174 SYSENTER_CS   {:08x}  CS {:04x} SS {:04x}; SYSEXIT: CS {:04x} SS {:04x}\n"
                           "175 SYSENTER_ESP  {:08x}\n176 SYSENTER_EIP  {}\n",
                           cpu.sysenter_cs, cpu.sysenter_cs & 0xfffc, (cpu.sysenter_cs & 0xfffc) + 8,
                           ((cpu.sysenter_cs & 0xfffc) + 16) | 3, ((cpu.sysenter_cs & 0xfffc) + 24) | 3,
                           cpu.sysenter_esp, show_address(cpu.sysenter_eip, context.scope));
    else
        text = fmt::format("This processor ({}) has no SYSENTER.\n", cpu.model.name);
    return said(text + fmt::format("010 TSC           {}\n", context.debuggee.machine().clock() + cpu.tsc_offset));
}

Outcome info_dr(Context& context, std::string_view) {
    const auto& dr = context.cpu().dr;
    std::string text;
    constexpr std::array<std::string_view, 4> kinds{"execution", "write", "I/O", "read or write"};
    for (u32 i = 0; i < 4; ++i) {
        const u32 control = dr[7] >> (16 + 4 * i);
        const bool on = dr[7] >> (2 * i) & 3;
        text += fmt::format("dr{}  {:08x}  {}\n", i, dr[i],
                            on ? fmt::format("{} of {} bytes", kinds[control & 3], (control >> 2 & 3) + 1) : "off");
    }
    return said(text + fmt::format("dr6  {:08x}\ndr7  {:08x}\n", dr[6], dr[7]));
}

Outcome info_fpu(Context& context, std::string_view) {
    const cpu::X87State& x87 = context.cpu().x87;
    constexpr std::array<std::string_view, 4> tags{"valid", "zero", "special", "empty"};
    std::string text;
    const u32 top = x87.status >> 11 & 7;
    for (u32 i = 0; i < 8; ++i) {
        const u32 physical = (top + i) & 7;
        const auto& value = x87.registers[physical];
        text += fmt::format("st({})  R{}  {:04x} {:016x}  {}\n", i, physical, value.sign_exponent,
                            value.significand, tags[x87.tags >> (2 * physical) & 3]);
    }
    const cpu::SseState& sse = context.cpu().sse;
    const bool has_sse = context.cpu().model.has(cpu::feature::sse);
    std::string vectors = has_sse ? fmt::format("mxcsr   {:04x}\n", sse.mxcsr) : "";
    for (u32 i = 0; has_sse && i < 8; ++i)
        vectors += fmt::format("xmm{}    {:08x} {:08x} {:08x} {:08x}\n", i, sse.xmm[i][3], sse.xmm[i][2],
                               sse.xmm[i][1], sse.xmm[i][0]);
    return said(text +
                fmt::format("control {:04x}  status {:04x} (top {})  tags {:04x}\nlast instruction {:04x}:{:08x}  "
                            "operand {:04x}:{:08x}\n",
                            x87.control, x87.status, top, x87.tags, x87.instruction_selector,
                            x87.instruction_offset, x87.operand_selector, x87.operand_offset) +
                vectors);
}

} // namespace trapgate::frontend::debug
