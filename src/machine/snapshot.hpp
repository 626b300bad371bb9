// SPDX-License-Identifier: MIT
// The whole state of a machine at one instruction, and its hash.
#pragma once

#include "cpu/cpu.hpp"
#include "machine/board.hpp"
#include "mmu/physical_memory.hpp"

#include <array>
#include <vector>

namespace trapgate::machine {

/// A copy: it stays valid whatever the machine does later. Pages that hold only zeroes take no room.
struct Snapshot {
    struct Page {
        u64 number = 0; ///< physical address / 4096
        std::array<u8, page_size> bytes{};
    };
    cpu::State cpu;
    u64 slept = 0; ///< clocks skipped while the processor slept
    Board::State board;
    std::vector<Page> pages; ///< ascending
};

/// All pages of RAM that hold something.
std::vector<Snapshot::Page> copy_pages(const mmu::PhysicalMemory& memory);

/// Makes RAM hold these pages and zeroes everywhere else.
void restore_pages(mmu::PhysicalMemory& memory, const std::vector<Snapshot::Page>& pages);

/// Hash of the processor's registers, the devices and RAM. Does not depend on how flags or buffers happen to be represented.
u64 hash_state(const cpu::State& cpu, u64 slept, const Board::State& board, const mmu::PhysicalMemory& memory);

} // namespace trapgate::machine
