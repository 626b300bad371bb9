// SPDX-License-Identifier: MIT
// The integers everything else is made of, and the look-alikes that must not be mixed up.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace trapgate {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using s8 = std::int8_t;
using s16 = std::int16_t;
using s32 = std::int32_t;
using s64 = std::int64_t;

/// An address after segmentation and before paging.
struct LinearAddress {
    u64 value = 0;
    constexpr auto operator<=>(const LinearAddress&) const = default;
    constexpr LinearAddress operator+(u64 bytes) const { return {value + bytes}; }
};

/// An address on the bus, after paging.
struct PhysicalAddress {
    u64 value = 0;
    constexpr auto operator<=>(const PhysicalAddress&) const = default;
    constexpr PhysicalAddress operator+(u64 bytes) const { return {value + bytes}; }
};

/// Guest time. Every device and every deadline counts in it; with `--timing=none` one instruction is one clock.
struct Cycles {
    u64 value = 0;
    constexpr auto operator<=>(const Cycles&) const = default;
    constexpr Cycles operator+(Cycles other) const { return {value + other.value}; }
};

/// What an access is for: decides permission checks and the W/R and I/D bits of a page fault.
enum class Intent : u8 { Read, Write, Fetch };

constexpr u32 page_size = 4096;
constexpr u32 page_offset_mask = page_size - 1;

} // namespace trapgate
