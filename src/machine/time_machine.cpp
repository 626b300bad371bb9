// SPDX-License-Identifier: MIT
// Snapshots and moves: see the header. Stops are in time_search.cpp, single instructions in time_record.cpp.
#include "machine/time_parts.hpp"

#include "base/assert.hpp"
#include "cpu/engine/block.hpp"

#include <algorithm>

namespace trapgate::machine {

namespace {

/// Snapshots made on the way to a moment in the past lie at these distances before it: stepping back from there finds one near.
constexpr u64 ladder[] = {u64{1} << 16, u64{1} << 13, u64{1} << 10, u64{1} << 7, u64{1} << 4};
constexpr std::size_t most_on_the_way = 96;

bool goes_on_after(StopKind kind) {
    return kind == StopKind::Reached || kind == StopKind::Paused || kind == StopKind::Breakpoint ||
           kind == StopKind::Watchpoint;
}

/// The run is over at this instruction: nothing of it will ever happen. (What is not implemented has at least begun.)
bool is_over_at(const TimeMachine& time, u64 instruction) {
    return time.end() && instruction >= time.frontier() && time.end()->kind != StopKind::Unimplemented;
}

} // namespace

TimeMachine::TimeMachine(Machine& machine, const TimeOptions& options)
    : machine_(machine), options_(options), lister_(std::make_unique<Lister>(*this)),
      start_(machine.cpu().instructions), now_{start_, 0}, frontier_(start_) {
    machine_.tape().keep();
    machine_.observe_transfers(lister_.get());
    machine_.enable_stops(false);
    keep_snapshot(true);
}

TimeMachine::~TimeMachine() {
    machine_.observe_transfers(nullptr);
    machine_.enable_stops(true);
}

// --- Transfers ----------------------------------------------------------------------------------------

void TimeMachine::Lister::on(const trace::Transfer& transfer) {
    const cpu::Cpu& cpu = time_.machine_.cpu();
    const u8 from = std::exchange(last_cpl_, cpu.cpl);
    if (time_.machine_.tape().pretending()) return;
    const u64 number = cpu.current ? cpu.now() : cpu.instructions - 1; // a delivery has been counted already
    const bool is_new = number >= time_.frontier_;
    if (!is_new && !wants_) return;
    TransferNews news;
    news.instruction = number;
    news.kind = transfer.kind;
    news.vector = transfer.vector;
    news.from_cpl = from;
    news.to_cpl = cpu.cpl;
    news.delivery = !cpu.current;
    news.eip =
        cpu.current ? cpu::engine::Block::of(cpu.current).eip_of(cpu.current) : interrupted_eip(transfer.vector);
    news.eax = cpu.reg(cpu::Gpr::eax);
    news.cr3 = cpu.cr3;
    news.esp0 = static_cast<u32>(esp0_->get(cpu));
    if (is_new) time_.list(news);
    if (wants_ && number >= from_ && !has_paused() && (*wants_)(news)) {
        found_ = news;
        if (pauses_) time_.machine_.request_pause();
    }
}

/// An idle guest ticks for ever: the list must not grow with it.
void TimeMachine::list(const TransferNews& news) {
    if (transfers_.size() >= options_.most_transfers) {
        transfers_.erase(transfers_.begin(),
                         transfers_.begin() + static_cast<std::ptrdiff_t>(transfers_.size() / 2));
        listed_from_ = transfers_.empty() ? news.instruction : transfers_.front().instruction;
    }
    transfers_.push_back(news);
}

/// The frame that the delivery has pushed: an error code for some exceptions, then EIP.
u32 TimeMachine::Lister::interrupted_eip(u8 vector) const {
    const cpu::Cpu& cpu = time_.machine_.cpu();
    const bool has_code = vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
    const u32 linear = cpu.segment(cpu::SegmentRegister::ss).base + cpu.reg(cpu::Gpr::esp) + (has_code ? 4 : 0);
    PhysicalAddress place;
    if (!cpu::peek_translation(cpu, linear, place) || !cpu.bus.memory().contains(place, 4)) return 0;
    u32 eip;
    std::memcpy(&eip, cpu.bus.memory().bytes().data() + place.value, 4);
    return eip;
}

const TransferNews* TimeMachine::ring_change_before(u64 instruction, bool inclusive) const {
    auto at = std::partition_point(transfers_.begin(), transfers_.end(), [&](const TransferNews& news) {
        return news.instruction < instruction + (inclusive ? 1 : 0);
    });
    while (at != transfers_.begin())
        if ((--at)->from_cpl != at->to_cpl) return &*at;
    return nullptr;
}

const TransferNews* TimeMachine::ring_change_after(u64 instruction) const {
    auto at = std::partition_point(transfers_.begin(), transfers_.end(),
                                   [&](const TransferNews& news) { return news.instruction <= instruction; });
    for (; at != transfers_.end(); ++at)
        if (at->from_cpl != at->to_cpl) return &*at;
    return nullptr;
}

// --- Snapshots ----------------------------------------------------------------------------------------

/// REQUIRES: the machine stands at a whole instruction.
void TimeMachine::keep_snapshot(bool of_the_grid) {
    const u64 here = machine_.cpu().instructions;
    if (const auto found = snapshots_.find(here); found != snapshots_.end()) {
        found->second.of_the_grid |= of_the_grid;
        return;
    }
    const u64 before = machine_.memory().captured_bytes();
    snapshots_[here] = {machine_.save(), of_the_grid};
    kept_bytes_ += machine_.memory().captured_bytes() - before;
    if (!of_the_grid) {
        on_the_way_.push_back(here);
        if (on_the_way_.size() > most_on_the_way) {
            const auto old = snapshots_.find(on_the_way_.front());
            if (old != snapshots_.end() && !old->second.of_the_grid) snapshots_.erase(old);
            on_the_way_.pop_front();
        }
    }
    if (snapshots_.size() > options_.most_snapshots + most_on_the_way || kept_bytes_ > options_.most_bytes)
        thin_out();
}

/// Every second one of the grid goes. The first stays for ever.
void TimeMachine::thin_out() {
    options_.interval *= 2;
    std::erase_if(snapshots_, [&](const auto& each) {
        return each.second.of_the_grid ? each.first != start_ && each.first % options_.interval != 0
                                       : each.first != machine_.cpu().instructions;
    });
    on_the_way_.clear();
    kept_bytes_ /= 2;
}

void TimeMachine::restore_at_or_before(u64 instruction) {
    auto after = snapshots_.upper_bound(instruction);
    ASSERT(after != snapshots_.begin()); // there is one at the start
    machine_.restore(std::prev(after)->second.snapshot);
    lister_->restored();
}

// --- Moving -------------------------------------------------------------------------------------------

/// Forwards from a whole instruction to another, or to what stops the machine before. Keeps snapshots while it goes.
Stop TimeMachine::advance(u64 to) {
    using Clock = std::chrono::steady_clock;
    Clock::time_point told = Clock::now();
    for (;;) {
        const u64 here = machine_.cpu().instructions;
        const bool lived = here < frontier_;
        if (!lived && end_ && to > here) return *end_;
        const u64 next_of_grid = (here / options_.interval + 1) * options_.interval;
        u64 goal = std::max(here, std::min(to, next_of_grid));
        if (lived) goal = std::min(goal, frontier_);
        machine_.tape().relive_until(frontier_);
        const Stop stop = machine_.run_until(goal);
        const u64 there = machine_.cpu().instructions;
        if (there >= frontier_ && !goes_on_after(stop.kind)) end_ = stop;
        frontier_ = std::max(frontier_, there);
        if (there == next_of_grid && stop.kind == StopKind::Reached) // else it may stand in the middle of a sleep
            keep_snapshot(true);
        if (!goes_on_after(stop.kind) && there >= to) return {};
        if (stop.kind != StopKind::Reached || there >= to) return stop;
        if (interrupted_) return Stop{StopKind::Paused, 0, {}};
        if (on_progress && Clock::now() - told > std::chrono::milliseconds(50)) {
            told = Clock::now();
            on_progress(there);
        }
    }
}

/// The machine has stopped by itself at a whole instruction.
Arrival TimeMachine::arrive_whole(const Stop& stop) {
    now_ = {machine_.cpu().instructions, 0};
    Arrival arrival;
    arrival.at = now_;
    arrival.stop = stop;
    arrival.kind = stop.kind == StopKind::Reached  ? Arrival::Kind::Reached
                   : stop.kind == StopKind::Paused ? Arrival::Kind::Interrupted
                                                   : Arrival::Kind::End;
    return arrival;
}

void TimeMachine::approach_in_steps(u64 instruction) {
    for (const u64 distance : ladder) {
        const u64 here = machine_.cpu().instructions;
        if (instruction < distance || instruction - distance <= here) continue;
        if (advance(instruction - distance).kind != StopKind::Reached) return;
        keep_snapshot(false);
    }
}

/// To the first moment of an instruction.
Arrival TimeMachine::whole(u64 instruction) {
    const u64 here = machine_.cpu().instructions;
    const auto nearest = std::prev(snapshots_.upper_bound(instruction));
    const bool again = now_.micro || here > instruction || nearest->first > here;
    if (again) restore_at_or_before(instruction);
    now_ = {machine_.cpu().instructions, 0};
    if (again && instruction < frontier_) approach_in_steps(instruction);
    const Stop stop = advance(instruction);
    if (stop.kind == StopKind::Paused) to_first_moment();
    return arrive_whole(stop);
}

/// A pause may have come in the middle of a sleep: back to the moment at which this instruction's turn came.
void TimeMachine::to_first_moment() {
    const u64 here = machine_.cpu().instructions;
    restore_at_or_before(here);
    do { // at least once, so that an edit of this moment comes; and however often it is interrupted
        (void)advance(here);
    } while (machine_.cpu().instructions < here);
}

/// An interrupt() that came when nothing moved is for nobody.
void TimeMachine::begin_move() {
    interrupted_ = false;
    machine_.forget_interrupt();
}

/// To where we stood before, or have to stand: a way that nobody interrupts. Whoever tries has interrupted what we do it for.
Arrival TimeMachine::come_back(TimePoint time) {
    bool interrupted = interrupted_;
    for (;;) {
        begin_move();
        const Arrival arrival = go(time);
        interrupted |= interrupted_;
        if (arrival.kind != Arrival::Kind::Interrupted) {
            interrupted_ = interrupted;
            return arrival;
        }
    }
}

Arrival TimeMachine::go_to(TimePoint time) {
    begin_move();
    if (time.instruction >= start_) return go(time);
    Arrival arrival = go({start_, 0});
    if (arrival.kind == Arrival::Kind::Reached) arrival.kind = Arrival::Kind::Start;
    return arrival;
}

Arrival TimeMachine::go(TimePoint time) {
    Arrival arrival = whole(time.instruction);
    const bool no_steps = !time.micro || is_over_at(*this, time.instruction);
    if (arrival.kind != Arrival::Kind::Reached || no_steps) return arrival;
    return inside(time.instruction, time.micro);
}

Arrival TimeMachine::step(u64 instructions) {
    return go_to({now_.instruction + instructions, 0});
}

Arrival TimeMachine::step_back(u64 instructions) {
    if (now_.micro && instructions) --instructions; // to the beginning of this one
    const bool before_start = instructions > now_.instruction - start_;
    Arrival arrival = go_to({before_start ? start_ : now_.instruction - instructions, 0});
    if (before_start && arrival.kind == Arrival::Kind::Reached) arrival.kind = Arrival::Kind::Start;
    return arrival;
}

Arrival TimeMachine::micro(u64 steps) {
    Arrival arrival;
    arrival.at = now_;
    for (begin_move(); steps && arrival.kind == Arrival::Kind::Reached && !interrupted_; --steps) {
        const TimePoint from = now_;
        if (!is_over_at(*this, from.instruction) && from.micro < instruction().micro_steps())
            arrival = go({from.instruction, from.micro + 1});
        else
            arrival = go({from.instruction + 1, 0});
    }
    if (steps && interrupted_) arrival.kind = Arrival::Kind::Interrupted;
    return arrival;
}

Arrival TimeMachine::micro_back(u64 steps) {
    Arrival arrival;
    arrival.at = now_;
    for (begin_move(); steps && arrival.kind == Arrival::Kind::Reached && !interrupted_; --steps) {
        if (now_.micro) {
            arrival = go({now_.instruction, now_.micro - 1});
        } else if (now_.instruction > start_) {
            arrival = go({now_.instruction - 1, 0});
            if (const u32 all = instruction().micro_steps()) arrival = go({now_.instruction, all});
        } else {
            arrival.kind = Arrival::Kind::Start;
        }
    }
    if (steps && interrupted_) arrival.kind = Arrival::Kind::Interrupted;
    return arrival;
}

} // namespace trapgate::machine
