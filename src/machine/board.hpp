// SPDX-License-Identifier: MIT
// The board: which devices there are, at which ports, on which lines. To add one: a member, a line in board.cpp, its state.
#pragma once

#include "devices/cmos_rtc.hpp"
#include "devices/debug_ports.hpp"
#include "devices/host_channel.hpp"
#include "devices/keyboard8042.hpp"
#include "devices/pic8259.hpp"
#include "devices/pit8254.hpp"
#include "devices/system_ports.hpp"
#include "devices/uart16550.hpp"
#include "devices/vga_text.hpp"
#include "machine/host_side.hpp"
#include "mmu/bus.hpp"

namespace trapgate::machine {

/// Who the devices turn to.
struct BoardServices {
    const devices::Clock& clock;
    devices::Scheduler& scheduler;
    devices::StopSink& stop;
};

class Board {
  public:
    struct State {
        devices::PicPair::State pic;
        devices::Pit8254::State timer;
        devices::Uart16550::State serial;
        devices::CmosRtc::State rtc;
        devices::SystemControlPort::State system_control;
        devices::FastGatePort::State fast_gate;
        devices::PostCodePort::State post_code;
        devices::HostChannel::State host_channel;
        devices::Keyboard8042::State keyboard;
        devices::VgaText::State vga;
    };

    Board(mmu::Bus& bus, const BoardServices& services, const HostSide& host, s64 date);

    /// The clock of the nearest thing that a device does by itself.
    u64 next_event() const;
    /// Lets every device do what is due.
    void service();
    /// Hands buffered output to the host.
    void flush();

    State state() const;
    void restore(const State& state);

    devices::PicPair pic;
    devices::Pit8254 timer;
    devices::Uart16550 serial;
    devices::CmosRtc rtc;
    devices::SystemControlPort system_control;
    devices::FastGatePort fast_gate;
    devices::Keyboard8042 keyboard;
    devices::VgaText vga;
    devices::PostCodePort post_code;
    devices::DebugConsole debug_console;
    devices::DebugExit debug_exit;
    devices::HostChannel host_channel;
};

} // namespace trapgate::machine
