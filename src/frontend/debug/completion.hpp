// SPDX-License-Identifier: MIT
// What the word at the end of a line could become.
#pragma once

#include "frontend/debug/context.hpp"

#include <string>
#include <vector>

namespace trapgate::frontend::debug {

/// Whole words that may stand in place of the last one, in order; at most a few hundred.
std::vector<std::string> completions(Context& context, std::string_view line);
/// Where the word that is being completed begins.
std::size_t completed_word(std::string_view line);

} // namespace trapgate::frontend::debug
