// SPDX-License-Identifier: MIT
// What the texts of the options mean, and which of them exclude each other.
#include "frontend/option_texts.hpp"

#include "cpu/model.hpp"
#include "frontend/numbers.hpp"

#include <fmt/format.h>

#include <array>

namespace trapgate::frontend {

namespace {

/// Binds the number in `text` to `target`; an empty text leaves it alone.
template <class Target> Status take_number(std::string_view option, const std::string& text, Target& target) {
    if (text.empty()) return Nothing{};
    const auto value = parse_number(text);
    if (!value) return usage(fmt::format("{} {}: not a number", option, text));
    target = *value;
    return Nothing{};
}

Status take_root(const std::string& text, RunOptions& o) {
    if (text.empty()) return Nothing{};
    if (text.ends_with(":rw"))
        return usage(fmt::format("--root {}: writing to a host folder is not supported yet; use :ro", text));
    o.root = text.ends_with(":ro") ? text.substr(0, text.size() - 3) : text;
    return Nothing{};
}

template <class Value, std::size_t N>
Status take_word(std::string_view option, const std::string& text, const std::array<std::string_view, N>& words,
                 Value& target) {
    for (std::size_t i = 0; i < N; ++i)
        if (words[i] == text) {
            target = static_cast<Value>(i);
            return Nothing{};
        }
    return usage(fmt::format("{} {}: must be one of {}", option, text, fmt::join(words, ", ")));
}

Status take_machine(const OptionTexts& t, RunOptions& o) {
    if (!t.memory.empty()) {
        const auto bytes = parse_memory_size(t.memory);
        if (!bytes) return usage(fmt::format("-m {}: not a memory size (try 64M)", t.memory));
        if (*bytes > u64{3584} << 20)
            return usage(fmt::format("-m {}: a 32-bit machine has at most 3584M", t.memory));
        o.memory = *bytes;
    }
    if (!cpu::find_model(o.cpu))
        return usage(fmt::format("--cpu {}: no such processor here (386, 486, p5, i686, p2, p3)", o.cpu));
    if (t.timing != "none")
        return usage(fmt::format("--timing {}: not there yet; only `none` (1 instruction = 1 clock) is", t.timing));
    TRY(entry,
        take_word("--entry", t.entry, std::array<std::string_view, 3>{"auto", "int80", "sysenter"}, o.entry));
    (void)entry;
    if (o.entry == Entry::Sysenter && !cpu::find_model(o.cpu)->has(cpu::feature::sep))
        return usage(fmt::format("--entry sysenter: the processor {} has no sysenter (i686 has)", o.cpu));
    if (!t.syscalls.empty()) {
        constexpr std::array<std::string_view, 5> profiles{"2.6.11", "foo283", "foo338", "silly338", "extended"};
        unsigned which = 0;
        TRY(profile, take_word("--syscalls", t.syscalls, profiles, which));
        (void)profile;
        o.syscalls = t.syscalls;
    }
    return Nothing{};
}

Status take_limits(const OptionTexts& t, RunOptions& o) {
    TRY(instructions, take_number("--max-insns", t.max_instructions, o.max_instructions));
    TRY(cycles, take_number("--max-cycles", t.max_cycles, o.max_cycles));
    (void)instructions, (void)cycles;
    if (t.timeout.empty()) return Nothing{};
    o.timeout_ns = parse_seconds(t.timeout);
    if (!o.timeout_ns) return usage(fmt::format("--timeout {}: not a number of seconds above 0", t.timeout));
    return Nothing{};
}

std::optional<std::string> if_given(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

void take_files(const OptionTexts& t, RunOptions& o) {
    o.working_directory = t.cwd;
    o.stdin_file = if_given(t.stdin_file);
    o.kernel = if_given(t.kernel);
    o.initrd = if_given(t.initrd);
    o.record = if_given(t.record);
    o.replay = if_given(t.replay);
    o.load = if_given(t.load);
    o.exit_json = if_given(t.exit_json);
    o.trace_file = if_given(t.trace);
    o.timeline_file = if_given(t.timeline);
    o.output = if_given(t.output);
    o.gdb_address = if_given(t.gdb);
}

/// The keys of --keys: C's escapes, as a shell's word can hold them.
Result<std::string> parse_keys(std::string_view text) {
    std::string keys;
    while (!text.empty()) {
        const char c = text.front();
        text.remove_prefix(1);
        if (c != '\\') {
            keys += c;
            continue;
        }
        const char escape = text.empty() ? '\0' : text.front();
        constexpr std::string_view names = "nrtbe\\", meanings = "\n\r\t\b\x1b\\";
        if (const auto at = names.find(escape); escape && at != std::string_view::npos) {
            keys += meanings[at];
            text.remove_prefix(1);
        } else if (const auto code = escape == 'x' && text.size() >= 3
                                         ? parse_number("0x" + std::string(text.substr(1, 2)))
                                         : std::nullopt) {
            keys += static_cast<char>(*code);
            text.remove_prefix(3);
        } else {
            return usage(fmt::format("--keys: \\{} is none of \\n \\r \\t \\b \\e \\xNN \\\\", text.substr(0, 1)));
        }
    }
    return keys;
}

Status take_screen_and_keys(const OptionTexts& t, RunOptions& o) {
    TRY(screen,
        take_word("--screen", t.screen, std::array<std::string_view, 3>{"auto", "always", "never"}, o.screen));
    (void)screen;
    TRY(keys, parse_keys(t.keys));
    o.keys = keys;
    if (!o.kernel && !o.keys.empty())
        return usage("--keys: only together with --kernel; our own kernel reads a terminal or --stdin");
    if (!o.kernel && o.screen != Screen::Auto) return usage("--screen: only together with --kernel");
    return Nothing{};
}

Status take_size(const OptionTexts& t, PictureOptions& o) {
    TRY(columns, take_number("--columns", t.columns, o.columns));
    TRY(rows, take_number("--rows", t.rows, o.rows));
    (void)columns, (void)rows;
    constexpr u64 most = 1000;
    if (o.columns > most || o.rows > most) return usage(fmt::format("--columns, --rows: at most {}", most));
    if ((!t.columns.empty() && o.columns == 0) || (!t.rows.empty() && o.rows == 0))
        return usage("--columns, --rows: at least 1");
    return Nothing{};
}

} // namespace

Status take_all(OptionSet set, const OptionTexts& t, RunOptions& o) {
    TRY(root, take_root(t.root, o));
    TRY(machine, take_machine(t, o));
    TRY(limits, take_limits(t, o));
    TRY(seed, take_number("--seed", t.seed, o.seed));
    TRY(date, take_number("--date", t.date, o.date));
    TRY(nth, take_number("--nth", t.nth, o.nth));
    TRY(size, take_size(t, o.picture));
    constexpr std::array<std::string_view, 5> levels{"ring", "syscall", "insn", "mem", "micro"};
    TRY(level, take_word("--level", t.level, levels, o.trace_level));
    (void)root, (void)machine, (void)limits, (void)seed, (void)date, (void)nth, (void)size, (void)level;
    take_files(t, o);
    if (o.nth == 0) return usage("--nth 0: system calls are counted from 1");
    for (const auto& variable : o.environment)
        if (variable.find('=') == std::string::npos || variable.starts_with('='))
            return usage(fmt::format("-E {}: must be VAR=VALUE", variable));
    if (!o.working_directory.starts_with('/'))
        return usage(fmt::format("--cwd {}: must be an absolute path of the guest", o.working_directory));
    if (o.timeline_functions && !o.timeline_file)
        return usage("--timeline-functions: only together with --timeline");
    if (o.timeline_file && o.trace_file)
        return usage(
            "--timeline and --trace: one run writes one of them; the same command gives the same run again");
    // render: --kernel FILE @TIME names a moment, not a program.
    const bool moment = set == OptionSet::Render && !o.command.empty() && o.command[0].starts_with('@');
    if (int{!o.command.empty() && !moment} + o.kernel.has_value() + o.replay.has_value() + o.load.has_value() > 1)
        return usage("PROG, --kernel, --replay and --load exclude each other: one machine, one beginning");
    if (o.record && o.replay) return usage("--record: what is replayed has been recorded already");
    if (o.initrd && !o.kernel) return usage("--initrd: only together with --kernel");
    return take_screen_and_keys(t, o);
}

} // namespace trapgate::frontend
