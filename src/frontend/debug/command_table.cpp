// SPDX-License-Identifier: MIT
#include "frontend/debug/command_table.hpp"

#include "frontend/suggest.hpp"

#include <array>
#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

constexpr Command commands[] = {
#define SECTION(title) {"", "", "", nullptr, Repeat::Never, Completion::None, title},
#define COMMAND(name, aliases, arguments, function, repeat, completion, help)                                      \
    {#name, aliases, arguments, command_##function, Repeat::repeat, Completion::completion, help},
#include "frontend/debug/commands.def"
};

constexpr InfoSubject subjects[] = {
#define INFO(name, aliases, arguments, function, help) {#name, aliases, arguments, info_##function, help},
#include "frontend/debug/info.def"
};

template <class Row> bool is_called(const Row& row, std::string_view word) {
    if (row.name == word) return !word.empty();
    for (const std::string_view alias : words_of(row.aliases))
        if (alias == word) return true;
    return false;
}

/// `rows` by name or alias, or by the beginning of one name. gdb's habit: the letters of an alias win over a beginning.
template <class Row>
Result<const Row*> find_row(std::span<const Row> rows, std::string_view word, std::string_view what) {
    const Row* begins = nullptr;
    std::vector<std::string_view> names, beginnings;
    for (const Row& row : rows) {
        if (row.name.empty()) continue;
        if (is_called(row, word)) return &row;
        names.push_back(row.name);
        if (!row.name.starts_with(word)) continue;
        beginnings.push_back(row.name);
        begins = &row;
    }
    if (beginnings.size() == 1 && word.size() > 1) return begins;
    if (beginnings.size() > 1 && word.size() > 1)
        return Error{fmt::format("{}: that could be {}", word, fmt::join(beginnings, ", ")), 1};
    const auto meant = nearest_word(word, names);
    return Error{fmt::format("{}: no such {}{}", word, what,
                             meant ? fmt::format("; did you mean {}?", *meant)
                                   : fmt::format("; `{}` lists them", what == "command" ? "help" : "info")),
                 1};
}

} // namespace

std::span<const Command> all_commands() {
    return commands;
}

std::span<const InfoSubject> all_info_subjects() {
    return subjects;
}

Result<const Command*> find_command(std::string_view word) {
    return find_row<Command>(commands, word, "command");
}

Result<const InfoSubject*> find_info_subject(std::string_view word) {
    return find_row<InfoSubject>(subjects, word, "subject of info");
}

std::string help_overview() {
    std::string text;
    for (const Command& command : commands) {
        if (command.name.empty()) {
            text += fmt::format("{}{}\n", text.empty() ? "" : "\n", command.help);
            continue;
        }
        const std::string names =
            fmt::format("{}{}{}", command.name, command.aliases.empty() ? "" : " ", command.aliases);
        text += fmt::format("  {:<36} {}\n", names, command.help);
    }
    return text + "\n`help COMMAND` says more. An empty line repeats a step. The beginning of a name is enough if "
                  "it is the only one.\n";
}

std::string help_on(const Command& command) {
    std::string text = fmt::format("{} {}\n  {}\n", command.name, command.arguments, command.help);
    if (!command.aliases.empty()) text += fmt::format("  also: {}\n", command.aliases);
    if (command.name != "info") return text;
    for (const InfoSubject& subject : subjects)
        text +=
            fmt::format("  info {:<24} {}\n", fmt::format("{} {}", subject.name, subject.arguments), subject.help);
    return text;
}

} // namespace trapgate::frontend::debug
