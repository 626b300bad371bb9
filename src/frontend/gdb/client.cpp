// SPDX-License-Identifier: MIT
#include "frontend/gdb/client.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace trapgate::frontend::gdb {

namespace {

constexpr int not_started = 126; ///< the shell's status for a command that cannot be run; 127: not found

/// In the tree (build/release/trapgate) or beside an installed command; empty if it is in neither.
std::string python_file() {
    std::error_code error;
    const auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    for (const auto& path : {folder.parent_path().parent_path() / "share/gdb/trapgate.py",
                             folder.parent_path() / "share/trapgate/gdb/trapgate.py"})
        if (std::filesystem::exists(path, error)) return path.string();
    return {};
}

[[noreturn]] void become(const std::string& command, const std::string& address) {
    const std::string shell = "exec " + command + " \"$@\"", target = "target remote " + address;
    const std::string python = python_file();
    const char* here = "set sysroot /"; // the files are on this machine: gdb need not fetch them through us
    if (python.empty())
        ::execl("/bin/sh", "sh", "-c", shell.c_str(), "gdb", "-iex", here, "-ex", target.c_str(), nullptr);
    else
        ::execl("/bin/sh", "sh", "-c", shell.c_str(), "gdb", "-iex", here, "-x", python.c_str(), "-ex",
                target.c_str(), nullptr);
    ::_exit(not_started);
}

} // namespace

Result<Client> Client::start(const std::string& command, const std::string& address) {
    if (command.empty()) return Client(0);
    const pid_t process = ::fork();
    if (process < 0) return Error{fmt::format("--exec {}: {}", command, std::strerror(errno))};
    if (process == 0) {
        std::signal(SIGPIPE, SIG_DFL); // the session ignores it
        become(command, address);
    }
    std::signal(SIGINT, SIG_IGN); // Ctrl-C in this terminal is gdb's, which then interrupts the guest
    return Client(process);
}

Client::Client(Client&& other) noexcept : process_(std::exchange(other.process_, 0)) {}

Client::~Client() {
    wait();
}

bool Client::wait() {
    if (process_ == 0) return true;
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {}
    process_ = 0;
    return !WIFEXITED(status) || WEXITSTATUS(status) < not_started;
}

} // namespace trapgate::frontend::gdb
