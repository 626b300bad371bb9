// SPDX-License-Identifier: MIT
// Who uses which number: the guest's bitmap of numbers and its four hash tables of tasks, read by the kernel's own DWARF.
// Source: guest/kernel/include/linux/pid.h, kernel/pid.c.
#pragma once

#include "kernel/guest_kernel.hpp"

#include <array>
#include <vector>

namespace trapgate::kernel {

/// enum pid_type.
enum class PidType : u8 { Pid, Tgid, Pgid, Sid };
constexpr std::size_t pid_types = 4;

struct PidUse {
    s32 number = 0;
    bool reserved = false; ///< its bit in the bitmap is set: nobody else gets it
    /// The pids of the tasks that have the number as their PID, thread group, process group or session.
    std::array<std::vector<s32>, pid_types> tasks;
};

/// Every number that the bitmap or a table knows, in ascending order. Empty before there are tasks.
std::vector<PidUse> pid_tables(const GuestKernel& kernel, const cpu::Cpu& cpu);

} // namespace trapgate::kernel
