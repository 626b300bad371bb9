// SPDX-License-Identifier: MIT
#include "frontend/views/stack_history.hpp"

#include <algorithm>

namespace trapgate::frontend::views {

using cpu::isa::MicroStep;

namespace {

constexpr std::size_t kept_instructions = 64;
constexpr u32 word = 4;

} // namespace

void StackHistory::on(const trace::Transfer& transfer) {
    if (transfer.phase == trace::Transfer::Phase::Begin) {
        was_transfer_ = true;
        const bool delivery = transfer.kind == trace::TransferKind::Interrupt && !asked_for(transfer.vector);
        // A delivery counts itself before its first step.
        frame_ = {0, transfer.kind, transfer.vector, delivery, false, cpu_.instructions - delivery};
        return;
    }
    step_.reset();
    if (transfer.phase != trace::Transfer::Phase::Done) return;
    if (frame_.eip_slot) frames_.push_back(frame_);
    if (transfer.kind == trace::TransferKind::InterruptReturn)
        std::erase_if(frames_,
                      [&](const PushedFrame& f) { return f.eip_slot < cpu_.reg(cpu::Gpr::esp) && cpu_.cpl == 0; });
    if (frame_.delivery) {
        instructions_.push_back({frame_.instruction, cpu_.eip, 0, cpu_.cpl, wide_, true, transfer.kind,
                                 transfer.vector, std::move(accesses_)});
        end_instruction();
    }
}

/// INT n, INT3 or INTO, and not an exception or an interrupt from outside.
bool StackHistory::asked_for(u8 vector) const {
    constexpr u8 breakpoint = 3, overflow = 4, first_free = 32;
    return cpu_.current && (vector >= first_free || vector == breakpoint || vector == overflow);
}

void StackHistory::on(const trace::MicroStep& step) {
    if (step.before)
        step_ = static_cast<MicroStep>(step.step);
    else
        step_.reset();
}

void StackHistory::on(const trace::Access& access) {
    accesses_.push_back(access);
    if (!step_ || access.intent != Intent::Write) return;
    WordWrite writer;
    writer.by_transfer = true;
    writer.step = *step_;
    writer.instruction = cpu_.instructions;
    const auto address = static_cast<u32>(access.linear.value);
    note(access, writer);
    if (*step_ == MicroStep::push_eip && address >= bottom_ && address < top_) frame_.eip_slot = address;
    if (*step_ == MicroStep::push_ss) frame_.inner = true;
}

void StackHistory::on(const trace::Retired& retired) {
    const auto linear = static_cast<u32>(retired.linear.value);
    for (const trace::Access& access : accesses_) {
        if (access.intent != Intent::Write) continue;
        WordWrite writer;
        writer.linear = linear;
        writer.length = retired.length;
        writer.instruction = retired.instruction;
        writer.is_return_address = access.value == u64{retired.eip} + retired.length;
        const auto known = words_.find(static_cast<u32>(access.linear.value) & ~(word - 1));
        // A transfer's own writes have been noted step by step.
        if (known == words_.end() || !known->second.by_transfer || known->second.instruction != retired.instruction)
            note(access, writer);
    }
    // A transfer has changed CS by now.
    const bool wide = was_transfer_ ? wide_ : cpu_.segment(cpu::SegmentRegister::cs).big;
    instructions_.push_back({retired.instruction, linear, retired.length, retired.cpl, wide, was_transfer_,
                             frame_.kind, frame_.vector, std::move(accesses_)});
    end_instruction();
}

void StackHistory::end_instruction() {
    accesses_.clear();
    was_transfer_ = false;
    ++seen_;
    if (instructions_.size() > kept_instructions) instructions_.pop_front();
    wide_ = cpu_.segment(cpu::SegmentRegister::cs).big;
    before_last_ = last_;
    last_ = cpu::protect::Registers::of(cpu_);
    const u32 esp = cpu_.reg(cpu::Gpr::esp);
    if (esp >= bottom_ && esp < top_ && (!deepest_ || esp < deepest_)) deepest_ = esp;
}

void StackHistory::add(const cpu::protect::RecordedStep& step, u64 instruction, const PushedFrame& frame) {
    for (const trace::Access& access : step.accesses) {
        if (access.intent != Intent::Write) continue;
        WordWrite writer;
        writer.by_transfer = true;
        writer.step = step.step;
        writer.instruction = instruction;
        note(access, writer);
    }
    if (step.step == MicroStep::push_eip) frames_.push_back(frame);
}

/// A write across two words counts for both.
void StackHistory::note(const trace::Access& access, const WordWrite& writer) {
    const auto first = static_cast<u32>(access.linear.value);
    for (u32 address = first & ~(word - 1); address < first + access.size; address += word)
        if (address >= bottom_ && address < top_) words_[address] = writer;
}

} // namespace trapgate::frontend::views
