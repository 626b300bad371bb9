// SPDX-License-Identifier: MIT
// Looking for stops, forwards and backwards. Backwards means: one stretch between two snapshots after the other, the latest
// first, each run forwards, and the last stop in it taken. So both directions find the same points.
#include "machine/time_parts.hpp"

#include <algorithm>
#include <limits>

namespace trapgate::machine {

namespace {

constexpr u64 never = std::numeric_limits<u64>::max();

bool overlaps(const trace::Access& access, u32 linear, u32 bytes) {
    return access.intent == Intent::Write &&
           WatchRange{linear, bytes, false, true}.holds(static_cast<u32>(access.linear.value), access.size);
}

Arrival at_transfer(const TransferNews& news) {
    Arrival arrival;
    arrival.kind = Arrival::Kind::Transfer;
    arrival.at = {news.instruction, 0};
    arrival.transfer = news;
    return arrival;
}

} // namespace

/// From a whole instruction on, at which nothing counts if `pass_breakpoint_at` says so: the next stop before or at `until`.
/// Nothing: the machine has come to `until`, or cannot go on (stop_here tells).
std::optional<Arrival> TimeMachine::next_stop(const StopSet& stops, u64 until) {
    for (;;) {
        const Stop stop = advance(until);
        Arrival arrival;
        arrival.at = {machine_.cpu().instructions, 0};
        arrival.stop = stop;
        if (lister_->has_paused()) return at_transfer(*lister_->found());
        if (stop.kind == StopKind::Watchpoint) {
            arrival.kind = Arrival::Kind::Watchpoint;
            arrival.hit = machine_.watch_hit();
            if (!stops.watch_counts || stops.watch_counts(arrival.hit)) return arrival;
            continue;
        }
        if (stop.kind == StopKind::Breakpoint) {
            const cpu::Cpu& cpu = machine_.cpu();
            arrival.kind = Arrival::Kind::Breakpoint;
            arrival.address = cpu.segment(cpu::SegmentRegister::cs).base + cpu.eip;
            machine_.pass_breakpoint_at(cpu.instructions);
            if (!stops.breakpoint_counts || stops.breakpoint_counts(arrival.address)) return arrival;
            continue;
        }
        if (stop.kind == StopKind::Reached) return std::nullopt;
        arrival.kind = stop.kind == StopKind::Paused ? Arrival::Kind::Interrupted : Arrival::Kind::End;
        return arrival;
    }
}

Arrival TimeMachine::run_on(const StopSet& stops, u64 until) {
    begin_move();
    const TimePoint start = now_;
    if (start.micro) come_back({start.instruction, 0});
    machine_.set_stops(stops.breakpoints, stops.watchpoints);
    machine_.enable_stops(true);
    machine_.pass_breakpoint_at(start.instruction);
    lister_->search(stops.transfers, start.instruction + 1);
    std::optional<Arrival> arrival = next_stop(stops, until);
    lister_->end_search();
    machine_.enable_stops(false);
    now_ = {machine_.cpu().instructions, 0};
    if (!arrival) {
        arrival.emplace();
        arrival->at = now_;
        return *arrival;
    }
    if (arrival->kind == Arrival::Kind::Transfer) come_back(arrival->at);
    // Devices may have acted, or the user may have typed, before the breakpoint was met: later in the same moment.
    if (arrival->kind == Arrival::Kind::Interrupted || arrival->kind == Arrival::Kind::Breakpoint)
        to_first_moment();
    return *arrival;
}

const TransferNews* TimeMachine::last_transfer_before(const StopSet& stops, TimePoint before) const {
    if (!stops.transfers) return nullptr;
    auto at = std::partition_point(transfers_.begin(), transfers_.end(), [&](const TransferNews& news) {
        return TimePoint{news.instruction, 0} < before;
    });
    while (at != transfers_.begin())
        if (stops.transfers(*--at)) return &*at;
    return nullptr;
}

/// The last stop of [from, to] that lies before `before`; of the transfers only those that the list does not know any more.
std::optional<Arrival> TimeMachine::last_stop_between(const StopSet& stops, u64 from, u64 to, TimePoint before) {
    restore_at_or_before(from);
    now_ = {machine_.cpu().instructions, 0};
    if (advance(from).kind != StopKind::Reached) return std::nullopt;
    machine_.enable_stops(true);
    machine_.pass_breakpoint_at(never);
    if (from < listed_from_) lister_->note_last(stops.transfers, from);
    std::optional<Arrival> last;
    while (const std::optional<Arrival> stop = next_stop(stops, to)) {
        const bool counts = stop->kind == Arrival::Kind::Breakpoint || stop->kind == Arrival::Kind::Watchpoint;
        if (stop->kind == Arrival::Kind::Interrupted) last = stop;
        if (!counts || !(stop->at < before)) break;
        last = stop;
        if (stop->at.instruction >= to) break;
    }
    const std::optional<TransferNews> unlisted = lister_->found();
    lister_->end_search();
    machine_.enable_stops(false);
    const bool interrupted = last && last->kind == Arrival::Kind::Interrupted;
    if (unlisted && !interrupted && (!last || last->at.instruction < unlisted->instruction))
        return at_transfer(*unlisted);
    return last;
}

/// A breakpoint at the beginning of this instruction, whose middle we stand in: what stops there when it is run once more.
std::optional<Arrival> TimeMachine::breakpoint_at(const StopSet& stops, u64 instruction) {
    if (stops.breakpoints.empty() || come_back({instruction, 0}).kind != Arrival::Kind::Reached)
        return std::nullopt;
    keep_snapshot(false);
    machine_.enable_stops(true);
    machine_.pass_breakpoint_at(never);
    trace::Observer nobody;
    std::optional<Stop> stop;
    pretend(nobody, stop);
    machine_.enable_stops(false);
    restore_at_or_before(instruction);
    if (!stop || stop->kind != StopKind::Breakpoint) return std::nullopt;
    Arrival arrival;
    arrival.kind = Arrival::Kind::Breakpoint;
    arrival.at = {instruction, 0};
    arrival.address = machine_.cpu().segment(cpu::SegmentRegister::cs).base + machine_.cpu().eip;
    if (stops.breakpoint_counts && !stops.breakpoint_counts(arrival.address)) return std::nullopt;
    return arrival;
}

/// Several things may stop at one moment. The one that counts is the one that a run towards it meets first.
std::optional<Arrival> TimeMachine::as_found_forwards(const StopSet& stops, const Arrival& found) {
    const u64 at = found.at.instruction;
    if (at == start_) return found;
    restore_at_or_before(at - 1);
    now_ = {machine_.cpu().instructions, 0};
    if (come_back({at - 1, 0}).kind != Arrival::Kind::Reached) return found;
    machine_.set_stops(stops.breakpoints, stops.watchpoints);
    machine_.enable_stops(true);
    machine_.pass_breakpoint_at(at - 1);
    lister_->search(stops.transfers, at);
    const std::optional<Arrival> first = next_stop(stops, at + 1);
    lister_->end_search();
    machine_.enable_stops(false);
    return first && first->at == found.at ? first : found;
}

/// The last stop before `before`. The machine is at some whole instruction afterwards.
std::optional<Arrival> TimeMachine::find_back(const StopSet& stops, TimePoint before) {
    std::optional<Arrival> found;
    if (const TransferNews* news = last_transfer_before(stops, before)) found = at_transfer(*news);
    const bool all_listed = listed_from_ <= start_ || found || !stops.transfers;
    if (stops.breakpoints.empty() && stops.watchpoints.empty() && all_listed) return found;
    machine_.set_stops(stops.breakpoints, stops.watchpoints);
    if (before.micro && now_.micro)
        if (auto here = breakpoint_at(stops, before.instruction)) return here;
    const u64 last_needed = found ? found->at.instruction : start_;
    // Out of the middle of an instruction: it is run once more itself, for a transfer that the list has forgotten.
    const bool own = before.micro && before.instruction < frontier_;
    for (u64 end = before.instruction + own; end > last_needed && !interrupted_;) {
        const u64 from = std::prev(snapshots_.lower_bound(end))->first;
        const auto stop = last_stop_between(stops, from, end, before);
        if (stop && (!found || found->at < stop->at || stop->kind == Arrival::Kind::Interrupted)) return stop;
        end = from;
    }
    return found;
}

Arrival TimeMachine::run_back(const StopSet& stops) {
    begin_move();
    const TimePoint from = now_;
    std::optional<Arrival> found = find_back(stops, from);
    if (found && found->kind != Arrival::Kind::Interrupted && !interrupted_)
        found = as_found_forwards(stops, *found);
    const bool interrupted = interrupted_ || (found && found->kind == Arrival::Kind::Interrupted);
    restore_at_or_before(machine_.cpu().instructions);
    now_ = {machine_.cpu().instructions, 0};
    if (interrupted) {
        Arrival arrival = come_back(from);
        arrival.kind = Arrival::Kind::Interrupted;
        return arrival;
    }
    Arrival arrival = come_back(found ? found->at : TimePoint{start_, 0});
    if (found) return *found;
    arrival.kind = Arrival::Kind::Start;
    return arrival;
}

// --- Who wrote this -----------------------------------------------------------------------------------

/// The last write among the first `steps` micro-steps (all accesses if the instruction has none).
std::optional<WriteRecord> TimeMachine::writer_in(const InstructionRecord& record, u32 steps, u32 linear,
                                                  u32 bytes) const {
    WriteRecord writer;
    writer.eip = record.eip;
    writer.linear = record.linear;
    writer.cpl = record.before.cpl;
    bool found = false;
    const auto take = [&](const trace::Access& access, u32 micro) {
        writer.at = {record.instruction, micro};
        writer.access = {
            static_cast<u32>(access.linear.value), access.size, access.intent, access.value, 0, record.instruction};
        found = true;
    };
    u32 number = 0;
    for (const auto& transfer : record.transfers)
        for (const auto& step : transfer.steps) {
            if (++number > steps) break;
            for (const trace::Access& access : step.accesses)
                if (overlaps(access, linear, bytes)) {
                    take(access, number - 1);
                    writer.by_transfer = true;
                    writer.step = step.step;
                }
        }
    if (!found && steps >= number)
        for (const trace::Access& access : record.accesses)
            if (overlaps(access, linear, bytes)) take(access, 0);
    return found ? std::optional(writer) : std::nullopt;
}

std::optional<WriteRecord> TimeMachine::last_writer(u32 linear, u32 bytes) {
    begin_move();
    const TimePoint from = now_;
    if (from.micro)
        if (auto writer = writer_in(instruction(), from.micro, linear, bytes)) return writer;
    StopSet stops;
    stops.watchpoints.push_back({linear, bytes, false, true});
    // A watchpoint stops after its instruction: that of the one before stands exactly at the beginning of this one.
    const std::optional<Arrival> found = find_back(stops, {from.instruction, 1});
    std::optional<WriteRecord> writer;
    restore_at_or_before(machine_.cpu().instructions);
    now_ = {machine_.cpu().instructions, 0};
    if (found && found->kind == Arrival::Kind::Watchpoint) {
        const InstructionRecord record = instruction_at(found->hit.instruction);
        writer = writer_in(record, record.micro_steps(), linear, bytes);
        if (writer && writer->access.address == found->hit.address) writer->access.before = found->hit.before;
    }
    come_back(from);
    return writer;
}

} // namespace trapgate::machine
