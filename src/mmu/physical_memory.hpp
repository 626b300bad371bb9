// SPDX-License-Identifier: MIT
// The guest's RAM: one block of host memory from physical address 0 on.
// Writers say who they are, so that promise 1 ("what the kernel does, guest code does") can be counted and tested.
#pragma once

#include "base/types.hpp"

#include <memory>
#include <span>

namespace trapgate::mmu {

/// Who writes to RAM.
enum class Writer : u8 {
    Loader,   ///< the host, before the machine starts
    Device,   ///< a device, on behalf of the guest
    Snapshot, ///< the machine, going back to an earlier state of its own
    Host,     ///< anybody else; counted, and the count must stay 0 after start
};

class PhysicalMemory {
  public:
    /// `bytes` is rounded up to whole pages. The host gives zeroed pages on first use.
    explicit PhysicalMemory(u64 bytes);
    ~PhysicalMemory();
    PhysicalMemory(const PhysicalMemory&) = delete;
    PhysicalMemory& operator=(const PhysicalMemory&) = delete;

    u64 size() const { return size_; }
    bool contains(PhysicalAddress address, u64 bytes) const {
        return address.value < size_ && bytes <= size_ - address.value;
    }
    /// All of RAM, for readers.
    std::span<const u8> bytes() const { return {data_, size_}; }

    /// Writes from outside the processor. REQUIRES: contains(address, data.size()).
    void write(PhysicalAddress address, std::span<const u8> data, Writer who);

    /// From here on, Loader writes count as foreign as well.
    void start() { started_ = true; }
    /// Writes after start() that came neither from the processor nor from a device.
    u64 foreign_writes() const { return foreign_writes_; }

    /// The processor's own way in; nobody else may ask for it.
    u8* processor_pointer() { return data_; }

  private:
    u8* data_ = nullptr;
    u64 size_ = 0;
    u64 foreign_writes_ = 0;
    bool started_ = false;
};

} // namespace trapgate::mmu
