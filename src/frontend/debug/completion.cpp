// SPDX-License-Identifier: MIT
#include "frontend/debug/completion.hpp"

#include "frontend/debug/command_table.hpp"
#include "frontend/debug/view_commands.hpp"
#include "frontend/debug/where.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

constexpr std::size_t most = 300;
constexpr std::string_view separators = " \t(){}[]+-*/%&|^~!<>=?,";

using Words = std::vector<std::string>;

Words commands() {
    Words words;
    for (const Command& command : all_commands())
        if (!command.name.empty()) words.emplace_back(command.name);
    return words;
}

Words symbols(Context& context, std::string_view begin) {
    Words words;
    for (const kernel::Symbol& symbol : context.debuggee.symbols().all())
        if (symbol.name.starts_with(begin)) words.push_back(symbol.name);
    return words;
}

Words expression_words(Context& context, std::string_view begin) {
    if (!begin.starts_with('$')) return begin.empty() ? Words{} : symbols(context, begin);
    Words words;
    for (const std::string& name : context.scope.dollar_names()) words.push_back("$" + name);
    return words;
}

Words times(Context& context) {
    Words words{"start", "end"};
    for (const auto& [name, point] : context.time().bookmarks()) words.push_back(name);
    return words;
}

Words files(std::string_view begin) {
    namespace fs = std::filesystem;
    const fs::path path{std::string(begin)};
    const fs::path folder = begin.ends_with('/') ? path : path.parent_path();
    Words words;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder.empty() ? "." : folder, error)) {
        std::string name = (folder / entry.path().filename()).string();
        if (entry.is_directory(error)) name += '/';
        words.push_back(std::move(name));
    }
    return words;
}

Words breakpoints(Context& context) {
    Words words;
    for (const Breakpoint& breakpoint : context.breakpoints.all())
        words.push_back(fmt::format("{}", breakpoint.number));
    return words;
}

Words subjects() {
    Words words;
    for (const InfoSubject& subject : all_info_subjects()) words.emplace_back(subject.name);
    return words;
}

Words places(Context& context, std::string_view begin) {
    Words words = event_words();
    const Words names = expression_words(context, begin);
    words.insert(words.end(), names.begin(), names.end());
    return words;
}

Words candidates(Context& context, Completion kind, std::string_view begin) {
    switch (kind) {
    case Completion::None: return {};
    case Completion::Expression: return expression_words(context, begin);
    case Completion::Where:
    case Completion::Until: return places(context, begin);
    case Completion::View: return view_names();
    case Completion::Info: return subjects();
    case Completion::Bookmark:
    case Completion::Time: return times(context);
    case Completion::File: return files(begin);
    case Completion::Command: return commands();
    case Completion::Breakpoint: return breakpoints(context);
    }
    return {};
}

} // namespace

std::size_t completed_word(std::string_view line) {
    const auto last_blank = line.find_last_of(" \t");
    const std::string_view word = line.substr(0, line.find_first_of(" \t/"));
    const auto command = find_command(word);
    const bool plain = command && (command.value()->completion == Completion::File ||
                                   command.value()->completion == Completion::View ||
                                   command.value()->completion == Completion::Command);
    const auto at = plain || last_blank == std::string_view::npos ? last_blank : line.find_last_of(separators);
    return at == std::string_view::npos ? 0 : at + 1;
}

std::vector<std::string> completions(Context& context, std::string_view line) {
    while (line.starts_with(' ')) line.remove_prefix(1);
    const std::string_view begin = line.substr(completed_word(line));
    Words words;
    const auto end_of_command = line.find_first_of(" \t/");
    if (end_of_command == std::string_view::npos) {
        words = commands();
    } else if (const auto command = find_command(line.substr(0, end_of_command))) {
        words = candidates(context, command.value()->completion, begin);
    }
    std::erase_if(words, [&](const std::string& word) { return !word.starts_with(begin); });
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    if (words.size() > most) words.resize(most);
    return words;
}

} // namespace trapgate::frontend::debug
