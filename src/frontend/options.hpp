// SPDX-License-Identifier: MIT
// The options of the verbs that run a program (run, strace, explain, render), parsed and checked.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend {

/// How the guest's libc enters the kernel.
enum class Entry : u8 { Auto, Int80, Sysenter };

/// What a text trace holds: each level includes the ones before it.
enum class TraceLevel : u8 { Ring, Syscall, Insn, Mem, Micro };

/// Whether the text screen of a kernel that is not ours is shown; Auto: if it says nothing on port E9h or COM1.
enum class Screen : u8 { Auto, Always, Never };

/// render: what is drawn, and how large.
struct PictureOptions {
    std::string view = "switch";
    std::string subject; ///< what the view is about, where it needs that
    std::string panel;   ///< shown large where not all fit
    std::string frames;  ///< "A..B", "all", or empty
    std::string theme;   ///< empty: the reader's system chooses
    u64 columns = 0;     ///< 0: as wide as the terminal, or what the view needs
    u64 rows = 0;
    bool ascii = false;
    bool low_on_top = false;
};

/// debug: one of -x FILE and -e COMMAND.
struct DebugScript {
    bool is_file = false;
    std::string text;
};

struct DebugOptions {
    std::vector<DebugScript> scripts;  ///< in the order of the command line
    std::vector<std::string> breaks;   ///< -b
    std::vector<std::string> watches;  ///< -w
    std::vector<std::string> break_on; ///< --break-on, split at commas
    bool batch = false;                ///< leave after the scripts
};

struct RunOptions {
    std::vector<std::string> command; ///< PROG and its arguments, untouched

    std::optional<std::string> root; ///< host folder given to the guest, read-only
    std::vector<std::string> environment;
    bool clear_environment = false;
    std::string working_directory = "/";
    std::optional<std::string> stdin_file;

    u64 memory = u64{64} << 20;
    std::string cpu = "i686";
    std::string timing = "none";
    Entry entry = Entry::Auto;
    std::optional<std::string> syscalls; ///< profile of the guest's sys_call_table
    u64 seed = 0;
    u64 date = 0; ///< seconds since 1970 when the machine starts

    std::optional<std::string> kernel;
    std::optional<std::string> initrd;
    std::string append;
    std::string keys;             ///< --kernel: typed on its keyboard
    Screen screen = Screen::Auto; ///< --kernel: its text screen on standard output

    std::optional<u64> max_instructions;
    std::optional<u64> max_cycles;
    std::optional<u64> timeout_ns; ///< host time

    std::optional<std::string> record; ///< write a recording of the run
    std::optional<std::string> replay; ///< a recording in place of PROG
    std::optional<std::string> load;   ///< a snapshot in place of PROG

    std::optional<std::string> exit_json;
    std::optional<std::string> trace_file;
    std::optional<std::string> timeline_file;
    bool timeline_functions = false; ///< in it: the kernel's functions too
    TraceLevel trace_level = TraceLevel::Syscall;
    bool stats = false;
    bool quiet = false;
    bool verbose = false;

    std::optional<std::string> gdb_address; ///< run, gdb: --gdb HOST:PORT|unix:PATH|-
    std::string gdb_client;                 ///< gdb: --exec COMMAND
    bool serve_gdb = false;                 ///< run: -s
    bool stop_at_reset = false;             ///< run, gdb, debug, tui, gui: -S

    std::optional<std::string> output;     ///< strace, render: -o FILE
    std::string of;                        ///< explain: --of PROG
    std::string compare;                   ///< explain: --compare A,B
    u64 nth = 1;                           ///< explain: --nth N
    bool raw = false;                      ///< explain: addresses as numbers only
    PictureOptions picture;                ///< render
    DebugOptions debug;                    ///< debug, tui, gui
    std::optional<std::string> screenshot; ///< gui
};

/// Something to run has been named: PROG, a kernel, or a file that holds a machine.
inline bool names_machine(const RunOptions& o) {
    return !o.command.empty() || o.kernel || o.replay || o.load;
}

/// Which verb's options are legal.
enum class OptionSet : u8 { Run, Strace, Explain, Gdb, Render, Debug, Snapshot, Tui, Gui };

/// Parses what follows the verb. `words` is not changed from PROG on: the guest's options are the guest's.
/// Errors carry exit code 2 and name the option; a mistyped option names the nearest one.
Result<RunOptions> parse_run_options(OptionSet set, std::vector<std::string> words);

/// The text that `trapgate help VERB` prints about the options.
std::string describe_options(OptionSet set);

} // namespace trapgate::frontend
