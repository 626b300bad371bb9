// SPDX-License-Identifier: MIT
// The small ports of a PC's board: see the header.
#include "devices/system_ports.hpp"

namespace trapgate::devices {

// --- 61h ---------------------------------------------------------------------------------------------

u32 SystemControlPort::read_port(u16, u8 size) {
    if (size != 1) return 0xffffffff;
    constexpr u8 refresh = 0x10, out2 = 0x20;
    // Each refresh request, every 15.085 microseconds, turns bit 4 over: 18 ticks of the timer.
    const bool toggled = Pit8254::oscillator.ticks_at(clock_.now(), clock_.hertz()) / 18 & 1;
    return state_.written | (toggled ? refresh : 0) | (timer_.output2() ? out2 : 0);
}

void SystemControlPort::write_port(u16, u8 size, u32 value) {
    if (size != 1) return;
    state_.written = value & 0x0f;
    timer_.set_gate2(value & 1);
}

// --- 92h ---------------------------------------------------------------------------------------------

u32 FastGatePort::read_port(u16, u8 size) {
    return size == 1 ? state_.written : 0xffffffff;
}

void FastGatePort::write_port(u16, u8 size, u32 value) {
    if (size != 1) return;
    constexpr u8 reset = 0x01, a20 = 0x02;
    state_.written = value & a20;
    if (value & reset) stop_.request_stop({StopRequest::Kind::Reset, 0});
}

} // namespace trapgate::devices
