// SPDX-License-Identifier: MIT
// Page tables, descriptor tables and gates for EmulatedProcessor, laid into its RAM before it starts.
// Source: [SDM3] "Paging", "Segment Descriptors", "Interrupt Descriptor Table (IDT)"; Linux's selectors for i386 programs.
#pragma once

#include "base/types.hpp"
#include "cpu/segment.hpp"
#include "mmu/physical_memory.hpp"

namespace trapgate::silicon {

/// Where things lie: physical addresses, and the supervisor's linear window on them.
namespace place {
constexpr u32 directory = 0x1000, first_table = 0x2000;
constexpr u32 gdt = 0x1'0000, ldt = 0x1'0400, idt = 0x1'1000, tss = 0x1'2000, kernel_stack = 0x1'3000,
              handlers = 0x1'5000;
constexpr u32 test_pages = 0x10'0000, ram_bytes = 0x20'0000;
constexpr u32 window = 0x0900'0000; // linear address of physical `gdt`: inside what tests may not touch
constexpr u32 linear(u32 physical) {
    return window + (physical - gdt);
}
} // namespace place

constexpr u16 gdt_limit = 127, kernel_code = 0x10, kernel_data = 0x18, task_selector = 0x40,
              local_table_selector = 0x50;
constexpr u32 handler_spacing = 16;

/// Writes all of it.
void write_tables(mmu::PhysicalMemory&, u32 processor_descriptor_limit);

/// The descriptor that `selector` names in the tables just written.
cpu::Descriptor descriptor_of(const mmu::PhysicalMemory&, u16 selector);

} // namespace trapgate::silicon
