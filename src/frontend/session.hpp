// SPDX-License-Identifier: MIT
// One run of a machine, from options to exit code: reads the files, loads kernel and initramfs, connects the host's streams.
// Shared by run, strace and explain.
#pragma once

#include "base/result.hpp"
#include "frontend/options.hpp"
#include "frontend/screen.hpp"
#include "frontend/state/files.hpp"
#include "machine/host_streams.hpp"
#include "machine/host_terminal.hpp"
#include "machine/machine.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace trapgate::frontend {

/// `text` for a terminal that is raw while the guest has it: each line feed gets its carriage return.
std::string with_carriage_returns(std::string_view text);

/// The guest kernel's log: kept (its end, for the message when it panics), and passed on if asked.
class KernelLog final : public devices::ByteSink {
  public:
    /// `descriptor`: where it goes as well; -1: nowhere.
    explicit KernelLog(int descriptor) : descriptor_(descriptor) {}
    /// From here on the descriptor is a raw terminal.
    void on_raw_terminal() { raw_terminal_ = true; }
    int write(std::span<const u8> bytes) override;
    /// The last line that is not empty and says what went wrong.
    std::string last_words() const;

  private:
    int descriptor_;
    bool raw_terminal_ = false;
    std::string tail_;
};

/// Where the guest's streams lead.
enum class GuestStreams : u8 {
    Host,     ///< to ours, and a terminal of ours becomes the guest's
    Quiet,    ///< output is thrown away, input is empty (explain)
    Kept,     ///< output is only written down on the machine's tape; input is --stdin FILE or empty
    PassedOn, ///< output goes to ours as well; input is --stdin FILE or empty, because ours belongs to a debugger
    Panel,    ///< a terminal of our own making: output is written down, input comes from Session::panel()
};

/// What a verb needs beyond the options.
struct SessionWishes {
    GuestStreams streams = GuestStreams::Host;
};

/// A terminal that exists only in a window: somebody else shows what is written and types.
class PanelTerminal final : public machine::TerminalInput {
  public:
    void type(std::string_view bytes) { typed_ += bytes; }
    std::size_t read(std::span<u8> into) override;
    /// Nobody can type while the machine runs: only time passes.
    void wait(std::chrono::nanoseconds most) override { machine::sleep_for_host(most); }
    bool quit_requested() const override { return false; }
    bool size_changed() override { return false; }
    devices::HostTerminals terminals() override { return {7, 24, 80}; }

  private:
    std::string typed_;
};

class Session {
  public:
    /// Everything up to the first instruction. Errors carry the exit code.
    static Result<std::unique_ptr<Session>> prepare(const RunOptions& options, SessionWishes wishes = {});
    ~Session();

    machine::Machine& machine() { return *machine_; }
    const machine::Machine& machine() const { return *machine_; }
    /// The guest kernel's file, for its symbols.
    const std::string& kernel_file() const { return kernel_file_; }
    /// PROG's file, for its symbols; empty if there is none.
    const std::string& program_file() const { return program_file_; }
    /// As given; for a recording or a snapshot, as its machine was.
    const RunOptions& options() const { return options_; }
    /// The kernel is the built-in one.
    bool own_kernel() const { return !options_.kernel; }
    /// Runs to the end.
    machine::Stop run();
    /// Writes a snapshot of this moment, which must not be inside an instruction.
    Status save_snapshot(const std::string& path);
    /// Writes what has happened up to `stop` to options().record.
    Status save_recording(const machine::Stop& stop);
    /// For what run() gave: says on stderr what there is to say, and gives the exit code.
    int conclude(const machine::Stop& stop);

    /// Where a front end types for the guest; null unless the streams are a panel.
    PanelTerminal* panel() { return panel_.get(); }
    /// Standard error is a terminal that the guest has made raw.
    bool stderr_is_raw() const;
    u64 host_nanoseconds() const { return host_nanoseconds_; }

  private:
    explicit Session(const RunOptions& options) : options_(options) {}
    Status open_streams(GuestStreams streams);
    Status open_input();
    void open_nothing();
    machine::HostSide host_side();
    Status choose_beginning();
    Status boot_own_kernel();
    Status boot_given_kernel();
    Status boot(kernel::BootRequest request);
    Status boot_recording();
    Status load_snapshot();
    Status adopt(const state::Identity& identity);
    Result<std::string> keep_file(const std::vector<u8>& bytes);
    Result<state::Identity> identity() const;
    std::string difference_from_recording(const machine::Stop& stop) const;
    Status write_exit_json(const machine::Stop& stop, int code) const;
    void print_stats() const;
    std::string command_line() const;
    bool screen_wanted() const;
    void show_screen();
    machine::MachineOptions machine_options() const;
    std::vector<std::string> guest_environment() const;

    RunOptions options_;
    std::string kernel_file_, program_file_;
    std::vector<int> kept_files_;      ///< in memory: symbols that came with a recording or a snapshot
    devices::HostTerminals terminals_; ///< as the guest was told
    devices::HostChannel::InputKind input_kind_ = devices::HostChannel::InputKind::Bytes;
    std::optional<state::Identity> adopted_;
    std::optional<state::Ending> recorded_ending_;
    std::string kernel_command_line_;
    std::vector<kernel::BootModule> modules_; ///< kept for --record
    int stdin_descriptor_ = 0;
    std::unique_ptr<devices::ByteSource> input_;
    std::unique_ptr<devices::ByteSink> output_, error_, serial_;
    std::unique_ptr<KernelLog> log_;
    std::unique_ptr<machine::HostTerminal> terminal_;
    std::unique_ptr<NoticingSink> noticed_serial_, noticed_log_; ///< with --kernel
    std::unique_ptr<LiveScreen> live_screen_;                    ///< with --kernel, on a terminal
    std::unique_ptr<PanelTerminal> panel_;
    GuestStreams streams_ = GuestStreams::Host;
    std::unique_ptr<machine::Machine> machine_;
    u64 host_nanoseconds_ = 0;
};

} // namespace trapgate::frontend
