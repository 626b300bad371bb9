// SPDX-License-Identifier: MIT
// Stepping and running, both ways, and the stop replies. Source: [gdb] "Stop Reply Packets", "Reverse Execution".
#include "frontend/gdb/signals.hpp"
#include "frontend/gdb/stub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace trapgate::frontend::gdb {

namespace {

using machine::Arrival;
using machine::TransferNews;

constexpr u64 steps_between_looks = 256; ///< of a range step, at the client

constexpr std::size_t most_remembered = 64;

bool in_range(u32 address, u32 start, u32 end) {
    return address - start < end - start;
}

} // namespace

std::string Stub::why_stopped(Fields) {
    return exit_told_ ? end_text() : last_stop_;
}

/// Runs a move with the client's interrupts let in, and makes its stop reply.
std::string Stub::resume(const std::function<Arrival()>& move) {
    if (exit_told_) return end_text();
    time_.on_progress = [this](u64) {
        if (wire_->stop_wanted()) time_.interrupt();
    };
    began_at_.push_back({time_.now(), debuggee_.machine().clock()});
    if (began_at_.size() > most_remembered) began_at_.pop_front();
    const Arrival arrival = move();
    time_.on_progress = nullptr;
    chosen_thread_ = 0;
    last_stop_ = stop_text(arrival);
    if (is_of_monitor(arrival)) say(monitor_.describe(arrival));
    returning_call_ = -1;
    return last_stop_;
}

// --- the packets --------------------------------------------------------------------------------------------

std::string Stub::go_on(Fields fields) {
    if (!fields.at_end()) return "E.going on at another address is done by setting eip";
    const bool over = time_.end() && time_.now().instruction >= time_.frontier() && time_.now().micro == 0;
    if (over) { // the end has been told as `replaylog:end`: going on from there is the guest's exit
        exit_told_ = true;
        return end_text();
    }
    return resume([this] { return run_forward(); });
}

std::string Stub::step(Fields fields) {
    if (!fields.at_end()) return "E.stepping at another address is done by setting eip";
    if (arrive_) {
        const machine::TimePoint there = *arrive_;
        arrive_.reset();
        put_off_.reset();
        return resume([&] { return time_.go_to(there); });
    }
    return resume([this] { return one_step(); });
}

/// SIGTRAP and SIGINT are what we reported ourselves: the guest has no part in them.
std::string Stub::go_on_with_signal(Fields fields) {
    const auto signal = fields.number32();
    if (signal == gdb_sigtrap || signal == gdb_sigint || signal == 0u) return go_on(Fields({}));
    return "E.signals are the guest kernel's: gdb cannot send any";
}

std::string Stub::step_with_signal(Fields fields) {
    const auto signal = fields.number32();
    if (signal == gdb_sigtrap || signal == gdb_sigint || signal == 0u) return step(Fields({}));
    return "E.signals are the guest kernel's: gdb cannot send any";
}

/// vCont[;ACTION[:THREAD]]…: there is one processor, so whoever shall step, it is the one that does.
std::string Stub::resume_by_action(Fields fields) {
    bool going = false;
    std::optional<std::string_view> signal;
    while (fields.take(";")) {
        const std::string_view whole = fields.rest().substr(0, fields.rest().find(';'));
        fields.take(whole);
        Fields action(whole.substr(0, whole.find(':')));
        if (action.take("s")) return step(Fields({}));
        if (action.take("S")) return step_with_signal(action);
        if (action.take("r")) {
            const auto start = action.number32();
            const auto end = action.take(",") ? action.number32() : std::nullopt;
            if (!start || !end) return "E16";
            if (arrive_) return step(Fields({}));
            return resume([&] { return step_out_of(*start, *end); });
        }
        if (action.take("C"))
            signal = action.rest();
        else if (!action.take("c"))
            return "E16";
        going = true;
    }
    if (!going) return "E16";
    return signal ? go_on_with_signal(Fields(*signal)) : go_on(Fields({}));
}

std::string Stub::step_back(Fields) {
    return resume([this] { return one_step_back(); });
}

