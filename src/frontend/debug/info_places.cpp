// SPDX-License-Identifier: MIT
// info time, bookmarks, console, symbol, address, line, functions, machine, devices.
#include "frontend/debug/command_table.hpp"
#include "frontend/debug/stop_text.hpp"
#include "frontend/debug/where.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::debug {

Outcome info_time(Context& context, std::string_view) {
    machine::TimeMachine& time = context.time();
    std::string text = fmt::format(
        "instruction {}  micro-step {}  clock {}\nlived through so far: {} instructions, {} transfers\n",
        time.now().instruction, time.now().micro, context.debuggee.machine().clock(), time.frontier(),
        time.transfers().size());
    if (time.end())
        text += fmt::format("the run ends at {}{}{}\n", time.frontier(), time.end()->text.empty() ? "" : ": ",
                            time.end()->text);
    if (const auto* change = time.ring_change_before(time.now().instruction))
        text += fmt::format("the ring changed last at {} ({} to {})\n", change->instruction, change->from_cpl,
                            change->to_cpl);
    return said(text);
}

Outcome info_bookmarks(Context& context, std::string_view) {
    std::string text;
    for (const auto& [name, point] : context.time().bookmarks())
        text += fmt::format("{:<16} {}\n", name, machine::to_text(point));
    return said(text.empty() ? "No bookmarks." : text);
}

Outcome info_console(Context& context, std::string_view) {
    const std::string text = context.debuggee.console_text();
    return said(text.empty() ? "The guest has written nothing so far." : text);
}

Outcome info_symbol(Context& context, std::string_view argument) {
    if (argument.empty()) return failed("info symbol ADDRESS");
    TRY_OR_FAIL(address, context.address(argument));
    const std::string name = context.scope.name_at(address);
    if (name.empty()) return said(fmt::format("No symbol holds {:#010x}.", address));
    return said(fmt::format("{:#010x} is {}", address, context.debuggee.place(address)));
}

Outcome info_address(Context& context, std::string_view argument) {
    const kernel::Symbol* symbol = context.debuggee.symbols().find(argument);
    if (!symbol) {
        const std::string meant = context.scope.nearest(argument, false);
        return failed(
            fmt::format("no symbol {}{}", argument, meant.empty() ? "" : fmt::format("; did you mean {}?", meant)));
    }
    const bool code = symbol->kind != kernel::Symbol::Kind::Object;
    return said(fmt::format("{} is {} at {:#010x}, {} bytes", symbol->name, code ? "code" : "data", symbol->address,
                            symbol->size));
}

Outcome info_line(Context& context, std::string_view argument) {
    std::vector<u32> addresses{context.linear_eip()};
    if (!argument.empty()) {
        TRY_OR_FAIL(given, parse_place(context, argument));
        addresses = given;
    }
    std::string text;
    for (const u32 address : addresses) {
        const auto line = context.debuggee.line_of(address);
        text += fmt::format("{}: {}\n", show_address(address, context.scope),
                            line ? fmt::format("{}:{}", line->file, line->line) : "no line is known");
    }
    return said(text);
}

Outcome info_functions(Context& context, std::string_view argument) {
    if (argument.empty()) return failed("info functions TEXT: which ones?");
    std::string text;
    for (const kernel::Symbol& symbol : context.debuggee.symbols().all())
        if (symbol.kind != kernel::Symbol::Kind::Object && symbol.name.find(argument) != std::string::npos)
            text += fmt::format("{:08x}  {}\n", symbol.address, symbol.name);
    return said(text.empty() ? fmt::format("No function has {} in its name.", argument) : text);
}

Outcome info_devices(Context& context, std::string_view) {
    const machine::Board& board = context.debuggee.machine().board();
    const auto pics = board.pic.state();
    const auto pic = [](std::string_view name, const devices::Pic8259::State& s) {
        return fmt::format(
            "{}: base vector {:02x}, lines {:08b}, latched {:08b}, in service {:08b}, masked {:08b}\n", name,
            s.base, s.lines, s.latched, s.service, s.mask);
    };
    std::string text = pic("8259 master", pics.master) + pic("8259 slave ", pics.slave);
    text += fmt::format("INTR {}\n", board.pic.requested() ? "is asserted" : "is quiet");
    const u64 next = board.next_event(), clock = context.debuggee.machine().clock();
    if (next != ~u64{0})
        text += fmt::format("a device acts next at clock {} (in {})\n", next, next > clock ? next - clock : 0);
    return said(text);
}

Outcome info_machine(Context& context, std::string_view) {
    const cpu::Cpu& cpu = context.cpu();
    std::string text = fmt::format("processor {}, {} MB of memory, {} MHz of guest time\n", cpu.model.name,
                                   context.debuggee.machine().memory().size() >> 20,
                                   context.debuggee.machine().clocks_per_second() / 1'000'000);
    text +=
        fmt::format("{}, paging {}, interrupts {}{}\n", ring_text(cpu), cpu.paging() ? "on" : "off",
                    cpu.flags.image() & cpu::eflags::if_ ? "enabled" : "disabled", cpu.halted ? ", halted" : "");
    for (const auto* part : {"seg", "cr", "msr", "tss", "devices"}) {
        const auto subject = find_info_subject(part);
        if (subject) text += subject.value()->run(context, "").text;
    }
    return said(text + "`info gdt`, `info idt`, `info pages` and `info tasks` say the rest.");
}

} // namespace trapgate::frontend::debug
