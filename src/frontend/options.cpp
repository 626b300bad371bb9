// SPDX-License-Identifier: MIT
// CLI11 splits the words; what they mean is checked here. CLI11's own exit codes (100…114) would look like a guest's status,
// so every error becomes one of ours with code 2.
#include "frontend/options.hpp"

#include "cpu/model.hpp"
#include "frontend/numbers.hpp"
#include "frontend/suggest.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trapgate::frontend {

namespace {

constexpr int usage_error = 2;

/// The options as text, before their values are checked.
struct Texts {
    std::string root, memory, timing = "none", entry = "auto", seed, date, max_instructions, max_cycles, timeout;
    std::string level = "syscall", nth, cwd = "/", stdin_file, kernel, initrd, syscalls, exit_json, trace, timeline,
                output;
    std::string record, replay, load, keys, screen = "auto", gdb, columns, rows;
    std::vector<std::string> script_files, script_lines;
};

void add_guest_options(CLI::App& app, Texts& t, RunOptions& o) {
    app.add_option("--root", t.root, "give the guest the host folder DIR as its root, read-only")
        ->type_name("DIR[:ro]");
    app.add_option("-E,--env", o.environment, "set a variable of the guest's environment")
        ->type_name("VAR=VALUE")
        ->allow_extra_args(false);
    app.add_flag("--env-clear", o.clear_environment, "start from an empty environment (no PATH, HOME, TERM)");
    app.add_option("--cwd", t.cwd, "start in this folder of the guest")->type_name("DIR");
    app.add_option("--stdin", t.stdin_file, "standard input of the guest")->type_name("FILE");
}

void add_machine_options(CLI::App& app, Texts& t, RunOptions& o) {
    app.add_option("-m,--mem", t.memory, "guest memory: 32M, 65536K, 1G (a bare number: megabytes) [64M]")
        ->type_name("SIZE");
    app.add_option("--cpu", o.cpu, "386, 486, p5, i686, p2 or p3 [i686]")->type_name("MODEL");
    app.add_option("--timing", t.timing, "clocks of an instruction: none = 1 each (the only one so far)")
        ->type_name("MODEL");
    app.add_option("--entry", t.entry, "how libc enters the kernel: int80, sysenter or auto [auto]")
        ->type_name("WAY");
    app.add_option("--syscalls", t.syscalls,
                   "the guest's system call table: 2.6.11, foo283, foo338, silly338 or extended")
        ->type_name("PROFILE");
    app.add_option("-k,--kernel", t.kernel, "boot this multiboot 1 image in place of the built-in kernel")
        ->type_name("FILE");
    app.add_option("--initrd", t.initrd, "with --kernel: its first module")->type_name("FILE");
    app.add_option("--append", o.append, "more words for the kernel command line")->type_name("TEXT");
    app.add_option("--keys", t.keys,
                   "with --kernel: typed on its keyboard when it listens (\\n \\t \\e \\b \\xNN \\\\)")
        ->type_name("TEXT");
    app.add_option("--screen", t.screen, "with --kernel: show its VGA text screen: auto, always or never [auto]")
        ->type_name("WHEN");
    app.add_option("--seed", t.seed, "what the guest's random numbers start from [0]")->type_name("N");
    app.add_option("--date", t.date, "seconds since 1970 when the machine starts [0]")->type_name("SECONDS");
}

void add_limit_options(CLI::App& app, Texts& t) {
    app.add_option("--max-insns", t.max_instructions, "stop after N instructions, exit 124")->type_name("N");
    app.add_option("--max-cycles", t.max_cycles, "stop after N clocks, exit 124")->type_name("N");
    app.add_option("--timeout", t.timeout, "stop after this much time of the host, exit 124")->type_name("SECONDS");
}

void add_state_options(CLI::App& app, Texts& t) {
    app.add_option("--record", t.record, "write down what comes from the host: FILE then gives the same run again")
        ->type_name("FILE");
    app.add_option("--replay", t.replay, "in place of PROG: a recording")->type_name("FILE");
    app.add_option("--load", t.load, "in place of PROG: a snapshot, from where it was taken")->type_name("FILE");
}

void add_report_options(CLI::App& app, Texts& t, RunOptions& o) {
    app.add_option("--exit-json", t.exit_json, "write why the run ended, as JSON")->type_name("FILE");
    app.add_option("-t,--trace", t.trace, "write a text trace (.tgt)")->type_name("FILE");
    app.add_option("--level", t.level, "of the trace: ring, syscall, insn, mem or micro [syscall]")
        ->type_name("LEVEL");
    app.add_option("--timeline", t.timeline, "write a timeline for Perfetto or Chrome (JSON)")->type_name("FILE");
    app.add_flag("--timeline-functions", o.timeline_functions,
                 "in the timeline: the kernel's functions too (slow: every instruction is watched)");
    app.add_flag("--stats", o.stats,
                 "at the end: instructions, clocks, wall time, MIPS, hash of the machine's state");
    app.add_flag("-q,--quiet", o.quiet, "say nothing but errors");
    app.add_flag("-v,--verbose", o.verbose,
                 "say more: the kernel's log, what is loaded; strace: also the calls of init");
}

void add_gdb_options(CLI::App& app, OptionSet set, Texts& t, RunOptions& o) {
    if (set == OptionSet::Run)
        app.add_flag("-s", o.serve_gdb, "wait for gdb at 127.0.0.1:1234, as the verb gdb does");
    app.add_option("--gdb", t.gdb, "where gdb is served: HOST:PORT, :PORT, unix:PATH or - [127.0.0.1:1234]")
        ->type_name("ADDRESS");
    app.add_flag("-S", o.stop_at_reset, "gdb: wait at the machine's first instruction, not at PROG's");
    if (set == OptionSet::Gdb)
        app.add_option("--exec", o.gdb_client, "start this gdb, already connected: gdb, \"gdb -q -x FILE\"")
            ->type_name("COMMAND");
}

void add_picture_options(CLI::App& app, OptionSet set, Texts& t, PictureOptions& o) {
    app.add_option("--view", o.view, "what is shown; `trapgate render --view list` lists the views [switch]")
        ->type_name("NAME");
    if (set == OptionSet::Render) {
        app.add_option("-o,--output", t.output, "write X.txt, X.svg, X.png, X.html or X.json [the terminal]")
            ->type_name("FILE");
        app.add_option("--frames", o.frames, "the moments from A to B; all: the whole instruction")
            ->type_name("A..B");
    }
    if (set != OptionSet::Tui) {
        app.add_option("--columns", t.columns, "size of the picture in characters")->type_name("N");
        app.add_option("--rows", t.rows, "the same for its height")->type_name("N");
    }
    app.add_option("--theme", o.theme, "dark, light, high-contrast or mono")->type_name("NAME");
    app.add_option("--subject", o.subject, "what the view is about: an address, a task")->type_name("WHAT");
    app.add_option("--panel", o.panel, "the panel that is shown large")->type_name("NAME");
    app.add_flag("--ascii", o.ascii, "no characters but ASCII");
    app.add_flag("--low-on-top", o.low_on_top, "stacks and memory with low addresses above");
}

void add_debug_options(CLI::App& app, OptionSet set, Texts& t, RunOptions& o) {
    app.add_option("-x,--command", t.script_files, "run the debugger's commands in FILE")
        ->type_name("FILE")
        ->allow_extra_args(false);
    app.add_option("-e,--eval", t.script_lines, "run one command; -x and -e run in their order")
        ->type_name("COMMAND")
        ->allow_extra_args(false);
    if (set == OptionSet::Debug) app.add_flag("--batch", o.debug.batch, "leave after the commands of -x and -e");
    app.add_option("-b,--break", o.debug.breaks,
                   "a breakpoint: symbol, file.c:12, *0xaddress, sys:write, ring0 ...")
        ->type_name("WHERE")
        ->allow_extra_args(false);
    app.add_option("-w,--watch", o.debug.watches, "a watchpoint: ADDRESS[:BYTES][:rwx]")
        ->type_name("PLACE")
        ->allow_extra_args(false);
    app.add_option("--break-on", o.debug.break_on, "stop at ring, syscall, irq, fault, fork, switch")
        ->type_name("EVENTS")
        ->delimiter(',')
        ->allow_extra_args(false);
    app.add_flag("-S", o.stop_at_reset, "begin at the machine's first instruction, not at PROG's");
}

void add_options(CLI::App& app, OptionSet set, Texts& t, RunOptions& o) {
    app.set_help_flag();
    app.prefix_command(); // the first word that is no option ends ours: the rest is the guest's
    add_guest_options(app, t, o);
    add_machine_options(app, t, o);
    add_limit_options(app, t);
    if (set != OptionSet::Explain) add_state_options(app, t);
    if (set == OptionSet::Snapshot) {
        app.add_option("-o,--output", t.output, "save: the snapshot's file")->type_name("FILE");
        return;
    }
    if (set == OptionSet::Render) return add_picture_options(app, set, t, o.picture);
    if (set == OptionSet::Explain) {
        app.add_option("--of", o.of, "the program that is watched [the built-in hello]")->type_name("PROG");
        app.add_option("--nth", t.nth, "which of its system calls, from 1 [1]")->type_name("N");
        app.add_option("--compare", o.compare, "two or more subjects side by side: int80,sysenter")
            ->type_name("A,B");
        app.add_flag("--raw", o.raw, "addresses as numbers, without symbols");
        return;
    }
    if (set == OptionSet::Tui || set == OptionSet::Gui) {
        add_picture_options(app, set, t, o.picture);
        add_debug_options(app, set, t, o);
        if (set == OptionSet::Gui)
            app.add_option("--screenshot", o.screenshot,
                           "write the first picture as PNG and leave; needs no display")
                ->type_name("FILE");
        return;
    }
    add_report_options(app, t, o);
    if (set == OptionSet::Run || set == OptionSet::Gdb) add_gdb_options(app, set, t, o);
    if (set == OptionSet::Debug) add_debug_options(app, set, t, o);
    if (set == OptionSet::Strace)
        app.add_option("-o,--output", t.output, "write the calls to FILE in place of stderr")->type_name("FILE");
}

Error usage(std::string message) {
    return Error{std::move(message), usage_error};
}

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

Status take_machine(const Texts& t, RunOptions& o) {
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

Status take_limits(const Texts& t, RunOptions& o) {
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

void take_files(const Texts& t, RunOptions& o) {
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

Status take_screen_and_keys(const Texts& t, RunOptions& o) {
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

Status take_size(const Texts& t, PictureOptions& o) {
    TRY(columns, take_number("--columns", t.columns, o.columns));
    TRY(rows, take_number("--rows", t.rows, o.rows));
    (void)columns, (void)rows;
    constexpr u64 most = 1000;
    if (o.columns > most || o.rows > most) return usage(fmt::format("--columns, --rows: at most {}", most));
    if ((!t.columns.empty() && o.columns == 0) || (!t.rows.empty() && o.rows == 0))
        return usage("--columns, --rows: at least 1");
    return Nothing{};
}

Status take_all(OptionSet set, const Texts& t, RunOptions& o) {
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

/// -x and -e in the order in which they were given.
void take_scripts(const CLI::App& app, const Texts& t, DebugOptions& o) {
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
    Texts texts;
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
    Texts texts;
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
