// SPDX-License-Identifier: MIT
// Recording transfers.
#include "cpu/protect/recorder.hpp"

#include "cpu/protect/describe.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trapgate::cpu::protect {

Registers Registers::of(const Cpu& cpu) {
    Registers r{};
    std::copy_n(cpu.gpr.begin(), r.gpr.size(), r.gpr.begin());
    r.eip = cpu.eip;
    r.eflags = cpu.flags.image();
    for (u32 i = 0; i < segment_registers; ++i) r.selectors[i] = cpu.segments[i].selector;
    r.tr = cpu.tr.selector;
    r.ldtr = cpu.ldtr.selector;
    r.cr0 = cpu.cr0;
    r.cr2 = cpu.cr2;
    r.cr3 = cpu.cr3;
    r.cpl = cpu.cpl;
    return r;
}

std::vector<std::string> changes(const Registers& before, const Registers& after) {
    std::vector<std::string> lines;
    const auto line = [&lines](const char* name, u32 from, u32 to, int digits) {
        if (from != to) lines.push_back(fmt::format("{} {:0{}x} -> {:0{}x}", name, from, digits, to, digits));
    };
    static constexpr const char* gpr_names[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    static constexpr const char* segment_names[] = {"es", "cs", "ss", "ds", "fs", "gs"};
    for (u32 i = 0; i < before.gpr.size(); ++i) line(gpr_names[i], before.gpr[i], after.gpr[i], 8);
    line("eip", before.eip, after.eip, 8);
    line("eflags", before.eflags, after.eflags, 8);
    for (u32 i = 0; i < segment_registers; ++i) line(segment_names[i], before.selectors[i], after.selectors[i], 4);
    line("tr", before.tr, after.tr, 4);
    line("ldtr", before.ldtr, after.ldtr, 4);
    line("cr0", before.cr0, after.cr0, 8);
    line("cr2", before.cr2, after.cr2, 8);
    line("cr3", before.cr3, after.cr3, 8);
    line("cpl", before.cpl, after.cpl, 1);
    return lines;
}

void TransferRecorder::on(const trace::Transfer& event) {
    if (event.phase == trace::Transfer::Phase::Begin) {
        if (transfers_.size() >= limit_) transfers_.erase(transfers_.begin());
        const Registers now = Registers::of(cpu_);
        transfers_.push_back({event.kind, event.vector, false, cpu_.instructions, now, now, {}});
        return;
    }
    if (transfers_.empty()) return;
    RecordedTransfer& transfer = transfers_.back();
    transfer.after = Registers::of(cpu_);
    transfer.faulted = event.phase == trace::Transfer::Phase::Faulted;
    if (in_step_) { // the step did not get to its end
        RecordedStep& step = transfer.steps.back();
        step.faulted = true;
        step.after = transfer.after;
        step.values = describe(step.step, *values_);
    }
    in_step_ = false;
    values_ = nullptr;
}

void TransferRecorder::on(const trace::MicroStep& event) {
    if (transfers_.empty()) return;
    std::vector<RecordedStep>& steps = transfers_.back().steps;
    const Registers now = Registers::of(cpu_);
    values_ = event.values;
    in_step_ = event.before;
    const auto id = static_cast<isa::MicroStep>(event.step);
    if (event.before) {
        steps.push_back({event.number, id, false, {}, {}, now, now});
        return;
    }
    steps.back().after = now;
    steps.back().values = describe(id, *event.values);
}

void TransferRecorder::on(const trace::Access& event) {
    if (in_step_) transfers_.back().steps.back().accesses.push_back(event);
}

} // namespace trapgate::cpu::protect