std::string Stub::go_back(Fields) {
    return resume([this] { return run_backward(); });
}

// --- moving ---------------------------------------------------------------------------------------------------

Arrival Stub::one_step() {
    if (micro_) return time_.micro();
    const u32 ring = debuggee_.cpu().cpl, task = threads_.current(), eip = debuggee_.cpu().eip;
    const Arrival arrival = time_.step();
    if (arrival.kind != Arrival::Kind::Reached) return arrival;
    if (over_kernel_ && ring == 3 && debuggee_.cpu().cpl == 0) return back_to_user(task);
    if (just_delivered()) put_off_ = {eip, task};
    return arrival;
}

/// What has just been executed was no instruction, but the delivery of a fault or an interrupt.
bool Stub::just_delivered() const {
    const auto transfers = time_.transfers();
    const u64 before = time_.now().instruction - 1;
    const auto found = std::partition_point(transfers.begin(), transfers.end(),
                                            [&](const TransferNews& t) { return t.instruction < before; });
    return std::any_of(found, transfers.end(),
                       [&](const TransferNews& t) { return t.instruction == before && t.delivery; });
}

Arrival Stub::one_step_back() {
    if (micro_) return time_.micro_back();
    const u32 ring = debuggee_.cpu().cpl, task = threads_.current();
    Arrival arrival = time_.step_back();
    machine::StopSet entries;
    entries.transfers = [](const TransferNews& t) { return t.from_cpl == 3 && t.to_cpl == 0; };
    while (over_kernel_ && ring == 3 && arrival.kind != Arrival::Kind::Start &&
           arrival.kind != Arrival::Kind::Interrupted && (debuggee_.cpu().cpl != 3 || threads_.current() != task))
        arrival = time_.run_back(entries);
    if (arrival.kind == Arrival::Kind::Transfer) arrival.kind = Arrival::Kind::Reached;
    return arrival;
}

/// Runs until `task` is in ring 3 again, or something of gdb's stops it before.
Arrival Stub::back_to_user(u32 task) {
    while (true) {
        machine::StopSet stops = stop_set(true);
        stops.transfers = [others = std::move(stops.transfers)](const TransferNews& t) {
            return returns_to_user(t) || (others && others(t));
        };
        Arrival arrival = time_.run_on(stops);
        if (arrival.kind != Arrival::Kind::Transfer) return arrival;
        if (!returns_to_user(arrival.transfer)) {
            if (wanted_transfer(arrival, true)) return arrival;
            continue;
        }
        arrival = time_.step();
        if (arrival.kind != Arrival::Kind::Reached) return arrival;
        if (debuggee_.cpu().cpl == 3 && threads_.current() == task) return arrival;
    }
}

/// Code of the kernel that was interrupted, or has faulted: runs until the handler has returned onto the same stack.
Arrival Stub::back_from_handler(u32 task, u32 esp) {
    while (true) {
        machine::StopSet stops = stop_set(true);
        stops.transfers = [others = std::move(stops.transfers)](const TransferNews& t) {
            return (t.kind == trace::TransferKind::InterruptReturn && t.to_cpl == 0) || (others && others(t));
        };
        Arrival arrival = time_.run_on(stops);
        if (arrival.kind != Arrival::Kind::Transfer || wanted_transfer(arrival, true)) return arrival;
        arrival = time_.step();
        if (arrival.kind != Arrival::Kind::Reached) return arrival;
        if (debuggee_.cpu().reg(cpu::Gpr::esp) == esp && threads_.current() == task) return arrival;
    }
}

