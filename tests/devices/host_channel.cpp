// SPDX-License-Identifier: MIT
// The channels to the host's standard streams, and the small ports.
#include "devices/host_channel.hpp"

#include "catch.hpp"
#include "devices/debug_ports.hpp"
#include "devices/system_ports.hpp"
#include "fakes.hpp"

#include <cerrno>

using namespace trapgate;
using namespace trapgate::devices;

namespace {

struct Channel {
    test::FakeSource input;
    test::FakeSink output, error;
    test::FakeStop stop;
    HostChannel channel;

    explicit Channel(std::vector<std::string> chunks = {},
                     HostChannel::InputKind kind = HostChannel::InputKind::Lines)
        : channel({input, kind, output, error, {0x2, 25, 80}}, stop) {
        input.chunks = std::move(chunks);
    }
    /// One read of the guest's.
    std::string request(u16 wanted) {
        channel.write_port(0x5f2, 2, wanted);
        std::string got;
        for (u32 ready = channel.read_port(0x5f2, 2); ready; --ready)
            got.push_back(static_cast<char>(channel.read_port(0x5f0, 1)));
        return got;
    }
    void put(u8 stream, std::string_view text) {
        for (const char c : text) channel.write_port(static_cast<u16>(0x5f0 + 4 * stream), 1, static_cast<u8>(c));
    }
    u32 status(u8 stream) { return channel.read_port(static_cast<u16>(0x5f1 + 4 * stream), 1); }
};

} // namespace

TEST_CASE("the host channel says who it is and what the descriptors are") {
    Channel c;
    CHECK(c.channel.read_port(0x5e0, 4) == 0x54475254);
    CHECK(c.channel.read_port(0x5e8, 4) == 2);
    CHECK(c.channel.read_port(0x5ec, 4) == (25 | 80 << 16));
}

TEST_CASE("how the host chops its input changes nothing for the guest") {
    const std::vector<std::vector<std::string>> ways{
        {"one\ntwo\nthree"}, {"o", "ne\n", "two", "\nthr", "ee"}, {"one\ntwo", "\nthree"}};
    for (const auto& chunks : ways) {
        Channel c(chunks);
        CHECK(c.request(100) == "one\n");
        CHECK(c.request(2) == "tw");
        CHECK(c.request(100) == "o\n");
        CHECK(c.status(0) == 0);
        CHECK(c.request(100) == "three");
        CHECK(c.request(100) == "");
        CHECK(c.status(0) == 2);
    }
}

TEST_CASE("a regular file fills the request across newlines") {
    Channel c({"one\ntwo\nthree"}, HostChannel::InputKind::Bytes);
    CHECK(c.request(6) == "one\ntw");
    CHECK(c.request(100) == "o\nthree");
    CHECK(c.request(1) == "");
}

TEST_CASE("a line that is there is given without asking the host again") {
    Channel c({"one\ntwo\n"});
    CHECK(c.request(10) == "one\n");
    CHECK(c.request(10) == "two\n");
    CHECK(c.input.reads == 1);
}

TEST_CASE("bytes not taken before the next request are not lost") {
    Channel c({"abcdef\n"});
    c.channel.write_port(0x5f2, 2, 4);
    CHECK(c.channel.read_port(0x5f0, 1) == 'a');
    CHECK(c.request(3) == "bcd");
}

TEST_CASE("output is buffered, kept in order between the streams, and flushed before a read") {
    Channel c({"x\n"});
    c.put(1, "out ");
    CHECK(c.output.writes == 0);
    c.put(2, "err ");
    CHECK(c.output.text == "out ");
    CHECK(c.error.text.empty());
    c.request(1);
    CHECK(c.error.text == "err ");
    c.put(1, "last");
    c.channel.flush();
    CHECK(c.output.text == "out last");
}

TEST_CASE("a closed host end shows as bit 4 for ever, another error as bit 5 once") {
    Channel c;
    c.output.error = EPIPE;
    c.put(1, "x");
    CHECK(c.status(1) == 0x10);
    CHECK(c.status(1) == 0x10);
    CHECK(c.status(2) == 0);
    c.error.error = ENOSPC;
    c.put(2, "x");
    CHECK(c.status(2) == 0x20);
    CHECK(c.status(2) == 0);
}

TEST_CASE("the exit and panic ports stop the machine") {
    Channel c;
    c.put(1, "bye");
    c.channel.write_port(0x5e0, 4, 0x0300);
    REQUIRE(c.stop.requests.size() == 1);
    CHECK(c.stop.requests[0].kind == StopRequest::Kind::GuestExit);
    CHECK(c.stop.requests[0].value == 0x0300);
    CHECK(c.output.text == "bye");
    c.channel.write_port(0x5e4, 4, 1);
    CHECK(c.stop.requests[1].kind == StopRequest::Kind::Panic);
}

TEST_CASE("the debug console gives whole lines and reads back E9h") {
    test::FakeSink sink;
    DebugConsole console(sink);
    for (const char c : std::string_view("hello\nwor")) console.write_port(0xe9, 1, static_cast<u8>(c));
    CHECK(sink.text == "hello\n");
    console.flush();
    CHECK(sink.text == "hello\nwor");
    CHECK(console.read_port(0xe9, 1) == 0xe9);
}

TEST_CASE("debug exit and port 92h stop the machine") {
    test::FakeStop stop;
    DebugExit(stop).write_port(0xf4, 4, 0x10);
    FastGatePort gate(stop);
    gate.write_port(0x92, 1, 0x02);
    CHECK(gate.read_port(0x92, 1) == 0x02);
    gate.write_port(0x92, 1, 0x03);
    REQUIRE(stop.requests.size() == 2);
    CHECK(stop.requests[0].kind == StopRequest::Kind::DebugExit);
    CHECK(stop.requests[0].value == 0x10);
    CHECK(stop.requests[1].kind == StopRequest::Kind::Reset);
}
