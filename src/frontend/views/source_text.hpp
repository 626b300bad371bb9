// SPDX-License-Identifier: MIT
// Lines of source files, where the file that DWARF names is at hand on this host. Files are read once and kept.
#pragma once

#include "kernel/debug_info.hpp"

#include <optional>
#include <string>

namespace trapgate::frontend::views {

/// The text of the line without blanks at its ends. Nothing if the file is not at hand, or is newer than what ran and too short.
std::optional<std::string> source_text(const kernel::SourceLine& line);

} // namespace trapgate::frontend::views
