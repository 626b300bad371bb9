// SPDX-License-Identifier: MIT
// `trapgate debug`: options, the way to where PROG begins, and the end.
#include "frontend/debug/repl.hpp"
#include "frontend/verbs.hpp"
#include "kernel/boot_file.hpp"
#include "kernel/elf_image.hpp"

#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <optional>

namespace trapgate::frontend {

namespace debug {

/// Of PROG's file, or (a recording's PROG need not be here) of its symbol _start.
std::optional<u32> entry_of_program(const Debuggee& debuggee) {
    const auto bytes = kernel::read_host_file(debuggee.program_name());
    const auto image = bytes ? kernel::read_elf_image(bytes.value(), debuggee.program_name()) : bytes.error();
    if (image && !debuggee.options().replay) return image.value().entry;
    const auto start = debuggee.program_symbols().address_of("_start");
    return start ? std::optional(static_cast<u32>(*start)) : std::nullopt;
}

Status go_to_program(Debuggee& debuggee) {
    constexpr std::size_t comm_length = 15; // task_struct.comm without its NUL
    const auto entry = entry_of_program(debuggee);
    if (!entry) return Error{"nobody knows where the program begins: this is the machine's first instruction", 1};
    const std::string comm =
        std::filesystem::path(debuggee.program_name()).filename().string().substr(0, comm_length);
    machine::StopSet stops;
    stops.breakpoints = {*entry};
    stops.breakpoint_counts = [&](u32) {
        const auto task = debuggee.task();
        return debuggee.cpu().cpl == 3 && task && task->comm == comm;
    };
    const machine::Arrival arrival = debuggee.time().run_on(stops);
    if (arrival.kind == machine::Arrival::Kind::Breakpoint) return Nothing{};
    return Error{fmt::format("{} has not begun: {}", debuggee.program_name(), arrival.stop.text), 1};
}

} // namespace debug

int debug_verb(Words words) {
    auto options = parse_run_options(OptionSet::Debug, std::move(words));
    if (!options) return report(options.error());
    if (options.value().trace_file || options.value().timeline_file)
        return report_usage("debug: --trace and --timeline: the same command with run writes them");
    auto debuggee = Debuggee::open(options.value(), GuestConsole::PassedOn);
    if (!debuggee) return report(debuggee.error());
    Debuggee& opened = *debuggee.value();
    const RunOptions& known = opened.options(); // a recording or snapshot may have been given as PROG
    if (!known.kernel && !known.load && !known.stop_at_reset)
        if (const Status begun = debug::go_to_program(opened); !begun)
            fmt::print(stderr, "trapgate: {}\n", begun.error().message);
    debug::Interpreter interpreter(opened);
    if (const Status added = debug::add_breakpoints(interpreter, options.value().debug); !added)
        return report(added.error());
    const int code = debug::run_command_line(interpreter, options.value().debug);
    const bool at_end = opened.time().end() && opened.time().now().instruction >= opened.time().frontier();
    if (at_end) {
        opened.conclude(); // --stats, --exit-json, --record, and what went wrong in the guest
        return code;
    }
    const Status kept = opened.keep_recording();
    return kept ? code : report(kept.error());
}

} // namespace trapgate::frontend
