// SPDX-License-Identifier: MIT
// The host's side of byte streams, as devices see it. The machine implements these on descriptors, tests on strings, and a
// recorder can stand between: everything that comes from outside passes here.
#pragma once

#include "base/types.hpp"

#include <span>

namespace trapgate::devices {

/// Where bytes go: a descriptor of the host, or a console panel.
class ByteSink {
  public:
    virtual ~ByteSink() = default;
    /// Takes all of `bytes`, or says why not: 0, or the host's errno (EPIPE, EIO, ENOSPC …).
    virtual int write(std::span<const u8> bytes) = 0;
};

/// Where the bytes of standard input come from.
class ByteSource {
  public:
    virtual ~ByteSource() = default;
    struct Outcome {
        std::size_t bytes = 0; ///< read into `into`; 0 without error = end of file
        int error = 0;         ///< the host's errno
    };
    /// Waits for at least one byte, end of file or an error.
    virtual Outcome read(std::span<u8> into) = 0;
};

/// What the guest may ask about the host's descriptors 0–2.
struct HostTerminals {
    u8 are_terminals = 0; ///< bit n: descriptor n is a terminal
    u16 rows = 0;         ///< window size; 0 = unknown
    u16 columns = 0;
};

} // namespace trapgate::devices
