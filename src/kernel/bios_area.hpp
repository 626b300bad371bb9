// SPDX-License-Identifier: MIT
// What a PC's BIOS leaves in low memory and kernels read: its data area at 400h, and a blank text screen at B8000h.
// Source: [BIOS] "BIOS Data Area": equipment word, memory size, video mode, port addresses.
#pragma once

#include "mmu/physical_memory.hpp"

namespace trapgate::kernel {

/// Writes both, as far as there is memory. For kernels that are not ours: ours reads none of it.
void leave_bios_area(mmu::PhysicalMemory& memory);

} // namespace trapgate::kernel
