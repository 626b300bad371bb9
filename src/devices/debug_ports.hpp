// SPDX-License-Identifier: MIT
// The ports that OS developers know from QEMU and Bochs: E9h, the debug console, and F4h, isa-debug-exit.
// Source: [QEMU] "isa-debugcon" and "isa-debug-exit" (readback E9h; host status = value << 1 | 1).
#pragma once

#include "devices/host.hpp"
#include "devices/stop.hpp"
#include "mmu/device.hpp"

#include <string>

namespace trapgate::devices {

/// Port E9h: every byte goes to the host, a line at a time.
class DebugConsole : public mmu::PortDevice {
  public:
    explicit DebugConsole(ByteSink& sink) : sink_(sink) {}

    std::string_view name() const override { return "debug console"; }
    u32 read_port(u16, u8) override { return 0xe9; }
    void write_port(u16 port, u8 size, u32 value) override;
    /// Hands an unfinished line over.
    void flush();

  private:
    ByteSink& sink_;
    std::string line_; ///< the host's buffer, no state of the guest's
};

/// Port F4h: ends the run.
class DebugExit : public mmu::PortDevice {
  public:
    explicit DebugExit(StopSink& stop) : stop_(stop) {}

    std::string_view name() const override { return "isa-debug-exit"; }
    u32 read_port(u16, u8) override { return 0; }
    void write_port(u16, u8, u32 value) override { stop_.request_stop({StopRequest::Kind::DebugExit, value}); }

  private:
    StopSink& stop_;
};

} // namespace trapgate::devices
