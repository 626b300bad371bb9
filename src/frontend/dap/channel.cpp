// SPDX-License-Identifier: MIT
#include "frontend/dap/channel.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace trapgate::frontend::dap {

/// Reads what there is, waiting at most so long. False: nothing came.
bool Channel::receive(int milliseconds) {
    pollfd waiting{in_, POLLIN, 0};
    const int ready = poll(&waiting, 1, milliseconds);
    if (ready <= 0) return false;
    std::array<char, 65536> bytes;
    const ssize_t count = read(in_, bytes.data(), bytes.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return false;
    if (count <= 0) {
        closed_ = true;
        return true;
    }
    reader_.feed({bytes.data(), static_cast<std::size_t>(count)});
    for (;;) {
        auto message = reader_.next();
        if (!message) {
            broken_ = message.error().message;
            closed_ = true;
            return true;
        }
        if (!message.value()) return true;
        waiting_.push_back(parse_request(*message.value()));
    }
}

std::optional<std::variant<Request, BadRequest>> Channel::next() {
    while (waiting_.empty() && !closed_) receive(-1);
    if (waiting_.empty()) return std::nullopt;
    auto message = std::move(waiting_.front());
    waiting_.pop_front();
    return message;
}

bool Channel::pending() {
    if (waiting_.empty() && !closed_) receive(0);
    return closed_ || !waiting_.empty();
}

void Channel::send(Json message) {
    message["seq"] = ++sent_;
    const std::string bytes = framed(message);
    std::string_view rest = bytes;
    while (!rest.empty()) {
        const ssize_t count = write(out_, rest.data(), rest.size());
        if (count < 0 && errno == EAGAIN) {
            pollfd waiting{out_, POLLOUT, 0};
            poll(&waiting, 1, -1);
        } else if (count < 0 && errno != EINTR) {
            closed_ = true; // nobody listens
            return;
        } else if (count > 0) {
            rest.remove_prefix(static_cast<std::size_t>(count));
        }
    }
}

void Channel::respond(const Request& request, Json body) {
    Json message{
        {"type", "response"}, {"request_seq", request.seq}, {"command", request.command}, {"success", true}};
    if (!body.is_null()) message["body"] = std::move(body);
    send(std::move(message));
}

void Channel::refuse(s64 request_seq, const std::string& command, const std::string& why) {
    send({{"type", "response"},
          {"request_seq", request_seq},
          {"command", command},
          {"success", false},
          {"message", why},
          {"body",
           {{"error", {{"id", 1}, {"format", "{why}"}, {"variables", {{"why", why}}}, {"showUser", true}}}}}});
}

void Channel::event(const char* name, Json body) {
    Json message{{"type", "event"}, {"event", name}};
    if (!body.is_null()) message["body"] = std::move(body);
    send(std::move(message));
}

} // namespace trapgate::frontend::dap
