// SPDX-License-Identifier: MIT
// A point on the one axis of time that all views, commands and files share: `INSN` or `INSN.MICRO`.
// Source: docs/architecture.md, "Time".
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <compare>
#include <string>
#include <string_view>

namespace trapgate::machine {

/// The state before instruction number `instruction` (counted from 0 since reset; a delivered exception or interrupt has a number
/// of its own), plus the effects of its first `micro` micro-steps. 0: only fetched and decoded, nothing has changed.
struct TimePoint {
    u64 instruction = 0;
    u32 micro = 0;
    auto operator<=>(const TimePoint&) const = default;
};

/// "1207", or "1207.13" between two micro-steps.
std::string to_text(TimePoint);
/// The other way round; an error says what a time looks like.
Result<TimePoint> parse_time_point(std::string_view text);

} // namespace trapgate::machine
