// SPDX-License-Identifier: MIT
// The command line of `trapgate debug`: scripts first, then whoever types.
#pragma once

#include "frontend/debug/interpreter.hpp"

namespace trapgate::frontend::debug {

/// Exit codes: docs/debugger.md, "Leaving".
int run_command_line(Interpreter& interpreter, const DebugOptions& options);

/// The breakpoints of -b, -w and --break-on. An error names the option.
Status add_breakpoints(Interpreter& interpreter, const DebugOptions& options);
/// To where PROG begins: the kernel has booted, execve is done, nothing of PROG has run. Not for other kernels.
Status go_to_program(Debuggee& debuggee);

} // namespace trapgate::frontend::debug
