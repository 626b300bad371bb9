// SPDX-License-Identifier: MIT
// The engine: runs the processor until something outside it is due.
//
// `Loop<Timing, Watch>` is compiled once for each pair of policies. Nobody watching: blocks of decoded instructions, linked to each
// other. Watching: the same handlers, one instruction at a time, with every memory access on the slow path, where the observer
// sits. Both take interrupts at exactly the same instruction, so both end in the same state.
#pragma once

#include "cpu/cpu.hpp"
#include "cpu/engine/block_cache.hpp"

namespace trapgate::cpu::engine {

enum class StopReason : u8 {
    Limit,         ///< `until` instructions have been retired
    Halted,        ///< HLT, and no interrupt is pending: time may jump to the next event
    Breakpoint,    ///< a debugger's, at EIP: Cpu::stops
    Attention,     ///< somebody called Cpu::request_attention (a device wants service)
    TripleFault,   ///< a fault while a double fault was delivered
    Unimplemented, ///< something this processor does not have; `what` says what, EIP is at the instruction
};

struct Stop {
    StopReason reason;
    const char* what = "";
};

class Engine {
  public:
    explicit Engine(Cpu& cpu) : cpu_(cpu), blocks_(cpu) {}

    /// Runs until `cpu.instructions` reaches `until`, or another reason to stop. Exact to the instruction.
    Stop run(u64 until);
    /// The same, telling `observer` everything.
    Stop run_watched(u64 until, trace::Observer& observer);

    BlockCache& blocks() { return blocks_; }

  private:
    Cpu& cpu_;
    BlockCache blocks_;
};

} // namespace trapgate::cpu::engine
