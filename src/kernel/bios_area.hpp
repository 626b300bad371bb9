// SPDX-License-Identifier: MIT
// What a PC's BIOS leaves in low memory and kernels read: its data area at 400h, and a blank text screen at B8000h.
// Source: [BIOS] "BIOS Data Area": equipment word, memory size, video mode, port addresses.
#pragma once

#include "cpu/cpu.hpp"
#include "mmu/physical_memory.hpp"

namespace trapgate::kernel {

/// The descriptors behind the selectors with which a kernel starts: flat code and data, ring 0.
constexpr u64 boot_code_segment = 0x00cf9b000000ffff, boot_data_segment = 0x00cf93000000ffff;

/// Writes a table with the flat code segment 08h and the flat data segment 10h into the last KB below 640 KB, which the memory
/// map reserves, and says where. The specification lets no kernel use the loader's table; but common loaders leave one like
/// this, and small kernels load only an IDT and rely on it.
cpu::TableRegister leave_boot_gdt(mmu::PhysicalMemory& memory);

/// Writes both, as far as there is memory. For kernels that are not ours: ours reads none of it.
void leave_bios_area(mmu::PhysicalMemory& memory);

} // namespace trapgate::kernel
