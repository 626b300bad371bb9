// SPDX-License-Identifier: MIT
// Finding the transfer: the fast run lists what may be it, the record of the instruction decides.
#include "frontend/explain/event.hpp"

#include "base/guest_paths.hpp"

#include <filesystem>
#include <fmt/format.h>

namespace trapgate::frontend {

namespace {

using trace::TransferKind;

/// The line of the interrupt controllers that has this vector.
std::optional<u8> irq_of(const machine::Machine& machine, u8 vector) {
    const auto pic = machine.board().pic.state();
    if ((vector & 0xf8) == (pic.master.base & 0xf8)) return static_cast<u8>(vector & 7);
    if ((vector & 0xf8) == (pic.slave.base & 0xf8)) return static_cast<u8>(8 + (vector & 7));
    return std::nullopt;
}

} // namespace

Result<std::unique_ptr<EventRun>> EventRun::open(const RunOptions& options) {
    std::unique_ptr<EventRun> run(new EventRun(options));
    TRY(session, Session::prepare(options, {.streams = GuestStreams::Quiet}));
    run->session_ = std::move(session);
    run->time_ = std::make_unique<machine::TimeMachine>(run->session_->machine());
    const std::string& kernel = run->session_->kernel_file();
    if (!options.kernel) {
        TRY(guest, kernel::GuestKernel::from_file(kernel));
        run->guest_ = std::move(guest);
        if (auto symbols = kernel::Symbols::from_file(options.command[0]))
            run->program_symbols_ = symbols.value().joined_with(kernel::Symbols::of_vsyscall_page(kernel));
    } else {
        if (auto symbols = kernel::Symbols::from_file(kernel)) run->kernel_symbols_ = symbols.value();
        if (auto debug = kernel::DebugInfo::from_file(kernel)) run->debug_ = std::move(debug.value());
    }
    return run;
}

std::string EventRun::code(u32 linear) const {
    const std::string name = guest_ ? guest_->symbols().name_at(linear) : kernel_symbols_.name_at(linear);
    return name.empty() ? program_symbols_.name_at(linear) : name;
}

std::string EventRun::source(u32 linear) const {
    const auto line = guest_ ? guest_->debug().line_of(linear) : debug_ ? debug_->line_of(linear) : std::nullopt;
    return line ? fmt::format("{}:{}", line->file.substr(line->file.rfind('/') + 1), line->line) : "";
}

/// Asked at a transfer, after it: it was PROG's.
bool EventRun::is_prog(bool from_ring3, u8 from_cpl) {
    if (!guest_) return true;
    const auto task = guest_->current(cpu());
    if (!task || task->tgid == 1) return false;
    constexpr std::size_t comm_bytes = 15;
    const std::string name = std::filesystem::path(options_.command[0]).filename().string().substr(0, comm_bytes);
    started_ |= task->comm == name;
    return started_ && (!from_ring3 || from_cpl == 3);
}

std::optional<machine::InstructionRecord> EventRun::find(const EventSubject& subject, u64 nth, bool from_ring3,
                                                         u64& seen) {
    machine::StopSet stops;
    const bool irq = subject.kind == EventSubject::Kind::Interrupt;
    stops.transfers = [&, this](const machine::TransferNews& news) {
        if (!is_prog(from_ring3, news.from_cpl) || !subject.may_be(news)) return false;
        return !irq || !subject.vector || irq_of(session_->machine(), news.vector) == subject.vector;
    };
    for (;;) {
        const machine::Arrival arrival = time_->run_on(stops);
        if (arrival.kind != machine::Arrival::Kind::Transfer) return std::nullopt;
        const machine::InstructionRecord record = time_->instruction_at(arrival.transfer.instruction);
        if (!subject.is(record) || ++seen != nth) continue;
        time_->go_to({record.instruction, 0});
        return record;
    }
}

std::optional<machine::InstructionRecord> EventRun::way_back(const machine::InstructionRecord& record) {
    constexpr u64 patience = 20'000'000;
    const machine::TimePoint here = time_->now();
    const u8 before = record.before.cpl;
    u64 depth = 1;
    // Of the task that was interrupted: others may run in between. vm86() moves esp0 inside the task's stack.
    std::optional<u32> stack;
    const auto stack_of = [this](u32 esp0) { return guest_ ? (esp0 - 1) & ~(guest_->stack_size() - 1) : esp0; };
    for (const machine::TransferNews& news : time_->transfers())
        if (news.instruction - record.instruction <= 1 && record.after.tr == record.before.tr)
            stack = stack_of(news.esp0);
    machine::StopSet stops;
    stops.transfers = [&](const machine::TransferNews& news) {
        if (news.instruction <= record.instruction) return false;
        const bool back = news.kind == TransferKind::InterruptReturn || news.kind == TransferKind::FarReturn ||
                          news.kind == TransferKind::Sysexit;
        if (record.after.cpl != before)
            return back && news.to_cpl == before && (!stack || stack_of(news.esp0) == *stack);
        if (news.kind == TransferKind::Interrupt || news.kind == TransferKind::FarCall) ++depth;
        return back && --depth == 0;
    };
    const machine::Arrival arrival = time_->run_on(stops, record.instruction + patience);
    std::optional<machine::InstructionRecord> found;
    if (arrival.kind == machine::Arrival::Kind::Transfer) found = time_->instruction();
    time_->go_to(here);
    return found;
}

} // namespace trapgate::frontend
