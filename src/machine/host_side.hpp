// SPDX-License-Identifier: MIT
// What the machine needs from the host: streams, and perhaps a terminal. All input from outside comes through here, so that a
// recorder can stand between and a test can play the host.
#pragma once

#include "devices/host.hpp"
#include "devices/host_channel.hpp"
#include "mmu/physical_memory.hpp"

#include <chrono>
#include <string>

namespace trapgate::machine {

/// The user at a terminal: bytes come when they come. Absent (null) when standard input is no terminal.
class TerminalInput {
  public:
    virtual ~TerminalInput() = default;
    /// Takes what has been typed; never waits.
    virtual std::size_t read(std::span<u8> into) = 0;
    /// Waits until something can be read or the time is up.
    virtual void wait(std::chrono::nanoseconds most) = 0;
    /// The user wants to leave (escape key).
    virtual bool quit_requested() const = 0;
    /// True once after the window has changed its size.
    virtual bool size_changed() = 0;
    virtual devices::HostTerminals terminals() = 0;
};

class Board;

/// Somebody who looks at the guest every few milliseconds while it runs, and changes nothing.
class HostView {
  public:
    virtual ~HostView() = default;
    virtual void look(const Board& board, const mmu::PhysicalMemory& memory) = 0;
};

struct HostSide {
    devices::HostChannel::Streams streams; ///< descriptors 0–2 for the host channel
    devices::ByteSink& serial;             ///< what the guest sends on COM1
    devices::ByteSink& debug_console;      ///< port E9h: the guest kernel's log
    TerminalInput* terminal = nullptr;     ///< typed bytes go to COM1
    bool terminal_is_keyboard = false;     ///< and to the keyboard, too
    std::string keys{};                    ///< typed on the keyboard as soon as the guest listens
    HostView* view = nullptr;
};

} // namespace trapgate::machine
