// SPDX-License-Identifier: MIT
// The text of source files, found by the short names that DWARF's paths are cut to.
#pragma once

#include "frontend/debug/context.hpp"

#include <optional>
#include <string>
#include <vector>

namespace trapgate::frontend::debug {

/// The lines of `file`, looked for in the folders of `directory`, here, beside PROG and in the tree that the guest was built from.
std::optional<std::vector<std::string>> source_lines(Context& context, const std::string& file);

} // namespace trapgate::frontend::debug
