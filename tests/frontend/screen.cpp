// SPDX-License-Identifier: MIT
// The guest's text screen on a terminal: when it is drawn, and what is sent.
#include "frontend/screen.hpp"

#include "../machine/rig.hpp"
#include "catch.hpp"

using namespace trapgate;
using namespace trapgate::frontend;

namespace {

void print(machine::test::Rig& rig, u64 row, std::string_view text, u8 attribute) {
    std::vector<u8> bytes;
    for (const char c : text) {
        bytes.push_back(static_cast<u8>(c));
        bytes.push_back(attribute);
    }
    const_cast<mmu::PhysicalMemory&>(rig.machine.memory())
        .write(devices::VgaText::memory_begin + row * 160, bytes, mmu::Writer::Device);
}

} // namespace

TEST_CASE("a row of the screen keeps its colours on a terminal") {
    machine::test::Rig rig({0xf4});
    print(rig, 0, "ab", 0x1e);
    const std::string row = ansi_row(rig.machine.board().vga.screen(rig.machine.memory()), 0);
    CHECK(row.starts_with("\x1b[0;93;44mab\x1b[0;30;40m"));
    CHECK(row.ends_with("\x1b[0m"));
}

TEST_CASE("the live screen begins with the first character and draws only rows that change") {
    machine::test::Rig rig({0xf4});
    devices::test::FakeSink terminal;
    LiveScreen live(terminal, [] { return true; });
    CHECK_FALSE(live.finish(rig.machine.board(), rig.machine.memory()));
    CHECK(terminal.text.empty());
    print(rig, 2, "hello", 7);
    live.look(rig.machine.board(), rig.machine.memory());
    CHECK(terminal.text.empty()); // it has looked a moment ago
    CHECK(live.finish(rig.machine.board(), rig.machine.memory()));
    CHECK(terminal.text.find("\x1b[3;1H\x1b[0;37;40mhello") != std::string::npos);
    terminal.text.clear();
    print(rig, 4, "again", 7);
    CHECK(live.finish(rig.machine.board(), rig.machine.memory()));
    CHECK(terminal.text.find("hello") == std::string::npos);
    CHECK(terminal.text.find("\x1b[5;1H\x1b[0;37;40magain") != std::string::npos);
}

TEST_CASE("nothing is drawn over a guest that talks elsewhere") {
    machine::test::Rig rig({0xf4});
    devices::test::FakeSink terminal;
    LiveScreen live(terminal, [] { return false; });
    print(rig, 0, "hello", 7);
    CHECK_FALSE(live.finish(rig.machine.board(), rig.machine.memory()));
    CHECK(terminal.text.empty());
}
