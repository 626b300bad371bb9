// SPDX-License-Identifier: MIT
// The small ports of a PC's board: 61h (speaker gate, OUT of counter 2, refresh), 92h (fast A20, reset), 80h (POST code;
// writing it is the usual short delay).
// Source: [PIIX] "NMI Status and Control Register", "Port 92"; [linux-2.6.11] include/asm-i386/io.h uses 80h to wait.
#pragma once

#include "devices/pit8254.hpp"
#include "devices/stop.hpp"
#include "devices/timing.hpp"
#include "mmu/device.hpp"

namespace trapgate::devices {

/// Port 61h.
class SystemControlPort : public mmu::PortDevice {
  public:
    struct State {
        u8 written = 0;
    };
    SystemControlPort(const Clock& clock, Pit8254& timer) : clock_(clock), timer_(timer) {
        timer_.set_gate2(false);
    }

    std::string_view name() const override { return "port 61"; }
    u32 read_port(u16 port, u8 size) override;
    void write_port(u16 port, u8 size, u32 value) override;

    const State& state() const { return state_; }
    void restore(const State& state) { state_ = state; }

  private:
    const Clock& clock_;
    Pit8254& timer_;
    State state_;
};

/// Port 92h. A20 is always open: the gate is remembered, and shutting it does nothing.
class FastGatePort : public mmu::PortDevice {
  public:
    struct State {
        u8 written = 0x02;
    };
    explicit FastGatePort(StopSink& stop) : stop_(stop) {}

    std::string_view name() const override { return "port 92"; }
    u32 read_port(u16 port, u8 size) override;
    void write_port(u16 port, u8 size, u32 value) override;

    const State& state() const { return state_; }
    void restore(const State& state) { state_ = state; }

  private:
    StopSink& stop_;
    State state_;
};

/// Port 80h: keeps the last code.
class PostCodePort : public mmu::PortDevice {
  public:
    struct State {
        u8 code = 0;
    };
    std::string_view name() const override { return "port 80"; }
    u32 read_port(u16, u8) override { return state_.code; }
    void write_port(u16, u8, u32 value) override { state_.code = static_cast<u8>(value); }

    const State& state() const { return state_; }
    void restore(const State& state) { state_ = state; }

  private:
    State state_;
};

} // namespace trapgate::devices
