// SPDX-License-Identifier: MIT
#include "frontend/views/naming.hpp"

#include "kernel/address_space.hpp"
#include "kernel/task_list.hpp"
#include "machine/edit.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

constexpr BitName eflags_table[] = {
    {0, 1, "CF", "no carry", "carry"},
    {2, 1, "PF", "odd parity of the low byte", "even parity of the low byte"},
    {4, 1, "AF", "no carry out of bit 3", "carry out of bit 3"},
    {6, 1, "ZF", "result was not zero", "result was zero"},
    {7, 1, "SF", "result was not negative", "result was negative"},
    {8, 1, "TF", "no single-stepping", "#DB after each instruction"},
    {9, 1, "IF", "interrupts wait", "interrupts are taken"},
    {10, 1, "DF", "strings go upwards", "strings go downwards"},
    {11, 1, "OF", "no signed overflow", "signed overflow"},
    {12, 2, "IOPL", "", ""},
    {14, 1, "NT", "IRET is an ordinary return", "IRET goes back to another task"},
    {16, 1, "RF", "breakpoints count", "breakpoints are ignored for one instruction"},
    {17, 1, "VM", "protected mode", "virtual 8086 mode"},
    {18, 1, "AC", "no alignment checks", "ring 3 is checked for alignment"},
    {19, 1, "VIF", "", ""},
    {20, 1, "VIP", "", ""},
    {21, 1, "ID", "", "CPUID is there"},
};
constexpr BitName cr0_table[] = {
    {0, 1, "PE", "real mode", "protected mode"},
    {1, 1, "MP", "WAIT ignores TS", "WAIT heeds TS"},
    {2, 1, "EM", "an x87 is there", "x87 instructions raise #NM"},
    {3, 1, "TS", "the x87 state is this task's", "the next x87 instruction raises #NM"},
    {4, 1, "ET", "80287", "80387 or later"},
    {5, 1, "NE", "x87 errors by IRQ 13", "x87 errors by #MF"},
    {16, 1, "WP", "ring 0 may write to read-only pages", "read-only pages are so for ring 0 too"},
    {18, 1, "AM", "no alignment checks", "EFLAGS.AC counts"},
    {29, 1, "NW", "write-through", "not write-through"},
    {30, 1, "CD", "caches on", "caches off"},
    {31, 1, "PG", "no paging", "paging"},
};
constexpr BitName cr4_table[] = {
    {0, 1, "VME", "", "virtual 8086 mode extensions"},
    {1, 1, "PVI", "", "protected-mode virtual interrupts"},
    {2, 1, "TSD", "anybody may RDTSC", "only ring 0 may RDTSC"},
    {3, 1, "DE", "DR4 and DR5 mean DR6 and DR7", "I/O breakpoints"},
    {4, 1, "PSE", "4 KB pages only", "4 MB pages"},
    {5, 1, "PAE", "32-bit page tables", "36-bit page tables"},
    {6, 1, "MCE", "", "machine checks"},
    {7, 1, "PGE", "CR3 loads flush everything", "global pages stay"},
};
// What directory and table entries have in common.
constexpr BitName present{0, 1, "P", "not present", "present"};
constexpr BitName writable{1, 1, "R/W", "read only", "writable"};
constexpr BitName for_users{2, 1, "U/S", "ring 0 only", "ring 3 too"};
constexpr BitName write_through{3, 1, "PWT", "write-back", "write-through"};
constexpr BitName cache_disabled{4, 1, "PCD", "cached", "not cached"};
constexpr BitName accessed{5, 1, "A", "not used yet", "used"};
constexpr BitName dirty{6, 1, "D", "not written yet", "written to"};
constexpr BitName large{7, 1, "PS", "leads to a page table", "maps 4 MB"};
constexpr BitName global{8, 1, "G", "gone with the next CR3", "stays in the TLB"};
constexpr BitName available{9, 3, "avail", "", ""};
constexpr BitName directory_table[] = {present,        writable, for_users, write_through,
                                       cache_disabled, accessed, large,     available};
