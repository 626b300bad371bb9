// SPDX-License-Identifier: MIT
// A bug of ours stops here: message on stderr, exit code 125 (`docs/limits.md` has the table of exit codes).
#pragma once

namespace trapgate {

/// Prints "trapgate: bug: FILE:LINE: WHAT" and ends the process with status 125.
[[noreturn]] void assertion_failed(const char* what, const char* file, int line);

/// Called first by assertion_failed(), if set: whoever has changed the user's terminal puts it back.
extern void (*before_assertion_exit)();

} // namespace trapgate

#define ASSERT(condition)                                                                                          \
    ((condition) ? static_cast<void>(0) : ::trapgate::assertion_failed(#condition, __FILE__, __LINE__))
