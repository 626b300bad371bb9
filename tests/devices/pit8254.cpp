// SPDX-License-Identifier: MIT
// The timer: counts, OUT and interrupts against the data sheet's wave forms.
#include "devices/pit8254.hpp"

#include "catch.hpp"
#include "devices/system_ports.hpp"
#include "fakes.hpp"

using namespace trapgate;
using namespace trapgate::devices;

namespace {

struct Timer {
    test::FakeClock time;
    test::FakeScheduler scheduler;
    test::FakeLine irq;
    Pit8254 pit{time, scheduler, irq};
    SystemControlPort port61{time, pit};

    void out(u16 port, u8 value) { pit.write_port(port, 1, value); }
    u8 in(u16 port) { return static_cast<u8>(pit.read_port(port, 1)); }
    /// Moves to the clock at which `tick` begins.
    void at_tick(u64 tick) { time.clock = Pit8254::oscillator.clock_of(tick, time.hertz()); }
    void program(u8 counter, u8 mode, u16 count) {
        out(0x43, static_cast<u8>(counter << 6 | 0x30 | mode << 1));
        out(static_cast<u16>(0x40 + counter), static_cast<u8>(count));
        out(static_cast<u16>(0x40 + counter), static_cast<u8>(count >> 8));
    }
    u16 count(u8 counter) {
        out(0x43, static_cast<u8>(counter << 6));
        const u8 low = in(static_cast<u16>(0x40 + counter));
        return static_cast<u16>(low | in(static_cast<u16>(0x40 + counter)) << 8);
    }
    u8 status(u8 counter) {
        out(0x43, static_cast<u8>(0xe0 | 2 << counter));
        return in(static_cast<u16>(0x40 + counter));
    }
    bool out_of(u8 counter) { return status(counter) & 0x80; }
};

} // namespace

TEST_CASE("a thousand interrupts a second come at HZ 1000 without drift") {
    Timer t;
    t.program(0, 2, 1193);
    test::run_until(t.time, t.pit, t.time.hertz() * 10);
    CHECK(t.irq.rises ==
          1 + 10001); // 1193182 / 1193 = 1000.15 a second; OUT is high after programming, which counts as a rise
}

TEST_CASE("mode 0 raises OUT after the count plus one and goes on counting") {
    Timer t;
    t.program(0, 0, 10);
    CHECK_FALSE(t.irq.level);
    t.at_tick(5);
    CHECK(t.count(0) == 6);
    t.at_tick(10);
    CHECK_FALSE(t.out_of(0));
    t.at_tick(11);
    t.pit.service();
    CHECK(t.irq.level);
    t.at_tick(12);
    CHECK(t.count(0) == 0xffff);
}

TEST_CASE("mode 2 holds OUT low for one tick of each period") {
    Timer t;
    t.program(0, 2, 4);
    t.at_tick(3);
    CHECK(t.count(0) == 2);
    CHECK(t.out_of(0));
    t.at_tick(4);
    CHECK(t.count(0) == 1);
    CHECK_FALSE(t.out_of(0));
    t.at_tick(5);
    CHECK(t.count(0) == 4);
    CHECK(t.out_of(0));
}

TEST_CASE("mode 3 is a square wave, one tick longer high for an odd count") {
    Timer t;
    t.program(0, 3, 5);
    const bool wave[] = {true, true, true, false, false, true};
    for (u64 tick = 0; tick < 6; ++tick) {
        t.at_tick(1 + tick);
        CHECK(t.out_of(0) == wave[tick]);
    }
    t.program(0, 3, 6);
    t.at_tick(8);
    CHECK(t.count(0) % 2 == 0);
}

TEST_CASE("a new count takes effect at the end of the period") {
    Timer t;
    t.program(0, 2, 100);
    t.at_tick(51);
    t.out(0x40, 10);
    t.out(0x40, 0);
    CHECK((t.status(0) & 0x40) != 0); // null count
    t.at_tick(100);
    CHECK(t.count(0) == 1);
    t.at_tick(101);
    CHECK(t.count(0) == 10);
    CHECK((t.status(0) & 0x40) == 0);
}

TEST_CASE("a latched count stays until it has been read") {
    Timer t;
    t.program(0, 2, 1000);
    t.at_tick(101);
    t.out(0x43, 0x00);
    t.at_tick(500);
    t.out(0x43, 0x00); // ignored: one is latched
    CHECK(t.in(0x40) == (900 & 0xff));
    CHECK(t.in(0x40) == 900 >> 8);
    CHECK(t.in(0x40) == (501 & 0xff)); // live again
}

TEST_CASE("read-back latches status and count of several counters") {
    Timer t;
    t.program(0, 2, 1000);
    t.program(2, 3, 2000);
    t.out(0x43, 0xca); // status and count of 0 and 2
    CHECK((t.in(0x40) & 0x3f) == 0x34);
    CHECK((t.in(0x42) & 0x3f) == 0x36);
}

TEST_CASE("a BCD counter counts in decimal") {
    Timer t;
    t.out(0x43, 0x35);
    t.out(0x40, 0x00);
    t.out(0x40, 0x10);
    t.at_tick(2);
    CHECK(t.count(0) == 0x0999);
}

TEST_CASE("the gate of counter 2 stops and starts it, and port 61h shows OUT") {
    Timer t;
    t.program(2, 0, 100);
    t.at_tick(50);
    CHECK(t.count(2) == 100);
    t.port61.write_port(0x61, 1, 1);
    t.at_tick(80);
    CHECK(t.count(2) == 70);
    t.port61.write_port(0x61, 1, 0);
    t.at_tick(90);
    CHECK(t.count(2) == 70);
    t.port61.write_port(0x61, 1, 1);
    CHECK((t.port61.read_port(0x61, 1) & 0x21) == 0x01);
    t.at_tick(160);
    CHECK((t.port61.read_port(0x61, 1) & 0x21) == 0x21);
}

TEST_CASE("a rising gate triggers the one-shot of mode 1 and the strobe of mode 5") {
    Timer t;
    t.program(2, 1, 10);
    CHECK(t.pit.output2());
    t.port61.write_port(0x61, 1, 1);
    t.at_tick(1);
    CHECK_FALSE(t.pit.output2());
    t.at_tick(11);
    CHECK(t.pit.output2());

    t.port61.write_port(0x61, 1, 0);
    t.program(2, 5, 10);
    t.port61.write_port(0x61, 1, 1);
    t.at_tick(21);
    CHECK(t.pit.output2());
    t.at_tick(22);
    CHECK_FALSE(t.pit.output2());
    t.at_tick(23);
    CHECK(t.pit.output2());
}

TEST_CASE("the refresh bit of port 61h turns over every 15 microseconds") {
    Timer t;
    int turns = 0;
    u32 last = t.port61.read_port(0x61, 1) & 0x10;
    for (t.time.clock = 0; t.time.clock < t.time.hertz() / 1000; t.time.clock += 100) {
        const u32 bit = t.port61.read_port(0x61, 1) & 0x10;
        turns += bit != last;
        last = bit;
    }
    CHECK(turns == 66);
}
