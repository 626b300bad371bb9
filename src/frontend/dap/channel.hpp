// SPDX-License-Identifier: MIT
// The conversation with the editor, on two descriptors: requests in, responses and events out. The editor may vanish at any time.
#pragma once

#include "frontend/dap/protocol.hpp"

#include <deque>

namespace trapgate::frontend::dap {

class Channel {
  public:
    Channel(int in, int out) : in_(in), out_(out) {}

    /// The next message; waits for it. Nothing: the client is gone or talks no protocol (broken() says so).
    std::optional<std::variant<Request, BadRequest>> next();
    /// Looks, without waiting, whether something is there to be taken (the end of the conversation counts too).
    bool pending();
    bool closed() const { return closed_; }
    /// Why the conversation cannot go on; empty if it can, or if the client just went away.
    const std::string& broken() const { return broken_; }

    void respond(const Request& request, Json body);
    void refuse(s64 request_seq, const std::string& command, const std::string& why);
    void event(const char* name, Json body);

  private:
    void send(Json message);
    bool receive(int milliseconds);

    int in_, out_;
    s64 sent_ = 0;
    bool closed_ = false;
    std::string broken_;
    MessageReader reader_;
    std::deque<std::variant<Request, BadRequest>> waiting_;
};

} // namespace trapgate::frontend::dap
