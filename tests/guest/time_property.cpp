// SPDX-License-Identifier: MIT
// Time travel over whole runs of our programs, at random: whatever way leads to a moment, it is the same moment. What a machine
// without a time machine does is the truth. $TRAPGATE_TIME_SEED chooses other moments, ways and lengths of the environment.
#include "guest/traveller.hpp"

#include "catch.hpp"

#include <cstdlib>

using namespace trapgate;
using namespace trapgate::tests;

namespace {

u32 chosen_seed() {
    const char* const given = std::getenv("TRAPGATE_TIME_SEED"); // NOLINT(concurrency-mt-unsafe)
    return given ? static_cast<u32>(std::atoi(given)) : 1;
}

Journey program(const std::string& command, const std::string& kernel = {}, const std::string& append = {}) {
    Journey journey;
    journey.name = command + " " + kernel + append;
    journey.setup.command = {command};
    journey.setup.kernel = kernel;
    journey.setup.append = append;
    return journey;
}

Journey typed(const std::string& command, const std::string& keys) {
    Journey journey = program(command);
    journey.name += " at a terminal";
    journey.keys = keys;
    return journey;
}

/// The page tables go away: nothing can be fetched any more, nor any exception be delivered.
Journey without_page_tables(const std::string& command) {
    Journey journey = program(command);
    journey.name += " to a triple fault";
    journey.intrusion = Intrusion{380'000, {"cr3", 0xf00000, 0, {}}};
    return journey;
}

Journey with_input(const std::string& command) {
    Journey journey = program(command);
    for (int i = 0; i < 300; ++i) journey.setup.input += "line " + std::to_string(i) + "\n";
    return journey;
}

/// Where the program's stack lies, and so what every later moment is, depends on the length of its environment.
void travel(Journey journey, u32 seed, std::size_t moments, int moves) {
    CAPTURE(journey.name, seed);
    std::mt19937 random(seed);
    journey.setup.memory = u64{16} << 20;
    journey.setup.environment.push_back("PADDING=" + std::string(random() % 200, 'x'));
    const PlainRun plain = journey.keys.empty() ? run_plainly(journey, random, moments) : PlainRun{};
    machine::TimeOptions options; // as small as a short run needs to have snapshots and forgotten transfers
    options.interval = u64{1} << (12 + random() % 7);
    if (random() % 3 == 0) options.most_snapshots = 8;
    if (random() % 4 == 0) options.most_transfers = 40;
    Traveller traveller(journey, options, seed);
    traveller.live(plain, moments);
    for (int i = 0; i < moves; ++i) traveller.move();
}

std::vector<Journey> quick_journeys() {
    std::vector<Journey> all;
    for (const char* demo : {"01-hello", "02-getpid", "03-badsys", "04-errno", "05-family", "06-vfork", "07-fork",
                             "08-strace", "09-foo", "10-faults", "11-signals", "12-pipe", "13-threads",
                             "14-copy-on-write", "15-doors", "16-heap", "17-ports", "18-overrun"})
        all.push_back(program(std::string("demos/") + demo));
    for (const char* probe : {"signal", "ptrace", "clone", "futex", "timers", "pty", "entries", "steps", "poll"})
        all.push_back(program(std::string("probes/probe-") + probe));
    all.push_back(program("probes/probe-entries", {}, "nosysenter"));
    all.push_back(program("demos/13-threads", "preempt"));
    all.push_back(program("demos/07-fork", "4k"));
    all.push_back(with_input("probes/probe-cat"));
    all.push_back(typed("probes/probe-cat", "one\rtwo\x7f\x7fwo\rthree\r\x04"));
    all.push_back(without_page_tables("demos/07-fork"));
    all.push_back(program("demos/01-hello", {}, "init=/none"));
    return all;
}

/// Everything that is written, with the number of the instruction or delivery that writes.
struct Writes final : trace::Observer {
    explicit Writes(const cpu::Cpu& cpu) : cpu(cpu) {}
    void on(const trace::Access& access) override {
        if (access.intent == Intent::Write)
            all.emplace_back(cpu.current ? cpu.now() : cpu.instructions - 1, access);
    }
    const cpu::Cpu& cpu;
    std::vector<std::pair<u64, trace::Access>> all;
};

} // namespace

TEST_CASE("who wrote a word last is who did so in a list of all writes", "[time]") {
    std::mt19937 random(chosen_seed());
    for (const char* demo : {"demos/07-fork", "demos/11-signals", "demos/13-threads", "probes/probe-entries"}) {
        GuestSetup setup = program(demo).setup;
        setup.watched = false;
        setup.memory = u64{16} << 20;
        Guest guest(setup);
        machine::TimeMachine time(guest.machine(), {.interval = 1 << 13});
        time.run_on({});
        for (int stretch = 0; stretch < 3; ++stretch) {
            const u64 to = 330'000 + random() % (time.frontier() - 330'000), from = to - 20'000;
            time.go_to({to, 0});
            Writes writes(guest.cpu());
            time.rerun(from, to, writes);
            REQUIRE(!writes.all.empty());
            for (int i = 0; i < 12; ++i) {
                const auto& [number, wanted] = writes.all[random() % writes.all.size()];
                const u32 bytes = 1u << random() % 4,
                          first = static_cast<u32>(wanted.linear.value) + random() % 3 - 1;
                const machine::WatchRange range{first, bytes, false, true};
                u64 last = 0;
                for (const auto& [when, access] : writes.all)
                    if (range.holds(static_cast<u32>(access.linear.value), access.size)) last = when;
                if (!last) continue;
                CAPTURE(demo, to, first, bytes);
                const auto writer = time.last_writer(first, bytes);
                REQUIRE(writer);
                REQUIRE(writer->at.instruction == last);
                REQUIRE((time.now() == machine::TimePoint{to, 0}));
            }
        }
    }
}

TEST_CASE("who watches a run, or has breakpoints that it never meets, changes nothing in it", "[time]") {
    std::mt19937 random(chosen_seed());
    for (const char* demo : {"demos/10-faults", "demos/11-signals", "demos/13-threads", "demos/14-copy-on-write"}) {
        Journey journey = program(demo);
        journey.setup.memory = u64{16} << 20;
        CAPTURE(demo);
        const PlainRun plain = run_plainly(journey, random, 8);
        Guest watched(journey.setup);
        journey.setup.watched = false;
        Guest stopped(journey.setup);
        const u32 unused = stopped.kernel("panic"); // its page holds code that runs
        stopped.machine().set_stops({unused, unused + 1, 0x08048000}, {{unused, 4, false, true}});
        for (const auto& [instruction, hash] : plain.hashes) {
            watched.machine().run_until(instruction);
            stopped.machine().run_until(instruction);
            REQUIRE(watched.machine().state_hash() == hash);
            REQUIRE(stopped.machine().state_hash() == hash);
        }
    }
}

TEST_CASE("every moment of a run is the same, whatever way leads to it", "[time]") {
    const u32 seed = chosen_seed();
    for (const Journey& journey : quick_journeys()) travel(journey, seed, 10, 16);
}

TEST_CASE("long journeys through long runs find every moment as it was", "[.journeys]") {
    const u32 first = chosen_seed();
    for (u32 seed = first; seed < first + 20; ++seed)
        for (const Journey& journey : quick_journeys()) travel(journey, seed, 60, 200);
    for (const char* probe : {"vm86", "preempt", "sched", "stress", "ptrace-attach", "ptrace-fuzz", "sysv", "exec"})
        travel(program(std::string("probes/probe-") + probe), first, 60, 100);
    travel(program("probes/probe-preempt", "preempt"), first, 60, 100);
}
