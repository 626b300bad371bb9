// SPDX-License-Identifier: MIT
// Where the lines of the command line come from: a person at a terminal (libedit: editing, history, completion), or a pipe.
#pragma once

#include "frontend/debug/interpreter.hpp"

#include <memory>
#include <optional>
#include <string>

namespace trapgate::frontend::debug {

class LineSource {
  public:
    virtual ~LineSource() = default;
    /// The next line without its newline; nothing at the end of input.
    virtual std::optional<std::string> next() = 0;
    /// Somebody types: an empty line repeats, errors are no reason to leave.
    virtual bool is_terminal() const = 0;
};

/// What standard input is. The history is read from and kept in history_file().
std::unique_ptr<LineSource> open_standard_input(Interpreter& interpreter);

/// $TRAPGATE_HISTORY, or $XDG_STATE_HOME/trapgate/debug_history, or that under ~/.local/state. Empty: nowhere.
std::string history_file();

} // namespace trapgate::frontend::debug
