// SPDX-License-Identifier: MIT
// Finding who answers an address. The lists are short: a dozen devices.
#include "mmu/bus.hpp"

#include "base/assert.hpp"

namespace trapgate::mmu {

namespace {

u32 ones(u8 size) {
    return size == 4 ? 0xffffffffu : (1u << (8 * size)) - 1;
}

} // namespace

void Bus::attach_ports(u16 first, u16 count, PortDevice& device) {
    for (u32 port = first; port < u32{first} + count; ++port) ASSERT(!port_device(static_cast<u16>(port)));
    ports_.push_back({first, count, &device});
}

void Bus::attach_memory(PhysicalAddress first, u64 bytes, MemoryDevice& device) {
    memory_ranges_.push_back({first.value, bytes, &device});
}

PortDevice* Bus::port_device(u16 port) const {
    for (const PortRange& range : ports_)
        if (port >= range.first && port - range.first < range.count) return range.device;
    return nullptr;
}

u32 Bus::read_port(u16 port, u8 size) {
    PortDevice* device = port_device(port);
    return device ? device->read_port(port, size) & ones(size) : ones(size);
}

void Bus::write_port(u16 port, u8 size, u32 value) {
    if (PortDevice* device = port_device(port)) device->write_port(port, size, value & ones(size));
}

const Bus::MemoryRange* Bus::find(PhysicalAddress address) const {
    for (const MemoryRange& range : memory_ranges_)
        if (address.value >= range.first && address.value - range.first < range.bytes) return &range;
    return nullptr;
}

bool Bus::is_device(PhysicalAddress address) const {
    return find(address) != nullptr;
}

u64 Bus::read_device(PhysicalAddress address, u8 size) {
    const MemoryRange* range = find(address);
    if (!range) return size == 8 ? ~u64{0} : ones(size);
    return range->device->read_memory(address.value - range->first, size);
}

void Bus::write_device(PhysicalAddress address, u8 size, u64 value) {
    if (const MemoryRange* range = find(address))
        range->device->write_memory(address.value - range->first, size, value);
}

} // namespace trapgate::mmu
