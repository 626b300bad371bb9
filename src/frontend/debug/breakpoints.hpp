// SPDX-License-Identifier: MIT
// The table of breakpoints and watchpoints that all front ends of one debuggee share: the command line, windows, gdb and DAP.
// It knows numbers, hit counts, conditions and ignore counts; what a stop is, it tells the axis of time as a machine::StopSet.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"
#include "machine/time_machine.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend::debug {

/// What a breakpoint waits for.
enum class BreakKind : u8 {
    Code,    ///< the instruction at one of `addresses`
    Watch,   ///< an access to `range`
    Ring,    ///< a change of rings, either way; `ring`: only into that one
    Syscall, ///< a system call's entering instruction; `number`: only that call
    Fault,   ///< delivery of an exception; `number`: only that vector
    Irq,     ///< the processor takes an interrupt; `number`: only that line of the controllers
    Iret,    ///< an IRET
};

struct Breakpoint {
    u32 number = 0; ///< as the user sees it, from 1; never used again
    BreakKind kind = BreakKind::Code;
    std::string where; ///< as the user gave it: "sys:write", "do_fork", "*0xc0100000"
    std::vector<u32> addresses{};
    machine::WatchRange range{};
    std::optional<u8> ring{};
    std::optional<u32> wanted{}; ///< system call, vector or line; see BreakKind
    bool enabled = true;
    bool temporary = false;  ///< goes away with its first stop
    std::string condition{}; ///< an expression; empty: always
    u64 ignore = 0;          ///< so many hits pass silently, when time runs forwards
    u64 hits = 0;            ///< hits whose condition held, when time runs forwards
    std::string tag{};       ///< of the front end that made it ("gdb", "dap"); empty: the user's own
};

class Breakpoints {
  public:
    /// Gives it a number and keeps it. The result is the number.
    u32 add(Breakpoint breakpoint);
    bool remove(u32 number);
    void clear() { table_.clear(); }
    Breakpoint* find(u32 number);
    const std::vector<Breakpoint>& all() const { return table_; }
    /// Calls may change them, but not add or remove.
    std::vector<Breakpoint>& all() { return table_; }

    /// Says whether the condition holds, with the machine standing at the stop. A condition that cannot be evaluated should count as yes.
    using Evaluate = std::function<bool(const Breakpoint&)>;
    /// For one move of time in the given direction. It refers to this table: REQUIRES: no call adds or removes while it is used.
    /// Conditions and ignore counts of transfers are not in it (nobody stands there yet): ask accepts_transfer() on arrival.
    machine::StopSet stop_set(bool forwards, Evaluate evaluate);

    /// The breakpoint that an arrival belongs to (the lowest number); nothing if none does.
    /// Only sure right after the move, at the place where it ended.
    Breakpoint* cause(const machine::Arrival& arrival);
    /// For an arrival at a transfer, with the machine there: its condition holds and its ignore count is used up. Counts the hit.
    bool accepts_transfer(const machine::Arrival& arrival, bool forwards, const Evaluate& evaluate);

  private:
    bool counts(Breakpoint& breakpoint, bool forwards, const Evaluate& evaluate);

    std::vector<Breakpoint> table_;
    u32 last_number_ = 0;
    std::vector<u32> accepted_; ///< numbers of those that the last stop counts for
};

/// The breakpoint wants this transfer (whatever its condition says).
bool wants(const Breakpoint& breakpoint, const machine::TransferNews& transfer);
/// This transfer enters the kernel for a system call (INT 80h or SYSENTER from ring 3).
bool is_system_call(const machine::TransferNews& transfer);

} // namespace trapgate::frontend::debug
