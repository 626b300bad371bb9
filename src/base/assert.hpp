// SPDX-License-Identifier: MIT
// A bug of ours stops here: message on stderr, exit code 125 (`docs/limits.md` has the table of exit codes).
#pragma once

namespace trapgate {

/// Prints "trapgate: bug: FILE:LINE: WHAT" and ends the process with status 125.
[[noreturn]] void assertion_failed(const char* what, const char* file, int line);

} // namespace trapgate

#define ASSERT(condition)                                                                                             \
    ((condition) ? static_cast<void>(0) : ::trapgate::assertion_failed(#condition, __FILE__, __LINE__))
