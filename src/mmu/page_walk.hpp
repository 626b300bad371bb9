// SPDX-License-Identifier: MIT
// The two-level page walk as a pure function: it reads tables, decides, and names the accessed/dirty bits that are due.
// Source: [SDM3] "32-Bit Paging", "Access Rights", "Accessed and Dirty Flags", "Page-Fault Exceptions".
#pragma once

#include "base/types.hpp"
#include "mmu/physical_memory.hpp"

namespace trapgate::mmu {

/// Bits of a page-directory or page-table entry.
namespace pte {
constexpr u32 present = 1u << 0;
constexpr u32 writable = 1u << 1;
constexpr u32 user = 1u << 2;
constexpr u32 accessed = 1u << 5;
constexpr u32 dirty = 1u << 6;
constexpr u32 page_4m = 1u << 7; ///< in a directory entry, with CR4.PSE
constexpr u32 global = 1u << 8;
} // namespace pte

/// Bits of a page-fault error code.
namespace page_fault {
constexpr u32 protection = 1u << 0;
constexpr u32 write = 1u << 1;
constexpr u32 user = 1u << 2;
constexpr u32 reserved = 1u << 3;
} // namespace page_fault

/// What the walk depends on besides the tables.
struct PagingMode {
    u32 cr3 = 0;
    bool write_protect = false;        ///< CR0.WP: supervisor writes honour read-only pages
    bool page_size_extensions = false; ///< CR4.PSE: 4 MB pages
};

struct PageWalk {
    bool ok = false;
    u32 error_code = 0;    ///< of the page fault, if not ok
    PhysicalAddress page;  ///< of the 4 KB page that holds the address
    bool writable = false; ///< a write with the same rights would be allowed
    bool dirty = false;    ///< the dirty bit is set already (or will be, by this walk's updates)
    bool global = false;
    // The path, for views and for the bits to set.
    PhysicalAddress directory_entry_address;
    PhysicalAddress table_entry_address; ///< unused for a 4 MB page
    u32 directory_entry = 0;
    u32 table_entry = 0;
    bool large = false;
    u32 set_in_directory_entry = 0; ///< accessed (and dirty for 4 MB pages) bits still to be set
    u32 set_in_table_entry = 0;
};

/// Walks the tables for `address`. `user` = made with CPL 3 rights. Changes nothing.
PageWalk walk_page_table(const PhysicalMemory&, const PagingMode&, LinearAddress address, Intent, bool user);

} // namespace trapgate::mmu
