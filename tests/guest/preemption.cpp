// SPDX-License-Identifier: MIT
// The preemptible kernel (PREEMPT=1): a tick switches tasks in the middle of a system call, and nothing breaks wherever it
// comes. The test raises the timer's line between two instructions that it chooses, with the running task's slice at its
// last tick. Source: tests/rows.tsv, S08 and N20.
#include "catch.hpp"
#include "guest/ledger.hpp"
#include "guest/random_ticks.hpp"
#include "guest/scheduler.hpp"
#include "paths.hpp"

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
GuestSetup preemptible(std::vector<std::string> command, std::string append = "") {
    GuestSetup setup = by_int80(std::move(command));
    setup.kernel = "preempt";
    setup.append += " " + append;
    return setup;
}

u32 preempt_count(const Guest& g) {
    return g.member(g.thread_info(), "thread_info", "preempt_count");
}
bool interrupts_on(const Guest& g) {
    return (g.flags() & 0x200) != 0;
}

/// The task's last tick comes before the next instruction.
void last_tick(Play& play) {
    play.poke(play.curr(), "time_slice", 1);
    play.tick();
}
} // namespace

TEST_CASE("a tick in the middle of a system call switches tasks in the preemptible kernel, and only there",
          "[S08]") {
    for (const char* kernel : {"preempt", ""}) {
        INFO("kernel: " << kernel);
        GuestSetup setup = by_int80({"probes/probe-preempt"});
        setup.kernel = kernel;
        Play play(setup);
        u32 inside = 0, switched = 0, task = 0, calls = 0;
        enum { Waiting, Ticked, Over } phase = Waiting;
        play.guest.at_kernel("sys_getpid", [&](Guest& g) {
            if (phase != Waiting || g.text(g.current_task() + g.offset("task_struct", "comm")) != "probe-preempt" ||
                ++calls < 300) // by then several processes work
                return;
            CHECK(preempt_count(g) == 0);
            phase = Ticked;
            task = g.current_task();
            inside = g.eip();
            last_tick(play);
        });
        play.guest.at_kernel("__switch_to", [&](Guest& g) {
            if (phase == Ticked && g.reg(Gpr::eax) == task) ++switched; // prev
        });
        // Its own next instruction there: has it been away?
        play.guest.on_instruction = [&](Guest& g, const trace::Retired&) {
            if (phase != Ticked || g.eip() <= inside || g.eip() > inside + 16 || g.current_task() != task) return;
            phase = Over;
        };
        play.run();
        CHECK(phase == Over);
        CHECK(switched == (*kernel ? 1 : 0));
    }
}

TEST_CASE("preempt_schedule_irq leaves a task in the queue although it has said that it sleeps", "[S08]") {
    Play play(preemptible({"probes/probe-preempt"}));
    u32 task = 0, preempted = 0, back = 0;
    play.guest.at_kernel("prepare_to_wait", [&](Guest& g) {
        if (task || g.current_pid() < 3) return;
        g.at(g.word(g.esp()), [&](Guest& after) { // between "I sleep" and the look at the condition
            if (task || !interrupts_on(after) || preempt_count(after) != 0) return;
            task = after.current_task();
            CHECK(after.member(task, "task_struct", "state") != 0);
            last_tick(play);
        });
    });
    play.guest.at_kernel("preempt_schedule_irq",
                         [&](Guest& g) { preempted += task && !back && g.current_task() == task; });
    play.guest.at_kernel("__switch_to", [&](Guest& g) {
        if (!task || back) return;
        if (g.reg(Gpr::eax) == task) CHECK(g.member(task, "task_struct", "array") != 0); // prev: still queued
        if (g.reg(Gpr::edx) == task) ++back;
    });
    play.run();
    CHECK(task != 0);
    CHECK(preempted >= 1);
    CHECK(back == 1);
}

