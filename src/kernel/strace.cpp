// SPDX-License-Identifier: MIT
// strace's conventions: "[pid N]" from the second process on, "<unfinished ...>" when another one interrupts a line.
#include "kernel/strace.hpp"

#include "kernel/abi_names.hpp"

#include <fmt/format.h>

namespace trapgate::kernel {

namespace {

constexpr s32 init_pid = 1;

std::string call_name(const SyscallEntry& entry) {
    const Syscall* call = find_syscall(entry.number);
    return call ? std::string(call->name) : fmt::format("syscall_{:#x}", entry.number);
}

bool never_returns(const SyscallEntry& entry) {
    const Syscall* call = find_syscall(entry.number);
    return call && call->result == SyscallResult::Never;
}

std::string end_text(u32 exit_code) {
    const u32 signal = exit_code & 0x7f;
    if (!signal) return fmt::format("+++ exited with {} +++\n", exit_code >> 8 & 0xff);
    return fmt::format("+++ killed by {}{} +++\n", signal_name(signal), exit_code & 0x80 ? " (core dumped)" : "");
}

} // namespace

/// init, and its child up to the execve of PROG, are ours and not PROG's.
bool Strace::is_shown(const Task& task, const SyscallEntry* entry) {
    if (options_.init_too) return true;
    if (task.tgid == init_pid) return false;
    if (!started_ && entry && call_name(*entry) == "execve") started_ = true;
    return started_;
}

void Strace::start_line(const Task& task) {
    if (open_pid_) write_(" <unfinished ...>\n");
    open_pid_ = 0;
    seen_.insert(task.pid);
    if (seen_.size() > 1) write_(fmt::format("[pid {:5}] ", task.pid));
}

void Strace::end_line(std::string_view text) {
    write_(text);
    write_("\n");
    open_pid_ = 0;
}

void Strace::entered(const Task& task, const SyscallEntry& entry, EntryWay) {
    if (!is_shown(task, &entry)) return;
    start_line(task);
    const EntryText text = entry_text(entry, memory_);
    printed_[task.pid] = text.arguments;
    write_(text.text);
    if (never_returns(entry)) return end_line(never_text(entry));
    open_pid_ = task.pid;
}

void Strace::returned(const Task& task, const SyscallEntry& entry, const SyscallReturn& back) {
    if (!is_shown(task, nullptr) || never_returns(entry)) return;
    if (open_pid_ != task.pid) {
        start_line(task);
        write_(fmt::format("<... {} resumed>", call_name(entry)));
    }
    end_line(exit_text(entry, memory_, back.result, printed_[task.pid]));
    if (back.signal) signalled(task, back.signal);
}

void Strace::signalled(const Task& task, u32 signal) {
    if (!is_shown(task, nullptr)) return;
    start_line(task);
    end_line(fmt::format("--- {} ---", signal_name(signal)));
}

void Strace::ended(const Task& task, u32 exit_code) {
    if (!is_shown(task, nullptr)) return;
    if (open_pid_ == task.pid) end_line(") = ?"); // it was in a call that killed it
    start_line(task);
    write_(end_text(exit_code));
}

void Strace::finish() {
    if (open_pid_) end_line(" <unfinished ...>");
}

} // namespace trapgate::kernel
