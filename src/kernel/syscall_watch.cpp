// SPDX-License-Identifier: MIT
// Entries are INT 80h and SYSENTER from ring 3; returns are IRET and SYSEXIT that end in ring 3 with the same task.
// Frames of signal handlers: [linux-2.6.11] include/asm-i386/sigframe.h: struct sigframe and rt_sigframe.
#include "kernel/syscall_watch.hpp"

namespace trapgate::kernel {

namespace {

constexpr u8 system_call_vector = 0x80;
constexpr u32 sysenter_return = 0xffffe410; ///< in the vsyscall page: SYSENTER comes back here, always
constexpr u32 restart_distance = 2;         ///< bytes of INT 80h and of the jump before SYSENTER_RETURN
constexpr u32 erestartsys = 512;

constexpr u32 execve = 11, sigreturn = 119, rt_sigreturn = 173;

// struct sigcontext inside the frames, and its EAX and EIP.
constexpr u32 sigframe_context = 8, rt_sigframe_context = 164, context_eax = 44, context_eip = 56;
constexpr u32 rt_sigframe_info = 16, rt_sigframe_context_start = 144;

bool goes_anywhere(u32 number) {
    return number == execve || number == sigreturn || number == rt_sigreturn;
}

} // namespace

void SyscallWatch::on(const trace::Transfer& transfer) {
    if (transfer.phase != trace::Transfer::Phase::Done) return;
    using Kind = trace::TransferKind;
    switch (transfer.kind) {
    case Kind::Interrupt: return enter_by_interrupt(transfer.vector);
    case Kind::Sysenter: return enter_by_sysenter();
    case Kind::InterruptReturn:
    case Kind::Sysexit: return go_back();
    default: return;
    }
}

void SyscallWatch::enter_by_interrupt(u8 vector) {
    const auto frame =
        memory_.get<std::array<u32, 3>>(cpu_.reg(cpu::Gpr::esp)); // EIP CS EFLAGS; or an error code first
    if (!frame) return;
    if (vector != system_call_vector) {
        const bool error_code_first = vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
        const u32 eip = (*frame)[error_code_first ? 1 : 0], selector = (*frame)[error_code_first ? 2 : 1];
        if ((selector & 3) != 3) return;
        if (const auto task = current()) threads_[task->pid].return_eip = eip;
        return;
    }
    if (((*frame)[1] & 3) != 3) return;
    if (const auto task = current()) begin(*task, EntryWay::Int80, (*frame)[0], cpu_.reg(cpu::Gpr::ebp));
}

void SyscallWatch::enter_by_sysenter() {
    const auto task = current();
    if (!task) return;
    const auto sixth = memory_.get<u32>(cpu_.reg(cpu::Gpr::ebp)); // __kernel_vsyscall has pushed it
    begin(*task, EntryWay::Sysenter, sysenter_return, sixth.value_or(0));
}

void SyscallWatch::begin(const Task& task, EntryWay way, u32 return_eip, u32 sixth) {
    using cpu::Gpr;
    const SyscallEntry entry{cpu_.reg(Gpr::eax),
                             {cpu_.reg(Gpr::ebx), cpu_.reg(Gpr::ecx), cpu_.reg(Gpr::edx), cpu_.reg(Gpr::esi),
                              cpu_.reg(Gpr::edi), sixth}};
    Thread& thread = threads_[task.pid];
    thread = {entry, return_eip, false};
    sink_.entered(task, entry, way);
}

/// The number that a handler's frame holds, if the processor stands at the start of a handler.
u32 SyscallWatch::signal_of_frame() const {
    return memory_.get<u32>(cpu_.reg(cpu::Gpr::esp) + 4).value_or(0);
}

SyscallReturn SyscallWatch::outcome(const SyscallEntry& entry, u32 return_eip) const {
    const u32 eax = cpu_.reg(cpu::Gpr::eax);
    if (goes_anywhere(entry.number) || cpu_.eip == return_eip) return {eax, 0};
    if (cpu_.eip == return_eip - restart_distance) return {u32(0) - erestartsys, 0};
    const u32 esp = cpu_.reg(cpu::Gpr::esp);
    const bool real_time = memory_.get<u32>(esp + 8) == esp + rt_sigframe_info &&
                           memory_.get<u32>(esp + 12) == esp + rt_sigframe_context_start;
    const u32 context = esp + (real_time ? rt_sigframe_context : sigframe_context);
    const u32 saved_eax = memory_.get<u32>(context + context_eax).value_or(eax);
    const u32 saved_eip = memory_.get<u32>(context + context_eip).value_or(return_eip);
    return {saved_eip == return_eip - restart_distance ? u32(0) - erestartsys : saved_eax, signal_of_frame()};
}

void SyscallWatch::go_back() {
    if (cpu_.cpl != 3) return;
    const auto task = current();
    if (!task) return;
    Thread& thread = threads_[task->pid];
    const u32 return_eip = thread.return_eip;
    thread.return_eip = 0;
    if (!thread.pending) {
        if (return_eip && cpu_.eip != return_eip) sink_.signalled(*task, signal_of_frame());
        return;
    }
    const SyscallEntry entry = *thread.pending;
    thread.pending.reset();
    sink_.returned(*task, entry, outcome(entry, return_eip));
}

std::optional<Task> SyscallWatch::current() {
    auto task = kernel_.current(cpu_);
    if (task && (!last_ || task->pid != last_->pid)) {
        look_at_last(task);
        last_ = task;
    }
    return task;
}

/// Another task runs now: has the one before ended?
void SyscallWatch::look_at_last(const std::optional<Task>&) {
    if (!last_) return;
    const auto found = threads_.find(last_->pid);
    if (found == threads_.end() || found->second.ended) return;
    const auto pid = kernel_.task_word(memory_, last_->address, "pid");
    const auto exit_state = kernel_.task_word(memory_, last_->address, "exit_state");
    const auto exit_code = kernel_.task_word(memory_, last_->address, "exit_code");
    if (!exit_state || !exit_code || pid != static_cast<u32>(last_->pid) || *exit_state == 0) return;
    found->second.ended = true;
    sink_.ended(*last_, *exit_code);
    threads_.erase(found);
}

} // namespace trapgate::kernel
