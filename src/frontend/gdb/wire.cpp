// SPDX-License-Identifier: MIT
#include "frontend/gdb/wire.hpp"

#include <utility>

namespace trapgate::frontend::gdb {

namespace {

/// A client that sends on and on while the guest runs: packets over this number are dropped, interrupts are heard.
constexpr std::size_t most_waiting = 64;

} // namespace

void Wire::take(const std::vector<u8>& bytes) {
    for (const u8 byte : bytes) {
        auto input = reader_.take(byte);
        if (!input) continue;
        switch (input->kind) {
        case Input::Kind::Ack: break;
        case Input::Kind::Nack:
            if (acknowledging_) connection_.send(last_);
            break;
        case Input::Kind::Damaged:
            if (acknowledging_) connection_.send("-");
            break;
        case Input::Kind::Packet:
        case Input::Kind::TooLong:
            if (acknowledging_) connection_.send("+");
            if (waiting_.size() < most_waiting) waiting_.push_back(std::move(*input));
            break;
        case Input::Kind::Interrupt: interrupts_ = true; break;
        }
    }
}

std::optional<Input> Wire::next() {
    while (waiting_.empty() && !connection_.closed()) take(connection_.receive(-1));
    if (waiting_.empty()) return std::nullopt;
    interrupts_ = false; // what does not run need not be stopped
    Input input = std::move(waiting_.front());
    waiting_.pop_front();
    return input;
}

void Wire::send(std::string_view text) {
    last_ = frame(text);
    connection_.send(last_);
}

bool Wire::stop_wanted() {
    take(connection_.receive(0));
    return std::exchange(interrupts_, false) || connection_.closed();
}

} // namespace trapgate::frontend::gdb
