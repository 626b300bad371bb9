// SPDX-License-Identifier: MIT
// The 8254: see the header. A counter is described by the tick at which it was loaded; everything else follows.
#include "devices/pit8254.hpp"

#include <algorithm>

namespace trapgate::devices {

namespace {

u32 from_bcd(u32 value) {
    return (value >> 12 & 15) * 1000 + (value >> 8 & 15) * 100 + (value >> 4 & 15) * 10 + (value & 15);
}

u32 to_bcd(u32 value) {
    return (value / 1000 % 10) << 12 | (value / 100 % 10) << 8 | (value / 10 % 10) << 4 | value % 10;
}

bool periodic(u8 mode) {
    return mode == 2 || mode == 3;
}
bool triggered_by_gate(u8 mode) {
    return mode == 1 || mode == 5;
}

} // namespace

// --- Writing ----------------------------------------------------------------------------------------

void PitCounter::write_control(u8 control, u64 tick) {
    const bool gate = state_.gate;
    (void)tick;
    state_ = State{};
    state_.gate = gate;
    state_.access = control >> 4 & 3;
    const u8 mode = control >> 1 & 7;
    state_.mode = mode > 5 ? mode - 4 : mode; // 6 and 7 are modes 2 and 3
    state_.bcd = control & 1;
}

void PitCounter::write_count(u8 byte, u64 tick) {
    sync(tick);
    u32 written = 0;
    if (state_.access == 1) {
        written = byte;
    } else if (state_.access == 2) {
        written = u32{byte} << 8;
    } else if (!state_.second_write) {
        state_.first_byte = byte;
        state_.second_write = true;
        if (state_.mode == 0) state_.armed = false; // "writing the first byte disables counting", OUT goes low
        if (state_.mode == 0) state_.count = 0;
        return;
    } else {
        written = u32{byte} << 8 | state_.first_byte;
        state_.second_write = false;
    }
    const u32 full = state_.bcd ? 10000 : 65536;
    const u32 value = state_.bcd ? from_bcd(written) : written;
    load(value ? value : full, tick);
}

void PitCounter::load(u32 count, u64 tick) {
    const u8 mode = state_.mode;
    if (triggered_by_gate(mode)) { // waits for the next trigger
        (state_.armed ? state_.pending_count : state_.count) = count;
        state_.pending_start = no_event;
        return;
    }
    if (periodic(mode) && state_.armed && state_.gate && tick >= state_.start) {
        // Takes effect at the end of the current period (mode 2) or half period (mode 3).
        const u64 passed = tick - state_.start;
        const u64 into = passed % state_.count, period_start = tick - into;
        const u32 high = high_ticks(state_.count);
        state_.pending_count = count;
        state_.pending_start = period_start + (mode == 3 && into < high ? high : state_.count);
        return;
    }
    state_.count = count;
    state_.start = tick + 1; // the next CLK pulse moves it into the counting element
    state_.paused = 0;
    state_.pending_count = 0;
    state_.armed = true;
}

void PitCounter::sync(u64 tick) {
    if (!state_.pending_count || triggered_by_gate(state_.mode) || !state_.gate || tick < state_.pending_start)
        return;
    const bool at_low_half =
        state_.mode == 3 && (state_.pending_start - state_.start) % state_.count == high_ticks(state_.count);
    state_.start = state_.pending_start;
    state_.count = state_.pending_count;
    // The low half begins: as if the high half of the new count had just passed.
    if (at_low_half) state_.start -= std::min<u64>(high_ticks(state_.count), state_.start);
    state_.pending_count = 0;
}

void PitCounter::set_gate(bool high, u64 tick) {
    sync(tick);
    if (high == state_.gate) return;
    const u8 mode = state_.mode;
    if (!high && state_.armed && (mode == 0 || mode == 4)) state_.paused = elapsed(tick);
    state_.gate = high;
    if (!high || !state_.count) return;
    if (mode == 0 || mode == 4) {
        if (tick >= state_.start) state_.start = tick - std::min(state_.paused, tick);
        return;
    }
    if (state_.pending_count) state_.count = state_.pending_count; // a trigger or restart loads the newest count
    state_.pending_count = 0;
    state_.start = tick + 1;
    state_.armed = true;
}

// --- Reading ----------------------------------------------------------------------------------------

u64 PitCounter::elapsed(u64 tick) const {
    if (tick < state_.start) return 0;
    if (!state_.gate && (state_.mode == 0 || state_.mode == 4)) return state_.paused;
    return tick - state_.start;
}

u16 PitCounter::shown(u64 count) const {
    if (state_.bcd) return static_cast<u16>(to_bcd(static_cast<u32>(count % 10000)));
    return static_cast<u16>(count);
}

u16 PitCounter::current_count(u64 tick) {
    sync(tick);
    if (!state_.count) return 0;
    const u64 passed = elapsed(tick);
    const u32 count = state_.count;
    const u32 full = state_.bcd ? 10000 : 65536;
    if (state_.mode == 2) return shown(state_.gate ? count - passed % count : count);
    if (state_.mode == 3) {
        // Each half counts the even part of the count down by two.
        const u64 into = state_.gate ? passed % count : 0;
        const u32 high = high_ticks(count), odd = count & 1;
        const u64 in_half = into < high ? into : into - high;
        if (in_half == 0) return shown(count);
        return shown(into < high ? count + odd - 2 * in_half : count - odd - 2 * in_half);
    }
    if (!state_.armed) return shown(count);
    return shown(count + full - passed % full); // goes on through zero
}

bool PitCounter::output(u64 tick) {
    sync(tick);
    const bool idle = state_.mode != 0;
    if (!state_.armed || !state_.count) return idle;
    const u64 count = state_.count;
    const u64 passed = elapsed(tick);
    switch (state_.mode) {
    case 0: return tick >= state_.start && passed >= count;
    case 1: return tick < state_.start || passed >= count;
    case 2: return !state_.gate || passed % count != count - 1 || count == 1;
    case 3: return !state_.gate || passed % count < high_ticks(state_.count);
    default: return tick < state_.start || passed != count; // 4, 5: low for the one tick at zero
    }
}

u64 PitCounter::next_change(u64 tick) {
    sync(tick);
    if (!state_.armed || !state_.count) return no_event;
    if (!state_.gate && !triggered_by_gate(state_.mode)) return no_event;
    const u64 count = state_.count, start = state_.start;
    const auto after = [&](u64 passed) { return start + passed > tick ? start + passed : no_event; };
    u64 next = no_event;
    if (periodic(state_.mode)) {
        const u64 passed = tick < start ? 0 : tick - start;
        const u64 period_start = start + passed / count * count;
        const u64 fall = period_start + (state_.mode == 2 ? count - 1 : high_ticks(state_.count));
        next = fall > tick ? fall : period_start + count;
        if (count == 1) next = no_event; // not allowed by the data sheet: OUT stays as it is
        if (state_.pending_count) next = std::min(next, state_.pending_start);
        return next;
    }
    if (state_.mode == 0) return after(count);
    next = std::min(after(0), after(count));
    return state_.mode == 1 ? next : std::min(next, after(count + 1));
}

void PitCounter::latch_count(u64 tick) {
    if (state_.count_latched) return; // "held until it is read"
    state_.latched_count = current_count(tick);
    state_.count_latched = true;
}

void PitCounter::latch_status(u64 tick) {
    if (state_.status_latched) return;
    const bool null_count = !state_.count || state_.pending_count || (state_.armed && tick < state_.start);
    state_.latched_status = static_cast<u8>((output(tick) ? 0x80 : 0) | (null_count ? 0x40 : 0) |
                                            state_.access << 4 | state_.mode << 1 | (state_.bcd ? 1 : 0));
    state_.status_latched = true;
}

u8 PitCounter::read(u64 tick) {
    if (state_.status_latched) {
        state_.status_latched = false;
        return state_.latched_status;
    }
    const u16 value = state_.count_latched ? state_.latched_count : current_count(tick);
    bool high = state_.access == 2;
    if (state_.access == 3) {
        high = state_.second_read;
        state_.second_read = !state_.second_read;
    }
    if (state_.access != 3 || high) state_.count_latched = false;
    return static_cast<u8>(high ? value >> 8 : value);
}

// --- The chip ---------------------------------------------------------------------------------------

void Pit8254::read_back(u8 command) {
    const u64 now = tick();
    for (u8 i = 0; i < 3; ++i) {
        if (!(command >> (i + 1) & 1)) continue;
        if (!(command & 0x20)) counters_[i].latch_count(now);
        if (!(command & 0x10)) counters_[i].latch_status(now);
    }
}

u32 Pit8254::read_port(u16 port, u8 size) {
    if (size != 1 || (port & 3) == 3) return 0xffffffff; // the control word can't be read
    return counters_[port & 3].read(tick());
}

void Pit8254::write_port(u16 port, u8 size, u32 value) {
    if (size != 1) return;
    const auto byte = static_cast<u8>(value);
    if ((port & 3) != 3) {
        counters_[port & 3].write_count(byte, tick());
    } else if (byte >> 6 == 3) {
        read_back(byte);
    } else if (byte & 0x30) {
        counters_[byte >> 6].write_control(byte, tick());
    } else {
        counters_[byte >> 6].latch_count(tick());
    }
    service();
    scheduler_.deadline_changed();
}

void Pit8254::set_gate2(bool high) {
    counters_[2].set_gate(high, tick());
}

void Pit8254::service() {
    irq0_.set(counters_[0].output(tick()));
    plan();
}

void Pit8254::plan() {
    const u64 next = counters_[0].next_change(tick());
    next_event_ = next == no_event ? no_event : oscillator.clock_of(next, clock_.hertz());
}

Pit8254::State Pit8254::state() const {
    return {{counters_[0].state(), counters_[1].state(), counters_[2].state()}, next_event_};
}

void Pit8254::restore(const State& state) {
    for (u8 i = 0; i < 3; ++i) counters_[i].restore(state.counters[i]);
    next_event_ = state.next_event;
}

} // namespace trapgate::devices
