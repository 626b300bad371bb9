// SPDX-License-Identifier: MIT
// The table of verbs, and the choice of one.
#include "frontend/verbs.hpp"

#include "frontend/options.hpp"
#include "frontend/suggest.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <filesystem>

namespace trapgate::frontend {

namespace {

std::string run_details() {
    return describe_options(OptionSet::Run);
}
std::string strace_details() {
    return describe_options(OptionSet::Strace);
}
std::string render_details() {
    return describe_options(OptionSet::Render);
}
std::string info_details() {
    return "  info machine [--json] [OPTIONS] PROG[@TIME] [ARGS...]: the options of `run` that choose guest, "
           "machine and limits\n";
}
std::string explain_details() {
    return explain_subjects_text() + describe_options(OptionSet::Explain);
}
std::string tui_details() {
    return describe_options(OptionSet::Tui);
}
std::string gui_details() {
    return describe_options(OptionSet::Gui);
}
std::string debug_details() {
    return describe_options(OptionSet::Debug);
}
std::string gdb_details() {
    return describe_options(OptionSet::Gdb);
}

constexpr std::array verbs{
    Verb{"run", "[OPTIONS] PROG [ARGS...]", "boot the small kernel, run PROG on it, exit with its status", run_verb,
         run_details},
    Verb{"strace", "[OPTIONS] PROG [ARGS...]", "run PROG and print its system calls", strace_verb, strace_details},
    Verb{"explain", "SUBJECT [OPTIONS]",
         "the micro-steps of a real system call, exception, interrupt, gate or task switch", explain_verb,
         explain_details},
    Verb{"dis", "PROG [SYMBOL|ADDRESS]", "disassemble, with source lines if PROG has them", dis_verb, nullptr},
    Verb{"info", "PROG | machine PROG[@TIME]",
         "what is in PROG, whether it can run here; or: GDT, IDT, TSS, pages and tasks while it runs", info_verb,
         info_details},
    Verb{"help", "[VERB]", "this list, or all about one verb", help_verb, nullptr},
    Verb{"version", "[--json]", "version, processors and guests of this build", version_verb, nullptr},
    Verb{"debug", "[OPTIONS] PROG [ARGS...]", "step through PROG and the kernel, forwards and backwards",
         debug_verb, debug_details},
    Verb{"tui", "[OPTIONS] PROG [ARGS...]", "the views in a terminal: keys step, `?` lists them", tui_verb,
         tui_details},
    Verb{"gui", "[OPTIONS] PROG [ARGS...]", "the same in a window, with the mouse", gui_verb, gui_details},
    Verb{"gdb", "[OPTIONS] PROG [ARGS...]", "run PROG and let gdb connect to the machine, backwards too", gdb_verb,
         gdb_details},
    Verb{"dap", "", "debug adapter for editors (Debug Adapter Protocol on standard input and output)", dap_verb,
         nullptr},
    Verb{"trace", "record|show|diff FILE", "binary traces", nullptr, nullptr},
    Verb{"test", "[FILE...]", "golden cases", nullptr, nullptr},
    Verb{"render", "[OPTIONS] [PROG[@T] [OPTIONS] [ARGS...]]", "one moment of a run, or a range, as a document",
         render_verb, render_details},
    Verb{"snapshot", "save PROG[@T] -o FILE | load FILE | diff OLD NEW",
         "keep a moment of the machine, go on from it, compare two", snapshot_verb, snapshot_details},
    Verb{"completion", "bash|zsh|fish", "completion for the shell", nullptr, nullptr},
};

bool looks_like_path(std::string_view word) {
    std::error_code ignored;
    return word.find('/') != std::string_view::npos ||
           std::filesystem::exists(std::filesystem::path(word), ignored);
}

int unknown_verb(std::string_view word) {
    std::vector<std::string_view> names;
    for (const Verb& verb : verbs) names.push_back(verb.name);
    const auto meant = nearest_word(word, names);
    if (meant) return report_usage(fmt::format("{}: no such verb or file; did you mean {}?", word, *meant));
    return report_usage(fmt::format("{}: no such verb or file; `trapgate help` lists the verbs", word));
}

bool asks_for_help(const Words& words) {
    return !words.empty() && (words[0] == "--help" || words[0] == "-h");
}

int run_one(const Verb& verb, Words words) {
    if (asks_for_help(words)) return help_verb({std::string(verb.name)});
    if (!verb.run) return report_usage(fmt::format("{}: not there yet; `trapgate help` lists what is", verb.name));
    return verb.run(std::move(words));
}

} // namespace

std::span<const Verb> all_verbs() {
    return verbs;
}

const Verb* find_verb(std::string_view name) {
    for (const Verb& verb : verbs)
        if (verb.name == name) return &verb;
    return nullptr;
}

int report(const Error& error) {
    fmt::print(stderr, "trapgate: {}\n", error.message);
    return error.exit_code;
}

int report_usage(std::string_view message) {
    return report(Error{std::string(message), 2});
}

int run_command(Words words) {
    if (words.empty()) return report_usage("nothing to do: trapgate PROG [ARGS...], or `trapgate help`");
    const std::string first = words[0];
    if (first == "--help" || first == "-h") return help_verb({});
    if (first == "--version" || first == "-V") return version_verb({});
    if (const Verb* verb = find_verb(first)) return run_one(*verb, Words(words.begin() + 1, words.end()));
    if (first.starts_with('-') || looks_like_path(first)) return run_one(*find_verb("run"), std::move(words));
    return unknown_verb(first);
}

} // namespace trapgate::frontend
