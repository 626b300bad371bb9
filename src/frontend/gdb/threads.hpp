// SPDX-License-Identifier: MIT
// The guest's tasks as gdb's threads. One has the processor; the others' registers are what they left on their kernel stacks.
// A thread's number is the task's pid; the idle task, whose pid 0 means "any" to gdb, is thread 32768, which is no pid.
// Without tasks (before the kernel has some, or a kernel that is not ours) that thread is the processor itself.
#pragma once

#include "frontend/debuggee.hpp"
#include "frontend/gdb/registers.hpp"
#include "kernel/task_list.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trapgate::frontend::gdb {

constexpr u32 idle_thread = 32768;

class Threads {
  public:
    explicit Threads(const Debuggee& debuggee) : debuggee_(debuggee) {}

    /// All of them, the one that runs first.
    std::vector<u32> all() const;
    u32 current() const;
    bool exists(u32 thread) const;
    /// "hello, ring 3" or "sh, sleeping in schedule"; for `info threads`.
    std::string description(u32 thread) const;
    /// Nothing: there is no such thread.
    std::optional<RegisterImage> image(u32 thread, const RegisterSource& processor) const;
    /// Memory as this thread sees it.
    std::unique_ptr<kernel::GuestMemory> memory(u32 thread) const;
    /// struct mm_struct's saved_auxv, as bytes up to and with AT_NULL; empty if there is none.
    std::string auxv(u32 thread) const;
    /// The number of the system call in which the current task is, or -1.
    s32 current_call() const;
    /// Where that number lies on its kernel stack; nothing in ring 3.
    std::optional<u32> current_call_address() const;
    /// The current task is our init, or its child on the way to becoming PROG: user addresses do not mean PROG's symbols.
    bool current_is_init() const;

  private:
    std::optional<kernel::TaskState> task(u32 thread) const;
    RegisterImage saved_by_entry(const kernel::TaskState& task, const RegisterSource& processor) const;
    RegisterImage saved_by_switch(const kernel::TaskState& task, const RegisterSource& processor) const;

    const Debuggee& debuggee_;
};

} // namespace trapgate::frontend::gdb
