// SPDX-License-Identifier: MIT
// `trapgate explain SUBJECT`: a transfer that really took place in a real program or kernel, step by step.
#include "base/guest_paths.hpp"
#include "frontend/exceptions.hpp"
#include "frontend/explain/compare.hpp"
#include "frontend/explain/event.hpp"
#include "frontend/explain/find_call.hpp"
#include "frontend/explain/picture.hpp"
#include "frontend/session.hpp"
#include "frontend/verbs.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace trapgate::frontend {

namespace {

/// --of PROG, or words that follow, or the built-in `name` with its arguments.
Status choose_program(RunOptions& options, std::string_view name, std::vector<std::string> arguments) {
    if (!options.of.empty()) options.command.insert(options.command.begin(), options.of);
    if (!options.command.empty()) return Nothing{};
    const auto program = find_guest_file(name);
    if (!program)
        return Error{fmt::format("explain: the built-in {} is not built; name a program with --of PROG", name),
                     125};
    options.command = {program->string()};
    options.command.insert(options.command.end(), arguments.begin(), arguments.end());
    return Nothing{};
}

/// --of PROG, or the built-in kernel of rare transfers.
Status choose_kernel(RunOptions& options) {
    if (!options.of.empty() || !options.command.empty()) return choose_program(options, "", {});
    const auto kernel = find_guest_file("transfers/transfers");
    if (!kernel)
        return Error{"explain: the built-in kernel of transfers is not built; name one with --kernel FILE", 125};
    options.kernel = kernel->string();
    return Nothing{};
}

using Kind = EventSubject::Kind;

/// The program to watch, and the way its libc is to enter the kernel.
Status complete_call(RunOptions& options, const ExplainSubject& subject) {
    const bool wants_sysenter = *subject.call == Subject::Sysenter || *subject.call == Subject::Sysexit;
    if (options.kernel)
        return Error{
            fmt::format(
                "explain {}: --kernel: only our own kernel's calls are known; `explain int0x{:x}` takes any kernel",
                subject.name, 0x80),
            2};
    if (wants_sysenter && !cpu::find_model(options.cpu)->has(cpu::feature::sep))
        return Error{
            fmt::format("explain {}: the processor {} does not have it (i686 has)", subject.name, options.cpu), 2};
    options.entry = wants_sysenter ? Entry::Sysenter : Entry::Int80;
    // 01-hello has its int $0x80 in its own source; the others go through libc, which uses sysenter where the kernel offers it.
    return choose_program(options, wants_sysenter ? "demos/02-getpid" : "demos/01-hello", {});
}

/// What makes such a transfer: a demo on our kernel, or the kernel of rare transfers.
Status complete_event(RunOptions& options, const ExplainSubject& subject) {
    if (options.kernel && options.of.empty()) {
        // Kernels seldom end by themselves: ten seconds of guest time must do, unless somebody says otherwise.
        if (!options.max_cycles && !options.max_instructions && !options.timeout_ns)
            options.max_cycles = 1'000'000'000;
        return Nothing{};
    }
    const auto [kind, vector] = subject.event;
    switch (kind) {
    case Kind::Exception: {
        constexpr u8 page_fault = 14, double_fault = 8, invalid_tss = 10, no_math = 7, floating_point = 16;
        if (vector == double_fault || vector == invalid_tss) return choose_kernel(options);
        if (!vector || *vector == page_fault) return choose_program(options, "demos/01-hello", {});
        const Exception* const known = find_exception(*vector == no_math ? floating_point : *vector);
        return choose_program(options, "demos/10-faults", {std::string(known ? known->typed : "")});
    }
    case Kind::Interrupt: return choose_program(options, "bench/crc32", {"1"});
    case Kind::SoftwareCall:
        return vector && *vector != 0x80 ? choose_kernel(options) : choose_program(options, "demos/01-hello", {});
    case Kind::LeaveVirtual8086:
        // The demo has no TF in its 8086; the others of its traps are #GP and page faults.
        if (vector && *vector == 1) return choose_program(options, "demos/19-vm86", {"step"});
        return choose_program(options, "demos/19-vm86", {});
    case Kind::EnterVirtual8086: return choose_program(options, "demos/19-vm86", {});
    default: return choose_kernel(options);
    }
}

/// The instruction that enters the kernel, found in a run of its own.
Result<u64> find_call(const RunOptions& options, Subject subject) {
    TRY(session, Session::prepare(options, {.streams = GuestStreams::Quiet}));
    TRY(guest, kernel::GuestKernel::from_file(session->kernel_file()));
    machine::Machine& machine = session->machine();
    CallFinder finder(guest, machine.cpu(), subject, options.nth, [&machine] { machine.request_pause(); });
    machine.observe_transfers(&finder);
    const machine::Stop stop = session->run();
    machine.observe_transfers(nullptr);
    if (finder.instruction()) return *finder.instruction();
    if (stop.kind != machine::StopKind::GuestExit) {
        const int code = session->conclude(stop);
        return Error{"explain: the run ended before the call came", code};
    }
    return Error{fmt::format("explain: {} made {} such call{}, there is no number {}", options.command[0],
                             finder.seen(), finder.seen() == 1 ? "" : "s", options.nth),
                 1};
}

void print_call(Subject subject, const SwitchRecording& recording, const PictureContext& context) {
    fmt::print("{}\n\n", context.style.paint(Tone::Title, fmt::format("{}   in {} (pid {})", recording.call_text,
                                                                      recording.task.comm, recording.task.pid)));
    const bool entry = subject == Subject::Int80 || subject == Subject::Sysenter;
    if (!entry) {
        fmt::print("{}\n", transfer_picture(recording, *recording.way_out, context));
        fmt::print("{}\n{}", stack_picture(recording, context), outcome_picture(recording, context));
        return;
    }
    fmt::print("{}\n{}\n{}\n{}", transfer_picture(recording, recording.entry, context),
               entry_picture(recording, context), stack_picture(recording, context),
               outcome_picture(recording, context));
}

Result<int> explain(const RunOptions& options, Subject subject) {
    TRY(instruction, find_call(options, subject));
    TRY(session, Session::prepare(options, {.streams = GuestStreams::Quiet}));
    TRY(guest, kernel::GuestKernel::from_file(session->kernel_file()));
    machine::Machine& machine = session->machine();
    const machine::Stop before = machine.run_until(instruction);
    if (before.kind != machine::StopKind::Reached) return session->conclude(before);
    SwitchRecorder recorder(guest, machine.cpu(), [&machine] { machine.request_pause(); });
    machine.observe(&recorder);
    const machine::Stop stop = session->run();
    machine.observe(nullptr);
    recorder.finish();
    if (!recorder.has_frame()) return session->conclude(stop);
    kernel::Symbols program;
    if (auto symbols = kernel::Symbols::from_file(options.command[0]))
        program = symbols.value().joined_with(kernel::Symbols::of_vsyscall_page(session->kernel_file()));
    print_call(subject, recorder.recording(),
               {guest, program, machine.cpu(), Style::for_descriptor(STDOUT_FILENO), options.raw});
    return 0;
}

/// With PROG: the kernel's own ones do not count.
bool comes_from_ring3(Kind kind) {
    return kind == Kind::Exception || kind == Kind::Interrupt || kind == Kind::SoftwareCall ||
           kind == Kind::LeaveVirtual8086;
}

Result<int> explain_event(const RunOptions& options, const ExplainSubject& subject) {
    TRY(run, EventRun::open(options));
    u64 seen = 0;
    const auto record = run->find(subject.event, options.nth, comes_from_ring3(subject.event.kind), seen);
    const std::string& what = options.kernel ? *options.kernel : options.command[0];
    if (!record) {
        const auto& end = run->time().end();
        return Error{fmt::format("explain {}: {} made {} of them{}{}", subject.name, what,
                                 seen ? std::to_string(seen) : "none",
                                 seen ? fmt::format(", there is no number {}", options.nth) : "",
                                 end && !end->text.empty() ? ": " + end->text : ""),
                     1};
    }
    fmt::print("{}", event_picture(*run, *record, Style::for_descriptor(STDOUT_FILENO), options.raw));
    return 0;
}

/// The record of a subject in a run of its own, and its figures. What is compared is one call of one program, entered in two ways.
Result<Comparison> compare_one(RunOptions options, const ExplainSubject& subject) {
    if (subject.call) {
        if (options.of.empty() && options.command.empty()) {
            TRY(chosen, choose_program(options, "demos/02-getpid", {}));
            (void)chosen;
        }
        TRY(completed, complete_call(options, subject));
        (void)completed;
        TRY(instruction, find_call(options, *subject.call));
        TRY(run, EventRun::open(options));
        run->time().go_to({instruction, 0});
        const auto record = run->time().instruction();
        if (record.transfers.empty()) return Error{"explain --compare: the call did not come again"};
        return count(*run, record, subject.name);
    }
    TRY(completed, complete_event(options, subject));
    (void)completed;
    TRY(run, EventRun::open(options));
    u64 seen = 0;
    const auto record = run->find(subject.event, options.nth, comes_from_ring3(subject.event.kind), seen);
    if (!record) return Error{fmt::format("explain --compare: {}: there is no such transfer", subject.name), 1};
    return count(*run, *record, subject.name);
}

Result<int> compare(const RunOptions& options) {
    std::vector<Comparison> columns;
    std::string_view rest = options.compare;
    while (!rest.empty()) {
        const std::string_view word = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        TRY(subject, parse_subject(word));
        if (subject.call == Subject::Iret || subject.call == Subject::Sysexit)
            return Error{
                fmt::format("explain --compare {}: name the way in (int80, sysenter); the table has its way out",
                            word),
                2};
        TRY(column, compare_one(options, subject));
        columns.push_back(std::move(column));
    }
    if (columns.size() < 2) return Error{"explain --compare: at least two subjects, with a comma between", 2};
    fmt::print("{}", comparison_table(columns, Style::for_descriptor(STDOUT_FILENO)));
    return 0;
}

} // namespace

