// SPDX-License-Identifier: MIT
#include "frontend/gdb/wire.hpp"

#include <algorithm>

namespace trapgate::frontend::gdb {

namespace {

/// A client that sends on and on while the guest runs is not listened to any further than this.
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
            [[fallthrough]];
        case Input::Kind::Interrupt: waiting_.push_back(std::move(*input)); break;
        }
    }
}

std::optional<Input> Wire::next() {
    while (waiting_.empty() && !connection_.closed()) take(connection_.receive(-1));
    if (waiting_.empty()) return std::nullopt;
    Input input = std::move(waiting_.front());
    waiting_.pop_front();
    return input;
}

void Wire::send(std::string_view text) {
    last_ = frame(text);
    connection_.send(last_);
}

bool Wire::stop_wanted() {
    if (waiting_.size() < most_waiting) take(connection_.receive(0));
    const auto interrupt = std::find_if(waiting_.begin(), waiting_.end(),
                                        [](const Input& i) { return i.kind == Input::Kind::Interrupt; });
    if (interrupt == waiting_.end()) return connection_.closed();
    waiting_.erase(interrupt);
    return true;
}

} // namespace trapgate::frontend::gdb
