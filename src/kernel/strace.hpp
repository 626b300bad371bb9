// SPDX-License-Identifier: MIT
// The lines of `trapgate strace`, from the calls that a SyscallWatch finds.
#pragma once

#include "kernel/syscall_watch.hpp"

#include <functional>
#include <map>
#include <set>

namespace trapgate::kernel {

class Strace final : public SyscallSink {
  public:
    struct Options {
        bool init_too = false; ///< also what init does before and around PROG
    };
    /// `write` takes pieces of the text as they come.
    Strace(const GuestMemory& memory, Options options, std::function<void(std::string_view)> write)
        : memory_(memory), options_(options), write_(std::move(write)) {}

    void entered(const Task&, const SyscallEntry&, EntryWay) override;
    void returned(const Task&, const SyscallEntry&, const SyscallReturn&) override;
    void signalled(const Task&, u32 signal) override;
    void ended(const Task&, u32 exit_code) override;
    /// Ends a line that is still open.
    void finish();

  private:
    bool is_shown(const Task& task, const SyscallEntry* entry);
    void start_line(const Task& task);
    void end_line(std::string_view text);

    const GuestMemory& memory_;
    Options options_;
    std::function<void(std::string_view)> write_;
    std::set<s32> seen_;         ///< pids that had a line
    std::map<s32, u32> printed_; ///< by pid: arguments of its call that are printed already
    s32 open_pid_ = 0;           ///< whose line is not finished; 0 = none
    bool started_ = false;
};

} // namespace trapgate::kernel
