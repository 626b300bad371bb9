// SPDX-License-Identifier: MIT
// How a device asks the machine to stop: a port was written that ends the run.
#pragma once

#include "base/types.hpp"

namespace trapgate::devices {

struct StopRequest {
    enum class Kind : u8 {
        None,
        GuestExit,     ///< host channel EXIT: `value` is PROG's raw wait status
        Panic,         ///< host channel PANIC: the guest kernel has panicked
        DebugExit,     ///< port 0xF4: `value` is what was written
        Reset,         ///< 0x64 or 0x92: the guest has reset the machine
        HostError,     ///< reading standard input failed: `value` is the host's errno
        Unimplemented, ///< a part of a device that is not there: `what`; `value` is what was written
    };
    Kind kind = Kind::None;
    u32 value = 0;
    const char* what = "";
};

class StopSink {
  public:
    virtual ~StopSink() = default;
    /// The machine stops after the instruction that is being executed. The first request wins.
    virtual void request_stop(StopRequest request) = 0;
};

} // namespace trapgate::devices
