// SPDX-License-Identifier: MIT
#include "frontend/explain/find_call.hpp"

namespace trapgate::frontend {

namespace {

constexpr s32 init_pid = 1;
constexpr u32 execve = 11;

} // namespace

void CallFinder::on(const trace::Transfer& transfer) {
    last_kind_ = transfer.kind;
    if (!instruction_) watch_.on(transfer);
}

bool CallFinder::is_program(const kernel::Task& task) const {
    return started_ && task.tgid != init_pid;
}

void CallFinder::count(u64 instruction) {
    ++seen_;
    if (--left_ != 0) return;
    instruction_ = instruction;
    found_();
}

void CallFinder::entered(const kernel::Task& task, const kernel::SyscallEntry&, kernel::EntryWay way) {
    if (!is_program(task)) return;
    entries_[task.pid] = cpu_.now();
    if (subject_ == Subject::Int80 && way == kernel::EntryWay::Int80) count(cpu_.now());
    if (subject_ == Subject::Sysenter && way == kernel::EntryWay::Sysenter) count(cpu_.now());
}

void CallFinder::returned(const kernel::Task& task, const kernel::SyscallEntry& entry,
                          const kernel::SyscallReturn& back) {
    if (task.tgid != init_pid && entry.number == execve && back.result == 0) {
        started_ = true;
        return; // the new image made no call yet
    }
    const auto begun = entries_.find(task.pid);
    if (!is_program(task) || begun == entries_.end()) return;
    if (subject_ == Subject::Iret && last_kind_ == trace::TransferKind::InterruptReturn) count(begun->second);
    if (subject_ == Subject::Sysexit && last_kind_ == trace::TransferKind::Sysexit) count(begun->second);
}

} // namespace trapgate::frontend
