// SPDX-License-Identifier: MIT
// `trapgate run` and `trapgate strace`: a whole run, from options to exit code.
#include "frontend/gdb/gdb.hpp"
#include "frontend/session.hpp"
#include "frontend/timeline/timeline.hpp"
#include "frontend/trace_file.hpp"
#include "frontend/verbs.hpp"
#include "kernel/strace.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>

namespace trapgate::frontend {

namespace {

int run_with_timeline(const RunOptions& options, std::unique_ptr<Session> session) {
    auto opened = timeline::Timeline::open(options, *session);
    if (!opened) return report(opened.error());
    auto timeline = std::move(opened.value());
    const machine::Stop stop = session->run();
    const Status closed = timeline->close(stop);
    const int signal = timeline->signal();
    const int code = signal ? 0 : session->conclude(stop);
    timeline.reset();
    if (signal) session.reset(); // the terminal is a normal one again
    if (!closed) return report(closed.error());
    if (signal) timeline::die_of(signal);
    return code;
}

} // namespace

int run_verb(Words words) {
    auto options = parse_run_options(OptionSet::Run, std::move(words));
    if (!options) return report(options.error());
    if (options.value().serve_gdb || options.value().gdb_address) return serve_gdb(std::move(options.value()));
    auto session = Session::prepare(options.value());
    if (!session) return report(session.error());
    if (options.value().timeline_file) return run_with_timeline(options.value(), std::move(session.value()));
    if (!options.value().trace_file) return session.value()->conclude(session.value()->run());

    auto trace = TraceFile::open(options.value(), *session.value());
    if (!trace) return report(trace.error());
    const machine::Stop stop = session.value()->run();
    const Status closed = trace.value()->close();
    const int code = session.value()->conclude(stop);
    return closed ? code : report(closed.error());
}

int strace_verb(Words words) {
    auto options = parse_run_options(OptionSet::Strace, std::move(words));
    if (!options) return report(options.error());
    if (options.value().kernel)
        return report_usage("strace: --kernel: only our own kernel's system calls are known");
    if (options.value().trace_file) return report_usage("strace: --trace: use it with run");
    if (options.value().timeline_file) return report_usage("strace: --timeline: use it with run");
    auto session = Session::prepare(options.value());
    if (!session) return report(session.error());
    auto guest = kernel::GuestKernel::from_file(session.value()->kernel_file());
    if (!guest) return report(guest.error());

    std::FILE* file = stderr;
    if (const auto& output = options.value().output) file = std::fopen(output->c_str(), "we");
    if (!file) return report(Error{fmt::format("-o {}: {}", *options.value().output, std::strerror(errno))});
    machine::Machine& machine = session.value()->machine();
    const kernel::CpuMemory memory(machine.cpu());
    const bool raw = file == stderr && session.value()->stderr_is_raw();
    kernel::Strace strace(memory, {options.value().verbose}, [file, raw](std::string_view text) {
        const std::string shown = raw ? with_carriage_returns(text) : std::string(text);
        std::fwrite(shown.data(), 1, shown.size(), file);
    });
    kernel::SyscallWatch watch(guest.value(), machine.cpu(), strace);
    machine.observe_transfers(&watch);
    const machine::Stop stop = session.value()->run();
    machine.observe_transfers(nullptr);
    strace.finish();
    if (file != stderr && std::fclose(file) != 0)
        return report(Error{fmt::format("-o {}: {}", *options.value().output, std::strerror(errno))});
    return session.value()->conclude(stop);
}

} // namespace trapgate::frontend
