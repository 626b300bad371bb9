// SPDX-License-Identifier: MIT
// --trace FILE: a text trace of a run, with what its header says.
#pragma once

#include "base/result.hpp"
#include "frontend/session.hpp"
#include "frontend/trace_reader.hpp"
#include "kernel/guest_kernel.hpp"
#include "kernel/syscall_watch.hpp"
#include "trace/text_recorder.hpp"

#include <cstdio>
#include <map>
#include <memory>

namespace trapgate::frontend {

/// Lives as long as the run. Nothing is recorded before begin().
class TraceFile : private kernel::SyscallSink {
  public:
    static Result<std::unique_ptr<TraceFile>> open(const RunOptions& options, Session& session);
    ~TraceFile() override;
    /// An error if not everything could be written.
    Status close();

  private:
    TraceFile(const RunOptions& options, Session& session, std::FILE* file)
        : options_(options), session_(session), file_(file) {}
    Status begin();
    std::string header() const;
    void entered(const kernel::Task&, const kernel::SyscallEntry&, kernel::EntryWay) override;
    void returned(const kernel::Task&, const kernel::SyscallEntry&, const kernel::SyscallReturn&) override;

    /// Transfers go to the recorder and to the watch.
    class Both;

    const RunOptions& options_;
    Session& session_;
    std::FILE* file_;
    kernel::Symbols kernel_symbols_, program_symbols_;
    std::unique_ptr<TraceReader> reader_;
    std::unique_ptr<trace::TextRecorder> recorder_;
    std::unique_ptr<kernel::GuestKernel> guest_;
    std::unique_ptr<kernel::CpuMemory> memory_;
    std::unique_ptr<kernel::SyscallWatch> watch_;
    std::unique_ptr<trace::Observer> both_;
    std::map<s32, u32> printed_; ///< by pid: arguments of its call that have been noted
};

} // namespace trapgate::frontend
