// SPDX-License-Identifier: MIT
// The keyboard controller, programmed as drivers do, and the keys of a US keyboard.
#include "devices/keyboard8042.hpp"

#include "catch.hpp"
#include "devices/scan_codes.hpp"
#include "fakes.hpp"

using namespace trapgate;
using namespace trapgate::devices;

namespace {

struct GatedLine : test::FakeLine {
    bool unmasked = true;
    bool open() const override { return unmasked; }
};

struct Rig {
    test::FakeClock clock;
    test::FakeScheduler scheduler;
    GatedLine irq;
    test::FakeStop stop;
    Keyboard8042 keyboard{clock, scheduler, irq, stop};

    u8 status() { return static_cast<u8>(keyboard.read_port(0x64, 1)); }
    u8 read() { return static_cast<u8>(keyboard.read_port(0x60, 1)); }
    void command(u8 value) { keyboard.write_port(0x64, 1, value); }
    void data(u8 value) { keyboard.write_port(0x60, 1, value); }
    void wait(u64 milliseconds) { test::run_until(clock, keyboard, clock.clock + milliseconds * 100'000); }
    /// What a handler of IRQ 1 gets in this time.
    std::vector<u8> take(u64 milliseconds = 2000) {
        std::vector<u8> bytes;
        for (u64 i = 0; i < milliseconds; ++i) {
            wait(1);
            if (status() & 1) bytes.push_back(read());
        }
        return bytes;
    }
};

} // namespace

TEST_CASE("the keyboard controller passes its self test and gives its configuration") {
    Rig r;
    r.command(0xaa);
    CHECK((r.status() & 0x09) == 0x09);
    CHECK(r.irq.level); // the byte is reported like any other
    CHECK(r.read() == 0x55);
    CHECK_FALSE(r.irq.level);
    CHECK((r.status() & 1) == 0);
    r.command(0xab);
    CHECK(r.read() == 0x00);
    r.command(0x20);
    CHECK(r.read() == 0x65);
    r.command(0x60);
    r.data(0x44);
    r.command(0x20);
    CHECK_FALSE(r.irq.level); // switched off just now
    CHECK(r.read() == 0x64);  // the second port stays off: there is none
}

TEST_CASE("the keyboard controller opens and shuts A20 and resets the processor by its output port") {
    Rig r;
    r.command(0xd0);
    const u8 port = r.read();
    CHECK((port & 3) == 3);
    r.command(0xd1);
    r.data(0xdd);
    CHECK_FALSE(r.keyboard.a20());
    r.command(0xd1);
    r.data(0xdf);
    CHECK(r.keyboard.a20());
    CHECK(r.stop.requests.empty());
    r.data(0xfe); // to the keyboard: no reset
    CHECK(r.stop.requests.empty());
    r.command(0xfe);
    r.command(0xd1);
    r.data(0xde);
    REQUIRE(r.stop.requests.size() == 2);
    CHECK(r.stop.requests[0].kind == StopRequest::Kind::Reset);
    CHECK(r.stop.requests[1].kind == StopRequest::Kind::Reset);
}

TEST_CASE("a controller command that is not there stops the machine") {
    Rig r;
    r.command(0xa4);
    REQUIRE(r.stop.requests.size() == 1);
    CHECK(r.stop.requests[0].kind == StopRequest::Kind::Unimplemented);
    CHECK(r.stop.requests[0].value == 0xa4);
}

TEST_CASE("the keyboard acknowledges its commands") {
    Rig r;
    r.data(0xff);
    CHECK(r.read() == 0xfa);
    CHECK(r.read() == 0xaa);
    r.data(0xed);
    CHECK(r.read() == 0xfa);
    r.data(0x02);
    CHECK(r.read() == 0xfa);
    CHECK(r.keyboard.state().lights == 2);
    r.data(0xf3);
    CHECK(r.read() == 0xfa);
    r.data(0x20);
    CHECK(r.read() == 0xfa);
    r.data(0xee);
    CHECK(r.read() == 0xee);
    r.data(0x12);
    CHECK(r.read() == 0xfe);
    r.data(0xf2);
    CHECK(r.read() == 0xfa);
    CHECK(r.read() == 0xab);
    CHECK(r.read() == 0x41); // 83h, translated
    CHECK((r.status() & 1) == 0);
}

TEST_CASE("typed text comes as keys pressed and let go, with shift around capitals") {
    Rig r;
    r.keyboard.type("aB\n");
    CHECK(r.take() == std::vector<u8>{0x1e, 0x9e, 0x2a, 0x30, 0xb0, 0xaa, 0x1c, 0x9c});
    CHECK(r.keyboard.idle());
    CHECK(r.keyboard.next_event() == no_event);
}

TEST_CASE("without translation the keys come in set 2, and the keyboard can be told to send set 1") {
    Rig r;
    r.command(0x60);
    r.data(0x05);
    r.keyboard.type("a");
    CHECK(r.take() == std::vector<u8>{0x1c, 0xf0, 0x1c});
    r.data(0xf0);
    CHECK(r.read() == 0xfa);
    r.data(0x01);
    CHECK(r.read() == 0xfa);
    r.keyboard.type("a");
    CHECK(r.take() == std::vector<u8>{0x1e, 0x9e});
    r.data(0xf0);
    r.read();
    r.data(0x00);
    CHECK(r.read() == 0xfa);
    CHECK(r.read() == 0x01);
}

TEST_CASE("a key waits until the guest listens") {
    Rig r;
    r.irq.unmasked = false;
    r.keyboard.type("x");
    r.wait(5000);
    CHECK_FALSE(r.irq.level);
    CHECK(r.keyboard.next_event() == no_event); // so that a guest which sleeps for good is known to

    SECTION("by its interrupt: some time after it is let through") {
        r.irq.unmasked = true;
        CHECK(r.keyboard.next_event() == 0);
        r.wait(50);
        CHECK_FALSE(r.irq.level);
        r.wait(51);
        CHECK(r.irq.level);
        CHECK(r.read() == 0x2d);
    }
    SECTION("by asking again and again") {
        int looks = 0;
        while (!(r.status() & 1) && ++looks < 1000) r.wait(1);
        CHECK(looks > 32);
        CHECK(looks < 100);
        CHECK(r.read() == 0x2d);
    }
    SECTION("not while the keyboard is switched off") {
        r.command(0xad);
        r.irq.unmasked = true;
        r.wait(1000);
        CHECK((r.status() & 1) == 0);
        r.command(0xae);
        r.wait(1000);
        CHECK(r.read() == 0x2d);
    }
}

TEST_CASE("a handler that reads port 60h twice gets one byte twice") {
    Rig r;
    r.keyboard.type("q");
    r.wait(150);
    CHECK(r.read() == 0x10);
    CHECK(r.read() == 0x10);
    r.wait(1);
    CHECK(r.read() == 0x90);
}

TEST_CASE("cursor and function keys, control letters and what no key makes") {
    std::string_view text = "\x1b[A\x1b[15~\x03\xc3\xa4\x1b";
    auto key = take_key(text);
    REQUIRE(key);
    CHECK(key_bytes(*key, 1) == std::vector<u8>{0xe0, 0x48, 0xe0, 0xc8});
    CHECK(key_bytes(*key, 2) == std::vector<u8>{0xe0, 0x75, 0xe0, 0xf0, 0x75});
    key = take_key(text);
    REQUIRE(key);
    CHECK(key_bytes(*key, 1) == std::vector<u8>{0x3f, 0xbf});
    key = take_key(text);
    REQUIRE(key);
    CHECK(key_bytes(*key, 1) == std::vector<u8>{0x1d, 0x2e, 0xae, 0x9d});
    key = take_key(text); // the letter of two bytes is skipped
    REQUIRE(key);
    CHECK(key->code == 0x01);
    CHECK_FALSE(take_key(text));
}

TEST_CASE("every printable character has a key, and both sets agree about it") {
    for (char c = ' '; c <= '~'; ++c) {
        std::string_view text(&c, 1);
        const auto key = take_key(text);
        REQUIRE(key);
        std::vector<u8> translated;
        bool released = false;
        for (const u8 byte : key_bytes(*key, 2)) {
            if (byte == 0xf0) {
                released = true;
                continue;
            }
            translated.push_back(static_cast<u8>(translate_scan_code(byte) | (released ? 0x80 : 0)));
            released = false;
        }
        CHECK(translated == key_bytes(*key, 1));
    }
}

TEST_CASE("a saved keyboard goes on where it was") {
    Rig r;
    r.keyboard.type("go");
    r.wait(120);
    const Keyboard8042::State saved = r.keyboard.state();
    const u64 then = r.clock.clock;
    const std::vector<u8> first = r.take();
    r.clock.clock = then;
    r.keyboard.restore(saved);
    CHECK(r.take() == first);
    CHECK(r.keyboard.idle());
}
