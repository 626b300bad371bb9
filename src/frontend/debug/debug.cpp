// SPDX-License-Identifier: MIT
// `trapgate debug`: options, the way to where PROG begins, and the end.
#include "frontend/debug/repl.hpp"
#include "frontend/verbs.hpp"
#include "kernel/boot_file.hpp"
#include "kernel/elf_image.hpp"

#include <cstdio>
#include <filesystem>
#include <fmt/format.h>

namespace trapgate::frontend {

namespace debug {

Status go_to_program(Debuggee& debuggee) {
    constexpr std::size_t comm_length = 15; // task_struct.comm without its NUL
    TRY(bytes, kernel::read_host_file(debuggee.program_name()));
    TRY(image, kernel::read_elf_image(bytes, debuggee.program_name()));
    const std::string comm =
        std::filesystem::path(debuggee.program_name()).filename().string().substr(0, comm_length);
    machine::StopSet entry;
    entry.breakpoints = {image.entry};
    entry.breakpoint_counts = [&](u32) {
        const auto task = debuggee.task();
        return debuggee.cpu().cpl == 3 && task && task->comm == comm;
    };
    const machine::Arrival arrival = debuggee.time().run_on(entry);
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
    const RunOptions& known = debuggee.value()->options(); // a snapshot begins where it was taken
    if (!known.kernel && !known.load && !known.stop_at_reset)
        if (const Status begun = debug::go_to_program(opened); !begun)
            fmt::print(stderr, "trapgate: {}\n", begun.error().message);
    debug::Interpreter interpreter(opened);
    if (const Status added = debug::add_breakpoints(interpreter, options.value().debug); !added)
        return report(added.error());
    const int code = debug::run_command_line(interpreter, options.value().debug);
    const bool at_end = opened.time().end() && opened.time().now().instruction >= opened.time().frontier();
    if (at_end) opened.conclude(); // --stats, --exit-json, and what went wrong in the guest
    return code;
}

} // namespace trapgate::frontend
