// SPDX-License-Identifier: MIT
// Finds the N-th system call of PROG that enters or leaves the kernel in a certain way. The run is at full speed; because the same
// inputs give the same run, a second one can be stopped just before that call and watched.
#pragma once

#include "frontend/explain/subjects.hpp"
#include "kernel/syscall_watch.hpp"

#include <functional>

namespace trapgate::frontend {

class CallFinder final : public trace::Observer, private kernel::SyscallSink {
  public:
    CallFinder(const kernel::GuestKernel& kernel, const cpu::Cpu& cpu, Subject subject, u64 nth,
               std::function<void()> found)
        : cpu_(cpu), subject_(subject), left_(nth), found_(std::move(found)), watch_(kernel, cpu, *this) {}

    void on(const trace::Transfer& transfer) override;
    /// The number of the instruction that enters the kernel.
    std::optional<u64> instruction() const { return instruction_; }
    /// Calls of the wanted kind that were seen.
    u64 seen() const { return seen_; }

  private:
    void entered(const kernel::Task&, const kernel::SyscallEntry&, kernel::EntryWay) override;
    void returned(const kernel::Task&, const kernel::SyscallEntry&, const kernel::SyscallReturn&) override;
    bool is_program(const kernel::Task& task) const;
    void count(u64 instruction);

    const cpu::Cpu& cpu_;
    const Subject subject_;
    u64 left_;
    std::function<void()> found_;
    kernel::SyscallWatch watch_;
    trace::TransferKind last_kind_{};
    std::map<s32, u64> entries_; ///< by pid: the instruction that entered
    bool started_ = false;       ///< PROG's execve is back
    u64 seen_ = 0;
    std::optional<u64> instruction_;
};

} // namespace trapgate::frontend
