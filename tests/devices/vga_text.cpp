// SPDX-License-Identifier: MIT
// The text screen: what registers and video memory show, and what is refused.
#include "devices/vga_text.hpp"

#include "catch.hpp"
#include "fakes.hpp"

using namespace trapgate;
using namespace trapgate::devices;

namespace {

struct Rig {
    test::FakeClock clock;
    test::FakeStop stop;
    mmu::PhysicalMemory memory{1 << 20};
    VgaText vga{clock, stop};

    void out(u16 port, u8 value) { vga.write_port(port, 1, value); }
    u8 in(u16 port) { return static_cast<u8>(vga.read_port(port, 1)); }
    void crtc(u8 index, u8 value) { vga.write_port(0x3d4, 2, u32{value} << 8 | index); }
    u8 crtc(u8 index) {
        out(0x3d4, index);
        return in(0x3d5);
    }
    void print(u32 place, std::string_view text, u8 attribute = 7) {
        std::vector<u8> bytes;
        for (const char c : text) {
            bytes.push_back(static_cast<u8>(c));
            bytes.push_back(attribute);
        }
        memory.write(VgaText::memory_begin + place * 2, bytes, mmu::Writer::Device);
    }
    TextScreen screen() const { return vga.screen(memory); }
};

} // namespace

TEST_CASE("the screen is 80 by 25 with what stands in the video memory") {
    Rig r;
    CHECK_FALSE(r.vga.shows_something(r.memory));
    CHECK(r.screen().text().empty());
    r.print(0, "Hello");
    r.print(80 * 2 + 3, "there", 0x1e);
    const TextScreen screen = r.screen();
    CHECK(screen.columns == 80);
    CHECK(screen.rows == 25);
    CHECK(screen.text() == "Hello\n\n   there\n");
    CHECK(screen.at(2, 3) == TextCell{'t', 0x1e});
    CHECK(screen.blinks);
    CHECK(screen.on);
    CHECK(r.vga.shows_something(r.memory));
    CHECK(screen.palette[4] == std::array<u8, 3>{0xaa, 0, 0});
    CHECK(screen.palette[6] == std::array<u8, 3>{0xaa, 0x55, 0}); // brown
    CHECK(screen.palette[15] == std::array<u8, 3>{0xff, 0xff, 0xff});
}

TEST_CASE("characters of code page 437 become their Unicode relatives") {
    Rig r;
    r.print(0, "\xc9\xcd\xbb \x01 \x9b \xfe");
    CHECK(r.screen().text() == "╔═╗ ☺ ¢ ■\n");
}

TEST_CASE("the cursor follows the CRT controller, and can be hidden") {
    Rig r;
    r.crtc(0x0e, 0x01);
    r.crtc(0x0f, 0x45);
    REQUIRE(r.screen().cursor);
    CHECK(r.screen().cursor->row == 4);
    CHECK(r.screen().cursor->column == 5);
    CHECK(r.crtc(0x0f) == 0x45);
    r.crtc(0x0a, 0x20);
    CHECK_FALSE(r.screen().cursor);
    r.crtc(0x0a, 0x0d);
    r.crtc(0x0e, 0x3f);
    CHECK_FALSE(r.screen().cursor); // far below
}

TEST_CASE("the start address scrolls the screen") {
    Rig r;
    r.print(80, "second");
    r.crtc(0x0d, 80);
    CHECK(r.screen().text() == "second\n");
}

TEST_CASE("registers 0 to 7 of the CRT controller are protected until the lock is taken off") {
    Rig r;
    r.crtc(0x01, 39);
    CHECK(r.screen().columns == 80);
    r.crtc(0x11, 0x0e);
    r.crtc(0x01, 39);
    r.crtc(0x13, 20);
    CHECK(r.screen().columns == 40);
    r.crtc(0x09, 0x47); // characters of 8 lines
    CHECK(r.screen().rows == 50);
}

TEST_CASE("reading the status makes the attribute port take an index") {
    Rig r;
    r.in(0x3da);
    r.out(0x3c0, 0x30);
    r.out(0x3c0, 0x04); // no blinking
    CHECK_FALSE(r.screen().blinks);
    CHECK(r.in(0x3c1) == 0x04);
    r.out(0x3c0, 0x10); // an index without bit 5: the screen goes off
    CHECK_FALSE(r.screen().on);
    r.in(0x3da);
    r.out(0x3c0, 0x20);
    CHECK(r.screen().on);
}

TEST_CASE("the palette can be changed and read back") {
    Rig r;
    r.out(0x3c8, 0x00);
    for (const u8 part : {0x3f, 0x20, 0x00}) r.out(0x3c9, part);
    CHECK(r.screen().palette[0] == std::array<u8, 3>{0xff, 0x82, 0});
    r.out(0x3c7, 0x00);
    CHECK(r.in(0x3c9) == 0x3f);
    CHECK(r.in(0x3c9) == 0x20);
    CHECK(r.in(0x3c9) == 0x00);
}

TEST_CASE("the retrace comes seventy times a second of guest time") {
    Rig r;
    int retraces = 0;
    bool before = false;
    for (r.clock.clock = 0; r.clock.clock < 100'000'000; r.clock.clock += 1000) {
        const u8 status = r.in(0x3da);
        const bool now = status & 8;
        if (now) CHECK((status & 1) == 1);
        retraces += now && !before;
        before = now;
    }
    CHECK(retraces == 70);
}

TEST_CASE("programming mode 3 anew is fine; graphics modes and fonts are refused") {
    Rig r;
    const VgaText::State s = r.vga.state();
    r.out(0x3c2, s.miscellaneous);
    for (u8 i = 0; i < s.sequencer.size(); ++i) r.vga.write_port(0x3c4, 2, u32{s.sequencer[i]} << 8 | i);
    for (u8 i = 0; i < s.graphics.size(); ++i) r.vga.write_port(0x3ce, 2, u32{s.graphics[i]} << 8 | i);
    for (u8 i = 0; i < s.attribute.size(); ++i) {
        r.in(0x3da);
        r.out(0x3c0, i);
        r.out(0x3c0, s.attribute[i]);
    }
    CHECK(r.stop.requests.empty());
    r.vga.write_port(0x3ce, 2, 0x0506); // memory at A0000h, graphics
    REQUIRE(r.stop.requests.size() == 1);
    CHECK(r.stop.requests[0].kind == StopRequest::Kind::Unimplemented);
    CHECK(std::string(r.stop.requests[0].what).find("graphics") != std::string::npos);
    r.vga.write_port(0x3c4, 2, 0x0402); // only plane 2: a font
    CHECK(r.stop.requests.size() == 2);
    r.out(0x3c2, 0x66); // as a monochrome adapter
    CHECK(r.stop.requests.size() == 3);
}

TEST_CASE("a guest without memory at B8000h has no screen") {
    test::FakeClock clock;
    test::FakeStop stop;
    const mmu::PhysicalMemory memory(512 << 10);
    const VgaText vga(clock, stop);
    CHECK(vga.screen(memory).rows == 0);
    CHECK_FALSE(vga.shows_something(memory));
}
