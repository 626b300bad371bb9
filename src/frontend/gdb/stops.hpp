// SPDX-License-Identifier: MIT
// What gdb wants to be stopped by: breakpoints, watchpoints, system calls. Source: [gdb] "Packets", `Z` and `QCatchSyscalls`.
#pragma once

#include "frontend/gdb/packet.hpp"
#include "machine/time_machine.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace trapgate::frontend::gdb {

class Stops {
  public:
    /// Answers what follows `Z` (`insert`) or `z`; empty for a type that is not there.
    std::string change(Fields fields, bool insert);
    /// Answers what follows `QCatchSyscalls:`.
    std::string catch_calls(Fields fields);
    void clear();

    bool breaks_at(u32 address) const { return software_.contains(address) || hardware_.contains(address); }
    /// "swbreak:;" or "hwbreak:;"; empty if there is no breakpoint of gdb's.
    std::string_view break_reason(u32 address) const;
    /// "watch:ADDR;" for the watchpoint that this access touches; empty if there is none.
    std::string watch_reason(const machine::WatchHit& hit) const;
    bool watches() const { return !watches_.empty(); }
    bool catches_calls() const { return catching_; }
    bool catches_call(u32 number) const { return catching_ && (calls_.empty() || calls_.contains(number)); }

    std::vector<u32> breakpoints() const;
    const std::vector<machine::WatchRange>& watchpoints() const { return watches_; }

  private:
    static constexpr std::size_t most = 100'000; ///< a client that inserts on and on is refused
    std::set<u32> software_, hardware_;
    std::vector<machine::WatchRange> watches_;
    bool catching_ = false;
    std::set<u32> calls_; ///< empty: all
};

/// A transfer that enters the kernel for a system call.
bool enters_by_call(const machine::TransferNews& transfer);
/// A transfer from ring 0 to ring 3.
bool returns_to_user(const machine::TransferNews& transfer);

} // namespace trapgate::frontend::gdb