/// Steps as long as EIP stays inside [start, end): a source line. It runs over faults and interrupts, ring 3 over system calls too.
Arrival Stub::step_out_of(u32 start, u32 end) {
    const u32 ring = debuggee_.cpu().cpl, task = threads_.current();
    for (u64 steps = 1;; ++steps) {
        const u32 esp = debuggee_.cpu().reg(cpu::Gpr::esp);
        Arrival arrival = time_.step();
        if (arrival.kind != Arrival::Kind::Reached) return arrival;
        if (ring == 3 && debuggee_.cpu().cpl == 0)
            arrival = back_to_user(task);
        else if (ring == 0 && just_delivered())
            arrival = back_from_handler(task, esp);
        if (arrival.kind != Arrival::Kind::Reached) return arrival;
        const u32 eip = debuggee_.cpu().eip;
        if (!in_range(eip, start, end) || stops_.breaks_at(eip)) return arrival;
        if (steps % steps_between_looks == 0 && wire_->stop_wanted()) {
            arrival.kind = Arrival::Kind::Interrupted;
            return arrival;
        }
    }
}

Arrival Stub::run_forward() {
    while (true) {
        const machine::StopSet stops = stop_set(true);
        Arrival arrival = time_.run_on(stops);
        if (arrival.kind != Arrival::Kind::Transfer) return arrival;
        if (!wanted_transfer(arrival, true)) continue;
        if (returning_call_ >= 0) time_.step(); // gdb expects to see the caller, with the result
        return arrival;
    }
}

/// gdb tells what a watchpoint saw by comparing values: backwards it must stand before the write, not behind it.
Arrival Stub::run_backward() {
    if (auto found = watched_just_before()) return *found;
    while (true) {
        const machine::StopSet stops = stop_set(false);
        Arrival arrival = time_.run_back(stops);
        if (arrival.kind == Arrival::Kind::Watchpoint) time_.go_to({arrival.hit.instruction, 0});
        if (arrival.kind != Arrival::Kind::Transfer || wanted_transfer(arrival, false)) return arrival;
    }
}

/// The instruction just before now made a watched access: forwards we stopped behind it, backwards it is the first to be undone.
std::optional<Arrival> Stub::watched_just_before() {
    const machine::TimePoint now = time_.now();
    if (!stops_.watches() || now.instruction == 0 || now.micro != 0) return std::nullopt;
    const u64 before = now.instruction - 1;
    const machine::InstructionRecord record = time_.instruction_at(before);
    for (const trace::Access& access : record.accesses) {
        machine::WatchHit hit;
        hit.address = access.linear.value;
        hit.size = access.size;
        hit.intent = access.intent;
        hit.value = access.value;
        hit.instruction = before;
        if (stops_.watch_reason(hit).empty()) continue;
        Arrival arrival = time_.go_to({before, 0});
        arrival.kind = Arrival::Kind::Watchpoint;
        arrival.hit = hit;
        return arrival;
    }
    return std::nullopt;
}

/// What `monitor break …` made.
machine::StopSet Stub::monitor_stops(bool forwards) const {
    return monitor_.stops ? monitor_.stops(forwards) : machine::StopSet{};
}

/// gdb's own stops and those.
machine::StopSet Stub::stop_set(bool forwards) {
    machine::StopSet stops = monitor_stops(forwards);
    if (!forwards) put_off_.reset();
    const auto theirs = std::make_shared<machine::StopSet>(stops);
    const std::vector<u32> breakpoints = stops_.breakpoints();
    stops.breakpoints.insert(stops.breakpoints.end(), breakpoints.begin(), breakpoints.end());
    stops.watchpoints.insert(stops.watchpoints.end(), stops_.watchpoints().begin(), stops_.watchpoints().end());
    stops.breakpoint_counts = [this, theirs](u32 address) { return breakpoint_counts(address, *theirs); };
    stops.watch_counts = [this, theirs](const machine::WatchHit& hit) {
        return !stops_.watch_reason(hit).empty() || !theirs->watch_counts || theirs->watch_counts(hit);
    };
    if (stops_.catches_calls())
        stops.transfers = [this, theirs](const TransferNews& t) {
            return (enters_by_call(t) && stops_.catches_call(t.eax)) || returns_to_user(t) ||
                   (theirs->transfers && theirs->transfers(t));
        };
    return stops;
}

