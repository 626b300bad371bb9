// SPDX-License-Identifier: MIT
// The slow path: TLB misses, page walks, accesses that cross pages, device pages, watched pages, pages that hold code.
#include "cpu/memory.hpp"

#include "base/assert.hpp"

namespace trapgate::cpu {

namespace {

using mmu::TlbDetail;
using mmu::TlbEntry;
namespace tag = mmu::tlb_tag;

bool is_user(const Cpu& cpu, Rights rights) {
    return rights == Rights::Current && cpu.cpl == 3;
}

bool tag_matches(u32 entry_tag, u32 linear) {
    return !(entry_tag & tag::invalid) && (entry_tag & ~page_offset_mask) == (linear & ~page_offset_mask);
}

/// Sets accessed and dirty bits that a walk found due. [SDM3] "Accessed and Dirty Flags".
void update_entry(Cpu& cpu, PhysicalAddress address, u32 entry, u32 bits) {
    if (!bits) return;
    entry |= bits;
    ASSERT(cpu.bus.memory().contains(address, 4));
    cpu.bus.memory().touch(address);
    std::memcpy(cpu.ram + address.value, &entry, 4);
}

mmu::PageWalk walk(Cpu& cpu, u32 linear, Intent intent, bool user) {
    mmu::PageWalk walk = walk_page_table(cpu.bus.memory(), cpu.paging_mode(), {linear}, intent, user);
    if (!walk.ok) raise_page_fault(linear, walk.error_code);
    update_entry(cpu, walk.directory_entry_address, walk.directory_entry, walk.set_in_directory_entry);
    update_entry(cpu, walk.table_entry_address, walk.table_entry, walk.set_in_table_entry);
    return walk;
}

bool is_valid(u32 entry_tag) {
    return !(entry_tag & tag::invalid);
}

bool debugger_watches(const Cpu& cpu, const TlbEntry& entry) {
    if (!cpu.stops || cpu.stops->data.empty()) return false;
    const u32 any = is_valid(entry.read_tag) ? entry.read_tag : entry.write_tag;
    return is_valid(any) && cpu.stops->watches_page(any);
}

/// Decides which accesses through a valid entry must take the slow path.
void set_slow_bits(const Cpu& cpu, TlbEntry& entry, const TlbDetail& detail) {
    const bool all = cpu.watched || detail.device || cpu.alignment_checked || cpu.debug_enabled() ||
                     debugger_watches(cpu, entry);
    const bool writes = all || (cpu.code_guard && cpu.code_guard->holds_code(detail.page)) ||
                        !cpu.bus.memory().touched(detail.page); // the first write since a snapshot
    if (!(entry.read_tag & tag::invalid)) entry.read_tag = (entry.read_tag & ~tag::slow) | (all ? tag::slow : 0);
    if (!(entry.write_tag & tag::invalid))
        entry.write_tag = (entry.write_tag & ~tag::slow) | (writes ? tag::slow : 0);
}

/// Fills the TLB entry of `linear` for `intent`; returns its index.
u32 fill(Cpu& cpu, mmu::Tlb& tlb, u32 linear, Intent intent, bool user) {
    PhysicalAddress page{linear & ~page_offset_mask};
    bool writable = true, global = false, large = false;
    if (cpu.paging()) {
        const mmu::PageWalk result = walk(cpu, linear, intent, user);
        page = result.page;
        writable = result.writable && result.dirty;
        global = result.global && (cpu.cr4 & cr4::pge);
        large = result.large;
    }
    const u32 index = mmu::Tlb::index(linear);
    TlbEntry& entry = tlb.entries[index];
    TlbDetail& detail = tlb.details[index];
    const bool in_ram = cpu.bus.memory().contains(page, page_size) && !cpu.bus.is_device(page);
    const u32 page_tag = linear & ~page_offset_mask;
    detail = {page, !in_ram, global, large};
    entry.read_tag = page_tag;
    entry.write_tag = writable ? page_tag : tag::invalid;
    entry.host_minus_linear = in_ram ? cpu.ram + page.value - page_tag : nullptr;
    set_slow_bits(cpu, entry, detail);
    return index;
}

/// A debugger waits for an access here: the instruction has to be alone, so that the run can end right after it.
void approach(Cpu& cpu, u32 linear, u32 size) {
    if (cpu.stops && cpu.stops->active && cpu.current && cpu.code_guard && cpu.stops->watches(linear, size))
        [[unlikely]]
        cpu.code_guard->require_alone();
}

struct Place {
    PhysicalAddress physical;
    bool device;
};

Place translate(Cpu& cpu, u32 linear, Intent intent, Rights rights) {
    const bool user = is_user(cpu, rights);
    mmu::Tlb& tlb = cpu.tlbs[user];
    u32 index = mmu::Tlb::index(linear);
    const TlbEntry& entry = tlb.entries[index];
    if (!tag_matches(intent == Intent::Write ? entry.write_tag : entry.read_tag, linear))
        index = fill(cpu, tlb, linear, intent, user);
    const TlbDetail& detail = tlb.details[index];
    if (intent == Intent::Write && !detail.device && !cpu.bus.memory().touched(detail.page)) {
        cpu.bus.memory().touch(detail.page);
        set_slow_bits(cpu, tlb.entries[index], detail);
    }
    return {detail.page + (linear & page_offset_mask), detail.device};
}

/// An access as one piece, or as two when it crosses a page.
struct Split {
    Place first;
    Place second;
    u32 first_bytes;
};

Split translate_all(Cpu& cpu, u32 linear, u32 size, Intent intent, Rights rights) {
    approach(cpu, linear, size);
    if (cpu.alignment_checked && rights == Rights::Current && (linear & (size - 1)))
        raise(Vector::AC, 0); // silicon looks at the alignment before it walks the page tables
    const u32 room = page_size - (linear & page_offset_mask);
    Split split{translate(cpu, linear, intent, rights), {}, size};
    if (room < size) {
        split.first_bytes = room;
        split.second = translate(cpu, linear + room, intent, rights);
        // The second fill may have taken the first's TLB place only if they share an index: neighbours never do.
    }
    return split;
}

u64 read_place(Cpu& cpu, Place place, u32 size) {
    if (place.device) return cpu.bus.read_device(place.physical, static_cast<u8>(size));
    u64 value = 0;
    std::memcpy(&value, cpu.ram + place.physical.value, size);
    return value;
}

void write_place(Cpu& cpu, Place place, u32 size, u64 value) {
    if (place.device)
        cpu.bus.write_device(place.physical, static_cast<u8>(size), value);
    else
        std::memcpy(cpu.ram + place.physical.value, &value, size);
}

void guard_code(Cpu& cpu, Place place, u32 size) {
    if (cpu.code_guard && !place.device &&
        cpu.code_guard->holds_code({place.physical.value & ~u64{page_offset_mask}}))
        cpu.code_guard->before_store(place.physical, size);
}

void guard_code(Cpu& cpu, const Split& split, u32 size) {
    guard_code(cpu, split.first, split.first_bytes);
    if (split.first_bytes < size) guard_code(cpu, split.second, size - split.first_bytes);
}

/// Data breakpoints. [SDM3] "Data Breakpoint and Debug Exception Conditions": R/W 1 writes, 3 reads and writes.
void match_breakpoints(Cpu& cpu, u32 linear, u32 size, Intent intent) {
    for (u32 n = 0; n < 4; ++n) {
        const u32 kind = cpu.dr[7] >> (16 + 4 * n) & 3, length = cpu.dr[7] >> (18 + 4 * n) & 3;
        const bool wanted = kind == 3 || (kind == 1 && intent == Intent::Write);
        const u32 first = cpu.dr[n] & ~length; // length is one less than 1, 2 or 4: also the alignment mask
        if ((cpu.dr[7] >> (2 * n) & 3) && wanted && linear <= first + length && first <= linear + (size - 1))
            cpu.debug_hits |= 1u << n;
    }
}

void report(Cpu& cpu, u32 linear, const Split& split, u32 size, u64 value, Intent intent, Rights rights) {
    if (cpu.debug_enabled()) match_breakpoints(cpu, linear, size, intent);
    if (cpu.observer)
        cpu.observer->on(trace::Access{{linear},
                                       split.first.physical,
                                       value,
                                       intent,
                                       static_cast<u8>(size),
                                       rights == Rights::Supervisor || cpu.cpl != 3});
}

/// A debugger's watchpoint: the first access of an instruction that one waits for ends the run after the instruction.
void match_watchpoints(Cpu& cpu, const WatchHit& access) {
    DebugStops* const stops = cpu.stops;
    if (!stops || !stops->active || stops->hit) return;
    for (const WatchRange& range : stops->data)
        if (range.holds(access.address, access.size) &&
            (access.intent == Intent::Write ? range.writes : range.reads)) {
            stops->hit = access;
            cpu.request_attention();
            return;
        }
}

u64 load_split(Cpu& cpu, const Split& split, u32 size) {
    u64 value = read_place(cpu, split.first, split.first_bytes);
    if (split.first_bytes < size)
        value |= read_place(cpu, split.second, size - split.first_bytes) << (8 * split.first_bytes);
    return value;
}

u64 load_as(Cpu& cpu, u32 linear, u32 size, Rights rights, Intent intent) {
    const Split split = translate_all(cpu, linear, size, intent, rights);
    if (intent == Intent::Write) guard_code(cpu, split, size);
    const u64 value = load_split(cpu, split, size);
    report(cpu, linear, split, size, value, Intent::Read, rights);
    match_watchpoints(cpu, {linear, static_cast<u8>(size), Intent::Read, value, value, 0});
    return value;
}

} // namespace

namespace slow {

u64 load(Cpu& cpu, u32 linear, u32 size, Rights rights) {
    return load_as(cpu, linear, size, rights, Intent::Read);
}

u64 load_for_update(Cpu& cpu, u32 linear, u32 size, Rights rights) {
    return load_as(cpu, linear, size, rights, Intent::Write);
}

void store(Cpu& cpu, u32 linear, u32 size, u64 value, Rights rights) {
    const Split split = translate_all(cpu, linear, size, Intent::Write, rights);
    guard_code(cpu, split, size);
    const bool watched = cpu.stops && cpu.stops->watches(linear, size);
    const u64 before = watched && !split.first.device ? load_split(cpu, split, size) : 0;
    write_place(cpu, split.first, split.first_bytes, value);
    if (split.first_bytes < size)
        write_place(cpu, split.second, size - split.first_bytes, value >> (8 * split.first_bytes));
    report(cpu, linear, split, size, value, Intent::Write, rights);
    if (watched) match_watchpoints(cpu, {linear, static_cast<u8>(size), Intent::Write, value, before, 0});
}

} // namespace slow

void probe_write(Cpu& cpu, u32 linear, u32 size, Rights rights) {
    approach(cpu, linear, size);
    for (u32 done = 0; done < size;) {
        const u32 room = page_size - ((linear + done) & page_offset_mask);
        const u32 piece = room < size - done ? room : size - done;
        guard_code(cpu, translate(cpu, linear + done, Intent::Write, rights), piece);
        done += piece;
    }
}

void probe_read(Cpu& cpu, u32 linear, u32 size, Rights rights) {
    translate(cpu, linear, Intent::Read, rights);
    translate(cpu, linear + size - 1, Intent::Read, rights);
}

PhysicalAddress translate_fetch(Cpu& cpu, u32 linear) {
    return translate(cpu, linear, Intent::Fetch, Rights::Current).physical;
}

bool peek_translation(const Cpu& cpu, u32 linear, PhysicalAddress& physical) {
    if (!cpu.paging()) {
        physical = {linear};
        return true;
    }
    const mmu::PageWalk walk = walk_page_table(cpu.bus.memory(), cpu.paging_mode(), {linear}, Intent::Read, false);
    physical = walk.page + (linear & page_offset_mask);
    return walk.ok;
}

void set_watched(Cpu& cpu, bool watched) {
    cpu.watched = watched;
    refresh_slow_bits(cpu);
}

void refresh_slow_bits(Cpu& cpu) {
    for (mmu::Tlb& each : cpu.tlbs)
        for (u32 n = 0; n < mmu::tlb_entries; ++n) set_slow_bits(cpu, each.entries[n], each.details[n]);
}

void segment_violation(SegmentRegister r) {
    raise(r == SegmentRegister::ss ? Vector::SS : Vector::GP, 0);
}

} // namespace trapgate::cpu
