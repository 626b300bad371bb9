// SPDX-License-Identifier: MIT
// The walk of [SDM3] "32-Bit Paging", figures "Linear-Address Translation to a 4-KByte/4-MByte Page".
#include "mmu/page_walk.hpp"

#include <cstring>

namespace trapgate::mmu {

namespace {

constexpr u32 frame_4k = 0xfffff000;
constexpr u32 frame_4m = 0xffc00000;
constexpr u32 reserved_4m =
    1u << 21; // bits 20:13 hold PAT and address bits 39:32 where PSE-36 is missing: only 21 must be 0

u32 read_entry(const PhysicalMemory& memory, PhysicalAddress address) {
    u32 entry = 0; // tables outside RAM read as not present
    if (memory.contains(address, 4)) std::memcpy(&entry, memory.bytes().data() + address.value, 4);
    return entry;
}

} // namespace

PageWalk walk_page_table(const PhysicalMemory& memory, const PagingMode& mode, LinearAddress address, Intent intent,
                         bool user) {
    const auto linear = static_cast<u32>(address.value);
    const bool write = intent == Intent::Write;
    const u32 error_base = (write ? page_fault::write : 0) | (user ? page_fault::user : 0);
    PageWalk walk;
    walk.error_code = error_base;

    walk.directory_entry_address = {(mode.cr3 & frame_4k) + (linear >> 22) * 4};
    walk.directory_entry = read_entry(memory, walk.directory_entry_address);
    if (!(walk.directory_entry & pte::present)) return walk;

    walk.large = mode.page_size_extensions && (walk.directory_entry & pte::page_4m);
    u32 rights = walk.directory_entry;
    u32 last = walk.directory_entry;
    if (walk.large) {
        if (walk.directory_entry & reserved_4m) {
            walk.error_code |= page_fault::protection | page_fault::reserved;
            return walk;
        }
        walk.page = {(walk.directory_entry & frame_4m) | (linear & ~frame_4m & frame_4k)};
    } else {
        walk.table_entry_address = {(walk.directory_entry & frame_4k) + ((linear >> 12) & 0x3ff) * 4};
        walk.table_entry = read_entry(memory, walk.table_entry_address);
        if (!(walk.table_entry & pte::present)) return walk;
        rights &= walk.table_entry;
        last = walk.table_entry;
        walk.page = {walk.table_entry & frame_4k};
    }

    walk.writable = (rights & pte::writable) || (!user && !mode.write_protect);
    if ((user && !(rights & pte::user)) || (write && !walk.writable)) {
        walk.error_code |= page_fault::protection;
        return walk;
    }

    const u32 leaf_bits = pte::accessed | (write ? pte::dirty : 0);
    walk.ok = true;
    walk.error_code = 0;
    walk.dirty = write || (last & pte::dirty);
    walk.global = last & pte::global;
    if (walk.large) {
        walk.set_in_directory_entry = leaf_bits & ~walk.directory_entry;
    } else {
        walk.set_in_directory_entry = pte::accessed & ~walk.directory_entry;
        walk.set_in_table_entry = leaf_bits & ~walk.table_entry;
    }
    return walk;
}

} // namespace trapgate::mmu
