// SPDX-License-Identifier: MIT
// Which options each verb has, and what its help says of them.
#include "frontend/option_texts.hpp"

namespace trapgate::frontend {

namespace {

void add_guest_options(CLI::App& app, OptionTexts& t, RunOptions& o) {
    app.add_option("--root", t.root, "give the guest the host folder DIR as its root, read-only")
        ->type_name("DIR[:ro]");
    app.add_option("-E,--env", o.environment, "set a variable of the guest's environment")
        ->type_name("VAR=VALUE")
        ->allow_extra_args(false);
    app.add_flag("--env-clear", o.clear_environment, "start from an empty environment (no PATH, HOME, TERM)");
    app.add_option("--cwd", t.cwd, "start in this folder of the guest")->type_name("DIR");
    app.add_option("--stdin", t.stdin_file, "standard input of the guest")->type_name("FILE");
}

void add_machine_options(CLI::App& app, OptionTexts& t, RunOptions& o) {
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

void add_limit_options(CLI::App& app, OptionTexts& t) {
    app.add_option("--max-insns", t.max_instructions, "stop after N instructions, exit 124")->type_name("N");
    app.add_option("--max-cycles", t.max_cycles, "stop after N clocks, exit 124")->type_name("N");
    app.add_option("--timeout", t.timeout, "stop after this much time of the host, exit 124")->type_name("SECONDS");
}

void add_state_options(CLI::App& app, OptionTexts& t) {
    app.add_option("--record", t.record, "write down what comes from the host: FILE then gives the same run again")
        ->type_name("FILE");
    app.add_option("--replay", t.replay, "in place of PROG: a recording")->type_name("FILE");
    app.add_option("--load", t.load, "in place of PROG: a snapshot, from where it was taken")->type_name("FILE");
}

void add_report_options(CLI::App& app, OptionTexts& t, RunOptions& o) {
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

void add_gdb_options(CLI::App& app, OptionSet set, OptionTexts& t, RunOptions& o) {
    if (set == OptionSet::Run)
        app.add_flag("-s", o.serve_gdb, "wait for gdb at 127.0.0.1:1234, as the verb gdb does");
    app.add_option("--gdb", t.gdb, "where gdb is served: HOST:PORT, :PORT, unix:PATH or - [127.0.0.1:1234]")
        ->type_name("ADDRESS");
    app.add_flag("-S", o.stop_at_reset, "gdb: wait at the machine's first instruction, not at PROG's");
    if (set == OptionSet::Gdb)
        app.add_option("--exec", o.gdb_client, "start this gdb, already connected: gdb, \"gdb -q -x FILE\"")
            ->type_name("COMMAND");
}

void add_picture_options(CLI::App& app, OptionSet set, OptionTexts& t, PictureOptions& o) {
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

void add_debug_options(CLI::App& app, OptionSet set, OptionTexts& t, RunOptions& o) {
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

} // namespace

void add_options(CLI::App& app, OptionSet set, OptionTexts& t, RunOptions& o) {
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

} // namespace trapgate::frontend
