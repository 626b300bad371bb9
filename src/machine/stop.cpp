// SPDX-License-Identifier: MIT
// Exit statuses: see the header.
#include "machine/stop.hpp"

namespace trapgate::machine {

int exit_status_of_wait_status(u32 wait_status) {
    const int signal = static_cast<int>(wait_status & 0x7f);
    return signal ? 128 + signal : static_cast<int>(wait_status >> 8 & 0xff);
}

int Stop::exit_status() const {
    constexpr int limit_reached = 124, our_failure = 125;
    switch (kind) {
    case StopKind::Reached:
    case StopKind::Paused:
    case StopKind::Breakpoint:
    case StopKind::Watchpoint:
    case StopKind::Reset:
    case StopKind::HaltedForGood: return 0;
    case StopKind::GuestExit: return exit_status_of_wait_status(value);
    case StopKind::DebugExit: return static_cast<int>((value << 1 | 1) & 0xff);
    case StopKind::InstructionLimit:
    case StopKind::ClockLimit:
    case StopKind::Timeout: return limit_reached;
    case StopKind::Quit: return 130; // as if by Ctrl-C
    case StopKind::Panic:
    case StopKind::TripleFault:
    case StopKind::Unimplemented:
    case StopKind::HostError:
    case StopKind::LogEnds: break;
    }
    return our_failure;
}

} // namespace trapgate::machine
