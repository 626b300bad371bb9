// SPDX-License-Identifier: MIT
// `trapgate gdb`, and `trapgate run -s`: a machine that gdb moves.
#pragma once

#include "frontend/options.hpp"

namespace trapgate::frontend {

/// Serves gdb at options.gdb_address until a client ends it. Gives the exit code: PROG's, if the guest has come to its end.
int serve_gdb(RunOptions options);

} // namespace trapgate::frontend
