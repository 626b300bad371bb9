// SPDX-License-Identifier: MIT
// Time travel on small programs: each moment has one state, however it is reached; stops are the same in both directions.
#include "machine/time_machine.hpp"

#include "catch.hpp"
#include "rig.hpp"

#include <thread>

using namespace trapgate;
using namespace trapgate::machine;
using trapgate::machine::test::Rig;
using trapgate::machine::test::three_ticks;
using Kind = Arrival::Kind;

namespace {

struct Moment {
    TimePoint at;
    u64 hash;
};

std::vector<Moment> forwards(TimeMachine& time, std::size_t most) {
    std::vector<Moment> moments{{time.now(), time.state_hash()}};
    while (moments.size() < most && time.micro().kind == Kind::Reached)
        moments.push_back({time.now(), time.state_hash()});
    return moments;
}

/// mov $5, %ecx; 1: mov %ecx, 0x100800; loop 1b; hlt (interrupts are off: the end)
const std::vector<u8> countdown{0xb9, 0x05, 0, 0, 0, 0x89, 0x0d, 0x00, 0x08, 0x10, 0x00, 0xe2, 0xf8, 0xf4};
constexpr u32 place = 0x100000, counter = 0x100800;

std::vector<Arrival> all_forwards(TimeMachine& time, const StopSet& stops) {
    std::vector<Arrival> found;
    for (;;) {
        const Arrival arrival = time.run_on(stops);
        if (arrival.kind == Kind::End) return found;
        found.push_back(arrival);
    }
}

std::vector<Arrival> all_backwards(TimeMachine& time, const StopSet& stops) {
    std::vector<Arrival> found;
    for (;;) {
        const Arrival arrival = time.run_back(stops);
        if (arrival.kind == Kind::Start) return found;
        found.push_back(arrival);
    }
}

void check_mirrored(TimeMachine& time, const StopSet& stops, std::size_t expected) {
    const std::vector<Arrival> there = all_forwards(time, stops);
    std::vector<Arrival> back = all_backwards(time, stops);
    std::reverse(back.begin(), back.end());
    CHECK(there.size() == expected);
    REQUIRE(there.size() == back.size());
    for (std::size_t i = 0; i < there.size(); ++i) {
        CHECK(there[i].at == back[i].at);
        CHECK(there[i].kind == back[i].kind);
        CHECK(there[i].hit.value == back[i].hit.value);
    }
}

} // namespace

