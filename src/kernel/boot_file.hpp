// SPDX-License-Identifier: MIT
// Reading whole files of the host, with messages that name them.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <string>
#include <vector>

namespace trapgate::kernel {

/// The bytes of `path`. Errors: not there (127), a folder, not readable, a device that fails (126).
Result<std::vector<u8>> read_host_file(const std::string& path);

} // namespace trapgate::kernel