std::string explain_subjects_text() {
    return "subjects\n"
           "  int80 iret sysenter sysexit   a system call on our kernel: in, or on its way out\n"
           "  fault, 14, pagefault, gp, ud… the first exception, or the first of that vector or name (de db nmi bp "
           "of br ud nm\n"
           "                                df ts np ss gp pf mf ac mc)\n"
           "  irq, irq0 …                   an interrupt from outside, or of that line\n"
           "  int, int0x30 …                an INT n of any kernel\n"
           "  v86, v86gp, v86db …           out of virtual-8086 mode: the first interrupt or exception, or of that "
           "name\n"
           "  v86enter                      into it: IRET with VM = 1 in the frame\n"
           "  callgate farcall farjmp farret taskswitch taskgate\n"
           "  --compare A,B                 two or more of them side by side (also: entry --compare A,B)\n\n";
}

int explain_verb(Words words) {
    if (words.empty())
        return report_usage(fmt::format("explain: what? One of {}", fmt::join(subject_names(), ", ")));
    if (words[0] == "entry" || words[0].starts_with("--compare")) {
        if (words[0] == "entry") words.erase(words.begin());
        const auto options = parse_run_options(OptionSet::Explain, std::move(words));
        if (!options) return report(options.error());
        if (options.value().compare.empty()) return report_usage("explain entry: --compare A,B is missing");
        const auto code = compare(options.value());
        return code ? code.value() : report(code.error());
    }
    const auto subject = parse_subject(words[0]);
    if (!subject) return report(subject.error());
    words.erase(words.begin());
    auto options = parse_run_options(OptionSet::Explain, std::move(words));
    if (!options) return report(options.error());
    if (!options.value().compare.empty())
        return report_usage("explain: --compare takes the place of a subject: explain --compare A,B");
    const bool call = subject.value().call.has_value();
    const auto completed =
        call ? complete_call(options.value(), subject.value()) : complete_event(options.value(), subject.value());
    if (!completed) return report(completed.error());
    const auto code =
        call ? explain(options.value(), *subject.value().call) : explain_event(options.value(), subject.value());
    return code ? code.value() : report(code.error());
}

} // namespace trapgate::frontend