/// An address of user space means PROG's code; our init has the same addresses. An instruction that gdb has stepped from, and
/// that was put off by a fault or an interrupt, is not reached a second time when its turn comes at last.
bool Stub::breakpoint_counts(u32 address, const machine::StopSet& others) {
    if (put_off_ && *put_off_ == std::pair{address, threads_.current()}) {
        put_off_.reset();
        return false;
    }
    if (stops_.breaks_at(address) && (debuggee_.cpu().cpl == 0 || !threads_.current_is_init())) return true;
    const auto& theirs = others.breakpoints;
    return std::find(theirs.begin(), theirs.end(), address) != theirs.end() &&
           (!others.breakpoint_counts || others.breakpoint_counts(address));
}

/// Transfers into ring 3 are looked at here: only now the machine stands where the number of the call can be read.
bool Stub::wanted_transfer(const Arrival& arrival, bool forwards) {
    const TransferNews& t = arrival.transfer;
    returning_call_ = -1;
    if (returns_to_user(t) && stops_.catches_calls()) {
        const s32 call = threads_.current_call();
        if (call >= 0 && stops_.catches_call(static_cast<u32>(call))) {
            returning_call_ = call;
            return true;
        }
    }
    if (enters_by_call(t) && stops_.catches_call(t.eax)) return true;
    return monitor_.accepts_transfer && monitor_.accepts_transfer(arrival, forwards);
}

// --- stop replies ---------------------------------------------------------------------------------------------

void Stub::say(std::string_view text) {
    if (wire_) wire_->send("O" + to_hex(text.substr(0, packet_limit / 2 - 2)));
}

/// None of gdb's own breakpoints, watchpoints or catchpoints explains it.
bool Stub::is_of_monitor(const Arrival& arrival) const {
    if (!monitor_.describe) return false;
    switch (arrival.kind) {
    case Arrival::Kind::Breakpoint: return !stops_.breaks_at(arrival.address);
    case Arrival::Kind::Watchpoint: return stops_.watch_reason(arrival.hit).empty();
    case Arrival::Kind::Transfer: return call_text(arrival).empty();
    default: return false;
    }
}

std::string Stub::call_text(const Arrival& arrival) const {
    const TransferNews& t = arrival.transfer;
    if (enters_by_call(t) && stops_.catches_call(t.eax)) return fmt::format("syscall_entry:{:x};", t.eax);
    return returning_call_ >= 0 ? fmt::format("syscall_return:{:x};", returning_call_) : "";
}

std::string Stub::stop_text(const Arrival& arrival) const {
    const auto text = [this](u8 signal, std::string_view reason) {
        return fmt::format("T{:02x}thread:{:x};{}", signal, threads_.current(), reason);
    };
    switch (arrival.kind) {
    case Arrival::Kind::Reached: break;
    case Arrival::Kind::Start: return text(gdb_sigtrap, "replaylog:begin;");
    case Arrival::Kind::End: return text(gdb_sigtrap, "replaylog:end;");
    case Arrival::Kind::Interrupted: return text(gdb_sigint, "");
    case Arrival::Kind::Breakpoint:
        return text(gdb_sigtrap, client_knows_breaks_ ? stops_.break_reason(arrival.address) : "");
    case Arrival::Kind::Watchpoint: return text(gdb_sigtrap, stops_.watch_reason(arrival.hit));
    case Arrival::Kind::Transfer: return text(gdb_sigtrap, call_text(arrival));
    }
    return text(gdb_sigtrap, "");
}

/// W (exit status) or X (signal) as wait status says; other ends as the exit status that `trapgate run` has for them.
std::string Stub::end_text() {
    const auto& end = time_.end();
    if (!end) return "X09"; // killed before its end
    if (end->kind == machine::StopKind::GuestExit) {
        const u32 status = end->value, signal = status & 0x7f;
        return signal ? fmt::format("X{:02x}", gdb_signal(signal)) : fmt::format("W{:02x}", (status >> 8) & 0xff);
    }
    if (!end->text.empty()) say("trapgate: " + end->text + "\n");
    return fmt::format("W{:02x}", end->exit_status());
}

} // namespace trapgate::frontend::gdb
