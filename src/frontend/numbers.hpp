// SPDX-License-Identifier: MIT
// Numbers as people type them after an option.
#pragma once

#include "base/types.hpp"

#include <optional>
#include <string_view>

namespace trapgate::frontend {

/// Decimal, or hexadecimal after 0x. The whole text must be the number.
std::optional<u64> parse_number(std::string_view text);

/// A number with K, M or G behind it (powers of 1024, either case); without one it counts megabytes, as with `qemu -m`.
/// Gives bytes.
std::optional<u64> parse_memory_size(std::string_view text);

/// Seconds with or without a fraction, more than 0. Gives nanoseconds.
std::optional<u64> parse_seconds(std::string_view text);

} // namespace trapgate::frontend
