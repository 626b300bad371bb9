// SPDX-License-Identifier: MIT
// Why a run ended, in words for the user, and the exit status that goes with it.
// Source: docs/limits.md, the table of exit codes.
#pragma once

#include "base/types.hpp"

#include <string>

namespace trapgate::machine {

enum class StopKind : u8 {
    Reached,          ///< run_until() came to its instruction; nothing has happened
    Paused,           ///< somebody asked for it: request_pause(), a breakpoint
    Breakpoint,       ///< Machine::set_stops: before the instruction at EIP
    Watchpoint,       ///< Machine::set_stops: the instruction before made an access that is waited for
    GuestExit,        ///< PROG has ended; `value` is its raw wait status
    DebugExit,        ///< port F4h; `value` is what was written
    Reset,            ///< the guest has reset the machine
    HaltedForGood,    ///< HLT, and nothing can wake the processor
    InstructionLimit, ///< --max-insns
    ClockLimit,       ///< --max-cycles
    Timeout,          ///< --timeout
    Quit,             ///< the user typed the escape key at the terminal
    Panic,            ///< the guest kernel has panicked
    TripleFault,
    Unimplemented, ///< an instruction or mode that this processor does not have yet
    HostError,     ///< a stream of the host's failed
    LogEnds,       ///< a recording is over, or does not fit what the guest does
};

struct Stop {
    StopKind kind = StopKind::Reached;
    u32 value = 0;
    std::string text; ///< one line without the program's name; empty for Reached, Paused and GuestExit

    /// The status for the shell. 0 for what is no failure of ours: a caller that expected PROG to exit knows better.
    int exit_status() const;
};

/// The shell's view of a raw wait status: what PROG exited with, or 128 + the signal that ended it.
int exit_status_of_wait_status(u32 wait_status);

} // namespace trapgate::machine
