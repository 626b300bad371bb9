// SPDX-License-Identifier: MIT
// `trapgate gdb [OPTIONS] PROG [ARGS...]`: opens the debuggee, brings it to PROG's first instruction, serves one client after
// the other until one ends it. docs/gdb.md is the user's view of this.
#include "frontend/gdb/gdb.hpp"

#include "frontend/debug/interpreter.hpp"
#include "frontend/gdb/client.hpp"
#include "frontend/gdb/connection.hpp"
#include "frontend/gdb/stub.hpp"
#include "frontend/verbs.hpp"
#include "kernel/boot_file.hpp"
#include "kernel/elf_image.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace trapgate::frontend {

namespace {

using gdb::Ending;
using machine::Arrival;

constexpr const char* usual_address = "127.0.0.1:1234";
constexpr const char* any_port = "127.0.0.1:0";

/// To where PROG begins, as gdbserver does: the kernel has booted, execve is done, nothing of PROG has run.
void go_to_program(Debuggee& debuggee) {
    const auto bytes = kernel::read_host_file(debuggee.program_name());
    const auto image = bytes ? kernel::read_elf_image(bytes.value(), debuggee.program_name()) : bytes.error();
    if (!image) {
        fmt::print(stderr, "trapgate: {}: the machine stands at its own first instruction\n",
                   image.error().message);
        return;
    }
    const gdb::Threads threads(debuggee);
    machine::StopSet entry;
    entry.breakpoints = {image.value().entry};
    entry.breakpoint_counts = [&](u32) { return debuggee.cpu().cpl == 3 && !threads.current_is_init(); };
    const Arrival arrival = debuggee.time().run_on(entry);
    if (arrival.kind == Arrival::Kind::Breakpoint) return;
    fmt::print(stderr, "trapgate: {} has not begun: the guest ended before\n", debuggee.program_name());
}

int run_to_end(Debuggee& debuggee) {
    while (debuggee.time().run_on({}).kind != Arrival::Kind::End) {}
    return debuggee.conclude();
}

/// `monitor` hands everything that is not its own to the debugger, whose breakpoints stop gdb's moves as well.
gdb::Monitor monitor_of(debug::Interpreter& debugger) {
    const auto evaluate = [&debugger](const debug::Breakpoint& breakpoint) {
        if (breakpoint.condition.empty()) return true;
        const auto value = debugger.evaluate(breakpoint.condition);
        return !value || value.value() != 0;
    };
    gdb::Monitor monitor;
    monitor.execute = [&debugger](std::string_view line) {
        const debug::Outcome outcome = debugger.execute(line);
        return gdb::Monitor::Outcome{outcome.quit ? "use gdb's detach or kill\n" : outcome.text, outcome.moved};
    };
    monitor.stops = [&debugger, evaluate](bool forwards) {
        return debugger.breakpoints().stop_set(forwards, evaluate);
    };
    monitor.accepts_transfer = [&debugger, evaluate](const Arrival& arrival, bool forwards) {
        return debugger.breakpoints().accepts_transfer(arrival, forwards, evaluate);
    };
    monitor.describe = [&debugger](const Arrival& arrival) { return debugger.describe(arrival); };
    return monitor;
}

/// Serves clients until one of them ends the guest or lets it go, or none can come any more.
int serve_clients(Debuggee& debuggee, gdb::Listener& listener, const gdb::Client& client) {
    debug::Interpreter debugger(debuggee);
    gdb::Stub stub(debuggee, monitor_of(debugger), debuggee.time().now());
    while (auto connection = listener.accept(client.process())) {
        gdb::Wire wire(std::move(*connection));
        switch (stub.serve(wire)) {
        case Ending::Detached: return run_to_end(debuggee);
        case Ending::Exited: return debuggee.conclude();
        case Ending::Killed: return 0;
        case Ending::Vanished: break;
        }
        if (!debuggee.options().quiet && !listener.is_stdio() && !client.process())
            fmt::print(stderr, "trapgate: the client has gone; the guest stands at {} and waits for the next\n",
                       machine::to_text(debuggee.time().now()));
    }
    return 0;
}

} // namespace

int serve_gdb(RunOptions options) {
    const bool starts_client = !options.gdb_client.empty();
    const std::string address = options.gdb_address.value_or(starts_client ? any_port : usual_address);
    if (starts_client && address == "-") return report_usage("--exec: not together with --gdb -");
    if (starts_client && !options.stdin_file) options.stdin_file = "/dev/null"; // the terminal is gdb's
    auto listener = gdb::Listener::open(address);
    if (!listener) return report(listener.error());
    auto opened = Debuggee::open(options, GuestConsole::PassedOn);
    if (!opened) return report(opened.error());
    Debuggee& debuggee = *opened.value();
    const RunOptions& known = debuggee.options(); // a snapshot begins where it was taken
    if (!known.stop_at_reset && !known.kernel && !known.load) go_to_program(debuggee);

    const std::string& name = listener.value().name();
    if (!options.quiet && !starts_client && !listener.value().is_stdio())
        fmt::print(stderr, "trapgate: waiting for gdb; in gdb: target remote {}\n", name);
    auto client = gdb::Client::start(options.gdb_client, name);
    if (!client) return report(client.error());
    const int code = serve_clients(debuggee, listener.value(), client.value());
    return client.value().wait() ? code : report(Error{"--exec " + options.gdb_client + ": failed"});
}

int gdb_verb(Words words) {
    auto options = parse_run_options(OptionSet::Gdb, std::move(words));
    if (!options) return report(options.error());
    return serve_gdb(std::move(options.value()));
}

} // namespace trapgate::frontend
