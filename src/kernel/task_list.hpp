// SPDX-License-Identifier: MIT
// All tasks of our kernel and its run queue, as they lie in the guest's memory. Reads only; a damaged list ends the walk.
// Names are those of the guest: struct task_struct, runqueue. Truth: guest/kernel/include/linux/sched.h by way of DWARF.
#pragma once

#include "kernel/guest_kernel.hpp"

#include <optional>
#include <string>
#include <vector>

namespace trapgate::kernel {

struct TaskState : Task {
    u32 parent = 0; ///< address of the task_struct that gets SIGCHLD; itself for pid 0
    s32 parent_pid = 0;
    u32 state = 0; ///< TASK_ bits; 0: it runs or could
    u32 exit_state = 0;
    s32 prio = 0, static_prio = 0;
    u32 time_slice = 0;                ///< ticks left
    u32 esp = 0, eip = 0;              ///< thread.esp, thread.eip: where switch_to will go on. Stale while it runs
    u32 mm = 0;                        ///< 0: a kernel thread
    std::optional<u32> page_directory; ///< physical; what CR3 holds while it runs. Nothing for a kernel thread
    bool running = false;              ///< the TSS holds its stack: it is the one on the processor

    /// R S D T t Z X, as ps shows it.
    char letter() const;
    /// "running", "ready", "sleeping", "zombie", …
    std::string_view state_text() const;
    /// Nobody has switched to it yet: it will begin at ret_from_fork.
    bool never_ran = false;
};

/// In the order of the family tree: the idle task, its children, theirs. Empty while there are no tasks yet.
std::vector<TaskState> all_tasks(const GuestKernel& kernel, const cpu::Cpu& cpu);
/// The task_struct at this address, whether it hangs on a list or not.
TaskState read_task(const GuestKernel& kernel, const cpu::Cpu& cpu, u32 address);
/// Null if there is no such task.
const TaskState* find_task(const std::vector<TaskState>& tasks, s32 pid);

/// One place of the run queue that is not empty.
struct QueuedTask {
    u32 task;    ///< address of the task_struct
    u32 queue;   ///< which of the lists: its priority
    bool active; ///< else it waits in the expired array
};

struct RunQueue {
    u32 nr_running = 0;
    u32 nr_switches = 0; ///< the low 32 bits
    u32 curr = 0, idle = 0;
    std::vector<QueuedTask> queued; ///< in the order in which they would get the processor
};
/// Nothing if this kernel has no runqueue of that form.
std::optional<RunQueue> run_queue(const GuestKernel& kernel, const cpu::Cpu& cpu);

/// How much of a kernel stack has been used.
struct StackUse {
    u32 lowest = 0;       ///< the lowest word that is not zero above thread_info; the top if there is none
    u32 first_usable = 0; ///< end of thread_info
    u32 top = 0;
    u32 used() const { return top - lowest; }
    u32 size() const { return top - first_usable; }
};
/// The high-water mark as a kernel would find it: the words that are still zero have not been used. Pages that belonged to
/// something else before may hold old words: so at most that much. Nothing if the stack cannot be read.
std::optional<StackUse> stack_use(const GuestKernel& kernel, const GuestMemory& memory, const Task& task);

/// A frame of the EBP chain.
struct StackFrame {
    u32 ebp;            ///< where the caller's EBP is saved; the return address lies above it
    u32 return_address; ///< into the caller
};
/// Follows saved EBPs upwards from `ebp` as long as they stay in [bottom, top).
std::vector<StackFrame> frame_chain(const GuestMemory& memory, u32 ebp, u32 bottom, u32 top);
/// Of a task that sleeps: its callers from switch_to on, schedule first. Empty for one that runs or never ran.
std::vector<StackFrame> sleeping_chain(const GuestMemory& memory, const TaskState& task);
/// Where it waits: the first of these outside the scheduler. 0 if there is none.
u32 waits_in(const GuestKernel& kernel, const std::vector<StackFrame>& chain);

} // namespace trapgate::kernel
