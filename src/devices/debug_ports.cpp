// SPDX-License-Identifier: MIT
// The debug console: see the header.
#include "devices/debug_ports.hpp"

namespace trapgate::devices {

void DebugConsole::write_port(u16, u8 size, u32 value) {
    constexpr std::size_t longest_line = 4096;
    for (u8 i = 0; i < size; ++i) line_.push_back(static_cast<char>(value >> (8 * i)));
    if (line_.back() == '\n' || line_.size() >= longest_line) flush();
}

void DebugConsole::flush() {
    if (line_.empty()) return;
    (void)sink_.write(
        {reinterpret_cast<const u8*>(line_.data()), line_.size()}); // the guest has no way to hear of a failure
    line_.clear();
}

} // namespace trapgate::devices
