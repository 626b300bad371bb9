// SPDX-License-Identifier: MIT
#include "frontend/explain/recording.hpp"

#include "cpu/isa/insn.hpp"
#include "cpu/protect/describe.hpp"

#include <algorithm>

namespace trapgate::frontend {

namespace {

using trace::TransferKind;

struct Shown {
    std::string_view name;
    u32 (*value)(const cpu::State&);
    u8 digits;
};

template <cpu::Gpr r> u32 general(const cpu::State& s) {
    return s.gpr[static_cast<u8>(r)];
}
template <cpu::SegmentRegister r> u32 selector(const cpu::State& s) {
    return s.segments[static_cast<u8>(r)].selector;
}

/// What a micro-step may change, in the order in which a reader looks for it.
constexpr Shown shown[] = {
    {"cs", selector<cpu::SegmentRegister::cs>, 4},
    {"eip", [](const cpu::State& s) { return s.eip; }, 8},
    {"ss", selector<cpu::SegmentRegister::ss>, 4},
    {"esp", general<cpu::Gpr::esp>, 8},
    {"cpl", [](const cpu::State& s) { return u32{s.cpl}; }, 1},
    {"eflags", [](const cpu::State& s) { return s.flags.image(); }, 8},
    {"ds", selector<cpu::SegmentRegister::ds>, 4},
    {"es", selector<cpu::SegmentRegister::es>, 4},
    {"fs", selector<cpu::SegmentRegister::fs>, 4},
    {"gs", selector<cpu::SegmentRegister::gs>, 4},
    {"eax", general<cpu::Gpr::eax>, 8},
    {"ecx", general<cpu::Gpr::ecx>, 8},
    {"edx", general<cpu::Gpr::edx>, 8},
    {"cr3", [](const cpu::State& s) { return s.cr3; }, 8},
    {"tr", [](const cpu::State& s) { return u32{s.tr.selector}; }, 4},
};

std::vector<Change> changes_between(const cpu::State& before, const cpu::State& after) {
    std::vector<Change> changes;
    for (const Shown& reg : shown)
        if (const u32 a = reg.value(before), b = reg.value(after); a != b)
            changes.push_back({reg.name, a, b, reg.digits});
    return changes;
}

} // namespace

void SwitchRecorder::on(const trace::Transfer& transfer) {
    if (state_ == State::Done) return;
    if (transfer.phase == trace::Transfer::Phase::Begin)
        begin_transfer(transfer);
    else
        end_transfer(transfer);
}

void SwitchRecorder::begin_transfer(const trace::Transfer& transfer) {
    transfer_ = RecordedTransfer{};
    transfer_->kind = transfer.kind;
    transfer_->vector = transfer.vector;
    transfer_->instruction = cpu_.now();
    transfer_->from_cpl = cpu_.cpl;
    transfer_->length = cpu_.current ? cpu_.current->length : 0;
    transfer_->eip = cpu_.eip - transfer_->length; // EIP is already at the next instruction
    accesses_.clear();
}

void SwitchRecorder::end_transfer(const trace::Transfer& transfer) {
    if (!transfer_) return;
    transfer_->to_cpl = cpu_.cpl;
    transfer_->faulted = transfer.phase == trace::Transfer::Phase::Faulted;
    const bool entered = transfer_->from_cpl == 3 && transfer_->to_cpl == 0 && !transfer_->faulted;
    const bool left = transfer_->from_cpl == 0 && transfer_->to_cpl == 3 && !transfer_->faulted;
    const bool call = transfer.kind == TransferKind::Sysenter ||
                      (transfer.kind == TransferKind::Interrupt && transfer.vector == 0x80);
    if (state_ == State::Waiting && entered && call)
        enter();
    else if (state_ == State::InKernel && left)
        leave();
    else if (state_ == State::InKernel && transfer.kind == TransferKind::Interrupt && !transfer_->faulted) {
        ++recording_.interrupts;
        ++nested_;
    } else if (nested_ && transfer.kind == TransferKind::InterruptReturn && !transfer_->faulted)
        --nested_;
    transfer_.reset();
}

void SwitchRecorder::enter() {
    const auto task = kernel_.current(cpu_);
    if (!task) return;
    recording_.task = *task;
    recording_.entry = *transfer_;
    recording_.number = cpu_.reg(cpu::Gpr::eax);
    recording_.deepest_esp = cpu_.reg(cpu::Gpr::esp);
    state_ = State::InKernel;
    note_tables();
    for (const RecordedStep& step : recording_.entry.steps)
        for (const trace::Access& access : step.accesses)
            if (access.intent == Intent::Write)
                note_write(
                    {static_cast<u32>(access.linear.value), static_cast<u32>(access.value), true, transfer_->eip});
}

void SwitchRecorder::note_tables() {
    using cpu::Gpr;
    call_ = {cpu_.reg(Gpr::eax),
             {cpu_.reg(Gpr::ebx), cpu_.reg(Gpr::ecx), cpu_.reg(Gpr::edx), cpu_.reg(Gpr::esi), cpu_.reg(Gpr::edi),
              cpu_.reg(Gpr::ebp)}};
    const kernel::EntryText text = kernel::entry_text(call_, memory_);
    recording_.call_text = text.text;
    printed_ = text.arguments;
    recording_.gdt = cpu_.gdtr;
    recording_.idt = cpu_.idtr;
    recording_.tss = cpu_.tr.base;
}

void SwitchRecorder::leave() {
    const auto task = kernel_.current(cpu_);
    if (!task || task->pid != recording_.task.pid) return;
    if (!frame_taken_) take_frame();
    recording_.way_out = *transfer_;
    // A signal handler may be what runs now: the call's own result is what was written first.
    recording_.returned = recording_.result ? recording_.result->value : cpu_.reg(cpu::Gpr::eax);
    recording_.call_text += kernel::exit_text(call_, memory_, recording_.returned, printed_);
    state_ = State::Done;
    finished_();
}

void SwitchRecorder::finish() {
    if (state_ == State::InKernel) recording_.call_text += kernel::never_text(call_);
}

void SwitchRecorder::on(const trace::MicroStep& step) {
    if (!transfer_) return;
    if (step.before) {
        before_ = cpu_;
        accesses_.clear();
        return;
    }
    const std::string values =
        step.values ? cpu::protect::describe(static_cast<cpu::isa::MicroStep>(step.step), *step.values) : "";
    transfer_->steps.push_back(
        {step.number, step.step, accesses_, changes_between(before_, cpu_), cpu_.cpl, values});
    accesses_.clear();
}

void SwitchRecorder::on(const trace::Access& access) {
    accesses_.push_back(access);
}

bool SwitchRecorder::own_stack(u32 address) const {
    return address >= recording_.task.thread_info && address < recording_.task.stack_top;
}

void SwitchRecorder::note_write(const StackWord& word) {
    const u32 frame_bottom = recording_.task.stack_top - kernel_.pt_regs().size;
    if (word.address < frame_bottom || word.address >= recording_.task.stack_top) return;
    const auto old =
        std::find_if(words_.begin(), words_.end(), [&](const StackWord& w) { return w.address == word.address; });
    if (old == words_.end())
        words_.push_back(word);
    else
        *old = word;
    const auto* eax = kernel_.pt_regs().find("eax");
    const bool is_result = frame_taken_ && eax && word.address == frame_bottom + eax->offset;
    if (is_result && !recording_.result) recording_.result = word;
}

void SwitchRecorder::on(const trace::Retired& retired) {
    std::vector<trace::Access> accesses = std::move(accesses_);
    accesses_.clear();
    if (state_ != State::InKernel || retired.cpl == 3) return;
    const auto linear = static_cast<u32>(retired.linear.value);
    ++recording_.instructions_in_kernel;
    for (const trace::Access& access : accesses)
        if (access.intent == Intent::Write && own_stack(static_cast<u32>(access.linear.value)))
            note_write({static_cast<u32>(access.linear.value), static_cast<u32>(access.value), false, linear});
    if (!frame_taken_)
        recording_.first.push_back({retired.instruction, linear, retired.length, retired.cpl, accesses});

    const u32 esp = cpu_.reg(cpu::Gpr::esp);
    if (own_stack(esp) && (esp < recording_.deepest_esp || !own_stack(recording_.deepest_esp))) {
        recording_.deepest_esp = esp;
        recording_.deepest_eip = linear;
    }
    const u32 frame_bottom = recording_.task.stack_top - kernel_.pt_regs().size;
    if (!frame_taken_ && !nested_ && own_stack(esp) && esp < frame_bottom) {
        recording_.return_address = memory_.get<u32>(frame_bottom - 4).value_or(0);
        take_frame();
    }
}

/// The frame is complete: something has been pushed below it, or the task leaves already.
void SwitchRecorder::take_frame() {
    frame_taken_ = true;
    for (u32 address = recording_.task.stack_top; address > recording_.task.stack_top - kernel_.pt_regs().size;) {
        address -= 4;
        const auto word =
            std::find_if(words_.begin(), words_.end(), [&](const StackWord& w) { return w.address == address; });
        const u32 value = memory_.get<u32>(address).value_or(0);
        recording_.frame.push_back(word == words_.end() ? StackWord{address, value, false, 0} : *word);
    }
    recording_.thread_info.resize(kernel_.thread_info().size);
    if (!memory_.read(recording_.task.thread_info, recording_.thread_info)) recording_.thread_info.clear();
}

} // namespace trapgate::frontend
