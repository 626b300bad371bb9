// SPDX-License-Identifier: MIT
// `run --timeline FILE`: a run as tracks that Perfetto and Chrome's tracing page show. See docs/timelines.md.
#pragma once

#include "frontend/session.hpp"
#include "frontend/timeline/event_file.hpp"
#include "frontend/timeline/functions.hpp"
#include "frontend/timeline/signal_guard.hpp"
#include "frontend/timeline/task_tracks.hpp"
#include "kernel/syscall_watch.hpp"

#include <memory>
#include <mutex>

namespace trapgate::frontend::timeline {

/// Lives as long as the run.
class Timeline final : private trace::Observer, private kernel::SyscallSink {
  public:
    /// Begins to watch. Errors: the file cannot be written.
    static Result<std::unique_ptr<Timeline>> open(const RunOptions& options, Session& session);
    ~Timeline() override;
    /// Ends every slice and the file; `stop` is noted in it. An error if not everything could be written.
    Status close(const machine::Stop& stop);
    /// The signal that ended the run; 0: none did.
    int signal() const { return guard_ ? guard_->signal() : 0; }

  private:
    Timeline(const RunOptions& options, Session& session, EventFile file);
    Status begin();
    void write_header();
    void on(const trace::Transfer& transfer) override;
    void on(const trace::Retired& insn) override;
    void entered(const kernel::Task&, const kernel::SyscallEntry&, kernel::EntryWay) override;
    void returned(const kernel::Task&, const kernel::SyscallEntry&, const kernel::SyscallReturn&) override;
    void signalled(const kernel::Task&, u32 signal) override;
    void ended(const kernel::Task&, u32 exit_code) override;

    void look_at_task();
    void came_in(const trace::Transfer& transfer, u8 from);
    void went_back(const trace::Transfer& transfer);
    void change_ring(u8 to);
    void count_stack();
    std::string name_of_interrupt(u8 vector) const;
    std::string_view category_of_interrupt(u8 vector) const;
    Members frame_members(u8 vector) const;
    void end_in_emergency();

    const RunOptions& options_;
    Session& session_;
    machine::Machine& machine_;
    kernel::CpuMemory memory_;
    EventFile file_;
    TaskTracks tasks_;
    kernel::Symbols symbols_;
    std::unique_ptr<kernel::GuestKernel> guest_;
    std::unique_ptr<kernel::SyscallWatch> watch_;
    std::unique_ptr<Functions> functions_;

    std::mutex mutex_; ///< the guard may have to end the file from its own thread
    std::unique_ptr<SignalGuard> guard_;
    u64 at_ = 0; ///< the clock of the event that is being told
    u8 ring_ = 0;
    s32 pid_ = -1; ///< the task that runs; -1: not known yet
    u32 stack_top_ = 0, stack_bottom_ = 0;
    u64 stack_bytes_ = 0;
    bool call_entered_ = false;            ///< the transfer that is being told began a system call
    Members call_result_;                  ///< of the system call that has just come back
    std::map<s32, std::string> call_text_; ///< by pid: its call as far as it was known at entry
    std::map<s32, u32> call_printed_;      ///< by pid: arguments in it
};

} // namespace trapgate::frontend::timeline
