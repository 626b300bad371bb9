// SPDX-License-Identifier: MIT
// `trapgate explain int80|iret|sysenter|sysexit`: a real system call of a real program, step by step.
#include "base/guest_paths.hpp"
#include "frontend/explain/find_call.hpp"
#include "frontend/explain/picture.hpp"
#include "frontend/session.hpp"
#include "frontend/suggest.hpp"
#include "frontend/verbs.hpp"

#include <array>
#include <fmt/format.h>
#include <unistd.h>

namespace trapgate::frontend {

namespace {

constexpr std::array<std::string_view, 4> subjects{"int80", "iret", "sysenter", "sysexit"};

Result<Subject> take_subject(Words& words) {
    if (words.empty()) return Error{fmt::format("explain: what? One of {}", fmt::join(subjects, ", ")), 2};
    for (std::size_t i = 0; i < subjects.size(); ++i)
        if (words[0] == subjects[i]) {
            words.erase(words.begin());
            return static_cast<Subject>(i);
        }
    const auto meant = nearest_word(words[0], subjects);
    return Error{fmt::format("explain {}: only {} can be explained so far{}", words[0], fmt::join(subjects, ", "),
                             meant ? fmt::format("; did you mean {}?", *meant) : ""),
                 2};
}

/// The program to watch, and the way its libc is to enter the kernel.
Status complete(RunOptions& options, Subject subject) {
    const bool wants_sysenter = subject == Subject::Sysenter || subject == Subject::Sysexit;
    if (wants_sysenter && !cpu::find_model(options.cpu)->has(cpu::feature::sep))
        return Error{fmt::format("explain {}: the processor {} does not have it (i686 has)",
                                 subjects[static_cast<u8>(subject)], options.cpu),
                     2};
    options.entry = wants_sysenter ? Entry::Sysenter : Entry::Int80;
    if (!options.of.empty()) options.command.insert(options.command.begin(), options.of);
    if (!options.command.empty()) return Nothing{};
    // 01-hello has its int $0x80 in its own source; the others go through libc, which uses sysenter where the kernel offers it.
    const std::string_view name = wants_sysenter ? "demos/02-getpid" : "demos/01-hello";
    const auto program = find_guest_file(name);
    if (!program)
        return Error{fmt::format("explain: the built-in {} is not built; name a program with --of PROG", name),
                     125};
    options.command = {program->string()};
    return Nothing{};
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

} // namespace

int explain_verb(Words words) {
    const auto subject = take_subject(words);
    if (!subject) return report(subject.error());
    auto options = parse_run_options(OptionSet::Explain, std::move(words));
    if (!options) return report(options.error());
    if (options.value().kernel) return report_usage("explain: --kernel: only our own kernel's stack is known");
    if (const auto completed = complete(options.value(), subject.value()); !completed)
        return report(completed.error());
    const auto code = explain(options.value(), subject.value());
    return code ? code.value() : report(code.error());
}

} // namespace trapgate::frontend
