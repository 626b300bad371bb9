// SPDX-License-Identifier: MIT
// Time travel: one axis, forwards and backwards, by snapshots and re-execution.
//
// The machine is deterministic but for what the host types and reads; that is in the machine's host log. So any moment that has
// been lived can be reached again: restore the nearest snapshot before it, run forward. Snapshots share unchanged pages.
// A moment between two micro-steps is reached by running the instruction and stopping inside it; going on starts it again.
// Output that has been shown once is not shown again. Source: docs/architecture.md, "Time".
#pragma once

#include "cpu/protect/recorder.hpp"
#include "machine/edit.hpp"
#include "machine/machine.hpp"
#include "machine/time_point.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace trapgate::machine {

/// A privileged transfer that took place.
struct TransferNews {
    u64 instruction = 0; ///< its number; the transfer's micro-steps are those of TimePoint{instruction, 1…}
    trace::TransferKind kind{};
    u8 vector = 0; ///< for Interrupt
    u8 from_cpl = 0;
    u8 to_cpl = 0;
    bool delivery = false; ///< no instruction asked for it: an exception or an external interrupt
    u32 eip = 0;           ///< of the instruction, or where it was interrupted
    u32 eax = 0;           ///< before it; the number of a system call
    u32 cr3 = 0;
    u32 esp0 = 0; ///< TSS.esp0: tells the tasks of our kernel apart
};

/// What stops a run on the axis. Points found backwards are exactly those found forwards.
struct StopSet {
    std::vector<u32> breakpoints;        ///< linear addresses: stops before the instruction there
    std::vector<WatchRange> watchpoints; ///< stops after the instruction that made the access
    std::function<bool(const TransferNews&)>
        transfers; ///< stops before the transfer it wants (at TimePoint{instruction, 0})
    /// Asked, with the machine standing at the stop, whether it counts; for conditions and ignore counts. Empty: all count.
    std::function<bool(u32 address)> breakpoint_counts;
    std::function<bool(const WatchHit&)> watch_counts;
};

/// Where a move ended, and why.
struct Arrival {
    enum class Kind : u8 {
        Reached,    ///< the point asked for
        Breakpoint, ///< `address`
        Watchpoint, ///< `hit`
        Transfer,   ///< `transfer`
        Start,      ///< backwards: the beginning of time
        End, ///< forwards: the machine cannot go on; `stop` says why (the guest has exited, a limit, a triple fault …)
        Interrupted, ///< interrupt() was called
    };
    Kind kind = Kind::Reached;
    TimePoint at{};
    u32 address = 0;
    WatchHit hit{};
    TransferNews transfer{};
    Stop stop{};
};

/// One instruction (or delivery) as it really runs, all of it, whatever micro-step we stand at.
struct InstructionRecord {
    u64 instruction = 0;
    u32 eip = 0;                     ///< where it stands (for a delivery: where the guest was interrupted)
    u32 linear = 0;                  ///< CS base + eip
    u8 length = 0;                   ///< 0 if it could not even be fetched, or for an external interrupt
    bool external_interrupt = false; ///< not an instruction: the processor took an interrupt here
    bool retired = false;            ///< it was completed; false: it raised a fault, which was delivered
    /// Privileged transfers of this number, in order: the instruction's own, then the delivery of what it raised. Their steps,
    /// counted through from 1, are the axis' micro-steps.
    std::vector<cpu::protect::RecordedTransfer> transfers;
    std::vector<trace::Access> accesses; ///< all of them, also those of the steps
    cpu::protect::Registers before;
    cpu::protect::Registers after;
    std::optional<Stop> stop; ///< the machine stopped instead of completing it

    /// Micro-steps in all; 0 for an instruction that is no transfer and raised nothing.
    u32 micro_steps() const;
};

/// The last write to a place.
struct WriteRecord {
    TimePoint at;   ///< before the write; with the micro-step if it was one of a transfer's
    u32 eip = 0;    ///< of the instruction
    u32 linear = 0; ///< of the instruction
    u8 cpl = 0;
    bool by_transfer = false;   ///< the processor itself, in a micro-step
    cpu::isa::MicroStep step{}; ///< which, if by_transfer
    WatchHit access;
};

struct TimeOptions {
    u64 interval = u64{1} << 18;                       ///< instructions between two snapshots, at first
    std::size_t most_snapshots = 1024;                 ///< then every second one goes and the interval doubles
    u64 most_bytes = u64{1} << 30;                     ///< of pages in snapshots, about; then the same happens
    std::size_t most_transfers = std::size_t{1} << 22; ///< listed; then the older half goes
};

class TimeMachine {
  public:
    /// Time begins where `machine` stands: at reset, or at a loaded snapshot.
    /// REQUIRES: it has been started and outlives this. Nobody else runs it from now on.
    explicit TimeMachine(Machine& machine, const TimeOptions& options = {});
    ~TimeMachine();
    TimeMachine(const TimeMachine&) = delete;
    TimeMachine& operator=(const TimeMachine&) = delete;

    const Machine& machine() const { return machine_; }
    TimePoint now() const { return now_; }
    /// Before this there is nothing.
    u64 start() const { return start_; }
    /// The furthest instruction that has been lived through so far.
    u64 frontier() const { return frontier_; }
    /// How the run ended, once the frontier is its end.
    const std::optional<Stop>& end() const { return end_; }

