// SPDX-License-Identifier: MIT
// The board: see the header. Ports and lines are those of a PC/AT.
#include "machine/board.hpp"

#include <algorithm>

namespace trapgate::machine {

namespace {
constexpr u8 irq_timer = 0, irq_keyboard = 1, irq_serial = 4, irq_clock = 8;
}

Board::Board(mmu::Bus& bus, const BoardServices& services, const HostSide& host, s64 date)
    : pic(services.scheduler), timer(services.clock, services.scheduler, pic.line(irq_timer)),
      serial(pic.line(irq_serial), host.serial),
      rtc(services.clock, services.scheduler, pic.line(irq_clock), date, bus.memory().size()),
      system_control(services.clock, timer), fast_gate(services.stop),
      keyboard(services.clock, services.scheduler, pic.line(irq_keyboard), services.stop),
      vga(services.clock, services.stop), debug_console(host.debug_console), debug_exit(services.stop),
      host_channel(host.streams, services.stop) {
    bus.attach_ports(devices::HostChannel::first_port, devices::HostChannel::ports, host_channel);
    bus.attach_ports(0x20, 2, pic);
    bus.attach_ports(0xa0, 2, pic);
    bus.attach_ports(0x4d0, 2, pic);
    bus.attach_ports(0x40, 4, timer);
    bus.attach_ports(0x61, 1, system_control);
    bus.attach_ports(0x3f8, 8, serial);
    bus.attach_ports(0x70, 2, rtc);
    bus.attach_ports(0x60, 1, keyboard);
    bus.attach_ports(0x64, 1, keyboard);
    bus.attach_ports(0x3c0, 16, vga);
    bus.attach_ports(0x3d4, 2, vga);
    bus.attach_ports(0x3da, 1, vga);
    bus.attach_ports(0x80, 1, post_code);
    bus.attach_ports(0x92, 1, fast_gate);
    bus.attach_ports(0xe9, 1, debug_console);
    bus.attach_ports(0xf4, 4, debug_exit);
    keyboard.type(host.keys);
}

u64 Board::next_event() const {
    return std::min({timer.next_event(), rtc.next_event(), keyboard.next_event()});
}

void Board::service() {
    timer.service();
    rtc.service();
    keyboard.service();
}

void Board::flush() {
    host_channel.flush();
    debug_console.flush();
}

Board::State Board::state() const {
    return {pic.state(),       timer.state(),     serial.state(),       rtc.state(),      system_control.state(),
            fast_gate.state(), post_code.state(), host_channel.state(), keyboard.state(), vga.state()};
}

void Board::restore(const State& state) {
    pic.restore(state.pic);
    timer.restore(state.timer);
    serial.restore(state.serial);
    rtc.restore(state.rtc);
    system_control.restore(state.system_control);
    fast_gate.restore(state.fast_gate);
    post_code.restore(state.post_code);
    host_channel.restore(state.host_channel);
    keyboard.restore(state.keyboard);
    vga.restore(state.vga);
}

} // namespace trapgate::machine
