// SPDX-License-Identifier: MIT
// The conversation, its beginning and its end.
#include "frontend/dap/adapter.hpp"

#include "kernel/boot_file.hpp"
#include "kernel/elf_image.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::dap {

namespace {

constexpr u16 elf_dynamic = 3; ///< ET_DYN

Json filter(const char* name, const char* label, const char* description, const char* condition) {
    Json row{
        {"filter", name}, {"label", label}, {"description", description}, {"supportsCondition", *condition != 0}};
    if (*condition) row["conditionDescription"] = condition;
    return row;
}

Json exception_filters() {
    return {
        filter("ring", "Ring changes", "Stop before every change of the privilege level", "only into this ring"),
        filter("syscall", "System calls", "Stop before the instruction that enters the kernel for a call",
               "only this call: a name or number"),
        filter("fault", "Exceptions", "Stop before the processor delivers an exception", "only this vector"),
        filter("irq", "Interrupts", "Stop before the processor takes an interrupt", "only this IRQ line"),
        filter("fork", "fork", "Stop when a task begins to be copied", ""),
        filter("switch", "Task switches", "Stop when the scheduler switches to another task", "")};
}

/// Where a program's own first instruction is, if its file says so: not if a dynamic linker runs before it.
std::optional<u32> fixed_entry(const std::string& program) {
    const auto bytes = kernel::read_host_file(program);
    if (!bytes) return std::nullopt;
    const auto image = kernel::read_elf_image(bytes.value(), program);
    if (!image || image.value().type == elf_dynamic) return std::nullopt;
    for (const kernel::ElfSegment& segment : image.value().segments)
        if (segment.type == kernel::elf::interpreter) return std::nullopt;
    return image.value().entry;
}

} // namespace

std::span<const Adapter::Row> Adapter::rows() {
    using A = Adapter;
    static constexpr Row table[] = {
        {"initialize", &A::initialize, When::Always},
        {"launch", &A::launch, When::BeforeLaunch},
        {"attach", &A::attach, When::Always},
        {"configurationDone", &A::configuration_done, When::Launched},
        {"terminate", &A::terminate, When::Always},
        {"disconnect", &A::disconnect, When::Always},
        {"restart", &A::restart, When::Stopped},
        {"setBreakpoints", &A::set_breakpoints, When::Launched},
        {"setFunctionBreakpoints", &A::set_function_breakpoints, When::Launched},
        {"setInstructionBreakpoints", &A::set_instruction_breakpoints, When::Launched},
        {"setDataBreakpoints", &A::set_data_breakpoints, When::Launched},
        {"dataBreakpointInfo", &A::data_breakpoint_info, When::Stopped},
        {"setExceptionBreakpoints", &A::set_exception_breakpoints, When::Launched},
        {"breakpointLocations", &A::breakpoint_locations, When::Launched},
        {"exceptionInfo", &A::exception_info, When::Stopped},
        {"continue", &A::continue_, When::Stopped},
        {"reverseContinue", &A::reverse_continue, When::Stopped},
        {"next", &A::next, When::Stopped},
        {"stepIn", &A::step_in, When::Stopped},
        {"stepOut", &A::step_out, When::Stopped},
        {"stepBack", &A::step_back, When::Stopped},
        {"stepInTargets", &A::step_in_targets, When::Stopped},
        {"pause", &A::pause, When::Launched},
        {"threads", &A::threads, When::Launched},
        {"stackTrace", &A::stack_trace, When::Stopped},
        {"scopes", &A::scopes, When::Stopped},
        {"variables", &A::variables, When::Stopped},
        {"setVariable", &A::set_variable, When::Stopped},
        {"evaluate", &A::evaluate, When::Stopped},
        {"completions", &A::completions, When::Stopped},
        {"disassemble", &A::disassemble, When::Stopped},
        {"readMemory", &A::read_memory, When::Stopped},
        {"writeMemory", &A::write_memory, When::Stopped},
        {"source", &A::source, When::Launched},
    };
    return table;
}

// --- The conversation ---------------------------------------------------------------------------------

int Adapter::run() {
    while (!leave_) serve_one();
    if (channel_.broken().empty()) return 0;
    say("trapgate: dap: " + channel_.broken() + "\n", "stderr");
    fmt::print(stderr, "trapgate: dap: {}\n", channel_.broken());
    return 2;
}

void Adapter::serve_one() {
    const auto message = channel_.next();
    if (!message) {
        leave_ = true;
    } else if (const auto* bad = std::get_if<BadRequest>(&*message)) {
        channel_.refuse(bad->seq, bad->command, bad->why);
    } else {
        answer(std::get<Request>(*message));
    }
}

void Adapter::answer(const Request& request) {
    for (const Row& row : rows()) {
        if (request.command != row.command) continue;
        try {
            channel_.respond(request, carry_out(row, request));
        } catch (const Refusal& refusal) {
            afterwards_ = nullptr;
            channel_.refuse(request.seq, request.command, refusal.why);
        }
        if (const auto now = std::exchange(afterwards_, nullptr)) now();
        return;
    }
    channel_.refuse(request.seq, request.command, fmt::format("there is no request {} here", request.command));
}

