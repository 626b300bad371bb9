// SPDX-License-Identifier: MIT
// The machine: owns RAM, bus, board and processor, and keeps the time.
//
// Guest time is instructions executed plus time slept. The machine asks the devices for their nearest event, lets the
// processor run exactly up to it, lets the devices act, and goes on: so a run depends on nothing but its inputs. When the
// processor sleeps the clock jumps to the next event; only with a user at a terminal does it wait as long as the user would.
#pragma once

#include "cpu/cpu.hpp"
#include "cpu/engine/engine.hpp"
#include "machine/board.hpp"
#include "machine/edit.hpp"
#include "machine/host_side.hpp"
#include "machine/host_tape.hpp"
#include "machine/snapshot.hpp"
#include "machine/stop.hpp"

#include <atomic>
#include <chrono>
#include <optional>

namespace trapgate::machine {

enum class Pace : u8 {
    Skip,     ///< time in which the processor sleeps is skipped
    HostTime, ///< sleeping lasts as long as on the host's clock
};

struct MachineOptions {
    u64 ram_bytes = u64{64} << 20;
    cpu::Model model = cpu::model_i686;
    u64 hertz = 100'000'000; ///< guest clocks per second
    s64 date = 0;            ///< seconds since 1970 at clock 0
    Pace pace = Pace::Skip;
};

struct Limits {
    std::optional<u64> instructions{};
    std::optional<u64> clocks{};
    std::optional<std::chrono::nanoseconds> host_time{}; ///< counted from set_limits()
};

class Machine final : private devices::Clock,
                      private HostTape::Position,
                      private devices::Scheduler,
                      private devices::StopSink,
                      private cpu::InterruptController {
  public:
    Machine(const MachineOptions& options, const HostSide& host);

    /// For readers of the guest's state.
    const cpu::Cpu& cpu() const { return cpu_; }
    const mmu::PhysicalMemory& memory() const { return memory_; }
    const Board& board() const { return board_; }
    /// Guest clocks since reset.
    u64 clock() const { return now(); }
    u64 clocks_per_second() const { return options_.hertz; }

    /// For whoever loads an image, before start().
    cpu::Cpu& loader_cpu();
    mmu::PhysicalMemory& loader_memory();
    /// Ends loading: from here on only the processor and devices write to RAM.
    void start();

    /// From the next run on: an observer that sees everything (slow), or null (fast).
    void observe(trace::Observer* observer) { observer_ = observer; }
    /// Sees transfers only, at full speed.
    void observe_transfers(trace::Observer* observer) { cpu_.transfer_observer = observer; }
    /// Other lists of micro-steps than the manual's: for tests that take one out.
    void use_step_lists(const cpu::protect::StepLists& lists) { cpu_.step_lists = &lists; }

    void set_limits(const Limits& limits);
    /// Runs until something stops it. REQUIRES: start().
    Stop run() { return run_until(~u64{0}); }
    /// Runs until `instruction` instructions have been executed since reset, if nothing stops it before.
    Stop run_until(u64 instruction);
    /// Makes run() return Paused after the instruction that is being executed. For observers.
    void request_pause();
    /// The same from a signal handler or another thread: within some milliseconds.
    void interrupt() { interrupted_ = true; }
    /// The one that came when nothing ran is for nobody.
    void forget_interrupt() { interrupted_ = false; }

    /// A moment between two instructions, to come back to. Costs what has changed since the last one.
    Snapshot save();
    void restore(const Snapshot& snapshot);
    /// Hash of everything the guest can know: two machines with the same hash go on the same way.
    u64 state_hash() const;

    // --- For debuggers -----------------------------------------------------------------------------
    /// Where runs stop, with Breakpoint and Watchpoint. Costs nothing elsewhere.
    void set_stops(std::vector<u32> code, std::vector<WatchRange> data);
    /// Stops count, or are passed by.
    void enable_stops(bool enabled) { stops_.active = enabled; }
    /// The breakpoint at this instruction number is passed by: the run has just stopped there.
    void pass_breakpoint_at(u64 instruction) { stops_.pass = instruction; }
    /// Of the last Watchpoint stop.
    const WatchHit& watch_hit() const { return watch_hit_; }
    /// Changes the guest, between two instructions.
    Status apply(const Edit& edit);
    /// The host's side of time: what came in and went out.
    HostTape& tape() { return tape_; }
    const HostTape& tape() const { return tape_; }

  private:
    friend class TimeMachine; // settles the state in the middle of an instruction
    u64 now() const override { return cpu_.now() + slept_; }
    u64 hertz() const override { return options_.hertz; }
    void deadline_changed() override;
    void request_stop(devices::StopRequest request) override;
    bool requested() override { return board_.pic.requested(); }
    u8 acknowledge() override { return board_.pic.acknowledge(); }

    u64 instruction() const override { return cpu_.instructions; }
    u64 slept() const override { return slept_; }

    bool interrupt_possible() const;
    void live_events(bool on_arrival);
    void live_event(const HostEvent& event);
    void restore_window(HostCursor then);
    void flush_output();
    std::optional<Stop> log_trouble() const;
    std::optional<Stop> check_limits();
    std::optional<Stop> look_at_host();
    cpu::engine::Stop run_engine(u64 until);
    std::optional<Stop> after(const cpu::engine::Stop& stop);
    std::optional<Stop> sleep();
    u64 wait_in_host_time(u64 until_clock);
    void skip_to(u64 clock);
    void take_typed();
    bool takes_typed() const;
    void type(std::span<const u8> bytes);
    void set_window(const devices::HostTerminals& terminals);
    u64 instruction_at(u64 clock) const;
    Stop requested_stop() const;
    Stop timeout() const;
    Stop finish(Stop stop);

    MachineOptions options_;
    u64 slept_ = 0;  ///< clocks skipped by HLT
    u64 target_ = 0; ///< instruction up to which the processor runs just now; 0 = it does not run
    TerminalInput* terminal_;
    bool terminal_is_keyboard_;
    HostView* view_;
    HostTape tape_;
    mmu::PhysicalMemory memory_;
    mmu::Bus bus_;
    cpu::Cpu cpu_;
    Board board_;
    cpu::engine::Engine engine_;
    trace::Observer* observer_ = nullptr;

    cpu::DebugStops stops_;
    WatchHit watch_hit_;
    devices::StopRequest stop_request_;
    bool pause_requested_ = false;
    std::atomic<bool> interrupted_ = false;
    bool started_ = false;

    Limits limits_;
    using HostClock = std::chrono::steady_clock;
    HostClock::time_point host_start_ = HostClock::now();
    HostClock::time_point next_look_{};
    /// A moment at which guest and host time agreed, for Pace::HostTime.
    HostClock::time_point pace_host_{};
    u64 pace_clock_ = 0;
};

} // namespace trapgate::machine
