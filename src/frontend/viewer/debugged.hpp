// SPDX-License-Identifier: MIT
// What a viewer shows and commands: the debugger behind it, through as small a door as possible. Tests put a hand-made one there.
#pragma once

#include "base/result.hpp"
#include "frontend/debug/interpreter.hpp"
#include "frontend/views/views.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend::viewer {

class Debugged {
  public:
    virtual ~Debugged() = default;
    /// One command of the debugger.
    virtual debug::Outcome execute(std::string_view line) = 0;
    /// The last one once more.
    virtual debug::Outcome repeat() = 0;
    virtual std::vector<std::string> complete(std::string_view line) = 0;
    /// Ends a move that goes on.
    virtual void interrupt() = 0;
    virtual Result<views::ViewModel> look(std::string_view view, const views::Options& options) = 0;
    /// What the guest has printed up to this moment.
    virtual std::string console() = 0;
    virtual void type(std::string_view bytes) = 0;
};

} // namespace trapgate::frontend::viewer
