// SPDX-License-Identifier: MIT
// Moves of time with the user's breakpoints in force.
#pragma once

#include "frontend/debug/context.hpp"

#include <functional>

namespace trapgate::frontend::debug {

/// Stops that a command adds to the user's for one move.
struct ExtraStops {
    std::vector<u32> addresses{};
    /// With the machine standing at one of them: it counts. Empty: all count.
    std::function<bool(u32 address)> address_counts{};
    std::function<bool(const machine::TransferNews&)> transfers{};
    u64 until = ~u64{0}; ///< forwards: goes no further than this instruction
};

/// To the next stop, the user's or one of `extra`. What is wrong with conditions is added to `complaint`.
machine::Arrival run(Context& context, bool forwards, const ExtraStops& extra, std::string& complaint);

/// The count that an argument asks for: 1 if there is none.
Result<u64> count_of(Context& context, std::string_view argument);

} // namespace trapgate::frontend::debug
