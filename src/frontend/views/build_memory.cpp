// SPDX-License-Identifier: MIT
// View `memory`: the map of the guest's memory: what lies where in the linear address space of the running task (the kernel's own
// books for its areas, symbols for the kernel's image) and what in physical memory.
// Truth: mm_struct and vm_area_struct by DWARF, the symbols that vmlinux.lds defines, the processor's registers. A kernel of somebody
// else's is shown by its sections' symbols and its page tables.
#include "frontend/views/builders.hpp"
#include "frontend/views/naming.hpp"
#include "kernel/address_space.hpp"
#include "kernel/page_ranges.hpp"
#include "kernel/task_list.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace trapgate::frontend::views {

namespace {

struct Piece {
    u64 from = 0, to = 0; ///< [from, to)
    std::string rights{};
    std::string what{};
    std::string command{};
    Meaning meaning = Meaning::Text;
    int depth = 0; ///< inside the piece before
};

constexpr u32 page_offset = 0xc0000000;

std::optional<u64> symbol(const Debuggee& debuggee, std::string_view name) {
    return debuggee.kernel_symbols().address_of(name);
}

void add_symbols(const Debuggee& debuggee, std::vector<Piece>& pieces) {
    struct Section {
        std::string_view first, last, rights, what;
    };
    constexpr Section sections[] = {
        {"_text", "_etext", "r-x", "kernel code (.text)"},
        {"__start___ex_table", "__stop___ex_table", "r--", "exception table: faults in user copies"},
        {"_data", "_edata", "rw-", "kernel data (.data)"},
        {"__bss_start", "__bss_stop", "rw-", "kernel data, zeroed (.bss)"},
    };
    for (const Section& section : sections) {
        const auto from = symbol(debuggee, section.first), to = symbol(debuggee, section.last);
        if (!from || !to || *from >= *to) continue;
        pieces.push_back({*from, *to, std::string(section.rights), std::string(section.what),
                          view_command("code", fmt::format("{:08x}", *from)), Meaning::Ring0, 1});
    }
    if (const auto map = symbol(debuggee, "mem_map"); map && debuggee.guest()) {
        const auto at = debuggee.memory().get<u32>(static_cast<u32>(*map));
        const auto pages = symbol(debuggee, "max_mapnr");
        const auto count = pages ? debuggee.memory().get<u32>(static_cast<u32>(*pages)) : std::nullopt;
        const auto* page = debuggee.guest()->debug().structure("page");
        if (at && *at && count && page)
            pieces.push_back({*at, u64{*at} + u64{*count} * page->size, "rw-",
                              fmt::format("mem_map: struct page of {} pages", *count), "", Meaning::Ring0, 1});
    }
}

/// Where the functions and the data of somebody else's kernel lie, by its symbols: from the first to the end of the last.
void add_extent(const Debuggee& debuggee, std::vector<Piece>& pieces, kernel::Symbol::Kind kind, std::string rights,
                std::string what) {
    u64 from = ~u64{0}, to = 0;
    std::size_t count = 0;
    for (const auto& symbol : debuggee.kernel_symbols().all()) {
        if (symbol.kind != kind || symbol.size == 0) continue;
        from = std::min(from, symbol.address);
        to = std::max(to, symbol.address + symbol.size);
        ++count;
    }
    if (count)
        pieces.push_back({from, to, std::move(rights), fmt::format("{}: {} symbols", what, count),
                          view_command("code", fmt::format("{:08x}", from)), Meaning::Ring0, 1});
}

void add_tables(const Debuggee& debuggee, std::vector<Piece>& pieces) {
    const auto& cpu = debuggee.cpu();
    const auto table = [&](u32 base, u32 limit, std::string what, std::string command) {
        if (base)
            pieces.push_back(
                {base, u64{base} + limit + 1, "rw-", std::move(what), std::move(command), Meaning::Cpu, 2});
    };
    table(cpu.gdtr.base, cpu.gdtr.limit, "GDT", view_command("tables", ""));
    table(cpu.idtr.base, cpu.idtr.limit, "IDT", view_command("tables", ""));
    if (cpu.tr.present) table(cpu.tr.base, cpu.tr.limit, "TSS", view_command("tables", ""));
}

void add_stacks(const Debuggee& debuggee, const std::vector<kernel::TaskState>& tasks, std::vector<Piece>& pieces) {
    for (const auto& task : tasks)
        pieces.push_back(
            {task.thread_info, u64{task.thread_info} + debuggee.guest()->stack_size(), "rw-",
             fmt::format("kernel stack of {} ({}){}", task.comm, task.pid, task.running ? ", running" : ""),
             view_command("stack", fmt::format("{}", task.pid)), Meaning::Ring0, 2});
}

void add_areas(const kernel::AddressSpace& space, std::vector<Piece>& pieces) {
    for (const auto& area : space.areas) {
        std::string what = area.use;
        if (!area.file.empty()) what += fmt::format(" of {} +{:x}", area.file, area.page_index * u64{page_size});
        if (area.use == "heap") what += fmt::format(" (brk {:08x})", space.brk);
        if (area.use == "stack") what += fmt::format(" (begins at {:08x})", space.start_stack);
        pieces.push_back({area.start, area.end, area.rights(), what,
                          view_command("pages", fmt::format("{:08x}", area.start)), Meaning::Ring3, 0});
    }
}

/// The parts of the linear address space that are the kernel's as a whole.
void add_kernel_space(const Debuggee& debuggee, std::vector<Piece>& pieces) {
    const u64 ram = debuggee.machine().memory().size();
    pieces.push_back({page_offset, page_offset + ram, "rw-",
                      fmt::format("all of RAM: physical address + {:08x} (PAGE_OFFSET)", page_offset),
                      view_command("pages", fmt::format("{:08x}", page_offset)), Meaning::Ring0, 0});
    constexpr u32 vsyscall_page = 0xffffe000;
    if (debuggee.memory().get<u32>(vsyscall_page))
        pieces.push_back({vsyscall_page, u64{vsyscall_page} + page_size, "r-x",
                          "vsyscall page: __kernel_vsyscall, the way into the kernel that libc takes",
                          view_command("code", "__kernel_vsyscall"), Meaning::Ring3, 0});
}

void add_page_ranges(const Debuggee& debuggee, std::vector<Piece>& pieces) {
    const auto& cpu = debuggee.cpu();
    if (!cpu.paging()) {
        pieces.push_back({0, debuggee.machine().memory().size(), "rwx", "RAM: no paging, linear is physical", "",
                          Meaning::Text, 0});
        return;
    }
    for (const auto& range : kernel::page_ranges(cpu.bus.memory(), cpu.paging_mode()))
        pieces.push_back({range.first, range.end, range.writable ? "rw-" : "r--",
                          range.contiguous ? fmt::format("physical {:08x}", range.physical) : "scattered pages",
                          view_command("pages", fmt::format("{:08x}", range.first)),
                          range.user ? Meaning::Ring3 : Meaning::Ring0, 0});
}

/// In order of address, the wide ones before what they hold.
void sort(std::vector<Piece>& pieces) {
    std::ranges::sort(pieces, [](const Piece& a, const Piece& b) {
        return std::tie(a.from, b.to, a.what) < std::tie(b.from, a.to, b.what);
    });
}

std::string marks_at(const Debuggee& debuggee, const Piece& piece) {
    const auto& cpu = debuggee.cpu();
    const auto holds = [&](u32 address) { return address >= piece.from && address < piece.to; };
    std::string marks;
    if (holds(cpu.segment(cpu::SegmentRegister::cs).base + cpu.eip)) marks += "eip ";
    if (holds(cpu.segment(cpu::SegmentRegister::ss).base + cpu.reg(cpu::Gpr::esp))) marks += "esp ";
    if (!marks.empty()) marks.pop_back();
    return marks;
}

TablePanel table_of(const Debuggee& debuggee, const std::vector<Piece>& pieces, bool low_on_top, bool linear) {
    TablePanel table;
    table.columns = {{"from"}, {"to"}, {"size", true}, {"rights"}, {"what"}, {linear ? "here" : ""}};
    std::vector<TableRow> rows;
    for (const Piece& piece : pieces)
        rows.push_back(row(
            {{fmt::format("{:08x}", piece.from)},
             {fmt::format("{:08x}", piece.to - 1)},
             {size_text(piece.to - piece.from)},
             {piece.rights},
             {std::string(static_cast<std::size_t>(piece.depth) * 2, ' ') + piece.what, piece.meaning},
             {linear ? marks_at(debuggee, piece) : "", Meaning::Now}},
            fmt::format("{}.{:08x}-{}", linear ? "linear" : "physical", piece.from, piece.depth), piece.command));
    if (!low_on_top) std::ranges::reverse(rows);
    table.rows = std::move(rows);
    return table;
}

std::vector<Piece> physical_pieces(const Debuggee& debuggee, const std::vector<kernel::TaskState>& tasks) {
    const u64 ram = debuggee.machine().memory().size();
    constexpr u64 vga = 0xb8000, vga_end = 0xc0000, one_mb = 0x100000;
    std::vector<Piece> pieces{
        {0, 0xa0000, "RAM", "below 640 KB", "", Meaning::Text, 0},
        {vga, vga_end, "RAM", "VGA text memory", view_command("screen", ""), Meaning::Text, 0},
        {one_mb, std::max(ram, one_mb + 1), "RAM", "from 1 MB up", "", Meaning::Text, 0}};
    const auto image = symbol(debuggee, "_text"), end = symbol(debuggee, "_end");
    if (debuggee.guest() && image && end)
        pieces.push_back({*image - page_offset, *end - page_offset, "RAM", "the kernel's image",
                          view_command("code", "_text"), Meaning::Ring0, 1});
    const auto& cpu = debuggee.cpu();
    if (cpu.paging())
        pieces.push_back({cpu.cr3 & ~page_offset_mask, (cpu.cr3 & ~page_offset_mask) + u64{page_size}, "RAM",
                          "page directory that CR3 names", view_command("pages", ""), Meaning::Cpu, 1});
    for (const auto& task : tasks)
        if (task.page_directory && !(task.page_directory == cpu.cr3))
            pieces.push_back({*task.page_directory, u64{*task.page_directory} + page_size, "RAM",
                              fmt::format("page directory of {} ({})", task.comm, task.pid), "", Meaning::Ring0,
                              1});
    return pieces;
}

} // namespace

