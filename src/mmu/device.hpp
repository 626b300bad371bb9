// SPDX-License-Identifier: MIT
// What a device looks like to the bus. A device knows this header and nothing of the processor.
#pragma once

#include "base/types.hpp"

#include <string_view>

namespace trapgate::mmu {

/// Answers a range of I/O ports. Accesses come in the size the guest used (1, 2 or 4 bytes).
class PortDevice {
  public:
    virtual ~PortDevice() = default;
    virtual std::string_view name() const = 0;
    /// `size` bytes at `port`; the value is in the low bits.
    virtual u32 read_port(u16 port, u8 size) = 0;
    virtual void write_port(u16 port, u8 size, u32 value) = 0;
};

/// Answers a range of physical addresses outside RAM. `offset` counts from the start of the range.
class MemoryDevice {
  public:
    virtual ~MemoryDevice() = default;
    virtual std::string_view name() const = 0;
    virtual u64 read_memory(u64 offset, u8 size) = 0;
    virtual void write_memory(u64 offset, u8 size, u64 value) = 0;
};

} // namespace trapgate::mmu
