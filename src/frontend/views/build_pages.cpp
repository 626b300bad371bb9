// SPDX-License-Identifier: MIT
// View `pages`: the way of one linear address through the page tables, bit by bit; who may do what there, and what #PF it would
// be otherwise; and all that the address space maps. The walk is the processor's own (mmu/page_walk.hpp), asked, not retold.
// Source: [SDM3] "32-Bit Paging", "Access Rights", "Page-Fault Exceptions".
#include "frontend/views/builders.hpp"
#include "frontend/views/naming.hpp"
#include "kernel/address_space.hpp"
#include "kernel/page_ranges.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

using mmu::PageWalk;

constexpr u32 frame_4k = 0xfffff000, frame_4m = 0xffc00000;

std::string bits_text(u32 value, u32 width) {
    std::string text;
    for (u32 i = width; i-- > 0;) {
        text += (value >> i) & 1 ? '1' : '0';
        if (i % 4 == 0 && i != 0) text += ' ';
    }
    return text;
}

/// The address that the instruction at this moment works on: what its last micro-step touched, else its first data access, else EIP.
u32 current_address(Debuggee& debuggee) {
    auto& time = debuggee.time();
    const auto& record = time.instruction();
    u32 step = time.now().micro;
    if (step > 0)
        for (const auto& transfer : record.transfers) {
            if (step <= transfer.steps.size()) {
                const auto& accesses = transfer.steps[step - 1].accesses;
                if (!accesses.empty()) return static_cast<u32>(accesses.back().linear.value);
                break;
            }
            step -= static_cast<u32>(transfer.steps.size());
        }
    for (const auto& access : record.accesses)
        if (access.intent != Intent::Fetch) return static_cast<u32>(access.linear.value);
    const auto& cpu = debuggee.cpu();
    return cpu.segment(cpu::SegmentRegister::cs).base + cpu.eip;
}

/// "P R/W U/S" as a row of names over a row of digits.
std::vector<Line> bit_lines(std::span<const BitName> bits, u32 entry) {
    std::string names, values;
    for (auto bit = bits.rbegin(); bit != bits.rend(); ++bit) {
        const u32 field = (entry >> bit->low) & ((1u << bit->width) - 1);
        names += fmt::format("{}{}", names.empty() ? "" : " ", bit->name);
        values += fmt::format("{}{:>{}}", values.empty() ? "" : " ", field, bit->name.size());
    }
    return {Line(names, Meaning::Dim), Line(values)};
}

/// What the bits say, in words: only those that decide about rights or show use.
Line words_line(std::span<const BitName> bits, u32 entry) {
    std::string text;
    for (const BitName& bit : bits) {
        const bool set = (entry >> bit.low) & 1;
        if (bit.width != 1 || bit.name == "PWT" || bit.name == "PCD" || bit.name == "PS") continue;
        const std::string_view words = set ? bit.one : bit.zero;
        if (bit.name == "P" && !set) return Line(std::string(words), Meaning::Warning);
        if (!text.empty()) text += ", ";
        text += words;
    }
    return Line(text);
}

ChainBox cr3_box(u32 cr3, u32 linear) {
    ChainBox box;
    box.title = fmt::format("CR3 {:08x}", cr3);
    box.lines.emplace_back(fmt::format("page directory at physical {:08x}", cr3 & frame_4k));
    box.lines.emplace_back(
        fmt::format("+ {:03x}h * 4 = {:08x}", linear >> 22, (cr3 & frame_4k) + (linear >> 22) * 4));
    box.arrow = fmt::format("entry {:03x}", linear >> 22);
    box.id = "walk.cr3";
    box.tip = "CR3 holds the physical address of the page directory; loading it changes the address space.";
    box.mark = Mark::Done;
    return box;
}

ChainBox entry_box(std::string title, std::span<const BitName> bits, u32 entry, std::string id) {
    ChainBox box;
    box.title = std::move(title);
    box.lines = bit_lines(bits, entry);
    box.lines.push_back(words_line(bits, entry));
    box.id = std::move(id);
    box.mark = entry & mmu::pte::present ? Mark::Done : Mark::Failed;
    return box;
}