Status build_memory(Debuggee& debuggee, const Options& options, ViewModel& model) {
    model.title = "memory map";
    std::vector<kernel::TaskState> tasks;
    std::vector<Piece> linear;
    std::string whose = "linear addresses";
    if (debuggee.guest()) {
        tasks = kernel::all_tasks(*debuggee.guest(), debuggee.cpu());
        const auto running = std::ranges::find_if(tasks, &kernel::TaskState::running);
        if (running != tasks.end()) {
            whose = fmt::format("linear addresses as {} ({}) sees them", running->comm, running->pid);
            if (const auto space = kernel::address_space(*debuggee.guest(), debuggee.memory(), running->mm))
                add_areas(*space, linear);
            else
                model.remarks.push_back(
                    fmt::format("{} is a kernel thread: it has no areas of its own", running->comm));
        }
    }
    if (!tasks.empty()) {
        add_kernel_space(debuggee, linear);
        add_stacks(debuggee, tasks, linear);
    } else {
        add_page_ranges(debuggee, linear);
        if (!debuggee.guest())
            model.remarks.emplace_back(
                "areas of tasks are known only of Trapgate's own kernel; shown are page tables and sections");
    }
    if (debuggee.cpu().paging() || !debuggee.guest()) add_symbols(debuggee, linear);
    if (!debuggee.guest()) {
        add_extent(debuggee, linear, kernel::Symbol::Kind::Function, "r-x", "functions of the kernel's file");
        add_extent(debuggee, linear, kernel::Symbol::Kind::Object, "rw-", "data of the kernel's file");
    }
    add_tables(debuggee, linear);
    sort(linear);
    auto physical = physical_pieces(debuggee, tasks);
    sort(physical);
    model.panels.push_back(panel("linear", whose, table_of(debuggee, linear, options.low_on_top, true)));
    model.panels.push_back(panel("physical",
                                 fmt::format("physical memory: {}", size_text(debuggee.machine().memory().size())),
                                 table_of(debuggee, physical, options.low_on_top, false)));
    return Nothing{};
}

} // namespace trapgate::frontend::views
