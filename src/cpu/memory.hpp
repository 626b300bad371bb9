// SPDX-License-Identifier: MIT
// The processor's way to memory: linear address → TLB → host pointer, or the slow path.
// Everything here may raise #PF (and #AC); a fault leaves registers and memory as they were.
// Source: [SDM3] "Paging", "Alignment Check Exception (#AC)".
#pragma once

#include "cpu/cpu.hpp"

#include <cstring>

namespace trapgate::cpu {

/// Whose rights an access has: those of CPL, or the supervisor's (descriptor tables, TSS, inner stacks).
enum class Rights : u8 { Current, Supervisor };

namespace slow {
u64 load(Cpu&, u32 linear, u32 size, Rights);
u64 load_for_update(Cpu&, u32 linear, u32 size, Rights);
void store(Cpu&, u32 linear, u32 size, u64 value, Rights);
} // namespace slow

/// The tag that a hit must have: the page of the last byte. An access that crosses into another page never hits.
template <class T> u32 tlb_key(u32 linear) {
    return (linear + (sizeof(T) - 1)) & ~page_offset_mask;
}

template <class T> T load(Cpu& cpu, u32 linear) {
    const mmu::TlbEntry& entry = cpu.tlb->entries[mmu::Tlb::index(linear)];
    if (entry.read_tag == tlb_key<T>(linear)) [[likely]] {
        T value;
        std::memcpy(&value, entry.host_minus_linear + linear, sizeof(T));
        return value;
    }
    return static_cast<T>(slow::load(cpu, linear, sizeof(T), Rights::Current));
}

template <class T> void store(Cpu& cpu, u32 linear, T value) {
    const mmu::TlbEntry& entry = cpu.tlb->entries[mmu::Tlb::index(linear)];
    if (entry.write_tag == tlb_key<T>(linear)) [[likely]]
        std::memcpy(entry.host_minus_linear + linear, &value, sizeof(T));
    else
        slow::store(cpu, linear, sizeof(T), value, Rights::Current);
}

/// Reads, computes, writes back: one translation, with write intent, before `compute` runs.
template <class T, class Compute> void update(Cpu& cpu, u32 linear, Compute compute) {
    const mmu::TlbEntry& entry = cpu.tlb->entries[mmu::Tlb::index(linear)];
    if (entry.write_tag == tlb_key<T>(linear)) [[likely]] {
        u8* host = entry.host_minus_linear + linear;
        T value;
        std::memcpy(&value, host, sizeof(T));
        value = compute(value);
        std::memcpy(host, &value, sizeof(T));
    } else {
        const T value = static_cast<T>(slow::load_for_update(cpu, linear, sizeof(T), Rights::Current));
        slow::store(cpu, linear, sizeof(T), compute(value), Rights::Current);
    }
}

/// Accesses with supervisor rights whatever CPL is.
template <class T> T load_system(Cpu& cpu, u32 linear) {
    const mmu::TlbEntry& entry = cpu.tlbs[0].entries[mmu::Tlb::index(linear)];
    if (entry.read_tag == tlb_key<T>(linear)) [[likely]] {
        T value;
        std::memcpy(&value, entry.host_minus_linear + linear, sizeof(T));
        return value;
    }
    return static_cast<T>(slow::load(cpu, linear, sizeof(T), Rights::Supervisor));
}

template <class T> void store_system(Cpu& cpu, u32 linear, T value) {
    const mmu::TlbEntry& entry = cpu.tlbs[0].entries[mmu::Tlb::index(linear)];
    if (entry.write_tag == tlb_key<T>(linear)) [[likely]]
        std::memcpy(entry.host_minus_linear + linear, &value, sizeof(T));
    else
        slow::store(cpu, linear, sizeof(T), value, Rights::Supervisor);
}

/// Raises what a write of `size` bytes would raise, without writing. `size` may span pages.
void probe_write(Cpu&, u32 linear, u32 size, Rights);

/// Like probe_write, for reading.
void probe_read(Cpu&, u32 linear, u32 size, Rights);

/// Where the instruction bytes at `linear` lie in RAM or at a device, with CPL's rights. Raises #PF.
PhysicalAddress translate_fetch(Cpu&, u32 linear);

/// Physical address behind `linear` for readers (debuggers, views): no fault, no accessed bits, no TLB; false if unmapped.
bool peek_translation(const Cpu&, u32 linear, PhysicalAddress& physical);

/// Sends every access to the slow path (and the observer), or lets them go fast again. The TLB keeps its translations,
/// so that a watched run sees the same stale ones as an unwatched run.
void set_watched(Cpu&, bool watched);

/// Decides anew which TLB entries must take the slow path: after a snapshot, or when a debugger's watchpoints have changed.
void refresh_slow_bits(Cpu&);

// --- Segmentation -------------------------------------------------------------------------------

/// Raises #GP(0), or #SS(0) for SS, if the access is not allowed or not inside the segment.
[[noreturn]] void segment_violation(SegmentRegister r);

/// Linear address of `size` bytes at `offset` in segment `r`, after the checks that `intent` needs.
inline u32 linear_address(const Cpu& cpu, SegmentRegister r, u32 offset, u32 size, Intent intent) {
    const Segment& segment = cpu.segment(r);
    const bool allowed = intent == Intent::Write ? segment.can_write : segment.can_read;
    if (!allowed || !segment.holds(offset, size)) [[unlikely]]
        segment_violation(r);
    return segment.base + offset;
}

} // namespace trapgate::cpu