ChainBox directory_box(const PageWalk& walk, u32 linear) {
    const u32 entry = walk.directory_entry;
    ChainBox box = entry_box(
        fmt::format("PDE[{:03x}] at {:08x} = {:08x}", linear >> 22, walk.directory_entry_address.value, entry),
        walk.large ? large_page_bits() : directory_bits(), entry, "walk.pde");
    if (!(entry & mmu::pte::present)) return box;
    if (walk.large) {
        box.lines.emplace_back(fmt::format("4 MB page at {:08x} + {:06x}", entry & frame_4m, linear & ~frame_4m));
        box.arrow = fmt::format("offset {:06x}", linear & ~frame_4m);
    } else {
        box.lines.emplace_back(fmt::format("page table at {:08x} + {:03x}h * 4 = {:08x}", entry & frame_4k,
                                           (linear >> 12) & 0x3ff, walk.table_entry_address.value));
        box.arrow = fmt::format("entry {:03x}", (linear >> 12) & 0x3ff);
    }
    return box;
}

ChainBox table_box(const PageWalk& walk, u32 linear) {
    const u32 entry = walk.table_entry;
    ChainBox box = entry_box(fmt::format("PTE[{:03x}] at {:08x} = {:08x}", (linear >> 12) & 0x3ff,
                                         walk.table_entry_address.value, entry),
                             table_bits(), entry, "walk.pte");
    if (entry & mmu::pte::present) {
        box.lines.emplace_back(fmt::format("page at {:08x} + {:03x}", entry & frame_4k, linear & page_offset_mask));
        box.arrow = fmt::format("offset {:03x}", linear & page_offset_mask);
    }
    return box;
}

ChainBox physical_box(const Debuggee& debuggee, u64 physical, u32 linear) {
    ChainBox box;
    box.title = fmt::format("physical {:08x}", physical);
    box.id = "walk.physical";
    box.mark = Mark::Done;
    if (debuggee.cpu().bus.is_device({physical})) {
        box.lines.emplace_back("a device answers here");
    } else if (!debuggee.machine().memory().contains({physical}, 4)) {
        box.lines.emplace_back("nobody is there: reads give ones, writes vanish", Meaning::Warning);
    } else if (const auto word = debuggee.memory().get<u32>(linear & ~3u)) {
        box.lines.emplace_back(fmt::format("the word there: {:08x}", *word));
    }
    return box;
}

Panel walk_panel(const Debuggee& debuggee, u32 linear) {
    const auto& cpu = debuggee.cpu();
    ChainPanel chain;
    ChainBox address;
    address.title = fmt::format("linear {:08x}", linear);
    const std::string name = address_name(debuggee, linear);
    if (!name.empty()) address.lines.emplace_back(name);
    address.id = "walk.linear";
    address.mark = Mark::Done;
    if (!cpu.paging()) {
        address.lines.emplace_back("CR0.PG = 0: no paging, linear is physical");
        chain.boxes = {address, physical_box(debuggee, linear, linear)};
        return panel("walk", "page walk", chain);
    }
    const PageWalk walk = mmu::walk_page_table(cpu.bus.memory(), cpu.paging_mode(), {linear}, Intent::Read, false);
    address.lines.emplace_back(fmt::format("directory {}", bits_text(linear >> 22, 10)));
    if (walk.large) {
        address.lines.emplace_back(fmt::format("offset {}", bits_text(linear & ~frame_4m, 22)));
    } else {
        address.lines.emplace_back(fmt::format("table     {}", bits_text((linear >> 12) & 0x3ff, 10)));
        address.lines.emplace_back(fmt::format("offset    {}", bits_text(linear & page_offset_mask, 12)));
    }
    chain.boxes = {address, cr3_box(cpu.cr3, linear), directory_box(walk, linear)};
    if ((walk.directory_entry & mmu::pte::present) && !walk.large) chain.boxes.push_back(table_box(walk, linear));
    if (walk.ok)
        chain.boxes.push_back(physical_box(debuggee, walk.page.value + (linear & page_offset_mask), linear));
    else
        chain.notes.emplace_back(
            fmt::format("the walk ends here: #PF({:x}), CR2 = {:08x}", walk.error_code, linear), Meaning::Warning);
    return panel("walk", "page walk", chain);
}

/// What an access of that kind does: "yes", or the page fault.
Span access_cell(const cpu::Cpu& cpu, u32 linear, Intent intent, bool user) {
    const PageWalk walk = mmu::walk_page_table(cpu.bus.memory(), cpu.paging_mode(), {linear}, intent, user);
    if (!walk.ok)
        return {fmt::format("#PF({:x}) {}", walk.error_code, bits_set(page_fault_bits(), walk.error_code)),
                Meaning::Warning};
    std::string sets;
    if ((walk.set_in_directory_entry | walk.set_in_table_entry) & mmu::pte::accessed) sets += " sets A";
    if ((walk.set_in_directory_entry | walk.set_in_table_entry) & mmu::pte::dirty)
        sets += sets.empty() ? " sets D" : ", D";
    return {"yes" + sets, Meaning::Entry};
}

