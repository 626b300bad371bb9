// SPDX-License-Identifier: MIT
// Where gdb is reached: a TCP port (loopback unless a host is named), a Unix socket, or standard input and output.
// Source: docs/command-line.md, `--gdb`; POSIX sockets.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend::gdb {

/// A stream of bytes to one client. The other end may vanish at any time: then closed() is true and nothing more happens.
class Connection {
  public:
    /// Takes over both descriptors; they may be the same.
    Connection(int in, int out);
    ~Connection();
    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&&) = delete;

    /// Waits up to `milliseconds` (-1: for ever) for bytes and gives what has come; empty if nothing has.
    std::vector<u8> receive(int milliseconds);
    void send(std::string_view bytes);
    bool closed() const { return closed_; }

  private:
    int in_, out_;
    bool closed_ = false;
};

class Listener {
  public:
    /// `address`: HOST:PORT, :PORT or PORT (127.0.0.1), unix:PATH, or - (standard input and output, which are the client's from
    /// now on: the guest then reads nothing, and what it prints goes to standard error). Port 0: any free one.
    /// Errors: 2 for an address that is none, 125 if it cannot be had.
    static Result<Listener> open(const std::string& address);
    ~Listener();
    Listener(Listener&& other) noexcept;
    Listener& operator=(Listener&&) = delete;

    /// The next client. Nothing if there will be none: standard input has had its one, or `child` (a process; 0: none) has ended.
    std::optional<Connection> accept(int child = 0);
    /// What to tell gdb's `target remote`.
    const std::string& name() const { return name_; }
    bool is_stdio() const { return name_ == "-"; }

  private:
    Listener(int descriptor, std::string name, std::string path);
    int descriptor_;
    std::string name_;
    std::string path_;                ///< of a Unix socket, to be removed at the end
    std::optional<Connection> stdio_; ///< until it has been accepted
};

} // namespace trapgate::frontend::gdb
