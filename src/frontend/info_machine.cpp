// SPDX-License-Identifier: MIT
// `trapgate info machine PROG[@TIME]`: the machine's tables when PROG is about to execute its first instruction, or at a time.
#include "frontend/machine_tables.hpp"
#include "frontend/render.hpp"
#include "frontend/verbs.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace trapgate::frontend {

namespace {

/// To PROG's first instruction in ring 3; another kernel stands at its own first instruction already, a snapshot where it was made.
Status go_to_first_instruction(Debuggee& debuggee) {
    const bool snapshot = debuggee.time().now().instruction > 0;
    if (!debuggee.guest() || debuggee.options().kernel || snapshot) return Nothing{};
    constexpr std::size_t comm_length = 15;
    const std::string comm =
        std::filesystem::path(debuggee.program_name()).filename().string().substr(0, comm_length);
    machine::StopSet stops;
    stops.transfers = [&](const machine::TransferNews& news) {
        const auto task = news.to_cpl == 3 && news.from_cpl == 0 ? debuggee.task() : std::nullopt;
        return task && task->tgid != 1 && task->comm == comm;
    };
    const machine::Arrival arrival = debuggee.time().run_on(stops);
    if (arrival.kind != machine::Arrival::Kind::Transfer)
        return Error{fmt::format("info machine: {} never came to its first instruction: {}",
                                 debuggee.program_name(), arrival.stop.text),
                     1};
    debuggee.time().step();
    return Nothing{};
}

Status go_to(Debuggee& debuggee, const std::optional<machine::TimePoint>& time) {
    if (!time) return go_to_first_instruction(debuggee);
    debuggee.time().go_to(*time);
    if (debuggee.time().now().instruction < time->instruction)
        return Error{fmt::format("info machine: the run ends at {}, before {}",
                                 machine::to_text(debuggee.time().now()), machine::to_text(*time)),
                     1};
    return Nothing{};
}

Result<int> info_machine(RunOptions options, bool as_json) {
    if (!options.of.empty() || !options.compare.empty() || options.raw || options.nth != 1)
        return Error{"info machine: --of, --nth, --compare and --raw belong to explain", 2};
    if (options.command.empty() && !options.kernel)
        return Error{"info machine: of what? PROG[@TIME], or --kernel FILE[@TIME]", 2};
    std::string& name = options.kernel ? *options.kernel : options.command[0];
    TRY(target, parse_target(name));
    name = target.file;
    TRY(debuggee, Debuggee::open(options, GuestConsole::Kept));
    TRY(there, go_to(*debuggee, target.at));
    (void)there;
    const nlohmann::ordered_json tables = machine_tables(*debuggee);
    const auto replace = nlohmann::ordered_json::error_handler_t::replace;
    fmt::print("{}", as_json ? tables.dump(2, ' ', false, replace) + "\n" : machine_tables_text(tables));
    return 0;
}

} // namespace

int info_machine_verb(Words words) {
    const bool as_json = !words.empty() && words[0] == "--json";
    if (as_json) words.erase(words.begin());
    auto options = parse_run_options(OptionSet::Explain, std::move(words));
    if (!options) return report(options.error());
    const auto code = info_machine(std::move(options.value()), as_json);
    return code ? code.value() : report(code.error());
}

} // namespace trapgate::frontend