Json Adapter::carry_out(const Row& row, const Request& request) {
    if (row.when == When::BeforeLaunch && debuggee_) throw Refusal{"there is a debuggee already"};
    if ((row.when == When::Launched || row.when == When::Stopped) && !debuggee_)
        throw Refusal{"nothing has been launched"};
    if (row.when == When::Stopped && moving_) throw Refusal{"the guest is running"};
    if (row.when == When::Stopped && over_) throw Refusal{"the run has ended (stopAtEnd keeps it)"};
    if (row.when == When::Stopped && !configured_)
        throw Refusal{"the guest has not begun: configurationDone comes first"};
    return (this->*row.handler)(request.arguments);
}

/// What the guest has printed since the last time. Output that has been shown once is not shown again when time runs again.
void Adapter::send_output() {
    const std::string text = debuggee_->console_text();
    if (text.size() <= shown_output_) return;
    channel_.event("output", {{"category", "stdout"}, {"output", text.substr(shown_output_)}});
    shown_output_ = text.size();
}

void Adapter::say(const std::string& text, const char* category) {
    channel_.event("output", {{"category", category}, {"output", text}});
}

/// In the middle of a long move: answers what does not need the guest to stand still.
void Adapter::listen_while_moving() {
    while (!leave_ && channel_.pending()) serve_one();
}

// --- Beginning and end --------------------------------------------------------------------------------

Json Adapter::initialize(const Json& arguments) {
    if (!boolean(arguments, "linesStartAt1", true)) throw Refusal{"lines must start at 1"};
    if (!boolean(arguments, "columnsStartAt1", true)) throw Refusal{"columns must start at 1"};
    if (text(arguments, "pathFormat", "path") != "path") throw Refusal{"pathFormat: only path is there"};
    Json capabilities{{"exceptionBreakpointFilters", exception_filters()},
                      {"completionTriggerCharacters", Json::array()}};
    for (const char* name : {"supportsConfigurationDoneRequest",
                             "supportsFunctionBreakpoints",
                             "supportsConditionalBreakpoints",
                             "supportsHitConditionalBreakpoints",
                             "supportsEvaluateForHovers",
                             "supportsStepBack",
                             "supportsSetVariable",
                             "supportsRestartRequest",
                             "supportsStepInTargetsRequest",
                             "supportsCompletionsRequest",
                             "supportsExceptionInfoRequest",
                             "supportsExceptionFilterOptions",
                             "supportsTerminateRequest",
                             "supportTerminateDebuggee",
                             "supportsDataBreakpoints",
                             "supportsReadMemoryRequest",
                             "supportsWriteMemoryRequest",
                             "supportsDisassembleRequest",
                             "supportsInstructionBreakpoints",
                             "supportsBreakpointLocationsRequest",
                             "supportsSteppingGranularity",
                             "supportsLogPoints",
                             "supportsDelayedStackTraceLoading"})
        capabilities[name] = true;
    return capabilities;
}

Json Adapter::attach(const Json&) {
    throw Refusal{"attach: a guest lives inside the adapter, there is nothing to attach to; use launch"};
}

Json Adapter::launch(const Json& arguments) {
    launch_ = parse_launch(arguments);
    auto opened = Debuggee::open(launch_.options, GuestConsole::Kept);
    if (!opened) throw Refusal{opened.error().message};
    debuggee_ = std::move(opened.value());
    interpreter_ = std::make_unique<debug::Interpreter>(*debuggee_);
    interpreter_->views_as_text = true;
    sources_ = std::make_unique<Sources>(*debuggee_, launch_.source_folders);
    afterwards_ = [this] { channel_.event("initialized", nullptr); };
    return nullptr;
}

Json Adapter::configuration_done(const Json&) {
    if (configured_) throw Refusal{"configurationDone: once is enough"};
    configured_ = true;
    afterwards_ = [this] { begin(); };
    return nullptr;
}

/// The guest boots silently up to PROG's first instruction, unless somebody wants to see that too.
void Adapter::begin() {
    if (!launch_.from_reset) run_to_program();
    if (leave_ || over_) return;
    if (launch_.stop_on_entry || pause_wanted_)
        return stopped("entry", launch_.from_reset ? "reset" : "PROG begins");
    after_move(run(true), "pause");
}

void Adapter::run_to_program() {
    machine::Arrival arrival;
    if (const auto entry = fixed_entry(launch_.options.command[0])) {
        machine::StopSet stops;
        stops.breakpoints = {*entry};
        stops.breakpoint_counts = [this](u32) { return cpu().cpl == 3 && sources_->program_runs(); };
        arrival = move([&] { return time().run_on(stops); });
    } else if (const auto call = debuggee_->first_system_call()) {
        arrival = move([&] { return time().go_to({call.value(), 0}); });
    }
    if (arrival.kind == machine::Arrival::Kind::End) ended(arrival.stop);
}

Json Adapter::restart(const Json&) {
    afterwards_ = [this] {
        move([&] { return time().go_to({}); });
        begin();
    };
    return nullptr;
}

Json Adapter::terminate(const Json&) {
    if (debuggee_ && moving_) time().interrupt();
    pause_wanted_ = true;
    over_ = true;
    afterwards_ = [this] { channel_.event("terminated", nullptr); };
    return nullptr;
}

Json Adapter::disconnect(const Json&) {
    leave_ = true;
    if (debuggee_ && moving_) time().interrupt();
    return nullptr;
}

} // namespace trapgate::frontend::dap
