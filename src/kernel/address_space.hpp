// SPDX-License-Identifier: MIT
// The address space of a task of our kernel as the kernel itself has written it down: its areas and what they are for.
// Reads only. Truth: struct mm_struct and vm_area_struct (guest/kernel/include/linux/{sched,mm}.h) by way of DWARF.
#pragma once

#include "kernel/guest_kernel.hpp"

#include <optional>
#include <string>
#include <vector>

namespace trapgate::kernel {

struct Area {
    u32 start = 0, end = 0;
    u32 flags = 0;      ///< VM_ bits
    u32 page_index = 0; ///< first page of the file
    std::string
        file{};        ///< name of what is mapped, as far as its own directory entry tells; empty: anonymous memory
    std::string use{}; ///< "text", "data", "heap", "stack", "mapping"

    /// "r-xp", as /proc/PID/maps has it.
    std::string rights() const;
};

struct AddressSpace {
    u32 mm = 0;
    u32 page_directory = 0; ///< linear; physical it is what CR3 holds
    u32 start_code = 0, end_code = 0, start_data = 0, end_data = 0;
    u32 start_brk = 0, brk = 0, start_stack = 0;
    u32 users = 0;         ///< mm_users: tasks that share it
    u32 resident = 0;      ///< rss, pages
    std::string program{}; ///< name of exe_file
    std::vector<Area> areas{};
};

/// Of the mm_struct at `mm`. Nothing for 0 (a kernel thread) or what cannot be read.
std::optional<AddressSpace> address_space(const GuestKernel& kernel, const GuestMemory& memory, u32 mm);

} // namespace trapgate::kernel
