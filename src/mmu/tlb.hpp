// SPDX-License-Identifier: MIT
// The software TLB: from a linear page to a host pointer in two loads and a compare.
//
// One table for CPL 3 and one for CPL 0–2, so that a ring change flushes nothing. The low bits of a tag are free (pages are
// aligned); a set low bit makes the fast compare fail and sends the access to the slow path, which masks them:
// that is how watched, self-modified and device pages cost nothing elsewhere.
#pragma once

#include "base/types.hpp"

#include <array>

namespace trapgate::mmu {

constexpr u32 tlb_entries = 1024;

namespace tlb_tag {
constexpr u32 slow = 1;    ///< valid translation, but the slow path must see the access
constexpr u32 invalid = 2; ///< no translation
} // namespace tlb_tag

/// The part that the fast path reads. Tags are linear page addresses.
struct TlbEntry {
    u32 read_tag = tlb_tag::invalid;
    u32 write_tag = tlb_tag::invalid; ///< valid only when the dirty bit is set already
    u8* host_minus_linear = nullptr;  ///< host pointer = this + linear; meaningless for a device page
};
static_assert(sizeof(TlbEntry) == 16);

/// The part that only the slow path reads.
struct TlbDetail {
    PhysicalAddress page;
    bool device = false;
    bool global = false;
    bool large = false; ///< cut out of a 4 MB page: INVLPG of any address in that page drops it
};

struct Tlb {
    std::array<TlbEntry, tlb_entries> entries;
    std::array<TlbDetail, tlb_entries> details;

    static u32 index(u32 linear) { return (linear / page_size) % tlb_entries; }

    void flush(bool keep_global) {
        for (u32 i = 0; i < tlb_entries; ++i)
            if (!keep_global || !details[i].global) entries[i].read_tag = entries[i].write_tag = tlb_tag::invalid;
    }
    void flush_page(u32 linear) {
        TlbEntry& entry = entries[index(linear)];
        entry.read_tag = entry.write_tag = tlb_tag::invalid;
    }
    /// All entries of the 4 MB page around `linear`, if it was one when they were made.
    void flush_large_page(u32 linear) {
        constexpr u32 frame = 0xffc00000;
        for (u32 i = 0; i < tlb_entries; ++i)
            if (details[i].large && (entries[i].read_tag & frame) == (linear & frame))
                entries[i].read_tag = entries[i].write_tag = tlb_tag::invalid;
    }
};

} // namespace trapgate::mmu