namespace {
/// Lets a tick switch the task away before each instruction of `routine` in turn, and come back when the other process has
/// called it several times. The addresses.
class EveryInstruction {
  public:
    EveryInstruction(std::string routine, GuestSetup setup)
        : routine_(std::move(routine)), play_(std::move(setup)) {
        play_.guest.at_kernel(routine_, [this](Guest& g) { called(g); });
        play_.guest.at_kernel("__switch_to", [this](Guest& g) {
            if (phase_ != Ticked || g.reg(Gpr::eax) != victim_) return;
            phase_ = Away;
            CHECK(g.reg(Gpr::edx) != victim_);
        });
        play_.guest.on_instruction = [this](Guest& g, const trace::Retired&) {
            if (g.eip() >= 0xc0000000) step(g);
        };
        play_.run();
        CHECK(switches_ == places.size());
    }
    std::set<u32> places;

  private:
    void called(Guest& g) {
        callers_.insert(g.current_task());
        ++calls_;
        if (callers_.size() < 2 && calls_ == 20) last_tick(play_); // so that the second process comes into being
        if (phase_ == Away && g.current_task() != victim_ && ++rival_calls_ == 4) last_tick(play_);
    }
    void step(Guest& g) {
        const std::string where = g.where(g.eip());
        const bool inside = where == routine_ || where.starts_with(routine_ + "+");
        if (phase_ == Away && inside && g.current_task() == victim_) {
            CHECK(rival_calls_ >= 2);
            ++switches_;
            phase_ = Back;
        } else if (phase_ == Back && !inside && g.current_task() == victim_) {
            phase_ = Idle;
        } else if (phase_ == Idle && inside && callers_.size() == 2 && places.insert(g.eip()).second) {
            CHECK(preempt_count(g) == 0);
            victim_ = g.current_task();
            rival_calls_ = 0;
            phase_ = Ticked;
            last_tick(play_);
        }
    }

    std::string routine_;
    Play play_;
    enum { Idle, Ticked, Away, Back } phase_ = Idle;
    std::set<u32> callers_;
    u32 calls_ = 0, rival_calls_ = 0, victim_ = 0;
    std::size_t switches_ = 0;
};
} // namespace

TEST_CASE("two processes are preempted at every instruction of sys_foo, and both get the right results", "[N20]") {
    const EveryInstruction foo("sys_foo", preemptible({"probes/probe-preempt", "foo", "283"}, "syscalls=foo283"));
    CHECK(foo.places.size() >= 2); // the routine is no longer than that
}

TEST_CASE("two processes are preempted at every instruction of silly_foo, and both get their own bytes", "[N20]") {
    const EveryInstruction silly("sys_silly_foo",
                                 preemptible({"probes/probe-preempt", "silly", "338"}, "syscalls=silly338"));
    CHECK(silly.places.size() >= 20);
}

TEST_CASE("who is preempted keeps the big kernel lock, and who goes to sleep gives it up", "[S08]") {
    Play play(preemptible({"probes/probe-preempt"}));
    const Guest& guest = play.guest;
    const auto lock_is_free = [&] { return guest.member(guest.kernel("kernel_sem"), "semaphore", "count"); };
    const auto depth_of = [&](u32 task) { return guest.member(task, "task_struct", "lock_depth"); };
    std::set<u32> keepers; // preempted while they had it
    u32 chances = 0, kept = 0, given_up = 0, waited = 0;
    play.guest.at_kernel("copy_process", [&](Guest& g) {
        if (g.current_pid() > 1 && ++chances % 4 == 0) last_tick(play);
    });
    play.guest.at_kernel("schedule_away", [&](Guest& g) {
        if (depth_of(g.current_task()) != ~0u) keepers.insert(g.current_task());
    });
    play.guest.at_kernel("__switch_to", [&](Guest& g) {
        const u32 prev = g.reg(Gpr::eax), next = g.reg(Gpr::edx);
        CHECK(lock_is_free() <= 1);
        CHECK(keepers.size() <= 1); // one has it
        if (!keepers.empty()) CHECK(lock_is_free() == 0);
        kept += keepers.contains(prev);
        waited += !keepers.empty() && !keepers.contains(prev);
        if (keepers.contains(next)) keepers.clear();
        if (depth_of(prev) == ~0u) return; // it had none, or is being preempted
        ++given_up;
        CHECK(lock_is_free() == 1);
    });
    play.run();
    CHECK(kept >= 5);
    CHECK(given_up >= 20);
    CHECK(waited >= 5); // meanwhile others ran, and went to sleep for it
}

