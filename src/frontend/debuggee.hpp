// SPDX-License-Identifier: MIT
// What a debugger, a window or a picture looks at: a machine on its axis of time, with all that is known of what runs on it.
// Shared by debug, tui, gui, gdb, dap and render.
#pragma once

#include "base/result.hpp"
#include "frontend/options.hpp"
#include "frontend/session.hpp"
#include "kernel/debug_info.hpp"
#include "kernel/guest_kernel.hpp"
#include "kernel/symbols.hpp"
#include "machine/time_machine.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <typeindex>

namespace trapgate::frontend {

/// What the guest's terminal is while it is looked at.
enum class GuestConsole : u8 {
    Kept,     ///< none: output is only in console_text(), input is --stdin FILE or empty (render, scripts)
    PassedOn, ///< none: the same, and output goes to our own standard output and error, once (debug, gdb)
    Panel,    ///< a terminal of its own: the front end shows console_text() and calls type() (tui, gui)
};

class Debuggee {
  public:
    /// PROG on our kernel, `--kernel FILE`, or (`--replay FILE`) a recording; at the first instruction. Errors carry the exit code.
    static Result<std::unique_ptr<Debuggee>> open(const RunOptions& options, GuestConsole console);
    ~Debuggee();

    machine::TimeMachine& time() { return *time_; }
    const machine::Machine& machine() const { return session_->machine(); }
    const cpu::Cpu& cpu() const { return machine().cpu(); }
    /// What the processor's present address space maps.
    const kernel::GuestMemory& memory() const { return *memory_; }

    /// Layouts of our kernel's structures; null if the kernel is somebody else's: then only symbols and lines are known.
    const kernel::GuestKernel* guest() const { return guest_ ? &*guest_ : nullptr; }
    /// Symbols and lines of the kernel that runs, whoever's it is, of PROG (empty for a bare kernel), and both together.
    const kernel::Symbols& kernel_symbols() const { return kernel_symbols_; }
    const kernel::Symbols& program_symbols() const { return program_symbols_; }
    const kernel::Symbols& symbols() const { return symbols_; }
    const kernel::DebugInfo* kernel_debug() const;
    const kernel::DebugInfo* program_debug() const { return program_debug_ ? &*program_debug_ : nullptr; }
    /// "system_call+4 (entry.S:211)" as far as known; the bare number if nothing is.
    std::string place(u32 linear) const;
    std::optional<kernel::SourceLine> line_of(u32 linear) const;
    /// The task that runs now, if the kernel is ours and has tasks yet.
    std::optional<kernel::Task> task() const { return guest_ ? guest_->current(cpu()) : std::nullopt; }

    /// What the guest has written to its terminal or standard output up to now() on the axis.
    std::string console_text() const;
    /// What the user types for the guest, which must have a panel. It arrives when the machine next runs at the frontier.
    void type(std::string_view bytes);

    /// PROG's path as the user gave it (the kernel's, if there is no PROG).
    const std::string& program_name() const { return program_name_; }
    const RunOptions& options() const { return options_; }
    /// Writes this moment to a file that `--load` begins at. Not in the middle of an instruction.
    Status save_snapshot(const std::string& path);
    /// For the end, wherever now() is: writes what `--record` asks for.
    Status keep_recording();
    /// For the end: says what there is to say about how the run ended, and gives the exit code.
    int conclude();

    /// What a reader keeps between two looks (texts that took a rerun to find): one T for each debuggee, made when first asked for.
    template <class T> T& kept() {
        std::shared_ptr<void>& slot = kept_[typeid(T)];
        if (!slot) slot = std::make_shared<T>();
        return *static_cast<T*>(slot.get());
    }

    /// The instruction with which PROG first enters the kernel (after its execve), found by running ahead; now() does not move.
    Result<u64> first_system_call();

  private:
    explicit Debuggee(const RunOptions& options) : options_(options) {}
    Status read_symbols();
    RunOptions options_;
    std::string program_name_;
    std::unique_ptr<Session> session_;
    std::unique_ptr<machine::TimeMachine> time_;
    std::unique_ptr<kernel::CpuMemory> memory_;
    std::optional<kernel::GuestKernel> guest_;
    kernel::Symbols kernel_symbols_, program_symbols_, symbols_;
    std::optional<kernel::DebugInfo> kernel_debug_, program_debug_;
    std::map<std::type_index, std::shared_ptr<void>> kept_;
};

} // namespace trapgate::frontend
