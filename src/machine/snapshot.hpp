// SPDX-License-Identifier: MIT
// The whole state of a machine at one instruction, and its hash.
#pragma once

#include "cpu/cpu.hpp"
#include "machine/board.hpp"
#include "machine/host_log.hpp"
#include "mmu/page_image.hpp"
#include "mmu/physical_memory.hpp"

namespace trapgate::machine {

/// A copy: it stays valid whatever the machine does later. Snapshots of one machine share the pages that are the same.
struct Snapshot {
    cpu::State cpu;
    u32 debug_hits = 0; ///< cpu::pending_debug: #DB is still to come
    u64 slept = 0;      ///< clocks skipped while the processor slept
    Board::State board;
    mmu::PageImage pages;
    HostCursor log; ///< how much of the host log had been used
};

/// Hash of the processor's registers, the devices and RAM. Does not depend on how flags or buffers happen to be represented.
u64 hash_state(const cpu::State& cpu, u32 debug_hits, u64 slept, const Board::State& board,
               const mmu::PhysicalMemory& memory);

} // namespace trapgate::machine
