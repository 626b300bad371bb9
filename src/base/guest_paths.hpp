// SPDX-License-Identifier: MIT
// Where the built guest (kernel, init, programs) lies on the host. Source: cmake/guest.cmake, which puts it there.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace trapgate {

/// The folders in which the guest is looked for, first to last:
/// $TRAPGATE_GUEST if set (then only that one) · ../guest beside the command, as in build/release → build/guest ·
/// ../share/trapgate beside the command, as installed.
std::vector<std::filesystem::path> guest_folders();

/// The file `name` of the guest ("vmlinux", "init", "bin/hello"), from the first folder that has it. Nothing if none does:
/// the message should then name guest_folders() and `cmake --build --preset release`.
std::optional<std::filesystem::path> find_guest_file(std::string_view name);

} // namespace trapgate
