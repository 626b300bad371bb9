// SPDX-License-Identifier: MIT
// The bus: RAM, the devices in the physical address space, and the I/O port map.
// Nobody at home: reads give all ones, writes vanish, as on a PC.
#pragma once

#include "base/types.hpp"
#include "mmu/device.hpp"
#include "mmu/physical_memory.hpp"

#include <array>
#include <vector>

namespace trapgate::mmu {

class Bus {
  public:
    explicit Bus(PhysicalMemory& memory) : memory_(memory) {}

    PhysicalMemory& memory() { return memory_; }
    const PhysicalMemory& memory() const { return memory_; }

    /// REQUIRES: the range is free. The device must outlive the bus.
    void attach_ports(u16 first, u16 count, PortDevice& device);
    void attach_memory(PhysicalAddress first, u64 bytes, MemoryDevice& device);

    u32 read_port(u16 port, u8 size);
    void write_port(u16 port, u8 size, u32 value);

    /// Physical accesses that are not plain RAM (a device, or nobody).
    u64 read_device(PhysicalAddress address, u8 size);
    void write_device(PhysicalAddress address, u8 size, u64 value);

    /// True if a device stands at `address`: such a page must not be reached by host pointer.
    bool is_device(PhysicalAddress address) const;

  private:
    struct MemoryRange {
        u64 first;
        u64 bytes;
        MemoryDevice* device;
    };
    struct PortRange {
        u16 first;
        u16 count;
        PortDevice* device;
    };
    const MemoryRange* find(PhysicalAddress address) const;
    PortDevice* port_device(u16 port) const;

    PhysicalMemory& memory_;
    std::vector<PortRange> ports_;
    std::vector<MemoryRange> memory_ranges_;
};

} // namespace trapgate::mmu
