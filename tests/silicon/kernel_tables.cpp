// SPDX-License-Identifier: MIT
// The tables' contents. Source: see the header.
#include "kernel_tables.hpp"

#include "case.hpp"

#include <cstring>
#include <map>

namespace trapgate::silicon {

namespace {

void put(mmu::PhysicalMemory& memory, u32 physical, u64 value, u32 size) {
    u8 bytes[8];
    std::memcpy(bytes, &value, sizeof bytes);
    memory.write({physical}, {bytes, size}, mmu::Writer::Loader);
}

/// [SDM3] "Page-Table Entries": present, writable, user; accessed and dirty are set beforehand, so that no test sets them.
void write_page_tables(mmu::PhysicalMemory& memory) {
    constexpr u32 present = 1, writable = 2, user = 4, accessed_dirty = 0x60;
    std::map<u32, u32> tables; // directory index → physical address
    auto map = [&](u32 linear, u32 physical, u32 rights) {
        const u32 index = linear >> 22;
        const auto [entry, is_new] = tables.try_emplace(index, place::first_table + u32(tables.size()) * page_size);
        if (is_new) put(memory, place::directory + index * 4, entry->second | present | writable | user | 0x20, 4);
        put(memory, entry->second + (linear >> 12 & 0x3FF) * 4, physical | rights | present | accessed_dirty, 4);
    };
    for (u32 page = 0; page < page_count; ++page)
        map(pages[page].address, place::test_pages + page * page_size,
            user | (pages[page].writable ? writable : 0));
    for (u32 physical = place::gdt; physical < place::handlers + page_size; physical += page_size)
        map(place::linear(physical), physical, writable);
}

/// `access`: bits 8–15 of the upper half; `flags`: bits 20–23.
u64 descriptor(u32 base, u32 limit, u32 access, u32 flags) {
    const u32 low = base << 16 | (limit & 0xFFFF);
    const u32 high = (base & 0xFF00'0000) | flags << 20 | (limit & 0xF'0000) | access << 8 | (base >> 16 & 0xFF);
    return u64{high} << 32 | low;
}

void write_gdt(mmu::PhysicalMemory& memory, u32 processor_descriptor_limit) {
    auto entry = [&](u32 selector, u64 value) { put(memory, place::gdt + (selector & ~7u), value, 8); };
    entry(0x08, descriptor(0, 0xF'FFFF, 0x9B, 0xC));
    entry(kernel_code, descriptor(0, 0xF'FFFF, 0x9B, 0xC));
    entry(kernel_data, descriptor(0, 0xF'FFFF, 0x93, 0xC));
    entry(flat_code, descriptor(0, 0xF'FFFF, 0xFB, 0xC));
    entry(flat_data, descriptor(0, 0xF'FFFF, 0xF3, 0xC));
    entry(0x30, descriptor(0, 0xF'FFFF, 0xFB, 0xA)); // Linux's 64-bit user code: readable as data
    entry(task_selector, descriptor(place::linear(place::tss), 0x67, 0x8B, 0));
    entry(local_table_selector, descriptor(place::linear(place::ldt), local_descriptor_count * 8 - 1, 0x82, 0));
    entry(0x78, descriptor(0, processor_descriptor_limit, 0xF5, 0x4));
}

void write_ldt(mmu::PhysicalMemory& memory) {
    for (u32 i = 0; i < local_descriptor_count; ++i) {
        const LocalDescriptor& d = local_descriptors[i];
        const u32 type = d.contents << 2 | u32(!d.read_or_execute_only) << 1 | 1;
        put(memory, place::ldt + i * 8,
            descriptor(d.base, d.limit, u32(d.present) << 7 | 0x70 | type,
                       u32(d.limit_in_pages) << 3 | u32(d.default_32) << 2),
            8);
    }
}

/// Interrupt gates to one handler each. Linux opens 3, 4 and 0x80 to ring 3.
void write_idt(mmu::PhysicalMemory& memory) {
    for (u32 vector = 0; vector < 256; ++vector) {
        const u32 handler = place::linear(place::handlers) + vector * handler_spacing;
        const u32 dpl = vector == 3 || vector == 4 || vector == 0x80 ? 3 : 0;
        const u64 gate =
            u64{(handler & 0xFFFF'0000) | 0x8E00 | dpl << 13} << 32 | u32{kernel_code} << 16 | (handler & 0xFFFF);
        put(memory, place::idt + vector * 8, gate, 8);
    }
}

void write_tss(mmu::PhysicalMemory& memory) {
    put(memory, place::tss + 4, place::linear(place::kernel_stack) + 2 * page_size, 4);
    put(memory, place::tss + 8, kernel_data, 4);
    put(memory, place::tss + 0x66, 0x68, 2); // I/O map base beyond the limit: no ports
}

} // namespace

void write_tables(mmu::PhysicalMemory& memory, u32 processor_descriptor_limit) {
    write_page_tables(memory);
    write_gdt(memory, processor_descriptor_limit);
    write_ldt(memory);
    write_idt(memory);
    write_tss(memory);
}

cpu::Descriptor descriptor_of(const mmu::PhysicalMemory& memory, u16 selector) {
    cpu::Descriptor found;
    std::memcpy(&found.raw, memory.bytes().data() + (selector & 4 ? place::ldt : place::gdt) + (selector & ~7u), 8);
    return found;
}

} // namespace trapgate::silicon
