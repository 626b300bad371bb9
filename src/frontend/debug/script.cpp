// SPDX-License-Identifier: MIT
// source, echo, save, help, quit.
#include "frontend/debug/command_table.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::debug {

Outcome command_source(Context& context, std::string_view argument) {
    if (argument.empty()) return failed("source FILE");
    return context.interpreter.source(std::string(argument));
}

Outcome command_directory(Context& context, std::string_view argument) {
    if (!argument.empty()) context.source_folders.emplace_back(argument);
    std::string text = "source files are looked for in:";
    for (const std::string& folder : context.source_folders) text += " " + folder;
    return said(context.source_folders.empty() ? text + " the usual places only" : text);
}

Outcome command_echo(Context&, std::string_view argument) {
    Outcome outcome;
    for (std::size_t i = 0; i < argument.size(); ++i) {
        const bool escaped = argument[i] == '\\' && i + 1 < argument.size();
        if (!escaped) {
            outcome.text += argument[i];
            continue;
        }
        ++i;
        outcome.text += argument[i] == 'n' ? '\n' : argument[i] == 't' ? '\t' : argument[i];
    }
    return outcome;
}

Outcome command_save(Context& context, std::string_view argument) {
    if (argument.empty()) return failed("save FILE");
    if (const Status saved = context.debuggee.save_snapshot(std::string(argument)); !saved)
        return failed(saved.error());
    return said(
        fmt::format("{} holds this moment; `trapgate debug --load {}` goes on from it", argument, argument));
}

Outcome command_load(Context&, std::string_view) {
    return failed("load: a session is one run; `trapgate debug --load FILE` begins one at a snapshot");
}

Outcome command_help(Context&, std::string_view argument) {
    if (argument.empty()) return said(help_overview());
    std::string_view subject;
    const std::string_view word = first_word(argument, subject);
    TRY_OR_FAIL(command, find_command(word));
    if (command->name == "info" && !subject.empty()) {
        TRY_OR_FAIL(row, find_info_subject(subject));
        return said(fmt::format("info {} {}\n  {}", row->name, row->arguments, row->help));
    }
    return said(help_on(*command));
}

Outcome command_quit(Context&, std::string_view) {
    Outcome outcome;
    outcome.quit = true;
    return outcome;
}

Outcome command_info(Context& context, std::string_view argument) {
    std::string_view rest;
    const std::string_view word = first_word(argument, rest);
    if (word.empty()) {
        TRY_OR_FAIL(command, find_command("info"));
        return said(help_on(*command));
    }
    TRY_OR_FAIL(subject, find_info_subject(word));
    return subject->run(context, rest);
}

} // namespace trapgate::frontend::debug