Panel rights_panel(const cpu::Cpu& cpu, u32 linear) {
    TablePanel table;
    table.columns = {{"access by"}, {"read"}, {"write"}, {"execute"}};
    for (const bool user : {true, false}) {
        TableRow line;
        line.id = user ? "rights.ring3" : "rights.ring0";
        line.cells.push_back({user ? "ring 3" : "ring 0", user ? Meaning::Ring3 : Meaning::Ring0});
        for (const Intent intent : {Intent::Read, Intent::Write, Intent::Fetch})
            line.cells.push_back(access_cell(cpu, linear, intent, user));
        line.tip = user ? "U/S and R/W of both levels have to allow it."
                        : "Ring 0 reads everything; it writes to read-only pages only while CR0.WP is 0.";
        table.rows.push_back(std::move(line));
    }
    return panel("rights", fmt::format("who may do what (CR0.WP {})", cpu.cr0 & cpu::cr0::wp ? 1 : 0), table);
}

/// What a range is for, by the kernel's own books or by symbols.
std::string use_of(const Debuggee& debuggee, const kernel::PageRange& range, const kernel::AddressSpace* space) {
    if (space)
        for (const auto& area : space->areas)
            if (range.first >= area.start && range.first < area.end)
                return area.file.empty() ? area.use : fmt::format("{} {}", area.file, area.use);
    if (debuggee.guest() && range.large && range.physical == 0) return "all of RAM, for the kernel";
    return address_name(debuggee, range.first);
}

Panel ranges_panel(const Debuggee& debuggee, u32 linear) {
    const auto& cpu = debuggee.cpu();
    TablePanel table;
    table.columns = {{"linear"}, {"to"},      {"size", true}, {"physical"},
                     {"rights"}, {"A", true}, {"D", true},    {"what"}};
    table.marks = true;
    std::optional<kernel::AddressSpace> space;
    if (const auto task = debuggee.task())
        space =
            kernel::address_space(*debuggee.guest(), debuggee.memory(),
                                  debuggee.guest()->task_word(debuggee.memory(), task->address, "mm").value_or(0));
    for (const auto& range : kernel::page_ranges(cpu.bus.memory(), cpu.paging_mode())) {
        const bool here = linear >= range.first && linear < range.end;
        const std::string address = fmt::format("{:08x}", range.first);
        table.rows.push_back(
            row({{address},
                 {fmt::format("{:08x}", range.end - 1)},
                 {size_text(range.bytes())},
                 {range.contiguous ? fmt::format("{:08x}", range.physical) : "scattered"},
                 {fmt::format("{}{}{}{}", range.user ? "3+0" : "0  ", range.writable ? " rw" : " r-",
                              range.large ? " 4M" : "", range.global ? " G" : ""),
                  range.user ? Meaning::Ring3 : Meaning::Ring0},
                 {fmt::format("{}", range.accessed)},
                 {fmt::format("{}", range.dirty)},
                 {use_of(debuggee, range, space ? &*space : nullptr)}},
                "range." + address, view_command("pages", address), "Click to see the walk of its first address.",
                here ? Mark::Now : Mark::None));
    }
    return panel("ranges", fmt::format("what CR3 {:08x} maps", cpu.cr3), table);
}

} // namespace

Status build_pages(Debuggee& debuggee, const Options& options, ViewModel& model) {
    u32 linear = 0;
    if (options.subject.empty()) {
        linear = current_address(debuggee);
    } else {
        TRY(given, parse_address(debuggee, options.subject));
        linear = given;
    }
    const auto& cpu = debuggee.cpu();
    model.title = fmt::format("page walk of {}", address_with_name(debuggee, linear));
    model.panels.push_back(walk_panel(debuggee, linear));
    if (!cpu.paging()) {
        model.remarks.emplace_back("paging is off: every access is allowed and reaches the same physical address");
        return Nothing{};
    }
    model.panels.push_back(rights_panel(cpu, linear));
    model.panels.push_back(ranges_panel(debuggee, linear));
    return Nothing{};
}

} // namespace trapgate::frontend::views
