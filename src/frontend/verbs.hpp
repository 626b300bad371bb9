// SPDX-License-Identifier: MIT
// The verbs of the command: one row each in verbs.cpp, one function each in its own file.
// Conventions: a verb gets the words after it, prints data on stdout and talk on stderr, and returns the exit code of the
// table in docs/limits.md ("Exit codes").
#pragma once

#include "base/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend {

using Words = std::vector<std::string>;

struct Verb {
    std::string_view name;
    std::string_view usage;   ///< what follows the name
    std::string_view summary; ///< one line
    int (*run)(Words);        ///< null: named in the design, not built yet
    std::string (*details)(); ///< more lines for `help VERB`, or null
};

std::span<const Verb> all_verbs();
const Verb* find_verb(std::string_view name);

/// The whole command: chooses the verb, `trapgate PROG` is `trapgate run PROG`. Gives the exit code.
int run_command(Words words);

/// Prints "trapgate: MESSAGE" on stderr and gives the error's exit code.
int report(const Error& error);
/// The same for a wrong use of the command: exit code 2.
int report_usage(std::string_view message);

int run_verb(Words);
int strace_verb(Words);
int explain_verb(Words);
/// What explain can be asked about, for `help explain`.
std::string explain_subjects_text();
int render_verb(Words);
int tui_verb(Words);
int gui_verb(Words);
int gdb_verb(Words);
int debug_verb(Words);
int snapshot_verb(Words);
std::string snapshot_details();
int dis_verb(Words);
int info_verb(Words);
int info_machine_verb(Words); ///< what follows `info machine`
int help_verb(Words);
int version_verb(Words);
int dap_verb(Words);

} // namespace trapgate::frontend
