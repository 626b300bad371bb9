// SPDX-License-Identifier: MIT
// The words that stand for this machine: one serial port, a colour display in mode 3, 639 KB of low memory.
#include "kernel/bios_area.hpp"

#include <vector>

namespace trapgate::kernel {

namespace {

struct Word {
    u16 offset; ///< from 400h
    u16 value;
};
constexpr Word words[]{
    {0x00, 0x03f8},                 // COM1
    {0x0e, 0x9fc0},                 // segment of the extended area: the last KB below 640 KB
    {0x10, 0x0222},                 // equipment: a coprocessor, 80x25 colour, one serial port
    {0x13, 639},                    // KB of memory below the extended area
    {0x1a, 0x001e},                 // keyboard buffer: empty
    {0x1c, 0x001e}, {0x49, 0x5003}, // mode 3; low byte of the columns
    {0x4b, 0x0000}, {0x4c, 0x1000}, // bytes of a screen page
    {0x60, 0x0d0e},                 // shape of the cursor
    {0x63, 0x03d4},                 // port of the CRT controller
    {0x84, 0x1018},                 // rows less one; height of a character
};

} // namespace

cpu::TableRegister leave_boot_gdt(mmu::PhysicalMemory& memory) {
    constexpr u32 place = 0x9fd00;
    constexpr u64 entries[]{0, boot_code_segment, boot_data_segment};
    std::vector<u8> bytes;
    for (const u64 entry : entries)
        for (u32 shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<u8>(entry >> shift));
    if (!memory.contains({place}, bytes.size())) return {0, 0};
    memory.write({place}, bytes, mmu::Writer::Loader);
    return {place, static_cast<u16>(bytes.size() - 1)};
}

void leave_bios_area(mmu::PhysicalMemory& memory) {
    constexpr u64 data_area = 0x400, screen = 0xb8000, screen_bytes = 0x8000;
    const auto write = [&memory](u64 address, std::span<const u8> bytes) {
        if (memory.contains({address}, bytes.size())) memory.write({address}, bytes, mmu::Writer::Loader);
    };
    for (const Word& word : words)
        write(data_area + word.offset,
              std::vector<u8>{static_cast<u8>(word.value), static_cast<u8>(word.value >> 8)});
    std::vector<u8> blanks;
    for (u64 i = 0; i < screen_bytes; i += 2) {
        blanks.push_back(' ');
        blanks.push_back(0x07);
    }
    write(screen, blanks);
}

} // namespace trapgate::kernel
