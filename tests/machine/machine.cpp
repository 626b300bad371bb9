// SPDX-License-Identifier: MIT
// The run loop: time, sleep, limits, reasons to stop, and that none of it depends on how the run is cut.
#include "machine/machine.hpp"

#include "catch.hpp"
#include "rig.hpp"

using namespace trapgate;
using namespace trapgate::machine;
using trapgate::machine::test::Rig;
using trapgate::machine::test::three_ticks;

namespace {
const std::vector<u8> spin{0xeb, 0xfe}; // 1: jmp 1b
} // namespace

TEST_CASE("the timer wakes a halted processor and slept time is skipped") {
    Rig rig(three_ticks);
    const Stop stop = rig.machine.run();
    CHECK(stop.kind == StopKind::DebugExit);
    CHECK(stop.value == 3);
    CHECK(stop.exit_status() == 7);
    CHECK(rig.machine.cpu().instructions < 100);
    const u64 period = rig.machine.clocks_per_second() * 1193 / 1193182;
    CHECK(rig.machine.clock() >= 3 * period);
    CHECK(rig.machine.clock() < 3 * period + 200);
    CHECK(rig.machine.memory().foreign_writes() == 0);
}

TEST_CASE("two runs end in the same state, with and without an observer") {
    Rig first(three_ticks), second(three_ticks), watched(three_ticks);
    trace::Observer observer;
    watched.machine.observe(&observer);
    first.machine.run();
    second.machine.run();
    watched.machine.run();
    CHECK(first.machine.state_hash() == second.machine.state_hash());
    CHECK(first.machine.state_hash() == watched.machine.state_hash());
}

TEST_CASE("a REP store over its own code ends alike with and without an observer") {
    // mov $5000, %ecx; mov $0xff000, %edi; mov $0x90909090, %eax; rep stosl; inc %edx; jmp .-1: the store reaches the code
    // in the middle of a bite.
    const std::vector<u8> program{0xb9, 0x88, 0x13, 0x00, 0x00, 0xbf, 0x00, 0xf0, 0x0f, 0x00,
                                  0xb8, 0x90, 0x90, 0x90, 0x90, 0xf3, 0xab, 0x42, 0xeb, 0xfd};
    Rig fast(program), watched(program);
    trace::Observer observer;
    watched.machine.observe(&observer);
    fast.machine.run_until(100);
    watched.machine.run_until(100);
    CHECK(fast.machine.cpu().reg(cpu::Gpr::edi) == watched.machine.cpu().reg(cpu::Gpr::edi));
    CHECK(fast.machine.state_hash() == watched.machine.state_hash());
}

TEST_CASE("a run in small pieces ends like a run in one") {
    Rig whole(three_ticks), pieces(three_ticks);
    whole.machine.run();
    Stop stop;
    for (u64 until = 1; stop.kind == StopKind::Reached; ++until) stop = pieces.machine.run_until(until);
    CHECK(stop.kind == StopKind::DebugExit);
    CHECK(whole.machine.state_hash() == pieces.machine.state_hash());
}

TEST_CASE("a snapshot brings back the machine, and it goes on as before") {
    Rig rig(three_ticks);
    rig.machine.run_until(50);
    const Snapshot middle = rig.machine.save();
    const u64 hash = rig.machine.state_hash();
    rig.machine.run();
    const u64 end = rig.machine.state_hash();
    CHECK(hash != end);
    rig.machine.restore(middle);
    CHECK(rig.machine.state_hash() == hash);
    CHECK(rig.machine.run().kind == StopKind::DebugExit);
    CHECK(rig.machine.state_hash() == end);
    CHECK(rig.machine.memory().foreign_writes() == 0);
}

TEST_CASE("a halt with interrupts off is for good") {
    Rig rig({0xfa, 0xf4}); // cli; hlt
    const Stop stop = rig.machine.run();
    CHECK(stop.kind == StopKind::HaltedForGood);
    CHECK(stop.exit_status() == 0);
    CHECK(stop.text.find("interrupts off") != std::string::npos);
}

TEST_CASE("a halt that no device will end is for good") {
    Rig rig({0xfb, 0xf4}); // sti; hlt
    CHECK(rig.machine.run().kind == StopKind::HaltedForGood);
}

TEST_CASE("limits stop a loop exactly, and say their option") {
    Rig rig(spin);
    rig.machine.set_limits({.instructions = 12345});
    Stop stop = rig.machine.run();
    CHECK(stop.kind == StopKind::InstructionLimit);
    CHECK(rig.machine.cpu().instructions == 12345);
    CHECK(stop.exit_status() == 124);
    CHECK(stop.text.find("--max-insns") != std::string::npos);
    rig.machine.set_limits({.clocks = 54321});
    stop = rig.machine.run();
    CHECK(stop.kind == StopKind::ClockLimit);
    CHECK(rig.machine.clock() == 54321);
    rig.machine.set_limits({.host_time = std::chrono::milliseconds(20)});
    stop = rig.machine.run();
    CHECK(stop.kind == StopKind::Timeout);
    CHECK(stop.text.find("timeout") != std::string::npos);
}

TEST_CASE("an exception without a table is a triple fault") {
    Rig rig({0x0f, 0x0b}); // ud2
    const Stop stop = rig.machine.run();
    CHECK(stop.kind == StopKind::TripleFault);
    CHECK(stop.exit_status() == 125);
}

TEST_CASE("what the processor does not have stops with address, bytes and text") {
    Rig rig({0x31, 0xc0, 0x0f, 0x22, 0xc0}); // xor %eax, %eax; mov %eax, %cr0: real mode
    const Stop stop = rig.machine.run();
    CHECK(stop.kind == StopKind::Unimplemented);
    CHECK(stop.text.find("00100002") != std::string::npos);
    CHECK(stop.text.find("0f 22 c0") != std::string::npos);
    CHECK(stop.text.find("%cr0") != std::string::npos);
    CHECK(stop.exit_status() == 125);
}

TEST_CASE("typed keys reach COM1 and their echo the host") {
    // Echoes COM1 until 'q', counting in EBX; EBX goes to port F4h.
    Rig rig({0x31, 0xdb, 0x66, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xf7, 0x66, 0xba, 0xf8,
             0x03, 0xec, 0x43, 0xee, 0x3c, 0x71, 0x75, 0xec, 0x89, 0xd8, 0xe7, 0xf4, 0xeb, 0xfe},
            true);
    rig.typist.typed = "hello, q";
    const Stop stop = rig.machine.run();
    CHECK(stop.kind == StopKind::DebugExit);
    CHECK(stop.value == 8);
    CHECK(rig.serial.text == "hello, q");
}

TEST_CASE("the escape key of the terminal ends a busy and a sleeping guest") {
    Rig busy(spin, true), asleep({0xfb, 0xf4, 0xeb, 0xfd}, true); // sti; 1: hlt; jmp 1b
    busy.typist.quit = asleep.typist.quit = true;
    CHECK(busy.machine.run().kind == StopKind::Quit);
    CHECK(asleep.machine.run().kind == StopKind::Quit);
}

TEST_CASE("a wait status becomes the shell's status") {
    CHECK(exit_status_of_wait_status(0x0300) == 3);
    CHECK(exit_status_of_wait_status(9) == 137);
    CHECK(exit_status_of_wait_status(11 | 0x80) == 139);
}
