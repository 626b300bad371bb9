// SPDX-License-Identifier: MIT
// One instruction: stopping inside it, recording all of it, trying what would happen, changing the guest.
#include "machine/time_parts.hpp"

#include "base/assert.hpp"
#include "cpu/isa/decoder.hpp"

#include <algorithm>

namespace trapgate::machine {

namespace {

/// Bytes of the instruction at CS:EIP as far as they are mapped; 0 if there is none.
u8 length_here(const cpu::Cpu& cpu) {
    std::array<u8, cpu::isa::max_length> bytes{};
    u32 there = 0;
    const cpu::Segment& cs = cpu.segment(cpu::SegmentRegister::cs);
    for (; there < bytes.size(); ++there) {
        PhysicalAddress place;
        if (!cpu::peek_translation(cpu, cs.base + cpu.eip + there, place) || !cpu.bus.memory().contains(place, 1))
            break;
        bytes[there] = cpu.bus.memory().bytes()[place.value];
    }
    const auto decoded = cpu::isa::decode({bytes.data(), there}, cs.big, cpu.eip, cpu.model.generation);
    return decoded.found == cpu::isa::Found::Instruction ? decoded.insn.length : u8{0};
}

} // namespace

u32 InstructionRecord::micro_steps() const {
    std::size_t steps = 0;
    for (const auto& transfer : transfers) steps += transfer.steps.size();
    return static_cast<u32>(steps);
}

/// Runs the instruction that the machine stands before, without the host noticing. The caller restores. Nothing in `stop`: it was
/// left by the observer's Stopper::Here (the result is 0), or came to its end (1).
u32 TimeMachine::pretend(trace::Observer& observer, std::optional<Stop>& stop) {
    const u64 here = machine_.cpu().instructions;
    machine_.tape().pretend(true);
    machine_.observe(&observer);
    u32 ended = 1;
    try {
        const Stop result = machine_.run_until(here + 1);
        if (result.kind != StopKind::Reached && result.kind != StopKind::Paused) stop = result;
    } catch (const Stopper::Here&) {
        ended = 0;
    } catch (const WouldTouchHost&) {
        stop = Stop{StopKind::Paused, 0, "the guest waits for input"};
    }
    machine_.observe(nullptr);
    machine_.tape().pretend(false);
    return ended;
}

/// REQUIRES: the machine stands at the whole instruction.
Arrival TimeMachine::inside(u64 instruction, u32 micro) {
    keep_snapshot(false);
    const cpu::Cpu& cpu = machine_.cpu();
    const u32 eip = cpu.eip, after = eip + length_here(cpu);
    const u8 cpl = cpu.cpl;
    Stopper stopper(micro);
    std::optional<Stop> stop;
    const bool ended = pretend(stopper, stop);
    if (ended) {
        restore_at_or_before(instruction);
        if (stopper.steps()) return inside(instruction, stopper.steps());
        return arrive_whole({});
    }
    machine_.cpu_.instructions = instruction; // a delivery counts itself before its first step
    machine_.cpu_.attention = false;
    if (cpu.eip == after && cpu.cpl == cpl)
        machine_.cpu_.eip = eip; // until CS:EIP := …, it points to the instruction
    now_ = {instruction, micro};
    Arrival arrival;
    arrival.at = now_;
    return arrival;
}

/// REQUIRES: the machine stands at the whole instruction. Afterwards it does not: the caller restores.
void TimeMachine::record(InstructionRecord& record) {
    const cpu::Cpu& cpu = machine_.cpu();
    record.instruction = cpu.instructions;
    record.eip = cpu.eip;
    record.linear = cpu.segment(cpu::SegmentRegister::cs).base + cpu.eip;
    record.length = length_here(cpu);
    record.before = cpu::protect::Registers::of(cpu);
    Recorder recorder(cpu, record);
    pretend(recorder, record.stop);
    recorder.take();
    record.after = cpu::protect::Registers::of(cpu);
    if (record.external_interrupt) record.length = 0;
}

InstructionRecord TimeMachine::instruction_at(u64 number) {
    const TimePoint back = now_;
    InstructionRecord result;
    if (come_back({number, 0}).kind == Arrival::Kind::Reached) {
        keep_snapshot(false);
        record(result);
        restore_at_or_before(number);
    }
    now_ = {machine_.cpu().instructions, 0};
    come_back(back);
    return result;
}

const InstructionRecord& TimeMachine::instruction() {
    if (!record_ || record_->instruction != now_.instruction) record_ = instruction_at(now_.instruction);
    return *record_;
}

void TimeMachine::rerun(u64 from, u64 to, trace::Observer& observer) {
    ASSERT(from <= frontier_);
    begin_move();
    const TimePoint back = now_;
    if (whole(from).kind == Arrival::Kind::Reached) {
        machine_.observe(&observer);
        advance(std::min(to, frontier_));
        machine_.observe(nullptr);
    }
    now_ = {machine_.cpu().instructions, 0};
    come_back(back);
}

// --- Changing -----------------------------------------------------------------------------------------

Result<InstructionRecord> TimeMachine::what_if(std::span<const Edit> edits) {
    const TimePoint back = now_;
    InstructionRecord result;
    Status status = Nothing{};
    if (come_back({back.instruction, 0}).kind == Arrival::Kind::Reached) {
        keep_snapshot(false);
        for (const Edit& edit : edits)
            if (status) status = machine_.apply(edit);
        if (status) record(result);
        restore_at_or_before(back.instruction);
    }
    now_ = {machine_.cpu().instructions, 0};
    come_back(back);
    if (!status) return status.error();
    return result;
}

Status TimeMachine::edit(const Edit& edit) {
    if (now_.micro)
        return Error{"in the middle of an instruction nothing can be changed: step to its beginning or its end"};
    const u64 here = now_.instruction;
    const Snapshot before = machine_.save();
    TRY(applied, machine_.apply(edit));
    (void)applied;
    machine_.tape().forget_the_future(here);
    std::erase_if(snapshots_, [&](const auto& each) { return each.first > here; });
    std::erase_if(transfers_, [&](const TransferNews& news) { return news.instruction >= here; });
    frontier_ = here;
    end_.reset();
    record_.reset();
    machine_.tape().relive_until(frontier_);
    snapshots_.try_emplace(here, Kept{before, false}); // before the edit: it comes again from the log
    HostEvent event;
    event.kind = HostEvent::Kind::Edit;
    event.name = edit.register_name;
    event.value = edit.value;
    event.address = edit.address;
    event.bytes = edit.bytes;
    machine_.tape().note(std::move(event));
    return Nothing{};
}

} // namespace trapgate::machine
