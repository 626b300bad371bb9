// SPDX-License-Identifier: MIT
// Finding, reading and marking descriptors, and the error codes that name them.
// Source: [SDM3] "Segment Descriptor Tables", "Error Code", "Code- and Data-Segment Descriptor Types".
#pragma once

#include "cpu/memory.hpp"

namespace trapgate::cpu::protect {

/// Types of system descriptors.
namespace system_type {
constexpr u8 tss16 = 1, ldt = 2, busy_tss16 = 3, call_gate16 = 4, task_gate = 5, interrupt_gate16 = 6,
             trap_gate16 = 7, tss32 = 9, busy_tss32 = 11, call_gate32 = 12, interrupt_gate32 = 14, trap_gate32 = 15;
constexpr u8 tss_busy = 2; ///< the bit
constexpr u8 wide = 8;     ///< the bit that tells 32 from 16 bits in gates and TSSs
} // namespace system_type

/// Error code that names `selector`; `external` is the EXT bit.
constexpr u32 selector_error(u16 selector, u8 external = 0) {
    return (selector & ~3u) | external;
}

/// Finds the descriptor of `selector`, if it lies inside its table.
inline bool locate_descriptor(const Cpu& cpu, u16 selector, u32& address) {
    const u32 offset = selector & ~7u;
    if (selector_in_ldt(selector)) {
        address = cpu.ldtr.base + offset;
        return cpu.ldtr.present && offset + 7 <= cpu.ldtr.limit;
    }
    address = cpu.gdtr.base + offset;
    return offset + 7 <= cpu.gdtr.limit;
}

inline Descriptor read_descriptor(Cpu& cpu, u32 address) {
    return {load_system<u64>(cpu, address)};
}

/// The byte of a descriptor that holds P, DPL, S and the type.
constexpr u32 access_byte_offset = 5;
constexpr u64 accessed_bit = u64{1} << 40;

/// Makes sure that mark_accessed cannot fault.
inline void probe_accessed(Cpu& cpu, u32 address, Descriptor descriptor) {
    if (!descriptor.accessed()) [[unlikely]]
        probe_write(cpu, address + access_byte_offset, 1, Rights::Supervisor);
}

/// Sets the accessed bit in memory, if it is clear.
inline void mark_accessed(Cpu& cpu, u32 address, Descriptor descriptor) {
    if (!descriptor.accessed()) [[unlikely]]
        store_system<u8>(cpu, address + access_byte_offset, static_cast<u8>((descriptor.raw | accessed_bit) >> 40));
}

/// Loads a segment register, hidden part as it is once the segment has been accessed. Field by field and in place: copying a
/// Segment that was written a moment ago would stall the host.
inline void load_hidden(Segment& segment, u16 selector, Descriptor d) {
    const u32 high = static_cast<u32>(d.raw >> 32);
    const u32 limit = d.limit();
    const u8 type = (high >> 8 & 0xf) | 1;
    const bool big = high >> 22 & 1;
    const bool down = (type & 0xc) == 4;
    segment.raw = d.raw | accessed_bit;
    segment.selector = selector;
    segment.base = d.base();
    segment.limit = limit;
    segment.type = type;
    segment.s = true;
    segment.dpl = high >> 13 & 3;
    segment.present = true;
    segment.big = big;
    segment.granular = high >> 23 & 1;
    segment.lowest = 0;
    segment.highest = limit;
    segment.can_read = (type & 0xa) != 8;
    segment.can_write = (type & 0xa) == 2;
    if (down) [[unlikely]]
        segment.derive();
}

} // namespace trapgate::cpu::protect
