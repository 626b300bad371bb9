// SPDX-License-Identifier: MIT
// The rows of commands.def and info.def as data.
#pragma once

#include "frontend/debug/context.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace trapgate::frontend::debug {

enum class Repeat : u8 { Same, Bare, Never };
enum class Completion : u8 {
    None,
    Expression,
    Where,
    View,
    Info,
    Bookmark,
    File,
    Command,
    Breakpoint,
    Until,
    Time
};

using CommandFunction = Outcome (*)(Context&, std::string_view arguments);

struct Command {
    std::string_view name;      ///< empty: a heading, in `help`
    std::string_view aliases;   ///< separated by blanks
    std::string_view arguments; ///< how they look, for help
    CommandFunction run;
    Repeat repeat;
    Completion completion;
    std::string_view help;
};

/// In the order of commands.def, headings between them.
std::span<const Command> all_commands();
/// By name, alias, or the beginning of exactly one name. An error lists what was meant.
Result<const Command*> find_command(std::string_view word);

struct InfoSubject {
    std::string_view name;
    std::string_view aliases;
    std::string_view arguments;
    CommandFunction run;
    std::string_view help;
};
std::span<const InfoSubject> all_info_subjects();
Result<const InfoSubject*> find_info_subject(std::string_view word);

/// The text of `help`, all of it.
std::string help_overview();
std::string help_on(const Command& command);

#define SECTION(title)
#define COMMAND(name, aliases, arguments, function, repeat, completion, help)                                      \
    Outcome command_##function(Context&, std::string_view);
#include "frontend/debug/commands.def"

#define INFO(name, aliases, arguments, function, help) Outcome info_##function(Context&, std::string_view);
#include "frontend/debug/info.def"

} // namespace trapgate::frontend::debug
