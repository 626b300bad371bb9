// SPDX-License-Identifier: MIT
#include "kernel/page_ranges.hpp"

#include <cstring>

namespace trapgate::kernel {

namespace {

using mmu::PhysicalMemory;
namespace pte = mmu::pte;

constexpr u32 entries = 1024, frame_4k = 0xfffff000, frame_4m = 0xffc00000;
constexpr u64 large_bytes = u64{1} << 22;

u32 entry_at(const PhysicalMemory& memory, u64 address) {
    u32 entry = 0; // tables outside RAM read as not present, as the processor's walk has it
    if (memory.contains({address}, 4)) std::memcpy(&entry, memory.bytes().data() + address, 4);
    return entry;
}

void add(std::vector<PageRange>& ranges, const PageRange& page) {
    if (!ranges.empty()) {
        PageRange& last = ranges.back();
        const bool same = last.end == page.first && last.user == page.user && last.writable == page.writable &&
                          last.large == page.large && last.global == page.global;
        // Large pages lie where the kernel put them on purpose: a jump begins a new range. Small ones lie anywhere.
        const bool follows = last.physical + last.bytes() == page.physical;
        if (same && (follows || !page.large)) {
            last.contiguous &= follows;
            last.end = page.end;
            last.accessed += page.accessed;
            last.dirty += page.dirty;
            return;
        }
    }
    ranges.push_back(page);
}

PageRange page_of(u64 linear, u64 bytes, u64 physical, u32 rights, u32 leaf, bool large) {
    PageRange page;
    page.first = static_cast<u32>(linear);
    page.end = linear + bytes;
    page.physical = physical;
    page.user = rights & pte::user;
    page.writable = rights & pte::writable;
    page.large = large;
    page.global = leaf & pte::global;
    page.accessed = leaf & pte::accessed ? 1 : 0;
    page.dirty = leaf & pte::dirty ? 1 : 0;
    return page;
}

void add_table(std::vector<PageRange>& ranges, const PhysicalMemory& memory, u32 directory_entry, u64 linear) {
    for (u32 i = 0; i < entries; ++i) {
        const u32 entry = entry_at(memory, u64{directory_entry & frame_4k} + u64{i} * 4);
        if (!(entry & pte::present)) continue;
        add(ranges, page_of(linear + u64{i} * page_size, page_size, entry & frame_4k, directory_entry & entry,
                            entry, false));
    }
}

} // namespace

std::vector<PageRange> page_ranges(const PhysicalMemory& memory, const mmu::PagingMode& mode) {
    std::vector<PageRange> ranges;
    for (u32 i = 0; i < entries; ++i) {
        const u32 entry = entry_at(memory, u64{mode.cr3 & frame_4k} + u64{i} * 4);
        if (!(entry & pte::present)) continue;
        const u64 linear = u64{i} * large_bytes;
        if (mode.page_size_extensions && (entry & pte::page_4m))
            add(ranges, page_of(linear, large_bytes, entry & frame_4m, entry, entry, true));
        else
            add_table(ranges, memory, entry, linear);
    }
    return ranges;
}

} // namespace trapgate::kernel
