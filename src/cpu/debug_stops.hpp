// SPDX-License-Identifier: MIT
// Where a debugger wants the processor to stop. Breakpoints end blocks and are never linked to, watchpoints send the accesses to
// their pages down the slow path: code and data elsewhere run as fast as without.
#pragma once

#include "base/types.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace trapgate::cpu {

/// An access that a debugger waits for; linear addresses [address, address + bytes).
struct WatchRange {
    u32 address = 0;
    u32 bytes = 4;
    bool reads = false;
    bool writes = true;

    bool holds(u32 linear, u32 size) const { return linear < u64{address} + bytes && address < u64{linear} + size; }
    bool operator==(const WatchRange&) const = default;
};

/// An access that a watchpoint caught.
struct WatchHit {
    u32 address = 0; ///< linear, of the access
    u8 size = 0;
    Intent intent = Intent::Write;
    u64 value = 0;       ///< read or written
    u64 before = 0;      ///< what stood there before a write
    u64 instruction = 0; ///< that made it
};

/// The engine keeps a pointer to it. After a change of `code` the block cache, after one of `data` the TLB's slow bits must be
/// made anew: Machine::set_stops does both.
struct DebugStops {
    static constexpr u64 nowhere = ~u64{0};

    std::vector<u32> code; ///< linear addresses, ascending
    std::vector<WatchRange> data;
    bool active = true; ///< false: everything is passed by
    u64 pass = nowhere; ///< the instruction with this number is not stopped at: the run has just stopped there
    std::optional<WatchHit> hit; ///< the first of the instruction that has just been executed

    bool stops_at(u32 linear) const { return std::binary_search(code.begin(), code.end(), linear); }
    bool watches_page(u32 linear) const {
        return std::any_of(data.begin(), data.end(), [&](const WatchRange& range) {
            return range.holds(linear & ~page_offset_mask, page_size);
        });
    }
    bool watches(u32 linear, u32 size) const {
        return std::any_of(data.begin(), data.end(),
                           [&](const WatchRange& range) { return range.holds(linear, size); });
    }
};

} // namespace trapgate::cpu
