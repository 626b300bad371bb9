// SPDX-License-Identifier: MIT
// One transfer that is no system call of our kernel, found in a run and shown step by step: exceptions, interrupts, gates, tasks.
// Works on any kernel; what is known of it (symbols, lines, our kernel's tasks) gives names.
#pragma once

#include "frontend/explain/subjects.hpp"
#include "frontend/session.hpp"
#include "frontend/style.hpp"
#include "kernel/debug_info.hpp"
#include "kernel/guest_kernel.hpp"
#include "kernel/symbols.hpp"

#include <memory>
#include <optional>
#include <string>

namespace trapgate::frontend {

/// A run on the axis of time, and the names of what runs.
class EventRun {
  public:
    /// The run that the options ask for, at its first instruction; the guest's output is thrown away.
    static Result<std::unique_ptr<EventRun>> open(const RunOptions& options);

    /// Goes to the `nth` transfer that is the subject (with PROG: made by PROG, in ring 3 if `from_ring3`), counted from 1.
    /// Nothing: the run ended before. `seen` counts them.
    std::optional<machine::InstructionRecord> find(const EventSubject& subject, u64 nth, bool from_ring3,
                                                   u64& seen);
    /// The interrupt return that ends what `record` began, if the run comes to it.
    std::optional<machine::InstructionRecord> way_back(const machine::InstructionRecord& record);

    machine::TimeMachine& time() { return *time_; }
    const cpu::Cpu& cpu() const { return session_->machine().cpu(); }
    Session& session() { return *session_; }
    const std::optional<kernel::GuestKernel>& guest() const { return guest_; }
    std::optional<kernel::Task> task() const { return guest_ ? guest_->current(cpu()) : std::nullopt; }
    const RunOptions& options() const { return options_; }

    /// "system_call+4"; empty if no symbol holds the address.
    std::string code(u32 linear) const;
    /// "entry.S:153"; empty if unknown.
    std::string source(u32 linear) const;

  private:
    explicit EventRun(const RunOptions& options) : options_(options) {}
    bool is_prog(bool from_ring3, u8 from_cpl);

    RunOptions options_;
    std::unique_ptr<Session> session_;
    std::unique_ptr<machine::TimeMachine> time_;
    std::optional<kernel::GuestKernel> guest_;
    std::optional<kernel::DebugInfo> debug_;
    kernel::Symbols kernel_symbols_, program_symbols_;
    bool started_ = false; ///< PROG has been executed
};

/// The whole text about one transfer; the machine must stand just before it.
std::string event_picture(EventRun& run, const machine::InstructionRecord& record, const Style& style, bool raw);

} // namespace trapgate::frontend
