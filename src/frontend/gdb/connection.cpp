// SPDX-License-Identifier: MIT
// Sockets.
#include "frontend/gdb/connection.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace trapgate::frontend::gdb {

namespace {

constexpr int bad_address = 2, cannot_listen = 125;
constexpr int child_check_ms = 200; ///< how soon the end of the client that we started is noticed

Error failure(const std::string& address, int error) {
    return {fmt::format("--gdb {}: {}", address, std::strerror(error)), cannot_listen};
}

struct Opened {
    int descriptor;
    std::string name;
    std::string path;
};

Result<Opened> open_unix(const std::string& address, const std::string& path) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(name.sun_path))
        return Error{fmt::format("--gdb {}: a socket's path has 1 to {} bytes", address, sizeof(name.sun_path) - 1),
                     bad_address};
    std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
    struct stat old {};
    if (lstat(path.c_str(), &old) == 0 && S_ISSOCK(old.st_mode)) ::unlink(path.c_str()); // left by an earlier run
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return failure(address, errno);
    if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&name), sizeof(name)) != 0 ||
        ::listen(descriptor, 1) != 0) {
        const int error = errno;
        ::close(descriptor);
        return failure(address, error);
    }
    return Opened{descriptor, path, path};
}

/// HOST and PORT of "HOST:PORT", ":PORT", "PORT", "[::1]:PORT".
std::pair<std::string, std::string> host_and_port(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos) return {"127.0.0.1", address};
    std::string host = address.substr(0, colon);
    if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    return {host.empty() ? "127.0.0.1" : host, address.substr(colon + 1)};
}

std::string name_of(int descriptor) {
    sockaddr_storage bound{};
    socklen_t size = sizeof(bound);
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) != 0 ||
        getnameinfo(reinterpret_cast<sockaddr*>(&bound), size, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return "?";
    return bound.ss_family == AF_INET6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

Result<Opened> open_tcp(const std::string& address) {
    const auto [host, port] = host_and_port(address);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos ||
        std::stoul(port) > 65535)
        return Error{fmt::format("--gdb {}: must be HOST:PORT, :PORT, unix:PATH or -", address), bad_address};
    addrinfo hints{}, *found = nullptr;
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
        return Error{fmt::format("--gdb {}: {}", address, gai_strerror(error)), cannot_listen};
    const int descriptor = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error = descriptor < 0 ? errno : 0;
    const int yes = 1;
    if (!error) setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (!error && ::bind(descriptor, found->ai_addr, found->ai_addrlen) != 0) error = errno;
    if (!error && ::listen(descriptor, 1) != 0) error = errno;
    freeaddrinfo(found);
    if (!error) return Opened{descriptor, name_of(descriptor), {}};
    if (descriptor >= 0) ::close(descriptor);
    return failure(address, error);
}

/// Standard input and output become the client's; in their place come an empty file and standard error.
Connection take_stdio() {
    const int in = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), out = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC); nothing >= 0) {
        ::dup2(nothing, STDIN_FILENO);
        ::close(nothing);
    }
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    return {in, out};
}

bool ended(int child) {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
}

} // namespace

Connection::Connection(int in, int out) : in_(in), out_(out) {}

Connection::Connection(Connection&& other) noexcept
    : in_(std::exchange(other.in_, -1)), out_(std::exchange(other.out_, -1)), closed_(other.closed_) {}

Connection::~Connection() {
    if (in_ >= 0) ::close(in_);
    if (out_ >= 0 && out_ != in_) ::close(out_);
}

std::vector<u8> Connection::receive(int milliseconds) {
    if (closed_) return {};
    pollfd ready{in_, POLLIN, 0};
    const int count = ::poll(&ready, 1, milliseconds);
    if (count == 0 || (count < 0 && errno == EINTR)) return {};
    std::vector<u8> bytes(4096);
    const ssize_t got = ::read(in_, bytes.data(), bytes.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return {};
    if (got <= 0) closed_ = true;
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
}

void Connection::send(std::string_view bytes) {
    while (!bytes.empty() && !closed_) {
        const ssize_t sent = ::write(out_, bytes.data(), bytes.size()); // SIGPIPE is ignored by the session
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0)
            closed_ = true;
        else
            bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

Listener::Listener(int descriptor, std::string name, std::string path)
    : descriptor_(descriptor), name_(std::move(name)), path_(std::move(path)) {}

Listener::Listener(Listener&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), name_(std::move(other.name_)),
      path_(std::exchange(other.path_, {})), stdio_(std::move(other.stdio_)) {}

Listener::~Listener() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!path_.empty()) ::unlink(path_.c_str());
}

Result<Listener> Listener::open(const std::string& address) {
    if (address == "-") {
        Listener listener(-1, address, {});
        listener.stdio_.emplace(take_stdio());
        return listener;
    }
    constexpr std::string_view unix_prefix = "unix:";
    TRY(opened, address.starts_with(unix_prefix) ? open_unix(address, address.substr(unix_prefix.size()))
                                                 : open_tcp(address));
    return Listener(opened.descriptor, opened.name, opened.path);
}

std::optional<Connection> Listener::accept(int child) {
    if (is_stdio()) {
        std::optional<Connection> client = std::move(stdio_);
        stdio_.reset();
        return client;
    }
    while (true) {
        pollfd ready{descriptor_, POLLIN, 0};
        const int count = ::poll(&ready, 1, child ? child_check_ms : -1);
        if (count > 0) {
            const int client = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
            if (client >= 0) {
                const int yes = 1;
                setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes,
                           sizeof(yes)); // fails on a Unix socket: no matter
                return Connection(client, client);
            }
        }
        if (child && ended(child)) return std::nullopt;
    }
}

} // namespace trapgate::frontend::gdb
