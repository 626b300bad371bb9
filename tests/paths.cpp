// SPDX-License-Identifier: MIT
// Where tests find things: see the header.
#include "paths.hpp"

#include <cstdlib>

namespace trapgate::tests {

std::filesystem::path source_folder() {
    // Mutations of the guest are tried by a program that was built in another tree.
    if (const char* other = std::getenv("TRAPGATE_TEST_SOURCE")) return other;
    return TRAPGATE_SOURCE_DIR;
}

std::filesystem::path build_folder() {
    return TRAPGATE_BUILD_DIR;
}

std::filesystem::path guest_folder() {
    if (const char* other = std::getenv("TRAPGATE_TEST_GUEST")) return other;
    return TRAPGATE_GUEST_DIR;
}

} // namespace trapgate::tests
