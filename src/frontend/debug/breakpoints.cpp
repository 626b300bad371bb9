// SPDX-License-Identifier: MIT
#include "frontend/debug/breakpoints.hpp"

#include <algorithm>

namespace trapgate::frontend::debug {

namespace {

constexpr u8 system_call_vector = 0x80;
constexpr u8 first_irq_vector = 0x20; ///< where our kernel and most others put the interrupt controllers' lines
constexpr u32 irq_lines = 16;

bool is_event(BreakKind kind) {
    return kind != BreakKind::Code && kind != BreakKind::Watch;
}

bool at_code(const Breakpoint& breakpoint, u32 address) {
    const auto& places = breakpoint.addresses;
    return breakpoint.enabled && breakpoint.kind == BreakKind::Code &&
           std::find(places.begin(), places.end(), address) != places.end();
}

bool sees(const Breakpoint& breakpoint, const machine::WatchHit& hit) {
    return breakpoint.enabled && breakpoint.kind == BreakKind::Watch &&
           breakpoint.range.holds(hit.address, hit.size) &&
           (hit.intent == Intent::Write ? breakpoint.range.writes : breakpoint.range.reads);
}

bool is_irq(const machine::TransferNews& transfer) {
    return transfer.delivery && transfer.vector >= first_irq_vector;
}

bool is_fault(const machine::TransferNews& transfer) {
    return transfer.delivery && transfer.vector < first_irq_vector;
}

bool matches(const Breakpoint& breakpoint, const machine::Arrival& arrival) {
    switch (arrival.kind) {
    case machine::Arrival::Kind::Breakpoint: return at_code(breakpoint, arrival.address);
    case machine::Arrival::Kind::Watchpoint: return sees(breakpoint, arrival.hit);
    case machine::Arrival::Kind::Transfer:
        return breakpoint.enabled && is_event(breakpoint.kind) && wants(breakpoint, arrival.transfer);
    default: return false;
    }
}

} // namespace

bool is_system_call(const machine::TransferNews& transfer) {
    if (transfer.from_cpl != 3 || transfer.delivery) return false;
    return transfer.kind == trace::TransferKind::Sysenter ||
           (transfer.kind == trace::TransferKind::Interrupt && transfer.vector == system_call_vector);
}

bool wants(const Breakpoint& breakpoint, const machine::TransferNews& transfer) {
    switch (breakpoint.kind) {
    case BreakKind::Ring:
        return transfer.from_cpl != transfer.to_cpl && (!breakpoint.ring || *breakpoint.ring == transfer.to_cpl);
    case BreakKind::Syscall:
        return is_system_call(transfer) && (!breakpoint.wanted || *breakpoint.wanted == transfer.eax);
    case BreakKind::Fault:
        return is_fault(transfer) && (!breakpoint.wanted || *breakpoint.wanted == transfer.vector);
    case BreakKind::Irq:
        return is_irq(transfer) &&
               (!breakpoint.wanted || *breakpoint.wanted + first_irq_vector == transfer.vector) &&
               transfer.vector < first_irq_vector + irq_lines;
    case BreakKind::Iret: return transfer.kind == trace::TransferKind::InterruptReturn;
    case BreakKind::Code:
    case BreakKind::Watch: break;
    }
    return false;
}

u32 Breakpoints::add(Breakpoint breakpoint) {
    breakpoint.number = ++last_number_;
    table_.push_back(std::move(breakpoint));
    return last_number_;
}

bool Breakpoints::remove(u32 number) {
    return std::erase_if(table_, [number](const Breakpoint& b) { return b.number == number; }) > 0;
}

Breakpoint* Breakpoints::find(u32 number) {
    for (Breakpoint& breakpoint : table_)
        if (breakpoint.number == number) return &breakpoint;
    return nullptr;
}

bool Breakpoints::counts(Breakpoint& breakpoint, bool forwards, const Evaluate& evaluate) {
    if (!breakpoint.condition.empty() && evaluate && !evaluate(breakpoint)) return false;
    if (!forwards) return true;
    ++breakpoint.hits;
    if (breakpoint.ignore == 0) return true;
    --breakpoint.ignore;
    return false;
}

machine::StopSet Breakpoints::stop_set(bool forwards, Evaluate evaluate) {
    machine::StopSet set;
    bool events = false;
    for (const Breakpoint& breakpoint : table_) {
        if (!breakpoint.enabled) continue;
        set.breakpoints.insert(set.breakpoints.end(), breakpoint.addresses.begin(), breakpoint.addresses.end());
        if (breakpoint.kind == BreakKind::Watch) set.watchpoints.push_back(breakpoint.range);
        events = events || is_event(breakpoint.kind);
    }
    if (events)
        set.transfers = [this](const machine::TransferNews& transfer) {
            return std::any_of(table_.begin(), table_.end(), [&transfer](const Breakpoint& b) {
                return b.enabled && is_event(b.kind) && wants(b, transfer);
            });
        };
    // All of them are asked, so that each counts its hits.
    const auto ask = [this, forwards, evaluate](const auto& is_hit) {
        bool stops = false;
        accepted_.clear();
        for (Breakpoint& breakpoint : table_) {
            if (!is_hit(breakpoint) || !counts(breakpoint, forwards, evaluate)) continue;
            accepted_.push_back(breakpoint.number);
            stops = true;
        }
        return stops;
    };
    set.breakpoint_counts = [ask](u32 address) {
        return ask([address](const Breakpoint& b) { return at_code(b, address); });
    };
    set.watch_counts = [ask](const machine::WatchHit& hit) {
        return ask([&hit](const Breakpoint& b) { return sees(b, hit); });
    };
    return set;
}

Breakpoint* Breakpoints::cause(const machine::Arrival& arrival) {
    Breakpoint* any = nullptr;
    for (Breakpoint& breakpoint : table_) {
        if (!matches(breakpoint, arrival)) continue;
        if (std::find(accepted_.begin(), accepted_.end(), breakpoint.number) != accepted_.end()) return &breakpoint;
        if (!any) any = &breakpoint;
    }
    return any;
}

bool Breakpoints::accepts_transfer(const machine::Arrival& arrival, bool forwards, const Evaluate& evaluate) {
    accepted_.clear();
    for (Breakpoint& breakpoint : table_)
        if (matches(breakpoint, arrival) && counts(breakpoint, forwards, evaluate))
            accepted_.push_back(breakpoint.number);
    return !accepted_.empty();
}

} // namespace trapgate::frontend::debug
