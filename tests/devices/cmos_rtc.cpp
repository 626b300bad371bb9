// SPDX-License-Identifier: MIT
// The real-time clock: guest time becomes a date.
#include "devices/cmos_rtc.hpp"

#include "catch.hpp"
#include "fakes.hpp"

using namespace trapgate;
using namespace trapgate::devices;

namespace {

constexpr s64 some_date = 1109763001; // 2005-03-02 11:30:01 UTC, a Wednesday

struct Rtc {
    test::FakeClock time;
    test::FakeScheduler scheduler;
    test::FakeLine irq;
    CmosRtc rtc{time, scheduler, irq, some_date, 64 << 20};
    u8 in(u8 index) {
        rtc.write_port(0x70, 1, index);
        return static_cast<u8>(rtc.read_port(0x71, 1));
    }
    void out(u8 index, u8 value) {
        rtc.write_port(0x70, 1, index);
        rtc.write_port(0x71, 1, value);
    }
};

} // namespace

TEST_CASE("the date is the one given plus guest time, in BCD") {
    Rtc r;
    CHECK(r.in(0) == 0x01);
    CHECK(r.in(2) == 0x30);
    CHECK(r.in(4) == 0x11);
    CHECK(r.in(6) == 4);
    CHECK(r.in(7) == 0x02);
    CHECK(r.in(8) == 0x03);
    CHECK(r.in(9) == 0x05);
    CHECK(r.in(0x32) == 0x20);
    r.time.clock = r.time.hertz() * 3600;
    CHECK(r.in(4) == 0x12);
}

TEST_CASE("register B chooses binary and twelve hours") {
    Rtc r;
    r.time.clock = r.time.hertz() * 3600 * 2;
    r.out(0x0b, 0x06);
    CHECK(r.in(4) == 13);
    CHECK(r.in(2) == 30);
    r.out(0x0b, 0x00);
    CHECK(r.in(4) == 0x81);
}

TEST_CASE("the guest sets the time while SET holds the clock") {
    Rtc r;
    r.out(0x0b, 0x82);
    r.out(0, 0x59);
    r.out(2, 0x59);
    r.out(4, 0x23);
    r.out(7, 0x31);
    r.out(8, 0x12);
    r.out(9, 0x99);
    r.time.clock += r.time.hertz() * 5;
    CHECK(r.in(0) == 0x59);
    r.out(0x0b, 0x02);
    r.time.clock += r.time.hertz();
    CHECK(r.in(0) == 0x00);
    CHECK(r.in(9) == 0x00);
    CHECK(r.in(8) == 0x01);
    CHECK(r.in(0x32) == 0x20);
}

TEST_CASE("update in progress shows just before the second ends") {
    Rtc r;
    CHECK((r.in(0x0a) & 0x80) == 0);
    r.time.clock = r.time.hertz() - r.time.hertz() / 10000;
    CHECK((r.in(0x0a) & 0x80) != 0);
    r.time.clock = r.time.hertz();
    CHECK((r.in(0x0a) & 0x80) == 0);
}

TEST_CASE("the periodic interrupt comes 1024 times a second when its flag is read") {
    Rtc r;
    r.in(0x0c);
    r.out(0x0b, 0x42);
    int seen = 0;
    while (r.rtc.next_event() <= r.time.hertz()) {
        r.time.clock = r.rtc.next_event();
        r.rtc.service();
        CHECK(r.irq.level);
        CHECK((r.in(0x0c) & 0xc0) == 0xc0);
        CHECK_FALSE(r.irq.level);
        ++seen;
    }
    CHECK(seen == 1024);
}

TEST_CASE("the alarm comes once at its time") {
    Rtc r;
    r.out(1, 0x05);
    r.out(3, 0xff);
    r.out(5, 0xff);
    r.in(0x0c);
    r.out(0x0b, 0x22);
    test::run_until(r.time, r.rtc, r.time.hertz() * 3);
    CHECK_FALSE(r.irq.level);
    test::run_until(r.time, r.rtc, r.time.hertz() * 4);
    CHECK(r.irq.level);
    CHECK((r.in(0x0c) & 0x20) != 0);
}

TEST_CASE("the memory sizes stand where a BIOS leaves them") {
    Rtc r;
    CHECK((r.in(0x15) | r.in(0x16) << 8) == 640);
    CHECK((r.in(0x30) | r.in(0x31) << 8) == 63 * 1024);
    CHECK((r.in(0x34) | r.in(0x35) << 8) == 48 * 16);
}
