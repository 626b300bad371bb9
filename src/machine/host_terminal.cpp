// SPDX-License-Identifier: MIT
// The user's terminal: see the header.
#include "machine/host_terminal.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace trapgate::machine {

namespace {

constexpr u8 escape_key = 0x1d; // Ctrl-]

// What signal handlers need. There is one terminal.
volatile std::sig_atomic_t raw_descriptor = -1;
volatile std::sig_atomic_t window_changed = 0;
termios saved_settings;

void make_raw(int descriptor) {
    termios raw = saved_settings;
    cfmakeraw(&raw);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(descriptor, TCSANOW, &raw);
}

void put_back() {
    const int descriptor = raw_descriptor;
    raw_descriptor = -1;
    if (descriptor >= 0) tcsetattr(descriptor, TCSADRAIN, &saved_settings); // async-signal-safe
}

void die_of_signal(int signal) {
    put_back();
    std::signal(signal, SIG_DFL);
    raise(signal);
}

void on_continue(int) {
    if (raw_descriptor >= 0) make_raw(raw_descriptor);
}

void on_window_change(int) {
    window_changed = 1;
}

void on_signal(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    sigaction(signal, &action, nullptr);
}

void install_handlers() {
    for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE})
        on_signal(signal, die_of_signal);
    on_signal(SIGCONT, on_continue);
    on_signal(SIGWINCH, on_window_change);
    static const bool registered = [] {
        std::atexit(put_back);
        before_assertion_exit = put_back;
        return true;
    }();
    (void)registered;
}

} // namespace

HostTerminal::HostTerminal(int input) : input_(input) {
    ASSERT(raw_descriptor < 0);
    if (tcgetattr(input, &saved_settings) != 0) return; // hung up already: read() will find out
    install_handlers();
    raw_descriptor = input;
    make_raw(input);
}

HostTerminal::~HostTerminal() {
    put_back();
}

void HostTerminal::take(u8 byte) {
    if (byte == escape_key && escape_seen_) {
        quit_ = true;
    } else if (byte == escape_key) {
        escape_seen_ = true;
        return;
    } else {
        if (escape_seen_) typed_.push_back(static_cast<char>(escape_key));
        typed_.push_back(static_cast<char>(byte));
    }
    escape_seen_ = false;
}

std::size_t HostTerminal::read(std::span<u8> into) {
    pollfd waiting{input_, POLLIN, 0};
    if (typed_.size() < into.size() && poll(&waiting, 1, 0) > 0) {
        std::array<u8, 256> bytes{};
        const ssize_t count = ::read(input_, bytes.data(), bytes.size());
        if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) hung_up_ = true;
        for (ssize_t i = 0; i < count; ++i) take(bytes[static_cast<std::size_t>(i)]);
    }
    const std::size_t given = std::min(into.size(), typed_.size());
    std::copy_n(typed_.begin(), given, into.begin());
    typed_.erase(0, given);
    return given;
}

void HostTerminal::wait(std::chrono::nanoseconds most) {
    if (!typed_.empty()) return;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(most);
    const timespec limit{seconds.count(), (most - seconds).count()};
    pollfd waiting{input_, POLLIN, 0};
    (void)ppoll(&waiting, 1, &limit, nullptr);
}

bool HostTerminal::size_changed() {
    const bool changed = window_changed;
    window_changed = 0;
    return changed;
}

devices::HostTerminals HostTerminal::terminals() {
    return host_terminals();
}

devices::HostTerminals host_terminals() {
    devices::HostTerminals result;
    for (int descriptor = 0; descriptor < 3; ++descriptor) {
        if (!isatty(descriptor)) continue;
        result.are_terminals |= static_cast<u8>(1u << descriptor);
        winsize size{};
        if (result.rows == 0 && ioctl(descriptor, TIOCGWINSZ, &size) == 0) {
            result.rows = size.ws_row;
            result.columns = size.ws_col;
        }
    }
    return result;
}

} // namespace trapgate::machine
