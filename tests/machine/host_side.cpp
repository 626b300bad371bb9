// SPDX-License-Identifier: MIT
// The host's side on real descriptors: pipes that close, readers that give up, a terminal that is put back.
#include "catch.hpp"
#include "machine/host_streams.hpp"
#include "machine/host_terminal.hpp"

#include <cerrno>
#include <csignal>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

using namespace trapgate;
using namespace trapgate::machine;

namespace {

std::span<const u8> bytes_of(std::string_view text) {
    return {reinterpret_cast<const u8*>(text.data()), text.size()};
}

struct Pipe {
    int ends[2];
    Pipe() { REQUIRE(pipe(ends) == 0); }
    ~Pipe() {
        close_reader();
        close_writer();
    }
    void close_reader() { shut(0); }
    void close_writer() { shut(1); }
    void shut(int end) {
        if (ends[end] >= 0) close(ends[end]);
        ends[end] = -1;
    }
};

struct Terminal {
    int user, ours;
    Terminal() { REQUIRE(openpty(&user, &ours, nullptr, nullptr, nullptr) == 0); }
    ~Terminal() {
        close(user);
        close(ours);
    }
    bool raw() const {
        termios settings{};
        REQUIRE(tcgetattr(ours, &settings) == 0);
        return !(settings.c_lflag & (ICANON | ECHO | ISIG));
    }
    void type(std::string_view keys) const {
        REQUIRE(write(user, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
    }
};

std::string read_all(HostTerminal& terminal) {
    std::array<u8, 64> buffer{};
    terminal.wait(std::chrono::milliseconds(200));
    const std::size_t bytes = terminal.read(buffer);
    return {buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(bytes)};
}

} // namespace

TEST_CASE("a sink tells of a closed pipe instead of dying") {
    ignore_sigpipe();
    Pipe pipe;
    DescriptorSink sink(pipe.ends[1]);
    CHECK(sink.write(bytes_of("x")) == 0);
    pipe.close_reader();
    CHECK(sink.write(bytes_of("x")) == EPIPE);
}

TEST_CASE("a source reads to the end, and gives up when its time has come") {
    Pipe pipe;
    DescriptorSource source(pipe.ends[0]);
    std::array<u8, 8> buffer{};
    REQUIRE(write(pipe.ends[1], "abc", 3) == 3);
    CHECK(source.read(buffer).bytes == 3);
    source.give_up_at(std::chrono::steady_clock::now() + std::chrono::milliseconds(10));
    CHECK(source.read(buffer).error == ETIME);
    pipe.close_writer();
    source.give_up_at(std::chrono::steady_clock::now() + std::chrono::seconds(10));
    const auto end = source.read(buffer);
    CHECK(end.bytes == 0);
    CHECK(end.error == 0);
    constexpr int never_open = 1000;
    CHECK(DescriptorSource(never_open).read(buffer).error == EBADF);
}

TEST_CASE("a terminal is raw while the guest has it, and put back after") {
    const Terminal pair;
    CHECK_FALSE(pair.raw());
    {
        HostTerminal terminal(pair.ours);
        CHECK(pair.raw());
    }
    CHECK_FALSE(pair.raw());
}

TEST_CASE("a terminal is put back when a signal ends us") {
    const Terminal pair;
    const pid_t child = fork();
    if (child == 0) {
        HostTerminal terminal(pair.ours);
        raise(SIGTERM);
        _exit(1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGTERM);
    CHECK_FALSE(pair.raw());
}

TEST_CASE("Ctrl-] twice quits, once it belongs to the guest") {
    const Terminal pair;
    HostTerminal terminal(pair.ours);
    pair.type("a\x1d"
              "b\x03");
    CHECK(read_all(terminal) == "a\x1d"
                                "b\x03");
    CHECK_FALSE(terminal.quit_requested());
    pair.type("c\x1d\x1d");
    CHECK(read_all(terminal) == "c");
    CHECK(terminal.quit_requested());
}
