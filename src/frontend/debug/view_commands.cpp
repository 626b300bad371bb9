// SPDX-License-Identifier: MIT
#include "frontend/debug/view_commands.hpp"

#include "frontend/debug/command_table.hpp"

namespace trapgate::frontend::debug {

std::vector<std::string> view_names() {
    return {};
}

Outcome command_view(Context&, std::string_view) {
    return failed("view: not there yet");
}

Outcome command_render(Context&, std::string_view) {
    return failed("render: not there yet");
}

} // namespace trapgate::frontend::debug