constexpr BitName large_page_table[] = {present,  writable, for_users, write_through, cache_disabled,
                                        accessed, dirty,    large,     global,        available};
constexpr BitName table_table[] = {present,  writable, for_users, write_through, cache_disabled,
                                   accessed, dirty,    global,    available};
constexpr BitName page_fault_table[] = {
    {0, 1, "P", "page not present", "rights forbid it"},
    {1, 1, "W/R", "read", "write"},
    {2, 1, "U/S", "by ring 0", "by ring 3"},
    {3, 1, "RSVD", "", "a reserved bit is set"},
};

std::string in_tss(u32 offset) {
    static constexpr std::string_view words[] = {
        "back_link", "esp0", "ss0", "esp1", "ss1", "esp2", "ss2", "cr3", "eip", "eflags", "eax", "ecx", "edx",
        "ebx",       "esp",  "ebp", "esi",  "edi", "es",   "cs",  "ss",  "ds",  "fs",     "gs",  "ldt", "iomap"};
    const u32 index = offset / 4;
    const std::string base =
        index < std::size(words) ? fmt::format("TSS.{}", words[index]) : "TSS+" + fmt::format("{:x}", offset);
    return offset % 4 && index < std::size(words) ? fmt::format("{}+{}", base, offset % 4) : base;
}

std::string member_name(const kernel::Layout& layout, u32 offset) {
    const kernel::Member* best = nullptr;
    for (const auto& member : layout.members)
        if (member.offset <= offset && offset - member.offset < member.size && (!best || member.size < best->size))
            best = &member;
    if (!best) return fmt::format("{}+{:x}", layout.name, offset);
    return best->offset == offset ? fmt::format("{}.{}", layout.name, best->name)
                                  : fmt::format("{}.{}+{:x}", layout.name, best->name, offset - best->offset);
}

std::string in_stack(const kernel::GuestKernel& guest, const kernel::Task& task, u32 linear) {
    const u32 frame = task.stack_top - guest.pt_regs().size;
    if (linear >= frame && linear < task.stack_top)
        return fmt::format("{} of {}", member_name(guest.pt_regs(), linear - frame), task.comm);
    if (linear - task.thread_info < guest.thread_info().size)
        return fmt::format("{} of {}", member_name(guest.thread_info(), linear - task.thread_info), task.comm);
    return fmt::format("kernel stack of {}-{:x}", task.comm, task.stack_top - linear);
}

/// What our kernel knows of it: a task's stack, an area of this task.
std::string in_tasks(const Debuggee& debuggee, const kernel::GuestKernel& guest, u32 linear) {
    for (const auto& task : kernel::all_tasks(guest, debuggee.cpu())) {
        if (linear - task.thread_info < guest.stack_size()) return in_stack(guest, task, linear);
        if (linear - task.address < guest.task_struct().size)
            return fmt::format("{} of {}", member_name(guest.task_struct(), linear - task.address), task.comm);
        if (!task.running) continue;
        const auto space = kernel::address_space(guest, debuggee.memory(), task.mm);
        if (!space) continue;
        for (const auto& area : space->areas)
            if (linear >= area.start && linear < area.end)
                return fmt::format("{} of {}", area.file.empty() ? area.use : area.file + " " + area.use,
                                   task.comm);
    }
    return {};
}

std::optional<u32> number(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    u32 value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

} // namespace

std::span<const BitName> eflags_bits() {
    return eflags_table;
}
std::span<const BitName> cr0_bits() {
    return cr0_table;
}
std::span<const BitName> cr4_bits() {
    return cr4_table;
}
std::span<const BitName> directory_bits() {
    return directory_table;
}
std::span<const BitName> large_page_bits() {
    return large_page_table;
}
std::span<const BitName> table_bits() {
    return table_table;
}
std::span<const BitName> page_fault_bits() {
    return page_fault_table;
}

