// SPDX-License-Identifier: MIT
// "Did you mean …?": the nearest word to a mistyped one.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace trapgate::frontend {

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The word of `words` nearest to `typed`, if one is near enough to be meant: at most a third of its letters differ, and at least
/// one edit is always forgiven.
std::optional<std::string_view> nearest_word(std::string_view typed, std::span<const std::string_view> words);

} // namespace trapgate::frontend
