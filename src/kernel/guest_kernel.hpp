// SPDX-License-Identifier: MIT
// What the host knows of the guest kernel: its symbols, lines and structures, and the task that runs.
// Reads only: everything comes from vmlinux and from the guest's memory.
#pragma once

#include "base/result.hpp"
#include "cpu/cpu.hpp"
#include "kernel/debug_info.hpp"
#include "kernel/guest_memory.hpp"
#include "kernel/symbols.hpp"

#include <optional>
#include <string>

namespace trapgate::kernel {

struct Task {
    u32 address;     ///< of its task_struct
    u32 thread_info; ///< at the bottom of its kernel stack
    u32 stack_top;   ///< TSS.esp0
    s32 pid;
    s32 tgid;
    std::string comm;
};

class GuestKernel {
  public:
    /// Reads `vmlinux`; an error if it lacks the symbols or the DWARF that explaining it takes.
    static Result<GuestKernel> from_file(const std::string& vmlinux);

    const Symbols& symbols() const { return symbols_; }
    const DebugInfo& debug() const { return debug_; }
    const Layout& pt_regs() const { return pt_regs_; }
    const Layout& thread_info() const { return thread_info_; }
    const Layout& task_struct() const { return task_struct_; }
    /// The frame that a trap out of the task's own code leaves below TSS.esp0: struct pt_regs, or struct kernel_vm86_regs, four words
    /// more, while the task is in virtual-8086 mode.
    const Layout& trap_frame(const GuestMemory& memory, const Task& task) const;
    /// vm86() has lowered TSS.esp0 to its own frame: the task's code is that of a virtual 8086.
    bool in_virtual8086(const GuestMemory& memory, const Task& task) const;
    /// Bytes of a kernel stack with the thread_info at its bottom.
    u32 stack_size() const { return stack_size_; }

    /// The task whose kernel stack the TSS names: the current one. Nothing before there are tasks.
    std::optional<Task> current(const cpu::Cpu& cpu) const;
    /// A word of a task_struct, by the member's name.
    std::optional<u32> task_word(const GuestMemory& memory, u32 task, std::string_view member) const;

  private:
    GuestKernel(Symbols symbols, DebugInfo debug);
    Symbols symbols_;
    DebugInfo debug_;
    Layout pt_regs_, thread_info_, task_struct_;
    u32 stack_size_ = 0;
    u32 task_of_thread_info_ = 0, pid_ = 0, tgid_ = 0, comm_ = 0, comm_size_ = 0;
};

} // namespace trapgate::kernel