std::string bits_set(std::span<const BitName> bits, u32 value) {
    std::string text;
    for (const BitName& bit : bits) {
        const u32 field = (value >> bit.low) & ((1u << bit.width) - 1);
        if (field == 0) continue;
        if (!text.empty()) text += ' ';
        text += bit.name;
        if (bit.width > 1) text += fmt::format("={:x}", field);
    }
    return text.empty() ? "-" : text;
}

std::string code_name(const Debuggee& debuggee, u32 linear) {
    return debuggee.symbols().name_at(linear);
}

std::string address_name(const Debuggee& debuggee, u32 linear) {
    const cpu::Cpu& cpu = debuggee.cpu();
    constexpr u32 tss_bytes = 104, gate_bytes = 8;
    if (cpu.idtr.base && linear - cpu.idtr.base <= cpu.idtr.limit)
        return fmt::format("IDT[{:02x}]", (linear - cpu.idtr.base) / gate_bytes);
    if (cpu.gdtr.base && linear - cpu.gdtr.base <= cpu.gdtr.limit)
        return fmt::format("GDT[{:02x}]", (linear - cpu.gdtr.base) / gate_bytes);
    if (cpu.tr.base && linear - cpu.tr.base < tss_bytes) return in_tss(linear - cpu.tr.base);
    if (const auto* symbol = debuggee.symbols().containing(linear);
        symbol && symbol->kind == kernel::Symbol::Kind::Function)
        return code_name(debuggee, linear);
    if (const auto* guest = debuggee.guest())
        if (std::string name = in_tasks(debuggee, *guest, linear); !name.empty()) {
            const std::string symbol = code_name(debuggee, linear);
            return symbol.empty() ? name : symbol;
        }
    return code_name(debuggee, linear);
}

std::string address_with_name(const Debuggee& debuggee, u32 linear) {
    const std::string name = address_name(debuggee, linear);
    return fmt::format("{:08x}{}{}", linear, name.empty() ? "" : " ", name);
}

Result<u32> parse_address(const Debuggee& debuggee, std::string_view text) {
    std::string_view base = text;
    u32 offset = 0;
    if (const auto plus = text.find('+'); plus != std::string_view::npos) {
        const auto value = number(text.substr(plus + 1));
        if (!value) return Error{fmt::format("{}: behind the + there should be a hexadecimal number", text), 2};
        base = text.substr(0, plus);
        offset = *value;
    }
    if (const auto symbol = debuggee.symbols().address_of(base)) return static_cast<u32>(*symbol) + offset;
    std::string_view name = base;
    if (name.starts_with('$')) name.remove_prefix(1);
    if (const auto* info = machine::find_register(name))
        return static_cast<u32>(info->get(debuggee.cpu())) + offset;
    if (const auto value = number(base)) return *value + offset;
    return Error{
        fmt::format("{}: no address (c0100000, 0xc0100000), symbol (system_call+4) or register ($esp)", text), 2};
}

std::string view_command(std::string_view view, std::string_view subject) {
    return subject.empty() ? fmt::format("view {}", view) : fmt::format("view {} {}", view, subject);
}

std::string size_text(u64 bytes) {
    constexpr u64 kb = 1024, mb = kb * kb, gb = mb * kb;
    if (bytes >= gb && bytes % gb == 0) return fmt::format("{} GB", bytes / gb);
    if (bytes >= mb && bytes % mb == 0) return fmt::format("{} MB", bytes / mb);
    if (bytes >= kb && bytes % kb == 0) return fmt::format("{} KB", bytes / kb);
    return fmt::format("{} bytes", bytes);
}

TableRow row(std::vector<Span> cells, std::string id, std::string command, std::string tip, Mark mark) {
    TableRow made;
    made.cells = std::move(cells);
    made.id = std::move(id);
    made.command = std::move(command);
    made.tip = std::move(tip);
    made.mark = mark;
    return made;
}

} // namespace trapgate::frontend::views
