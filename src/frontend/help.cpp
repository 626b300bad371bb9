// SPDX-License-Identifier: MIT
// `trapgate help [VERB]` and `trapgate version [--json]`. The lists come from the tables, not from here.
#include "frontend/verbs.hpp"

#include <fmt/format.h>

#include <cstdio>

#ifndef TRAPGATE_VERSION
#define TRAPGATE_VERSION "unknown"
#endif

namespace trapgate::frontend {

namespace {

int print_overview() {
    fmt::print("Trapgate: a see-through x86 machine that runs i386 Linux programs on its own small kernel.\n\n"
               "  trapgate PROG [ARGS...]      the same as trapgate run PROG [ARGS...]\n");
    std::string later;
    for (const Verb& verb : all_verbs()) {
        if (verb.run)
            fmt::print("  trapgate {:<19} {}\n", verb.name, verb.summary);
        else
            later += fmt::format(" {}", verb.name);
    }
    fmt::print("\nNot there yet:{}\n`trapgate help VERB` says more. What follows PROG is for PROG, untouched.\n\n"
               "Exit: PROG's status (128+N: ended by signal N); 2 wrong use; 124 a limit was reached; 125 we "
               "failed or the\n"
               "guest kernel did; 126 PROG cannot be run here; 127 PROG not found.\n",
               later);
    return 0;
}

} // namespace

int help_verb(Words words) {
    if (words.empty()) return print_overview();
    const Verb* verb = find_verb(words[0]);
    if (!verb) return report_usage(fmt::format("help {}: no such verb; `trapgate help` lists them", words[0]));
    fmt::print("trapgate {} {}\n  {}\n", verb->name, verb->usage, verb->summary);
    if (!verb->run) fmt::print("  not there yet\n");
    if (verb->details) fmt::print("\n{}", verb->details());
    return 0;
}

int version_verb(Words words) {
    const bool json = !words.empty() && words[0] == "--json";
    if (words.size() > 1 || (words.size() == 1 && !json))
        return report_usage(fmt::format("version: {}: only --json is known", words.back()));
    if (json)
        fmt::print("{{\"schema\":\"trapgate.version/1\",\"version\":\"{}\",\"guests\":[\"i386\"],"
                   "\"cpus\":[\"386\",\"486\",\"p5\",\"i686\",\"p2\",\"p3\"],\"timings\":[\"none\"],\"traces\":["
                   "\"tgt/1\"]}}\n",
                   TRAPGATE_VERSION);
    else
        fmt::print("trapgate {} (guests: i386; processors: 386 486 p5 i686 p2 p3; timing: none)\n",
                   TRAPGATE_VERSION);
    return 0;
}

} // namespace trapgate::frontend
