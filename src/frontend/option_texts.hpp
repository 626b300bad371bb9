// SPDX-License-Identifier: MIT
// Between the two halves of reading options: what CLI11 takes from the command line, and what its texts mean. For options*.cpp only.
#pragma once

#include "frontend/options.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <utility>
#include <vector>

namespace trapgate::frontend {

/// The options as text, before their values are checked.
struct OptionTexts {
    std::string root, memory, timing = "none", entry = "auto", seed, date, max_instructions, max_cycles, timeout;
    std::string level = "syscall", nth, cwd = "/", stdin_file, kernel, initrd, syscalls, exit_json, trace, timeline,
                output;
    std::string record, replay, load, keys, screen = "auto", gdb, columns, rows;
    std::vector<std::string> script_files, script_lines;
};

/// The exit status of a command that was called wrongly.
constexpr int usage_error = 2;

inline Error usage(std::string message) {
    return Error{std::move(message), usage_error};
}

/// Declares the options of a verb, with their help. `app` writes into `t` and `o` when it parses. Defined in option_help.cpp.
void add_options(CLI::App& app, OptionSet set, OptionTexts& t, RunOptions& o);

/// From texts to values, each checked, alone and against the others. Fails with what is wrong. Defined in option_values.cpp.
Status take_all(OptionSet set, const OptionTexts& t, RunOptions& o);

} // namespace trapgate::frontend
