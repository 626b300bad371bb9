// SPDX-License-Identifier: MIT
// The preemptible kernel (PREEMPT=1): a tick switches tasks in the middle of a system call, and nothing breaks wherever it
// comes. The test raises the timer's line between two instructions that it chooses, with the running task's slice at its
// last tick. Source: tests/rows.tsv, S08 and N20.
#include "catch.hpp"
#include "guest/scheduler.hpp"
#include "paths.hpp"

#include <map>
#include <random>
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

namespace {
/// Runs the program while the timer interrupts it at seeded random instructions of the kernel, each time at the end of
/// the running task's slice. How often it hit the kernel where it may be preempted.
u32 run_with_random_ticks(GuestSetup setup, u32 seed, u32 mean_distance) {
    setup.watched = false;
    Guest guest(setup);
    std::mt19937 random(seed);
    u32 preemptible_hits = 0;
    machine::Limits limits;
    limits.host_time = std::chrono::seconds(60);
    guest.machine().set_limits(limits);
    for (;;) {
        const u64 next = guest.cpu().instructions + 1 + random() % (2 * mean_distance);
        const machine::Stop stop = guest.machine().run_until(next);
        INFO("seed " << seed << ": " << stop.text << "; the guest printed: " << guest.output()
                     << guest.kernel_log());
        if (stop.kind != machine::StopKind::Reached) {
            REQUIRE(stop.kind == machine::StopKind::GuestExit);
            REQUIRE(machine::exit_status_of_wait_status(stop.value) == 0);
            return preemptible_hits;
        }
        const u32 curr =
            guest.word_if_mapped(guest.kernel("runqueue") + guest.offset("runqueue", "curr")).value_or(0);
        if (!curr || (guest.selector(cpu::SegmentRegister::cs) & 3) != 0) continue;
        preemptible_hits += interrupts_on(guest) && preempt_count(guest) == 0;
        guest.poke(curr + guest.offset("task_struct", "time_slice"), 1);
        machine::Snapshot snapshot = guest.machine().save();
        snapshot.board.pic.master.latched |= 1;
        guest.machine().restore(snapshot);
    }
}
} // namespace

TEST_CASE("ticks at random instructions of the kernel break nothing", "[S08][N20]") {
    u32 hits = 0;
    for (u32 seed = 1; seed <= 3; ++seed)
        hits += run_with_random_ticks(preemptible({"probes/probe-preempt"}), seed, 3000);
    CHECK(hits >= 100);
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
