// SPDX-License-Identifier: MIT
// The serial port, register by register.
#include "devices/uart16550.hpp"

#include "catch.hpp"
#include "fakes.hpp"

using namespace trapgate;
using namespace trapgate::devices;

namespace {

struct Serial {
    test::FakeLine irq;
    test::FakeSink sink;
    Uart16550 uart{irq, sink};
    void out(u8 reg, u8 value) { uart.write_port(static_cast<u16>(0x3f8 + reg), 1, value); }
    u8 in(u8 reg) { return static_cast<u8>(uart.read_port(static_cast<u16>(0x3f8 + reg), 1)); }
};

} // namespace

TEST_CASE("a byte written to THR reaches the host and THR is empty again") {
    Serial s;
    for (const char c : {'h', 'i'}) s.out(0, static_cast<u8>(c));
    CHECK(s.sink.text == "hi");
    CHECK((s.in(5) & 0x60) == 0x60);
}

TEST_CASE("the transmitter interrupt comes when it is enabled, after each byte, and goes by reading IIR") {
    Serial s;
    s.out(4, 0x08);
    s.out(1, 0x02);
    CHECK(s.irq.level);
    CHECK(s.in(2) == 0x02);
    CHECK_FALSE(s.irq.level);
    CHECK(s.in(2) == 0x01);
    s.out(0, 'x');
    CHECK(s.irq.level);
}

TEST_CASE("without OUT2 no interrupt leaves the port") {
    Serial s;
    s.out(1, 0x02);
    CHECK_FALSE(s.irq.level);
    s.out(4, 0x08);
    CHECK(s.irq.level);
}

TEST_CASE("received bytes ask by trigger level or by time-out") {
    Serial s;
    s.out(2, 0x47); // FIFOs on and cleared, trigger at 4
    s.out(4, 0x0b);
    s.out(1, 0x01);
    s.uart.receive('a');
    CHECK(s.irq.level);
    CHECK(s.in(2) == (0xc0 | 0x0c));
    for (const char c : {'b', 'c', 'd'}) s.uart.receive(static_cast<u8>(c));
    CHECK(s.in(2) == (0xc0 | 0x04));
    CHECK((s.in(5) & 1) == 1);
    CHECK(s.in(0) == 'a');
    CHECK(s.in(0) == 'b');
    CHECK(s.in(0) == 'c');
    CHECK(s.in(0) == 'd');
    CHECK((s.in(5) & 1) == 0);
    CHECK_FALSE(s.irq.level);
}

TEST_CASE("the divisor latch hides data and interrupt registers") {
    Serial s;
    s.out(3, 0x83);
    s.out(0, 0x01);
    s.out(1, 0x00);
    CHECK(s.in(0) == 0x01);
    s.out(3, 0x03);
    CHECK(s.in(1) == 0x00);
    CHECK(s.sink.text.empty());
}

TEST_CASE("the identification tells a 16550A: FIFO bits only while FIFOs are on") {
    Serial s;
    CHECK((s.in(2) & 0xc0) == 0);
    s.out(2, 0x01);
    CHECK((s.in(2) & 0xc0) == 0xc0);
    s.out(7, 0x5a);
    CHECK(s.in(7) == 0x5a);
}

TEST_CASE("loopback returns bytes and modem lines and keeps the wire silent") {
    Serial s;
    s.out(4, 0x1a); // loop, RTS, OUT2
    s.out(0, 0x42);
    CHECK(s.sink.text.empty());
    CHECK(s.in(0) == 0x42);
    CHECK((s.in(6) & 0xf0) == 0x90);
    CHECK(s.uart.room() == 0);
}

TEST_CASE("an overrun is told once in LSR") {
    Serial s;
    s.uart.receive('a');
    s.uart.receive('b');
    CHECK((s.in(5) & 0x02) != 0);
    CHECK((s.in(5) & 0x02) == 0);
    CHECK(s.in(0) == 'b');
    s.out(2, 0x01);
    CHECK(s.uart.room() == 16);
}
