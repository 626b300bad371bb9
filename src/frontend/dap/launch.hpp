// SPDX-License-Identifier: MIT
// The arguments of a launch request, which are the members of a configuration in launch.json. docs/dap.md lists them.
#pragma once

#include "frontend/dap/protocol.hpp"
#include "frontend/options.hpp"

#include <string>
#include <vector>

namespace trapgate::frontend::dap {

struct Launch {
    RunOptions options;
    bool stop_on_entry = false; ///< at PROG's first instruction
    bool from_reset = false;    ///< do not skip what comes before PROG
    bool stop_at_end = false;   ///< stay, so that one can go back, when the program has ended
    std::vector<std::string> source_folders;
};

/// Throws Refusal for what is missing, has a wrong type or is not known.
Launch parse_launch(const Json& arguments);

} // namespace trapgate::frontend::dap
