// SPDX-License-Identifier: MIT
// The words go through the command line's own parser, so that a launch means what the command means.
#include "frontend/dap/launch.hpp"

#include "frontend/suggest.hpp"

#include <array>
#include <fmt/format.h>

namespace trapgate::frontend::dap {

namespace {

constexpr std::array<std::string_view, 18> known_names{
    "program", "args",  "cwd",    "env",     "envClear", "stopOnEntry",   "startAt", "stopAtEnd", "kernel",
    "root",    "stdin", "initrd", "options", "append",   "sourceFolders", "record",  "replay",    "load"};
/// What editors add of themselves.
constexpr std::array<std::string_view, 16> editors_names{"name",
                                                         "type",
                                                         "request",
                                                         "noDebug",
                                                         "preLaunchTask",
                                                         "postDebugTask",
                                                         "presentation",
                                                         "internalConsoleOptions",
                                                         "debugServer",
                                                         "serverReadyAction",
                                                         "console",
                                                         "__sessionId",
                                                         "__restart",
                                                         "trace",
                                                         "__configurationTarget",
                                                         "suppressMultipleSessionWarning"};

template <std::size_t N> bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
    for (const std::string_view each : names)
        if (each == name) return true;
    return false;
}

void check_names(const Json& arguments) {
    for (const auto& [name, value] : arguments.items()) {
        if (is_one_of(known_names, name) || is_one_of(editors_names, name)) continue;
        const auto meant = nearest_word(name, known_names);
        throw Refusal{meant ? fmt::format("launch: there is no {}; did you mean {}?", name, *meant)
                            : fmt::format("launch: there is no {}", name)};
    }
}

void add(std::vector<std::string>& words, const char* option, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {option, value});
}

void add_environment(std::vector<std::string>& words, const Json& arguments) {
    const auto found = arguments.find("env");
    if (found == arguments.end() || found->is_null()) return;
    if (!found->is_object()) throw Refusal{"argument env: must be an object of names and texts"};
    for (const auto& [name, value] : found->items()) {
        if (!value.is_string()) throw Refusal{fmt::format("argument env: {} must be a text", name)};
        add(words, "-E", name + "=" + value.get<std::string>());
    }
}

} // namespace

Launch parse_launch(const Json& arguments) {
    check_names(arguments);
    Launch launch;
    launch.stop_on_entry = boolean(arguments, "stopOnEntry", false);
    launch.stop_at_end = boolean(arguments, "stopAtEnd", false);
    launch.source_folders = text_list(arguments, "sourceFolders");
    const std::string start = text(arguments, "startAt", "program");
    if (start != "program" && start != "reset") throw Refusal{"argument startAt: must be program or reset"};
    const std::string program = text(arguments, "program"), kernel = text(arguments, "kernel");
    launch.from_reset = start == "reset" || program.empty();
    std::vector<std::string> words = text_list(arguments, "options");
    for (const auto& [option, name] : {std::pair{"--record", "record"}, {"--replay", "replay"}, {"--load", "load"}})
        add(words, option, text(arguments, name));
    add(words, "--kernel", kernel);
    add(words, "--initrd", text(arguments, "initrd"));
    add(words, "--append", text(arguments, "append"));
    add(words, "--root", text(arguments, "root"));
    add(words, "--cwd", text(arguments, "cwd"));
    // The protocol has our standard input: the guest's must be something else.
    add(words, "--stdin", text(arguments, "stdin", "/dev/null"));
    if (boolean(arguments, "envClear", false)) words.push_back("--env-clear");
    add_environment(words, arguments);
    words.push_back("--");
    if (!program.empty()) words.push_back(program);
    for (const std::string& word : text_list(arguments, "args")) words.push_back(word);

    auto options = parse_run_options(OptionSet::Run, std::move(words));
    if (!options) throw Refusal{"launch: " + options.error().message};
    launch.options = std::move(options.value());
    if (launch.options.command.empty() && !launch.options.kernel && !launch.options.replay && !launch.options.load)
        throw Refusal{"launch: neither program nor kernel is given"};
    for (const auto& [name, given] : {std::pair{"--trace", launch.options.trace_file.has_value()},
                                      std::pair{"--timeline", launch.options.timeline_file.has_value()}})
        if (given) throw Refusal{fmt::format("launch: {}: use it with `trapgate run`", name)};
    return launch;
}

} // namespace trapgate::frontend::dap
