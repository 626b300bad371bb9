// SPDX-License-Identifier: MIT
// Files that are there whole or not at all: written under another name beside their place, then renamed onto it. What is no plain file
// (a device, a pipe) is written where it is.
#pragma once

#include "base/result.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace trapgate::frontend {

/// Calls `write` with the path to write to; on success that becomes `path`, else nothing is left behind. Errors are `write`'s own, or
/// name `path` and what the host says; exit code 125.
Status save_by(const std::string& path, const std::function<Status(const std::string& path)>& write);
/// Writes these bytes. A disk that is full shows here, not later.
Status save_file(const std::string& path, std::string_view bytes);

} // namespace trapgate::frontend
