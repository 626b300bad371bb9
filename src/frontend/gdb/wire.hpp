// SPDX-License-Identifier: MIT
// The conversation with one client: packets over a connection, acknowledged or not. Source: [gdb] "Packet Acknowledgment".
#pragma once

#include "frontend/gdb/connection.hpp"
#include "frontend/gdb/packet.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace trapgate::frontend::gdb {

class Wire {
  public:
    explicit Wire(Connection connection) : connection_(std::move(connection)) {}

    /// The next packet, or one that is too long; waits for it. Nothing: the client is gone.
    std::optional<Input> next();
    void send(std::string_view text);
    /// While the guest runs: looks at what has come, without waiting. True if the guest shall stop (interrupt, client gone).
    bool stop_wanted();
    /// From the packet after this reply on, nothing is acknowledged any more.
    void stop_acknowledging() { acknowledging_ = false; }
    bool gone() const { return connection_.closed() && waiting_.empty(); }

  private:
    void take(const std::vector<u8>& bytes);

    Connection connection_;
    PacketReader reader_;
    std::deque<Input> waiting_;
    std::string last_; ///< framed, for a client that asks for it again
    bool acknowledging_ = true;
    bool interrupts_ = false; ///< byte 03 has come
};

} // namespace trapgate::frontend::gdb
