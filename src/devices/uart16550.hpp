// SPDX-License-Identifier: MIT
// The serial port: a 16550A at eight ports (COM1: 3F8h, IRQ 4).
// Time on the wire is not simulated: what is written has been sent at once, what the host gives has arrived at once, and the
// receiver's character time-out has passed at once. So two runs agree whatever the baud rate.
// Source: [16550] data sheet, "Registers", "FIFO Interrupt Mode Operation", table "Interrupt Control Functions".
#pragma once

#include "devices/host.hpp"
#include "devices/timing.hpp"
#include "mmu/device.hpp"

#include <array>

namespace trapgate::devices {

class Uart16550 : public mmu::PortDevice {
  public:
    static constexpr u8 fifo_bytes = 16;

    struct State {
        std::array<u8, fifo_bytes> fifo{}; ///< receiver; in 16450 mode only one place is used
        u8 fifo_first = 0;
        u8 fifo_count = 0;
        u8 interrupt_enable = 0;
        u8 fifo_control = 0;
        u8 line_control = 0;
        u8 modem_control = 0;
        u8 line_errors = 0;  ///< overrun (bit 1), break (bit 4): cleared by reading LSR
        u8 modem_deltas = 0; ///< low half of MSR
        u8 scratch = 0;
        u8 divisor_low = 0x0c; ///< 9600 baud
        u8 divisor_high = 0;
        bool transmitter_interrupt = false; ///< THRE became true and nobody has looked at IIR since
    };

    Uart16550(InterruptLine& irq, ByteSink& sink) : irq_(irq), sink_(sink) {}

    /// Bytes the receiver can take without an overrun.
    u8 room() const;
    /// A byte arrives on the wire. REQUIRES: room() > 0, else it is lost and overrun is set.
    void receive(u8 byte);

    std::string_view name() const override { return "16550"; }
    u32 read_port(u16 port, u8 size) override;
    void write_port(u16 port, u8 size, u32 value) override;

    const State& state() const { return state_; }
    void restore(const State& state) { state_ = state; }

  private:
    bool fifo_enabled() const { return state_.fifo_control & 1; }
    u8 trigger_level() const;
    u8 modem_lines() const;
    u8 take_received();
    void transmit(u8 byte);
    void write_fifo_control(u8 value);
    void write_modem_control(u8 value);
    u8 pending_interrupt() const;
    u8 read_identification();
    u8 read_line_status();
    void update_line();

    InterruptLine& irq_;
    ByteSink& sink_;
    State state_;
};

} // namespace trapgate::devices
