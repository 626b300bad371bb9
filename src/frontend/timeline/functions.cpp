// SPDX-License-Identifier: MIT
// Calls and returns, matched by the stack pointer: see the header.
#include "frontend/timeline/functions.hpp"

#include "cpu/isa/insn.hpp"
#include "cpu/isa/table.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::timeline {

Functions::Functions(EventFile& file, const cpu::Cpu& cpu, const kernel::Symbols& symbols,
                     const kernel::GuestKernel* guest)
    : file_(file), cpu_(cpu), memory_(cpu), symbols_(symbols), guest_(guest) {
    for (u16 number = 0; number < cpu::isa::row_count(); ++number) {
        const std::string_view mnemonic = cpu::isa::row(number).mnemonic;
        is_call_.push_back(mnemonic == "call" || mnemonic == "lcall");
    }
}

u32 Functions::key_of(u32 esp) const {
    return guest_ ? (esp - 1) & ~(guest_->stack_size() - 1) : 0;
}

/// The task whose stack this is, by the thread_info at its bottom; nothing if it is no task's.
std::optional<s32> Functions::pid_of(u32 key) const {
    if (!guest_) return 0;
    const auto task = memory_.get<u32>(key + guest_->thread_info().find("task")->offset);
    if (!task || guest_->task_word(memory_, *task, "thread_info") != key) return std::nullopt;
    const auto pid = guest_->task_word(memory_, *task, "pid");
    return pid ? std::optional(static_cast<s32>(*pid)) : std::nullopt;
}

/// The stack that `esp` points into; null if it is no task's (SYSENTER's first instruction, the kernel's very first ones).
Functions::Stack* Functions::turn_to(u32 esp, u64 at) {
    const u32 key = key_of(esp);
    if (key != key_ || !current_) {
        const auto pid = pid_of(key);
        if (!pid) return nullptr;
        key_ = key;
        current_ = &stacks_[key];
        if (*pid != current_->pid) drop_all(*current_, current_->seen); // another task's stack now
        current_->pid = *pid;
    }
    current_->seen = at;
    return current_;
}

std::string_view Functions::name_here() const {
    const kernel::Symbol* symbol = symbols_.containing(cpu_.segment(cpu::SegmentRegister::cs).base + cpu_.eip);
    return symbol ? std::string_view(symbol->name) : std::string_view("?");
}

void Functions::push(Stack& stack, u32 slot, u64 at) {
    if (!stack.calls.empty()) stack.calls.back().is_unsure = false;
    stack.calls.push_back({slot, at, name_here(), false});
}

void Functions::pop(Stack& stack, u64 at) {
    const Call& call = stack.calls.back();
    const Track track{process, stack.pid};
    if (!named_.contains(stack.pid)) {
        named_[stack.pid] = fmt::format("functions of {}", stack.pid);
        file_.thread_name(track, named_[stack.pid], stack.pid);
    }
    file_.complete(track, call.begin, at, call.name, "function");
    stack.calls.pop_back();
}

void Functions::drop_all(Stack& stack, u64 at) {
    while (!stack.calls.empty()) pop(stack, at);
}

void Functions::retired(const trace::Retired& insn, u64 at) {
    if (cpu_.cpl != 0) return;
    const u32 esp = cpu_.reg(cpu::Gpr::esp);
    Stack* const now = turn_to(esp, at);
    if (!now) return;
    Stack& stack = *now;
    while (!stack.calls.empty() && esp > stack.calls.back().slot) pop(stack, at);
    if (insn.row < is_call_.size() && is_call_[insn.row])
        push(stack, esp, at);
    else if (guest_ && stack.pid != 0)
        name_root(stack, at);
}

/// A task that runs for the first time: nobody has called where it begins. The scheduler's last steps, made on the new stack
/// already, are not it: what makes the first call is.
void Functions::name_root(Stack& stack, u64 at) {
    if (stack.calls.empty()) stack.calls.push_back({key_ + guest_->stack_size(), at, {}, true});
    if (stack.calls.back().is_unsure) stack.calls.back().name = name_here();
}

void Functions::entered(u32 slot, u64 at, bool from_user) {
    if (from_user && guest_)
        if (const auto esp0 = memory_.get<u32>(cpu_.tr.base + 4)) // SYSENTER begins on a stack of its own
            slot = key_of(*esp0) == key_of(slot) ? slot : *esp0;
    Stack* const stack = turn_to(slot, at);
    if (!stack) return;
    if (from_user) drop_all(*stack, at);
    push(*stack, slot, at);
}

void Functions::left(u64 at) {
    if (current_) drop_all(*current_, at);
}

void Functions::finish() {
    for (auto& [key, stack] : stacks_) drop_all(stack, stack.seen);
}

} // namespace trapgate::frontend::timeline
