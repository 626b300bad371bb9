// SPDX-License-Identifier: MIT
// The kernel's functions as slices, found by watching calls and returns.
//
// A call is known by the place of its return address: it has ended as soon as the stack pointer lies above that place, however
// it came there (RET, IRET, a longjmp, a discarded stack). Each kernel stack has calls of its own, so that a task that is
// switched away from keeps them. An interrupt's entry point counts as called by its frame.
#pragma once

#include "cpu/cpu.hpp"
#include "frontend/timeline/event_file.hpp"
#include "kernel/guest_kernel.hpp"
#include "kernel/symbols.hpp"

#include <optional>

namespace trapgate::frontend::timeline {

class Functions {
  public:
    static constexpr u32 process = 3;

    /// `guest`: null for a kernel whose stacks are not known; then all calls are taken to be on one stack.
    Functions(EventFile& file, const cpu::Cpu& cpu, const kernel::Symbols& symbols,
              const kernel::GuestKernel* guest);

    /// An instruction has been completed; it is now `at`.
    void retired(const trace::Retired& insn, u64 at);
    /// A transfer into ring 0 has put the processor at an entry point; its return address lies at `slot`.
    /// `from_user`: the stack had been empty.
    void entered(u32 slot, u64 at, bool from_user);
    /// The processor is in user mode again.
    void left(u64 at);
    void finish();
    /// The task on whose kernel stack an instruction ran last; 0 before there are tasks.
    s32 pid() const { return current_ ? current_->pid : 0; }

  private:
    struct Call {
        u32 slot; ///< where its return address is; gone when ESP > slot
        u64 begin;
        std::string_view name;
        bool is_unsure; ///< the name: see name_root()
    };
    struct Stack {
        s32 pid = 0;
        u64 seen = 0; ///< when an instruction ran on it last
        std::vector<Call> calls;
    };

    u32 key_of(u32 esp) const;
    std::optional<s32> pid_of(u32 key) const;
    Stack* turn_to(u32 esp, u64 at);
    void push(Stack& stack, u32 slot, u64 at);
    void name_root(Stack& stack, u64 at);
    std::string_view name_here() const;
    void pop(Stack& stack, u64 at);
    void drop_all(Stack& stack, u64 at);

    EventFile& file_;
    const cpu::Cpu& cpu_;
    kernel::CpuMemory memory_;
    const kernel::Symbols& symbols_;
    const kernel::GuestKernel* guest_;
    std::vector<bool> is_call_;        ///< by row of instructions.def
    std::map<u32, Stack> stacks_;      ///< by the address of their lowest byte
    u32 key_ = ~u32{0};                ///< of current_
    Stack* current_ = nullptr;         ///< the stack that ran last
    std::map<s32, std::string> named_; ///< tracks that have a name
};

} // namespace trapgate::frontend::timeline
