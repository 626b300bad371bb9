// SPDX-License-Identifier: MIT
// The user's terminal while the guest has it: raw, so that every key reaches the guest, and put back on every way out
// (return, exit, an assertion, a signal). Ctrl-] twice ends the machine; once, followed by another key, it is the guest's.
// Source: termios(3), tty_ioctl(4).
#pragma once

#include "machine/host_side.hpp"

#include <string>

namespace trapgate::machine {

/// At most one at a time. REQUIRES: `input` is a terminal.
class HostTerminal : public TerminalInput {
  public:
    explicit HostTerminal(int input);
    ~HostTerminal() override;
    HostTerminal(const HostTerminal&) = delete;
    HostTerminal& operator=(const HostTerminal&) = delete;

    std::size_t read(std::span<u8> into) override;
    void wait(std::chrono::nanoseconds most) override;
    bool quit_requested() const override { return quit_ || hung_up_; }
    bool size_changed() override;
    devices::HostTerminals terminals() override;

  private:
    void take(u8 byte);

    int input_;
    std::string typed_; ///< read from the host, escape key filtered, not yet given out
    bool escape_seen_ = false;
    bool quit_ = false;
    bool hung_up_ = false;
};

/// Which of the descriptors 0–2 are terminals, and the size of the window.
devices::HostTerminals host_terminals();

} // namespace trapgate::machine
