// SPDX-License-Identifier: MIT
// Where tests find the sources, the build and the built guest. Filled in by tests/CMakeLists.txt.
#pragma once

#include <filesystem>

namespace trapgate::tests {

/// The project's top folder.
std::filesystem::path source_folder();
/// The folder of the preset that the test was built in, with the command `trapgate` in it.
std::filesystem::path build_folder();
/// The built guest: vmlinux, init, demos/, programs/.
std::filesystem::path guest_folder();

} // namespace trapgate::tests