namespace {
/// probe-latency in one kernel: for each kind of long call, how many instructions pass at most between the moment when the
/// real-time process' time is up and its first instruction.
std::map<std::string, u64> longest_waits(const char* kernel) {
    GuestSetup setup = by_int80({"probes/probe-latency"});
    setup.kernel = kernel;
    Guest guest(setup);
    std::map<std::string, u64> longest;
    std::optional<u64> since;
    guest.at_kernel("process_timeout", [&](Guest& g) {
        if (g.member(g.reg(Gpr::eax), "task_struct", "rt_priority") != 0) since = g.cpu().instructions;
    });
    guest.at_program("awake", [&](Guest& g) {
        if (!since) return;
        u64& most = longest[g.text(g.word(g.esp() + 4))];
        most = std::max(most, g.cpu().instructions - *since);
        since.reset();
    });
    guest.run_to_exit();
    return longest;
}
} // namespace

TEST_CASE("who wakes with a higher priority waits for the end of a long call, but not in the preemptible kernel",
          "[S08]") {
    const auto without = longest_waits(""), with = longest_waits("preempt");
    for (const char* call : {"write", "read", "fork", "mmap", "execve"}) {
        REQUIRE(without.contains(call));
        REQUIRE(with.contains(call));
        INFO(call << ": " << without.at(call) << " instructions, preemptible " << with.at(call));
        CHECK(without.at(call) > 20'000);
        CHECK(with.at(call) < 10'000);
    }
}

namespace {
/// Runs the program while the timer interrupts the kernel at seeded random instructions. How often it hit the kernel where
/// it may be preempted, and how often of these under the big kernel lock.
std::pair<u32, u32> run_with_random_ticks(GuestSetup setup, u32 seed, u32 mean_distance, int seconds = 60) {
    setup.watched = false;
    Guest guest(setup);
    machine::Limits limits;
    limits.host_time = std::chrono::seconds(seconds);
    guest.machine().set_limits(limits);
    RandomTicks ticks(guest, seed, mean_distance);
    const machine::Stop stop = ticks.run();
    INFO("seed " << seed << ": " << stop.text << "; the guest printed: " << guest.output() << guest.kernel_log());
    REQUIRE(stop.kind == machine::StopKind::GuestExit);
    REQUIRE(machine::exit_status_of_wait_status(stop.value) == 0);
    return {ticks.preemptible_hits, ticks.under_lock};
}
} // namespace

TEST_CASE("ticks at random instructions of the kernel break nothing", "[S08][N20]") {
    u32 hits = 0, under_lock = 0;
    for (u32 seed = 1; seed <= 3; ++seed) {
        const auto [places, locked] = run_with_random_ticks(preemptible({"probes/probe-preempt"}), seed, 3000);
        hits += places;
        under_lock += locked;
    }
    CHECK(hits >= 300);
    CHECK(under_lock >= 100); // who holds the big kernel lock is preempted, too
}

TEST_CASE("the probes pass in the preemptible kernel, with ticks at random instructions and without", "[S08]") {
    for (const char* program :
         {"probe-fork", "probe-signal", "probe-clone", "probe-family", "probe-futex", "probe-threads",
          "probe-files", "probe-mmap", "probe-stress", "probe-timers", "probe-pty", "probe-sysv", "probe-uaccess",
          "probe-semaphores", "probe-ptrace", "probe-errors-tasks"}) {
        if (!exists(guest_folder() / "probes" / program)) continue;
        INFO(program);
        const GuestSetup setup = preemptible({std::string("probes/") + program});
        run_with_random_ticks(setup, 1, 1'000'000'000);
        run_with_random_ticks(setup, 2, 5000);
    }
}

namespace {
/// A number from the environment, for long campaigns.
int wish(const char* name, int otherwise) {
    const char* const given = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
    return given ? std::atoi(given) : otherwise;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "; ";
    return text;
}

/// From each ledger_mark of the program to the next one nothing may leak, with random ticks all the time. The marks.
int marks_with_ticks(GuestSetup setup, u32 seed, u32 mean_distance, int seconds) {
    setup.watched = false;
    Guest guest(setup);
    machine::Limits limits;
    limits.host_time = std::chrono::seconds(seconds);
    guest.machine().set_limits(limits);
    guest.machine().set_stops({guest.program("ledger_mark")}, {});
    RandomTicks ticks(guest, seed, mean_distance);
    std::optional<Ledger> before;
    int marks = 0;
    for (;;) {
        guest.machine().pass_breakpoint_at(guest.cpu().instructions);
        const machine::Stop stop = ticks.run();
        INFO("seed " << seed << ": " << stop.text << "; printed: " << guest.output() << guest.kernel_log());
        if (stop.kind != machine::StopKind::Breakpoint) {
            REQUIRE(stop.kind == machine::StopKind::GuestExit);
            REQUIRE(machine::exit_status_of_wait_status(stop.value) == 0);
            return marks;
        }
        const u32 task = guest.word((guest.esp0() - 1) & ~(guest.stack_size() - 1));
        if (guest.text(task + guest.offset("task_struct", "comm")) == "init") continue;
        Ledger now = Ledger::of(guest);
        CHECK(joined(now.contradictions()) == "");
        if (before) CHECK(joined(before->changes_until(now)) == "");
        before = std::move(now);
        ++marks;
    }
}
} // namespace

TEST_CASE("programs that do everything wrong leave nothing behind, although ticks come at random instructions",
          "[S08][L07]") {
    CHECK(marks_with_ticks(preemptible({"probes/probe-offenders", "7", "4"}), 7, 4000, 60) == 5);
}

// TRAPGATE_PREEMPT_SEED, TRAPGATE_PREEMPT_SEEDS: from which seed on, and how many; TRAPGATE_PREEMPT_PROBE: only this one.
TEST_CASE("all probes with ticks at random instructions, seed after seed", "[.load][preempt-campaign]") {
    const int first = wish("TRAPGATE_PREEMPT_SEED", 100), seeds = wish("TRAPGATE_PREEMPT_SEEDS", 2);
    const char* const only = std::getenv("TRAPGATE_PREEMPT_PROBE"); // NOLINT(concurrency-mt-unsafe)
    // Those that want a machine of their own, are too long, or measure shares of time, which the ticks take from them.
    const std::set<std::string> elsewhere{"probe-eio",  "probe-foo",    "probe-refuse",    "probe-oom",
                                          "probe-cat",  "probe-strace", "probe-injection", "probe-entries",
                                          "probe-load", "probe-steps",  "probe-clone-all", "probe-offenders",
                                          "probe-sched"};
    std::set<std::string> probes;
    for (const auto& entry : std::filesystem::directory_iterator(guest_folder() / "probes"))
        probes.insert(entry.path().filename().string());
    for (const std::string& probe : probes) {
        if (!probe.starts_with("probe-") || elsewhere.contains(probe) || (only && probe != only)) continue;
        for (int seed = first; seed < first + seeds; ++seed) {
            INFO(probe << " with seed " << seed);
            const u32 distances[] = {1500, 5000, 20000};
            try {
                run_with_random_ticks(preemptible({"probes/" + probe}), seed, distances[seed % 3], 60);
            } catch (const Catch::TestFailureException&) {} // told already; the others shall run, too
        }
    }
}

TEST_CASE("offenders with ticks at random instructions, seed after seed", "[.load][preempt-campaign]") {
    const int first = wish("TRAPGATE_PREEMPT_SEED", 100), seeds = wish("TRAPGATE_PREEMPT_SEEDS", 2);
    for (int seed = first; seed < first + seeds; ++seed)
        marks_with_ticks(preemptible({"probes/probe-offenders", std::to_string(seed), "20"}), seed,
                         seed % 2 ? 3000 : 12000, 300);
}
