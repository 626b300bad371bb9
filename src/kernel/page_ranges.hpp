// SPDX-License-Identifier: MIT
// What an address space maps, as ranges: neighbouring pages with the same rights in one. Reads the page tables, changes nothing.
// Source: [SDM3] "32-Bit Paging", "Access Rights".
#pragma once

#include "mmu/page_walk.hpp"

#include <vector>

namespace trapgate::kernel {

struct PageRange {
    u32 first = 0;          ///< linear
    u64 end = 0;            ///< one past the last byte; 1_0000_0000 at the top
    u64 physical = 0;       ///< of the first page
    bool contiguous = true; ///< physical addresses go on in the same order
    bool user = false;      ///< U/S of both levels: ring 3 may
    bool writable = false;  ///< R/W of both levels
    bool large = false;     ///< 4 MB pages
    bool global = false;
    u32 accessed = 0, dirty = 0; ///< pages with these bits

    u64 bytes() const { return end - first; }
    u32 pages() const { return static_cast<u32>(bytes() / (large ? u64{1} << 22 : page_size)); }
};

/// All that the tables at `mode.cr3` map, from address 0 up.
std::vector<PageRange> page_ranges(const mmu::PhysicalMemory& memory, const mmu::PagingMode& mode);

} // namespace trapgate::kernel
