// SPDX-License-Identifier: MIT
// Where a TSS keeps what, 16 and 32 bit; and the half of a task switch that happens in the new task.
// Source: [SDM3] figures "32-Bit Task-State Segment (TSS)" and "16-Bit TSS Format".
#pragma once

#include "cpu/protect/descriptors.hpp"
#include "cpu/protect/transfer.hpp"

namespace trapgate::cpu::protect {

/// Byte offsets; 0 for what that TSS does not have.
struct TaskLayout {
    u8 width; ///< of EIP, EFLAGS, a general register, and from one selector to the next
    u8 cr3;
    u8 eip;
    u8 eflags;
    u8 gpr;
    u8 first_selector;
    u8 selectors; ///< how many: ES CS SS DS, and FS GS
    u8 ldt;
    u8 debug_trap;
    u8 last_byte; ///< the smallest limit
};

constexpr TaskLayout task_layout32{4, 0x1c, 0x20, 0x24, 0x28, 0x48, 6, 0x60, 0x64, 0x67};
constexpr TaskLayout task_layout16{2, 0, 0x0e, 0x10, 0x12, 0x22, 4, 0x2a, 0, 0x2b};

/// Where the 32-bit TSS keeps the offset of its I/O permission bitmap.
constexpr u32 io_map_base_offset = 0x66;

constexpr const TaskLayout& task_layout(u8 type) {
    return type & system_type::wide ? task_layout32 : task_layout16;
}

/// The last commit: everything of TaskImage into the registers, segments still without descriptors.
void load_task(Transfer&);
/// Checks and loads the new task's descriptors, pushes the error code, looks at T. Its faults are the new task's: committed.
void run_in_new_task(Transfer&);

} // namespace trapgate::cpu::protect
