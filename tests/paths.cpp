// SPDX-License-Identifier: MIT
// Where tests find things: see the header.
#include "paths.hpp"

namespace trapgate::tests {

std::filesystem::path source_folder() {
    return TRAPGATE_SOURCE_DIR;
}

std::filesystem::path build_folder() {
    return TRAPGATE_BUILD_DIR;
}

std::filesystem::path guest_folder() {
    return TRAPGATE_GUEST_DIR;
}

} // namespace trapgate::tests
