// SPDX-License-Identifier: MIT
// The text screen of a kernel that is not ours, for a user without a window: live on a terminal while the guest runs, or as text
// at the end. What comes on port E9h or COM1 goes to standard output as it comes, and then nobody draws a screen over it.
#pragma once

#include "devices/vga_text.hpp"
#include "machine/host_side.hpp"
#include "machine/machine.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace trapgate::frontend {

/// A stream that remembers whether anything came.
class NoticingSink final : public devices::ByteSink {
  public:
    explicit NoticingSink(devices::ByteSink& next) : next_(next) {}
    int write(std::span<const u8> bytes) override {
        used_ |= !bytes.empty();
        return next_.write(bytes);
    }
    bool used() const { return used_; }

  private:
    devices::ByteSink& next_;
    bool used_ = false;
};

/// Draws the screen on a terminal while the guest runs: only rows that have changed, with their colours.
class LiveScreen final : public machine::HostView {
  public:
    /// `quiet`: says whether the guest has kept silent elsewhere; when it has not, nothing is drawn (any more).
    LiveScreen(devices::ByteSink& terminal, std::function<bool()> quiet)
        : terminal_(terminal), quiet_(std::move(quiet)) {}
    void look(const machine::Board& board, const mmu::PhysicalMemory& memory) override;
    /// The last state, and the cursor below the screen. True if the screen was drawn at all.
    bool finish(const machine::Board& board, const mmu::PhysicalMemory& memory);

  private:
    void draw(const devices::TextScreen& screen);

    devices::ByteSink& terminal_;
    std::function<bool()> quiet_;
    devices::TextScreen drawn_;
    bool begun_ = false;
    std::chrono::steady_clock::time_point next_{};
};

/// One row with its colours as ANSI sequences; ends with the colours as they were.
std::string ansi_row(const devices::TextScreen& screen, u32 row);

} // namespace trapgate::frontend
