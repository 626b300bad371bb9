// SPDX-License-Identifier: MIT
// What ASSERT does when it fails.
#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace trapgate {

void (*before_assertion_exit)() = nullptr;

void assertion_failed(const char* what, const char* file, int line) {
    if (before_assertion_exit) before_assertion_exit();
    std::fprintf(stderr, "trapgate: bug: %s:%d: %s\n", file, line, what);
    std::fflush(nullptr);
    std::_Exit(125);
}

} // namespace trapgate