    // --- Moves. Each leaves the machine at arrival.at, whatever happens ---------------------------------
    Arrival step(u64 instructions = 1);
    Arrival step_back(u64 instructions = 1);
    /// Micro-steps; an instruction without any counts as one.
    Arrival micro(u64 steps = 1);
    Arrival micro_back(u64 steps = 1);
    /// Any lived moment, or one that lies ahead (the guest runs up to it). A micro-step beyond the instruction's last one means its last.
    Arrival go_to(TimePoint);
    /// Forwards to the next stop after now. `until`: goes no further than this instruction.
    Arrival run_on(const StopSet&, u64 until = ~u64{0});
    /// Backwards to the last stop before now.
    Arrival run_back(const StopSet&);
    /// From a signal handler or another thread: the move that goes on ends soon, with Interrupted.
    void interrupt() {
        interrupted_ = true;
        machine_.interrupt();
    }
    /// The last move, or search for a writer, was ended by interrupt(): what it did not find may be there all the same.
    bool interrupted() const { return interrupted_; }
    /// Called every few milliseconds of a long move with the instruction it has come to (for a line of progress). May call interrupt().
    std::function<void(u64 instruction)> on_progress;

    // --- Looking -----------------------------------------------------------------------------------------
    /// The instruction at now().instruction, all of it (kept until time moves to another one).
    const InstructionRecord& instruction();
    InstructionRecord instruction_at(u64 number);
    /// Runs instructions [from, to) again with `observer` seeing everything; then the machine stands at now() as before.
    /// Goes no further than the frontier. REQUIRES: from <= frontier().
    void rerun(u64 from, u64 to, trace::Observer& observer);
    /// All transfers of [0, frontier), in order. In a very long run only the later ones; run_back() finds the others all the same.
    std::span<const TransferNews> transfers() const { return transfers_; }
    /// The last one before `instruction`, at or before it if `inclusive`, that took the processor from one ring to another.
    const TransferNews* ring_change_before(u64 instruction, bool inclusive = false) const;
    const TransferNews* ring_change_after(u64 instruction) const;
    /// Who wrote any of these bytes last before now(). Nothing: nobody since reset (the loader, or never).
    std::optional<WriteRecord> last_writer(u32 linear, u32 bytes);
    u64 state_hash() const { return machine_.state_hash(); }

    // --- Changing ----------------------------------------------------------------------------------------
    /// On a copy of the moment: makes the edits before the instruction at now(), runs it, and tells what happened. Nothing is kept.
    Result<InstructionRecord> what_if(std::span<const Edit> edits);
    /// Changes the guest at now() for good: what was lived after it is forgotten. The edit is part of the host log, so it
    /// comes again whenever time passes this point. Only at a whole instruction (micro == 0).
    Status edit(const Edit& edit);

    // --- Bookmarks ---------------------------------------------------------------------------------------
    std::map<std::string, TimePoint>& bookmarks() { return bookmarks_; }

  private:
    class Lister;
    class Recorder;
    class Stopper;
    struct Kept {
        Snapshot snapshot;
        bool of_the_grid = false; ///< else: made on the way to somewhere, and the first to go
    };

    void list(const TransferNews& news);
    void keep_snapshot(bool of_the_grid);
    void thin_out();
    void restore_at_or_before(u64 instruction);
    Stop advance(u64 to);
    Arrival go(TimePoint time);
    Arrival whole(u64 instruction);
    void begin_move();
    Arrival come_back(TimePoint time);
    void to_first_moment();
    Arrival arrive_whole(const Stop& stop);
    void approach_in_steps(u64 instruction);
    u32 pretend(trace::Observer& observer, std::optional<Stop>& stop);
    Arrival inside(u64 instruction, u32 micro);
    void record(InstructionRecord& record);

    std::optional<Arrival> next_stop(const StopSet& stops, u64 until);
    std::optional<Arrival> last_stop_between(const StopSet& stops, u64 from, u64 to, TimePoint before);
    const TransferNews* last_transfer_before(const StopSet& stops, TimePoint before) const;
    std::optional<Arrival> breakpoint_at(const StopSet& stops, u64 instruction);
    std::optional<Arrival> as_found_forwards(const StopSet& stops, const Arrival& found);
    std::optional<Arrival> find_back(const StopSet& stops, TimePoint before);
    std::optional<WriteRecord> writer_in(const InstructionRecord& record, u32 steps, u32 linear, u32 bytes) const;

    Machine& machine_;
    TimeOptions options_;
    std::unique_ptr<Lister> lister_;
    const u64 start_;
    TimePoint now_;
    u64 frontier_ = 0;
    std::optional<Stop> end_;
    std::map<u64, Kept> snapshots_; ///< by instruction
    std::deque<u64> on_the_way_;    ///< those that are not of the grid, oldest first
    u64 kept_bytes_ = 0;            ///< about
    std::vector<TransferNews> transfers_;
    u64 listed_from_ = 0; ///< of earlier instructions the list knows nothing any more
    std::optional<InstructionRecord> record_;
    std::map<std::string, TimePoint> bookmarks_;
    std::atomic<bool> interrupted_ = false;
};

} // namespace trapgate::machine
