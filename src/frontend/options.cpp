// SPDX-License-Identifier: MIT
// CLI11 splits the words (option_help.cpp declares them); what they mean is checked in option_values.cpp. CLI11's own exit
// codes (100…114) would look like a guest's status, so every error becomes one of ours with code 2.
#include "frontend/options.hpp"

#include "frontend/option_texts.hpp"
#include "frontend/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trapgate::frontend {

namespace {

/// -x and -e in the order in which they were given.
void take_scripts(const CLI::App& app, const OptionTexts& t, DebugOptions& o) {
    std::size_t files = 0, lines = 0;
    for (const CLI::Option* option : app.parse_order()) {
        if (option->check_name("-x") && files < t.script_files.size())
            o.scripts.push_back({true, t.script_files[files++]});
        if (option->check_name("-e") && lines < t.script_lines.size())
            o.scripts.push_back({false, t.script_lines[lines++]});
    }
}

Error unknown_option(const CLI::App& app, const std::string& word) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options())
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::string name = word.substr(0, word.find('='));
    const auto meant = nearest_word(name, views);
    return usage(meant ? fmt::format("unknown option {}: did you mean {}?", name, *meant)
                       : fmt::format("unknown option {}; `trapgate help` lists them", name));
}

/// CLI11's message without its own newlines: ours are one line.
std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

} // namespace

Result<RunOptions> parse_run_options(OptionSet set, std::vector<std::string> words) {
    CLI::App app;
    OptionTexts texts;
    RunOptions options;
    add_options(app, set, texts, options);
    std::reverse(words.begin(), words.end()); // CLI11 takes them from the back
    try {
        app.parse(std::move(words));
    } catch (const CLI::ParseError& error) {
        return usage(one_line(error.what()));
    }
    options.command = app.remaining();
    if (!options.command.empty() && options.command[0] == "--")
        options.command.erase(options.command.begin());
    else if (!options.command.empty() && options.command[0].size() > 1 && options.command[0][0] == '-')
        return unknown_option(app, options.command[0]);
    TRY(checked, take_all(set, texts, options));
    (void)checked;
    if (set == OptionSet::Debug || set == OptionSet::Tui || set == OptionSet::Gui)
        take_scripts(app, texts, options.debug);
    return options;
}

std::string describe_options(OptionSet set) {
    CLI::App app;
    OptionTexts texts;
    RunOptions options;
    add_options(app, set, texts, options);
    std::string text;
    for (const CLI::Option* option : app.get_options()) {
        const bool flag = option->get_items_expected_max() == 0;
        const std::string name = option->get_name(false, true) + (flag ? "" : " " + option->get_type_name());
        text += fmt::format("  {:<26} {}\n", name, option->get_description());
    }
    return text;
}

} // namespace trapgate::frontend
