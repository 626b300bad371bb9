// SPDX-License-Identifier: MIT
// The 16550A: see the header.
#include "devices/uart16550.hpp"

namespace trapgate::devices {

namespace {

// Interrupt enable register
constexpr u8 ier_received = 0x01, ier_transmitter = 0x02, ier_line_status = 0x04, ier_modem = 0x08;
// Interrupt identification: bit 0 clear = pending, bits 3:1 = what
constexpr u8 iir_none = 0x01, iir_modem = 0x00, iir_transmitter = 0x02, iir_received = 0x04, iir_timeout = 0x0c,
             iir_line_status = 0x06, iir_fifos = 0xc0;
// FIFO control
constexpr u8 fcr_enable = 0x01, fcr_clear_receiver = 0x02;
// Line control
constexpr u8 lcr_break = 0x40, lcr_divisor = 0x80;
// Modem control
constexpr u8 mcr_dtr = 0x01, mcr_rts = 0x02, mcr_out1 = 0x04, mcr_out2 = 0x08, mcr_loop = 0x10;
// Line status
constexpr u8 lsr_ready = 0x01, lsr_overrun = 0x02, lsr_break = 0x10, lsr_transmitter_empty = 0x60;
// Modem status: high half = lines, low half = what has changed
constexpr u8 msr_cts = 0x10, msr_dsr = 0x20, msr_ring = 0x40, msr_dcd = 0x80, msr_ring_ended = 0x04;

} // namespace

u8 Uart16550::trigger_level() const {
    constexpr std::array<u8, 4> levels{1, 4, 8, 14};
    return levels[state_.fifo_control >> 6];
}

u8 Uart16550::room() const {
    if (state_.modem_control & mcr_loop) return 0; // the wire is cut off
    const u8 capacity = fifo_enabled() ? fifo_bytes : 1;
    return state_.fifo_count < capacity ? static_cast<u8>(capacity - state_.fifo_count) : 0;
}

void Uart16550::receive(u8 byte) {
    const u8 capacity = fifo_enabled() ? fifo_bytes : 1;
    if (state_.fifo_count == capacity) {
        state_.line_errors |= lsr_overrun;
        if (!fifo_enabled()) state_.fifo[state_.fifo_first] = byte; // the character in RBR is overwritten
    } else {
        state_.fifo[(state_.fifo_first + state_.fifo_count) % fifo_bytes] = byte;
        ++state_.fifo_count;
    }
    update_line();
}

u8 Uart16550::take_received() {
    if (!state_.fifo_count) return 0;
    const u8 byte = state_.fifo[state_.fifo_first];
    state_.fifo_first = (state_.fifo_first + 1) % fifo_bytes;
    --state_.fifo_count;
    return byte;
}

void Uart16550::transmit(u8 byte) {
    if (state_.modem_control & mcr_loop)
        receive(byte);
    else
        (void)sink_.write({&byte, 1}); // a serial line cannot tell whether anybody listens
    state_.transmitter_interrupt = true;
}

void Uart16550::write_fifo_control(u8 value) {
    const bool toggled = (value ^ state_.fifo_control) & fcr_enable;
    if (toggled || (value & fcr_clear_receiver)) state_.fifo_first = state_.fifo_count = 0;
    // "Bit 0 must be a 1 when other FCR bits are written to or they will not be programmed."
    state_.fifo_control = value & fcr_enable ? value & 0xc9 : 0;
}

u8 Uart16550::modem_lines() const {
    if (!(state_.modem_control & mcr_loop)) return msr_cts | msr_dsr | msr_dcd; // somebody is there and listens
    const u8 out = state_.modem_control;
    return static_cast<u8>((out & mcr_rts ? msr_cts : 0) | (out & mcr_dtr ? msr_dsr : 0) |
                           (out & mcr_out1 ? msr_ring : 0) | (out & mcr_out2 ? msr_dcd : 0));
}

void Uart16550::write_modem_control(u8 value) {
    const u8 before = modem_lines();
    state_.modem_control = value & 0x1f;
    const u8 changed = before ^ modem_lines();
    state_.modem_deltas |= changed >> 4 & 0x0b;
    if ((changed & msr_ring) && (before & msr_ring)) state_.modem_deltas |= msr_ring_ended;
}

u8 Uart16550::pending_interrupt() const {
    const u8 enabled = state_.interrupt_enable;
    if ((enabled & ier_line_status) && state_.line_errors) return iir_line_status;
    if ((enabled & ier_received) && state_.fifo_count) {
        if (!fifo_enabled() || state_.fifo_count >= trigger_level()) return iir_received;
        return iir_timeout;
    }
    if ((enabled & ier_transmitter) && state_.transmitter_interrupt) return iir_transmitter;
    if ((enabled & ier_modem) && state_.modem_deltas) return iir_modem;
    return iir_none;
}

u8 Uart16550::read_identification() {
    const u8 pending = pending_interrupt();
    if (pending == iir_transmitter) state_.transmitter_interrupt = false;
    return static_cast<u8>(pending | (fifo_enabled() ? iir_fifos : 0));
}

u8 Uart16550::read_line_status() {
    const u8 value =
        static_cast<u8>(lsr_transmitter_empty | state_.line_errors | (state_.fifo_count ? lsr_ready : 0));
    state_.line_errors = 0;
    return value;
}

void Uart16550::update_line() {
    // On a PC, OUT2 lets the interrupt out; in loopback mode the pin is forced inactive, but the gate stays as programmed.
    irq_.set((state_.modem_control & mcr_out2) && pending_interrupt() != iir_none);
}

u32 Uart16550::read_port(u16 port, u8 size) {
    if (size != 1) return 0xffffffff;
    const bool divisor = state_.line_control & lcr_divisor;
    u8 value = 0;
    switch (port & 7) {
    case 0: value = divisor ? state_.divisor_low : take_received(); break;
    case 1: value = divisor ? state_.divisor_high : state_.interrupt_enable; break;
    case 2: value = read_identification(); break;
    case 3: value = state_.line_control; break;
    case 4: value = state_.modem_control; break;
    case 5: value = read_line_status(); break;
    case 6:
        value = static_cast<u8>(modem_lines() | state_.modem_deltas);
        state_.modem_deltas = 0;
        break;
    default: value = state_.scratch; break;
    }
    update_line();
    return value;
}

void Uart16550::write_port(u16 port, u8 size, u32 value) {
    if (size != 1) return;
    const auto byte = static_cast<u8>(value);
    const bool divisor = state_.line_control & lcr_divisor;
    switch (port & 7) {
    case 0:
        if (divisor)
            state_.divisor_low = byte;
        else
            transmit(byte);
        break;
    case 1:
        if (divisor) {
            state_.divisor_high = byte;
            break;
        }
        // Enabling the transmitter interrupt while the transmitter is empty raises it.
        if ((byte & ~state_.interrupt_enable) & ier_transmitter) state_.transmitter_interrupt = true;
        state_.interrupt_enable = byte & 0x0f;
        break;
    case 2: write_fifo_control(byte); break;
    case 3:
        // A break that is sent in loopback comes back as a received one.
        if ((byte & ~state_.line_control & lcr_break) && (state_.modem_control & mcr_loop)) {
            receive(0);
            state_.line_errors |= lsr_break;
        }
        state_.line_control = byte;
        break;
    case 4: write_modem_control(byte); break;
    case 7: state_.scratch = byte; break;
    default: break; // LSR and MSR are read only
    }
    update_line();
}

} // namespace trapgate::devices
