// SPDX-License-Identifier: MIT
// Finds the system calls in the stream of privileged transfers: which task entered, with what, and what it went back with.
// The guest does not know: nothing here but looking.
#pragma once

#include "kernel/guest_kernel.hpp"
#include "kernel/syscall_text.hpp"
#include "trace/event.hpp"

#include <map>

namespace trapgate::kernel {

enum class EntryWay : u8 { Int80, Sysenter };

/// What became of a call when its task is back in user mode.
struct SyscallReturn {
    u32 result;
    u32 signal; ///< a handler runs first: its signal; else 0
};

/// Told of calls, in the order in which they happen.
class SyscallSink {
  public:
    virtual ~SyscallSink() = default;
    virtual void entered(const Task&, const SyscallEntry&, EntryWay) {}
    virtual void returned(const Task&, const SyscallEntry&, const SyscallReturn&) {}
    /// A signal handler begins although no call was in progress.
    virtual void signalled(const Task&, u32 /*signal*/) {}
    /// The task has ended by itself or by a signal (`exit_code` as in task_struct, a wait status).
    virtual void ended(const Task&, u32 /*exit_code*/) {}
};

class SyscallWatch final : public trace::Observer {
  public:
    SyscallWatch(const GuestKernel& kernel, const cpu::Cpu& cpu, SyscallSink& sink)
        : kernel_(kernel), cpu_(cpu), memory_(cpu), sink_(sink) {}
    void on(const trace::Transfer& transfer) override;

  private:
    /// One task that has been in user mode.
    struct Thread {
        std::optional<SyscallEntry> pending;
        u32 return_eip = 0; ///< where it left user mode; 0: unknown
        bool ended = false;
    };

    void enter_by_interrupt(u8 vector);
    void enter_by_sysenter();
    void go_back();
    void begin(const Task& task, EntryWay way, u32 return_eip, u32 sixth);
    SyscallReturn outcome(const SyscallEntry& entry, u32 return_eip) const;
    u32 signal_of_frame() const;
    void look_at_last(const std::optional<Task>& now);
    std::optional<Task> current();

    const GuestKernel& kernel_;
    const cpu::Cpu& cpu_;
    CpuMemory memory_;
    SyscallSink& sink_;
    std::map<s32, Thread> threads_; ///< by pid
    std::optional<Task> last_;
};

} // namespace trapgate::kernel