TEST_CASE("N micro-steps forward and N back pass the same states, over interrupts, sleep and IRET") {
    Rig rig(three_ticks);
    TimeMachine time(rig.machine);
    const std::vector<Moment> there = forwards(time, 10'000);
    REQUIRE(there.size() > 100);
    CHECK(std::count_if(there.begin(), there.end(), [](const Moment& m) { return m.at.micro != 0; }) > 30);
    REQUIRE(time.end());
    CHECK(time.end()->kind == StopKind::DebugExit);
    CHECK(time.end()->value == 3);
    for (std::size_t i = there.size() - 1; i-- > 0;) {
        REQUIRE(time.micro_back().kind == Kind::Reached);
        REQUIRE(time.now() == there[i].at);
        REQUIRE(time.state_hash() == there[i].hash);
    }
    CHECK(time.micro_back().kind == Kind::Start);
}

TEST_CASE("any lived moment is reached from any other, with the state it had") {
    Rig rig(three_ticks);
    TimeMachine time(rig.machine, {.interval = 16, .most_snapshots = 2});
    const std::vector<Moment> there = forwards(time, 10'000);
    for (std::size_t i = 0, at = 0; i < 200; ++i, at = (at + 37) % there.size()) {
        REQUIRE(time.go_to(there[at].at).kind == Kind::Reached);
        REQUIRE(time.state_hash() == there[at].hash);
    }
}

TEST_CASE("transfers that are not listed any more are found backwards all the same") {
    Rig rig(three_ticks);
    TimeMachine time(rig.machine, {.interval = 16, .most_transfers = 2});
    StopSet stops;
    stops.transfers = [](const TransferNews& news) { return news.delivery; };
    check_mirrored(time, stops, 3);
    CHECK(time.transfers().size() <= 2);
}

TEST_CASE("a run in a time machine ends as one without") {
    Rig plain(three_ticks), travelled(three_ticks);
    TimeMachine time(travelled.machine, {.interval = 8});
    plain.machine.run();
    time.run_on({});
    time.go_to({20, 0});
    time.micro(5);
    time.run_on({});
    CHECK(travelled.machine.state_hash() == plain.machine.state_hash());
    CHECK(travelled.machine.memory().foreign_writes() == 0);
}

TEST_CASE("breakpoints stop before their instruction, the same ones forwards and backwards") {
    Rig rig(countdown);
    TimeMachine time(rig.machine, {.interval = 4});
    StopSet stops;
    stops.breakpoints = {place + 5};
    check_mirrored(time, stops, 5);
}

TEST_CASE("watchpoints stop after the access and tell the value before it") {
    Rig rig(countdown);
    TimeMachine time(rig.machine, {.interval = 4});
    StopSet stops;
    stops.watchpoints = {{counter, 4, false, true}};
    const Arrival first = time.run_on(stops);
    REQUIRE(first.kind == Kind::Watchpoint);
    CHECK(first.at == TimePoint{2, 0});
    CHECK(first.hit.value == 5);
    CHECK(first.hit.instruction == 1);
    const Arrival second = time.run_on(stops);
    CHECK(second.hit.before == 5);
    CHECK(second.hit.value == 4);
    time.go_to({0, 0});
    check_mirrored(time, stops, 5);
}

TEST_CASE("the last writer of a word is found, and nobody before the first write") {
    Rig rig(countdown);
    TimeMachine time(rig.machine, {.interval = 4});
    time.run_on({});
    const auto writer = time.last_writer(counter, 4);
    REQUIRE(writer);
    CHECK(writer->access.value == 1);
    CHECK(writer->linear == place + 5);
    CHECK(!writer->by_transfer);
    time.go_to({2, 0});
    CHECK(time.last_writer(counter, 4)->access.value == 5);
    time.go_to({1, 0});
    CHECK(!time.last_writer(counter, 4));
    CHECK(time.now() == TimePoint{1, 0});
}

TEST_CASE("a word of an interrupt frame was written by a micro-step") {
    Rig rig(three_ticks);
    TimeMachine time(rig.machine);
    StopSet stops;
    stops.transfers = [](const TransferNews& news) { return news.delivery; };
    const Arrival irq = time.run_on(stops);
    REQUIRE(irq.kind == Kind::Transfer);
    CHECK(irq.at == TimePoint{irq.transfer.instruction, 0});
    CHECK(irq.transfer.vector == 0x20);
    CHECK(time.instruction().external_interrupt);
    time.step();
    const u32 esp = rig.machine.cpu().reg(cpu::Gpr::esp);
    const auto writer = time.last_writer(esp, 4);
    REQUIRE(writer);
    CHECK(writer->by_transfer);
    CHECK(writer->step == cpu::isa::MicroStep::push_eip);
    CHECK(writer->at.instruction == irq.transfer.instruction);
    CHECK(all_backwards(time, stops).size() == 1);
}

TEST_CASE("what-if shows what an edit would do and leaves nothing behind") {
    Rig rig(countdown);
    TimeMachine time(rig.machine);
    time.step();
    const u64 hash = time.state_hash();
    const Edit edit{"ecx", 77, 0, {}};
    const auto tried = time.what_if(std::span(&edit, 1));
    REQUIRE(tried);
    REQUIRE(tried.value().accesses.size() >= 1);
    CHECK(tried.value().accesses.back().value == 77);
    CHECK(time.state_hash() == hash);
    const Edit wrong{"nosuch", 1, 0, {}};
    CHECK(!time.what_if(std::span(&wrong, 1)));
    CHECK(time.state_hash() == hash);
}

TEST_CASE("an edit is part of the past from then on") {
    Rig rig(countdown);
    TimeMachine time(rig.machine, {.interval = 4});
    time.run_on({});
    time.go_to({3, 0});
    REQUIRE(time.edit({"ecx", 2, 0, {}}));
    REQUIRE(time.edit({"", 0, counter + 4, {1, 2, 3, 4}}));
    const u64 edited = time.state_hash();
    time.run_on({});
    const u64 end = time.state_hash();
    CHECK(time.end()->kind == StopKind::HaltedForGood);
    CHECK(time.now().instruction < 11);
    time.go_to({1, 0});
    time.go_to({3, 0});
    CHECK(time.state_hash() == edited);
    time.go_to({0, 0});
    time.run_on({});
    CHECK(time.state_hash() == end);
    CHECK(!time.edit({"cr0", 0, 0, {}}));
}

TEST_CASE("output is sent once, however often its moment is lived") {
    // mov $0xe9, %dx; mov $'A', %al; out %al, (%dx); inc %al; cmp $'D', %al; jb; mov $10, %al; out; hlt
    Rig rig({0x66, 0xba, 0xe9, 0x00, 0xb0, 0x41, 0xee, 0xfe, 0xc0, 0x3c, 0x44, 0x72, 0xf9, 0xb0, 0x0a, 0xee, 0xf4});
    TimeMachine time(rig.machine, {.interval = 4});
    time.run_on({});
    time.go_to({3, 0});
    time.micro(4);
    time.step_back(2);
    time.run_on({});
    CHECK(rig.log.text == "ABC\n");
}

TEST_CASE("an interrupt that comes when nothing moves is for nobody") {
    Rig rig(countdown);
    TimeMachine time(rig.machine);
    time.interrupt();
    CHECK(time.step().kind == Kind::Reached);
    time.interrupt();
    CHECK(time.instruction().retired);
    CHECK(time.now() == TimePoint{1, 0});
    time.interrupt();
    CHECK(time.last_writer(counter, 4) == std::nullopt);
    CHECK(!time.interrupted());
    CHECK(time.step_back().kind == Kind::Reached);
    CHECK(time.now() == TimePoint{0, 0});
}

TEST_CASE("a move that is interrupted sends nothing twice, and ends at a whole moment") {
    // mov $0xe9, %dx; mov $'A', %al; out %al, (%dx); mov $10, %al; out; jmp to itself
    Rig rig({0x66, 0xba, 0xe9, 0x00, 0xb0, 0x41, 0xee, 0xb0, 0x0a, 0xee, 0xeb, 0xfe});
    TimeMachine time(rig.machine, {.interval = u64{1} << 40});
    std::thread somebody([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        time.interrupt();
    });
    const Arrival arrival = time.run_on({});
    somebody.join();
    CHECK(arrival.kind == Kind::Interrupted);
    CHECK(time.interrupted());
    CHECK(rig.log.text == "A\n");
    const u64 hash = time.state_hash();
    time.step_back();
    time.step();
    CHECK(time.now() == arrival.at);
    CHECK(time.state_hash() == hash);
    CHECK(rig.log.text == "A\n");
}

TEST_CASE("where several things stop at one moment, both directions name the same one") {
    StopSet stops;
    stops.watchpoints = {{counter, 4, false, true}};
    stops.breakpoints = {place + 11, place + 5}; // behind the store, and the store
    for (const u64 interval : {1, 2, 3, 64}) {
        Rig rig(countdown);
        TimeMachine time(rig.machine, {.interval = interval});
        check_mirrored(time, stops, 10);
    }
    // mov $3, %ecx; 1: int3; loop 1b; with a gate for INT3 there would be a transfer: the far jump is one as well
    // lgdt gdtr; mov $3, %ecx; 1: ljmp $8, $2f; 2: loop 1b; hlt; gdtr: 17h, 00100020h; the table
    std::vector<u8> jumps{0x0f, 0x01, 0x15, 0x16, 0x00, 0x10, 0x00, 0xb9, 0x03, 0, 0,    0, 0xea, 0x13,
                          0x00, 0x10, 0x00, 0x08, 0x00, 0xe2, 0xf7, 0xf4, 0x17, 0, 0x20, 0, 0x10, 0};
    jumps.resize(0x28);
    for (const u8 byte : {0xff, 0xff, 0, 0, 0, 0x9b, 0xcf, 0, 0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0})
        jumps.push_back(byte);
    stops.watchpoints.clear();
    stops.breakpoints = {place + 12};
    stops.transfers = [](const TransferNews&) { return true; };
    for (const std::size_t listed : {1, 100}) {
        Rig rig(jumps);
        TimeMachine time(rig.machine, {.interval = 2, .most_transfers = listed});
        check_mirrored(time, stops, 3);
        while (time.run_on(stops).kind == Kind::Breakpoint) CHECK(time.micro(2).kind == Kind::Reached);
        CHECK(time.end());
        CHECK(time.run_back(stops).kind == Kind::Breakpoint);
        StopSet transfers;
        transfers.transfers = stops.transfers;
        time.go_to({0, 0});
        const Arrival first = time.run_on(transfers);
        time.run_on({});
        time.go_to({first.at.instruction, 1});
        CHECK(time.run_back(transfers).at == first.at); // out of its middle
    }
}

TEST_CASE("a breakpoint's moment is the one that every other way leads to, while devices act") {
    std::vector<u8> busy = three_ticks; // without STI and HLT: ticks come, and nobody takes them
    const std::size_t wait = static_cast<std::size_t>(std::find(busy.begin(), busy.end(), 0xf4) - busy.begin());
    REQUIRE(busy[wait - 1] == 0xfb);
    busy[wait - 1] = busy[wait] = 0x90;
    Rig rig(busy);
    TimeMachine time(rig.machine);
    StopSet stops;
    stops.breakpoints = {static_cast<u32>(place + wait), static_cast<u32>(place + wait + 1),
                         static_cast<u32>(place + wait + 4)};
    time.go_to({99'900, 0}); // the first tick is 1 ms after the counter was started
    for (int i = 0; i < 400; ++i) {
        const Arrival stop = time.run_on(stops);
        REQUIRE(stop.kind == Kind::Breakpoint);
        const u64 hash = time.state_hash();
        time.step_back();
        REQUIRE(time.step().at == stop.at);
        REQUIRE(time.state_hash() == hash);
    }
}

TEST_CASE("after the end there are no micro-steps of what would have come") {
    // mov $1, %eax; out %eax, $0xf4; int3
    Rig rig({0xb8, 1, 0, 0, 0, 0xe7, 0xf4, 0xcc});
    TimeMachine time(rig.machine);
    CHECK(time.run_on({}).kind == Kind::End);
    CHECK(time.micro().kind == Kind::End);
    CHECK(time.go_to({2, 3}).at == TimePoint{2, 0});
    CHECK(time.now() == TimePoint{2, 0});
}

TEST_CASE("the size of the window goes back with time") {
    struct Resized : test::FakeTerminal {
        bool changed = false;
        bool size_changed() override { return std::exchange(changed, false); }
        devices::HostTerminals terminals() override { return {7, 50, 132}; }
    };
    // mov $0x5ec, %dx; 1: in (%dx), %eax; jmp 1b
    const std::vector<u8> program{0x66, 0xba, 0xec, 0x05, 0xed, 0xeb, 0xfd};
    Rig rig(program, true);
    Resized typist;
    Machine machine({.ram_bytes = 2 << 20},
                    {{rig.input, devices::HostChannel::InputKind::Lines, rig.output, rig.error, {7, 24, 80}},
                     rig.serial,
                     rig.log,
                     &typist});
    machine.loader_memory().write({place}, program, mmu::Writer::Loader);
    static_cast<cpu::State&>(machine.loader_cpu()) = rig.machine.cpu();
    machine.loader_cpu().set_cpl(0);
    machine.start();
    TimeMachine time(machine, {.interval = 4});
    time.go_to({8, 0});
    const u32 before = machine.cpu().reg(cpu::Gpr::eax);
    typist.changed = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    time.go_to({16, 0});
    CHECK(before == (24u | 80 << 16));
    CHECK(machine.cpu().reg(cpu::Gpr::eax) == (50u | 132 << 16));
    for (const u64 at : {8, 5, 12, 3}) {
        time.go_to({at, 0});
        CHECK(machine.cpu().reg(cpu::Gpr::eax) == (at > 8 ? 50u | 132 << 16 : before));
    }
}
