// SPDX-License-Identifier: MIT
// `--exec gdb`: a gdb that we start, already told where we are.
#pragma once

#include "base/result.hpp"

#include <string>

namespace trapgate::frontend::gdb {

class Client {
  public:
    /// Runs `command` (split by the shell) with the words that make a gdb connect to `address`, and our commands for gdb
    /// (share/gdb/trapgate.py) if they are found. An empty command starts nothing.
    static Result<Client> start(const std::string& command, const std::string& address);
    ~Client();
    Client(Client&& other) noexcept;
    Client& operator=(Client&&) = delete;

    /// 0: there is none.
    int process() const { return process_; }
    /// Waits for its end. False: it could not be run at all.
    bool wait();

  private:
    explicit Client(int process) : process_(process) {}
    int process_;
};

} // namespace trapgate::frontend::gdb
