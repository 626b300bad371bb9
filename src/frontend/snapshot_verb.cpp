// SPDX-License-Identifier: MIT
// `trapgate snapshot save|load|diff`: moments of a machine as files.
#include "frontend/debuggee.hpp"
#include "frontend/numbers.hpp"
#include "frontend/render.hpp"
#include "frontend/state/container.hpp"
#include "frontend/suggest.hpp"
#include "frontend/verbs.hpp"

#include <array>
#include <cstring>
#include <fmt/format.h>

namespace trapgate::frontend {

namespace {

constexpr std::array<std::string_view, 3> actions{"save", "load", "diff"};
constexpr u32 kernel_base = 0xc0000000;
constexpr std::size_t most_words = 64; ///< listed by diff; the rest is counted

/// The word that names PROG loses its "@T".
Result<std::optional<machine::TimePoint>> take_moment(RunOptions& options) {
    if (options.command.empty()) return std::optional<machine::TimePoint>{};
    TRY(target, parse_target(options.command[0]));
    options.command[0] = target.file;
    return target.at;
}

Result<int> save(Words words) {
    TRY(options, parse_run_options(OptionSet::Snapshot, options_first(std::move(words))));
    if (!options.output) return Error{"snapshot save: -o FILE is missing", 2};
    TRY(at, take_moment(options));
    TRY(debuggee, Debuggee::open(options, GuestConsole::Kept));
    if (!at) {
        TRY(call, debuggee->first_system_call());
        at = machine::TimePoint{call, 0};
    }
    const machine::Arrival arrival = debuggee->time().go_to(*at);
    if (arrival.kind != machine::Arrival::Kind::Reached)
        return Error{fmt::format("{}: the run ends at {}: {}", machine::to_text(*at), machine::to_text(arrival.at),
                                 arrival.stop.text.empty() ? "the program has ended" : arrival.stop.text),
                     1};
    TRY(saved, debuggee->save_snapshot(*options.output));
    (void)saved;
    return 0;
}

// --- Diff ---------------------------------------------------------------------------------------------

Result<std::unique_ptr<Session>> open_snapshot(const std::string& path) {
    RunOptions options;
    options.load = path;
    return Session::prepare(options, {GuestStreams::Quiet});
}

u64 differing_registers(const cpu::Cpu& a, const cpu::Cpu& b) {
    u64 differing = 0;
    for (const machine::RegisterInfo& info : machine::all_registers()) {
        const u64 before = info.get(a), after = info.get(b);
        if (before == after) continue;
        ++differing;
        fmt::print("{:<16} {:0{}x}  {:0{}x}\n", info.name, before, (info.bits + 3) / 4, after, (info.bits + 3) / 4);
    }
    return differing;
}

u32 word_at(std::span<const u8> memory, u64 address) {
    u32 value;
    std::memcpy(&value, memory.data() + address, sizeof value);
    return value;
}

/// The kernel maps RAM from 3 GB on: a physical address has one name there, if any.
std::string name_of(const kernel::Symbols& symbols, u64 physical) {
    return symbols.name_at(kernel_base + physical);
}

u64 differing_words(const machine::Machine& a, const machine::Machine& b, const kernel::Symbols& symbols) {
    const auto before = a.memory().bytes(), after = b.memory().bytes();
    u64 differing = 0;
    for (u64 page = 0; page < before.size(); page += page_size) {
        if (std::memcmp(before.data() + page, after.data() + page, page_size) == 0) continue;
        for (u64 at = page; at < page + page_size; at += 4)
            if (const u32 x = word_at(before, at), y = word_at(after, at); x != y && ++differing <= most_words)
                fmt::print("{:08x}         {:08x}  {:08x}  {}\n", at, x, y, name_of(symbols, at));
    }
    if (differing > most_words) fmt::print("… and {} more words of memory\n", differing - most_words);
    return differing;
}

Result<int> diff(const Words& words) {
    if (words.size() != 2) return Error{"snapshot diff: two snapshots to compare: OLD NEW", 2};
    TRY(a, open_snapshot(words[0]));
    TRY(b, open_snapshot(words[1]));
    const machine::Machine &before = a->machine(), &after = b->machine();
    if (before.memory().size() != after.memory().size())
        return Error{"the two machines have different amounts of memory", 2};
    kernel::Symbols symbols;
    if (auto read = kernel::Symbols::from_file(b->kernel_file())) symbols = std::move(read.value());
    if (before.state_hash() == after.state_hash()) return 0;
    fmt::print("{:<16} {:<8}  {:<8}\n", "", "old", "new");
    fmt::print("{:<16} {}  {}\n", "instructions", before.cpu().instructions, after.cpu().instructions);
    const u64 differing = differing_registers(before.cpu(), after.cpu()) + differing_words(before, after, symbols);
    if (!differing) fmt::print("only devices or time differ\n");
    return 1;
}

} // namespace

int snapshot_verb(Words words) {
    if (words.empty()) return report_usage("snapshot: save, load or diff");
    const std::string action = words[0];
    words.erase(words.begin());
    if (action == "load") {
        words.insert(words.begin(), "--load");
        return run_verb(std::move(words));
    }
    if (action == "save" || action == "diff") {
        const auto code = action == "save" ? save(std::move(words)) : diff(words);
        return code ? code.value() : report(code.error());
    }
    const auto meant = nearest_word(action, actions);
    return report_usage(meant ? fmt::format("snapshot {}: did you mean {}?", action, *meant)
                              : fmt::format("snapshot {}: only save, load and diff are there", action));
}

std::string snapshot_details() {
    return describe_options(OptionSet::Snapshot);
}

} // namespace trapgate::frontend
