// SPDX-License-Identifier: MIT
// The 8259A pair: see the header.
#include "devices/pic8259.hpp"

#include "base/assert.hpp"

namespace trapgate::devices {

namespace {

constexpr u8 bit(u8 input) {
    return static_cast<u8>(1u << input);
}

// ICW1
constexpr u8 icw1_needs_icw4 = 0x01, icw1_single = 0x02, icw1_level = 0x08, icw1_select = 0x10;
// ICW4
constexpr u8 icw4_auto_eoi = 0x02, icw4_special_fully_nested = 0x10;
// OCW2
constexpr u8 ocw2_eoi = 0x20, ocw2_specific = 0x40, ocw2_rotate = 0x80;
// OCW3
constexpr u8 ocw3_select = 0x08, ocw3_read_service = 0x01, ocw3_read = 0x02, ocw3_poll = 0x04,
             ocw3_special_mask = 0x20, ocw3_set_special_mask = 0x40;

constexpr u8 cascade_input = 2;

} // namespace

// --- One chip ---------------------------------------------------------------------------------------

void Pic8259::set_line(u8 input, bool high) {
    const bool was_high = state_.lines & bit(input);
    if (high && !was_high) state_.latched |= bit(input);
    // "The interrupt request must remain high until after the falling edge of the first INTA": a line that drops
    // before takes its request along.
    if (!high) state_.latched &= static_cast<u8>(~bit(input));
    state_.lines = static_cast<u8>(high ? state_.lines | bit(input) : state_.lines & ~bit(input));
}

u8 Pic8259::request() const {
    const u8 level = state_.all_level ? 0xff : state_.level_inputs;
    return static_cast<u8>((state_.lines & level) | (state_.latched & ~level));
}

std::optional<u8> Pic8259::highest_in_service() const {
    for (u8 position = 0; position < 8; ++position)
        if (state_.service & bit(priority_order(position))) return priority_order(position);
    return std::nullopt;
}

std::optional<u8> Pic8259::highest_pending() const {
    const u8 candidates = static_cast<u8>(request() & ~state_.mask);
    for (u8 position = 0; candidates && position < 8; ++position) {
        const u8 input = priority_order(position);
        const bool in_service = state_.service & bit(input);
        if (candidates & bit(input)) {
            // A slave may interrupt its own service routine when the master is in special fully nested mode.
            const bool nested_slave = state_.special_fully_nested && (cascade_inputs_ & bit(input));
            if (!in_service || nested_slave) return input;
        }
        // Whatever is in service holds back everything below it, except in special mask mode.
        if (in_service && !state_.special_mask) return std::nullopt;
    }
    return std::nullopt;
}

std::optional<u8> Pic8259::acknowledge() {
    const std::optional<u8> input = highest_pending();
    if (!input) return std::nullopt;
    state_.latched &= static_cast<u8>(~bit(*input));
    if (!state_.auto_eoi)
        state_.service |= bit(*input);
    else if (state_.rotate_on_auto_eoi)
        state_.lowest = *input;
    return input;
}

u8 Pic8259::read(bool port1) {
    if (state_.poll) { // "The 8259A treats the next RD pulse as an interrupt acknowledge"
        state_.poll = false;
        const std::optional<u8> input = acknowledge();
        return input ? static_cast<u8>(0x80 | *input) : 0;
    }
    if (port1) return state_.mask;
    return state_.read_service ? state_.service : request();
}

void Pic8259::write(bool port1, u8 value) {
    if (!port1 && (value & icw1_select))
        initialize(value);
    else if (!port1 && (value & ocw3_select))
        write_ocw3(value);
    else if (!port1)
        write_ocw2(value);
    else if (state_.expected_icw)
        write_icw(value);
    else
        state_.mask = value;
}

void Pic8259::initialize(u8 icw1) {
    // The edge sense circuit is reset, IMR is cleared, IR7 gets priority 7, special mask mode is cleared, status read = IRR.
    const State before = state_;
    state_ = State{};
    state_.mask = 0;
    state_.lines = before.lines;
    state_.level_inputs = before.level_inputs;
    state_.base = before.base;
    state_.cascade = before.cascade;
    state_.needs_icw4 = icw1 & icw1_needs_icw4;
    state_.single = icw1 & icw1_single;
    state_.all_level = icw1 & icw1_level;
    state_.expected_icw = 2;
}

void Pic8259::write_icw(u8 value) {
    const u8 word = state_.expected_icw;
    if (word == 2) {
        state_.base = value & 0xf8;
        state_.expected_icw = state_.single ? (state_.needs_icw4 ? 4 : 0) : 3;
    } else if (word == 3) {
        state_.cascade = value;
        state_.expected_icw = state_.needs_icw4 ? 4 : 0;
    } else {
        state_.auto_eoi = value & icw4_auto_eoi;
        state_.special_fully_nested = value & icw4_special_fully_nested;
        state_.expected_icw = 0;
    }
}

void Pic8259::end_of_interrupt(u8 input, bool rotate) {
    state_.service &= static_cast<u8>(~bit(input));
    if (rotate) state_.lowest = input;
}

void Pic8259::write_ocw2(u8 value) {
    const u8 level = value & 7;
    const bool rotate = value & ocw2_rotate;
    switch (value & (ocw2_eoi | ocw2_specific | ocw2_rotate)) {
    case ocw2_eoi:
    case ocw2_eoi | ocw2_rotate: // non-specific: the highest in service
        if (const std::optional<u8> input = highest_in_service()) end_of_interrupt(*input, rotate);
        break;
    case ocw2_eoi | ocw2_specific:
    case ocw2_eoi | ocw2_specific | ocw2_rotate: end_of_interrupt(level, rotate); break;
    case ocw2_specific | ocw2_rotate: state_.lowest = level; break; // set priority
    case ocw2_rotate: state_.rotate_on_auto_eoi = true; break;
    case 0: state_.rotate_on_auto_eoi = false; break;
    default: break; // 010: no operation
    }
}

void Pic8259::write_ocw3(u8 value) {
    if (value & ocw3_set_special_mask) state_.special_mask = value & ocw3_special_mask;
    if (value & ocw3_poll)
        state_.poll = true;
    else if (value & ocw3_read)
        state_.read_service = value & ocw3_read_service;
}

// --- The pair ---------------------------------------------------------------------------------------

std::array<PicPair::Line, 16> PicPair::make_lines(PicPair* pair) {
    std::array<Line, 16> lines;
    for (u8 irq = 0; irq < 16; ++irq) {
        lines[irq].pair = pair;
        lines[irq].irq = irq;
    }
    return lines;
}

void PicPair::set_line(u8 irq, bool high) {
    ASSERT(irq < 16 && irq != cascade_input);
    if (irq < 8)
        master_.set_line(irq, high);
    else
        slave_.set_line(static_cast<u8>(irq - 8), high);
    propagate();
}

/// Neither masked (also at the cascade) nor in the middle of an initialization.
bool PicPair::line_open(u8 irq) const {
    const auto lets_through = [](const Pic8259& chip, u8 input) {
        return !(chip.state().mask >> input & 1) && chip.state().expected_icw == 0;
    };
    if (irq < 8) return lets_through(master_, irq);
    return lets_through(master_, cascade_input) && lets_through(slave_, static_cast<u8>(irq - 8));
}

void PicPair::propagate() {
    // The slave drops INT during an acknowledge and raises it anew if more is pending: each time a new edge at the master.
    master_.set_line(cascade_input, false);
    master_.set_line(cascade_input, slave_.output());
    scheduler_.deadline_changed();
}

u8 PicPair::acknowledge() {
    constexpr u8 spurious = 7;
    const std::optional<u8> input = master_.acknowledge();
    if (!input) return static_cast<u8>(master_.state().base | spurious);
    if (*input != cascade_input || master_.state().single) return static_cast<u8>(master_.state().base | *input);
    const std::optional<u8> second = slave_.acknowledge();
    propagate();
    return static_cast<u8>(slave_.state().base | second.value_or(spurious));
}

u32 PicPair::read_port(u16 port, u8 size) {
    if (size != 1) return 0xffffffff;
    switch (port) {
    case 0x4d0: return master_.edge_level();
    case 0x4d1: return slave_.edge_level();
    default: break;
    }
    const u8 value = (port & 0x80 ? slave_ : master_).read(port & 1);
    propagate(); // a poll may have taken a request
    return value;
}

void PicPair::write_port(u16 port, u8 size, u32 value) {
    if (size != 1) return;
    const auto byte = static_cast<u8>(value);
    switch (port) {
    case 0x4d0: master_.set_edge_level(byte & 0xf8); break; // IRQ 0, 1 and 2 are always edge-triggered
    case 0x4d1: slave_.set_edge_level(byte & 0xde); break;  // so are 8 and 13
    default: (port & 0x80 ? slave_ : master_).write(port & 1, byte); break;
    }
    propagate();
}

void PicPair::restore(const State& state) {
    master_.restore(state.master);
    slave_.restore(state.slave);
}

} // namespace trapgate::devices
