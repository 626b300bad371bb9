// SPDX-License-Identifier: MIT
// All that came into the machine from outside, each with its place on the axis of time: with it, any stretch can be lived again.
// What the guest pulls (standard input that is no terminal) needs no time, only its order.
#pragma once

#include "base/types.hpp"

#include <string>
#include <vector>

namespace trapgate::machine {

/// Something that happened to the machine at one moment.
struct HostEvent {
    enum class Kind : u8 {
        Typed,      ///< `bytes` went to the serial line (and the keyboard)
        WindowSize, ///< `value`: rows | columns << 16 | which descriptors are terminals << 32
        Slept,      ///< the processor slept until clock `value`
        OutputError, ///< a stream of the host's refused output: errno `value`, told to the guest by the instruction that runs
        LateError, ///< the same, noticed between instructions; `address` is the stream
        Edit,      ///< a debugger changed register `name` to `value`, or memory at linear `address` to `bytes`
    };
    u64 instruction = 0; ///< instructions that had been executed
    u64 slept = 0;       ///< clocks that had been slept
    Kind kind = Kind::Typed;
    u64 value = 0;
    u32 address = 0;
    std::vector<u8> bytes;
    std::string name;
    bool operator==(const HostEvent&) const = default;
};

/// One answer to a read of standard input.
struct InputChunk {
    std::vector<u8> bytes; ///< empty without error: end of file
    int error = 0;
    bool operator==(const InputChunk&) const = default;
};

struct HostLog {
    bool terminal = false; ///< there was a user at a terminal: sleeping is in the events
    u64 end = 0;           ///< of a recording: instructions that had been executed when it ended
    std::vector<HostEvent> events;
    std::vector<InputChunk> input;
};

/// How far a machine has come in the log; part of every snapshot.
struct HostCursor {
    std::size_t event = 0;
    std::size_t input = 0;
};

/// What the guest has sent out, for a console panel: in order of time.
struct OutputChunk {
    u64 instruction = 0; ///< that sent its first byte
    u8 stream = 1;       ///< 0 the serial line, 1 and 2 the host channels, 3 the kernel's log
    std::string bytes;
};

} // namespace trapgate::machine
