// SPDX-License-Identifier: MIT
// The debugger's commands: one line in, what happened out. Every front end gives its keys, clicks and typed lines to this, so that
// the same words do the same everywhere. The commands are the rows of commands.def; docs/debugger.md lists them.
#pragma once

#include "base/result.hpp"
#include "frontend/debug/breakpoints.hpp"
#include "frontend/debuggee.hpp"
#include "machine/time_machine.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend::debug {

/// What a command did.
struct Outcome {
    std::string text;   ///< for the user; lines end with '\n'; may be empty
    bool error = false; ///< the command was refused or failed: `text` says why
    bool moved = false; ///< now(), or what stands in the guest, is not what it was: draw again
    bool quit = false;  ///< the user wants to leave
    std::optional<machine::Arrival> arrival{}; ///< where the last move of time ended
    std::optional<std::string>
        show_view{}; ///< `view NAME`: windows show this view; `text` has it for those without
};

class Interpreter {
  public:
    /// REQUIRES: `debuggee` outlives this. All of its moves may go through here, but need not.
    explicit Interpreter(Debuggee& debuggee);
    ~Interpreter();
    Interpreter(const Interpreter&) = delete;
    Interpreter& operator=(const Interpreter&) = delete;

    /// Runs one command. Never throws; an unknown command names the nearest. An empty line (or a comment, `# …`) does nothing.
    Outcome execute(std::string_view line);
    /// The last command once more, as an empty line does in gdb: steps step on, `x` and `list` go on where they ended, others
    /// that have an effect are not repeated.
    Outcome repeat();
    /// Runs a file of commands up to its first error, which is told with file and line. Its output goes to `print`.
    Outcome source(const std::string& path);

    /// What the word at the end of `line` could become: commands, then whatever the command takes (symbols, registers, views …).
    /// Whole words in order, at most some hundreds.
    std::vector<std::string> complete(std::string_view line);

    /// The number that an expression stands for; an error points at the column.
    Result<u64> evaluate(std::string_view expression);
    /// Why and where a move ended, as the debugger prints it: reason, time, place, ring, the instruction about to run.
    std::string describe(const machine::Arrival& arrival);
    /// The same without a reason: where we are now.
    std::string describe_here();

    /// Ends a move of time that goes on, from a signal handler or another thread.
    void interrupt();

    Breakpoints& breakpoints();
    Debuggee& debuggee();

    /// Takes what a command that prints over time has to say (source, long disassemblies). Empty: it is gathered in Outcome::text.
    std::function<void(std::string_view)> print;
    /// `view NAME` and `render` put pictures into Outcome::text too. Front ends that draw them set this to false.
    bool views_as_text = true;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace trapgate::frontend::debug
