// SPDX-License-Identifier: MIT
// SCHED_RR, SCHED_FIFO and the load average, as the kernel's own structures show them at each tick and each switch.
// Source: [linux-2.6.11] kernel/sched.c: scheduler_tick, kernel/timer.c: calc_load; sched_setscheduler(2), proc(5); rows S06, S09.
#include "catch.hpp"
#include "guest/fork_watch.hpp"
#include "guest/scheduler.hpp"

#include <array>
#include <map>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
constexpr u32 fifo = 1, rr = 2, need_resched = 1 << 3, slice_of_nice_19 = 5;

/// A real-time task's place: how much of its slice is left, where it is queued.
struct Place {
    u32 slice = 0, array = 0;
    bool first = false, last = false, resched = false;
};

/// What ticks and switches do to the children of probe-policies, which have priority 5.
class Policies {
  public:
    explicit Policies(const char* kernel) : guest_(setup(kernel)) {
        guest_.at_kernel("scheduler_tick", [this](Guest& g) { tick(g); });
        guest_.at_kernel("sys_sched_yield", [this](Guest& g) { gives_up_ = g.current_task(); });
        guest_.at_kernel("__switch_to", [this](Guest& g) { switched(g.reg(Gpr::eax), g.reg(Gpr::edx)); });
        guest_.run_to_exit();
    }
    std::map<u32, u32> ticks, last_ticks, turns; ///< by policy
    u32 yields = 0, interruptions = 0;

  private:
    static GuestSetup setup(const char* kernel) {
        GuestSetup setup = by_int80({"probes/probe-policies"});
        setup.kernel = kernel;
        return setup;
    }
    u32 of(u32 task, const char* name) const { return guest_.member(task, "task_struct", name); }
    bool ours(u32 task) const { return of(task, "rt_priority") == 5; }

    Place place(u32 task) const {
        Place p;
        const u32 node = task + guest_.offset("task_struct", "run_list");
        p.slice = of(task, "time_slice");
        p.array = of(task, "array");
        const u32 head = p.array + guest_.offset("prio_array", "queue") + 8 * of(task, "prio");
        p.first = guest_.word(head) == node;
        p.last = guest_.word(head + 4) == node;
        const u32 info = of(task, "thread_info");
        p.resched = (guest_.member(info, "thread_info", "flags") & need_resched) != 0;
        return p;
    }

    void tick(Guest& g) {
        const u32 task = g.current_task();
        if (!ours(task)) return;
        const u32 policy = of(task, "policy");
        const Place before = place(task);
        CHECK(of(task, "prio") == 99 - 5);
        CHECK(before.first); // who runs is the first of the best list
        on_return(g, [this, task, policy, before](Guest& h) {
            const Place after = place(task);
            const u32 active = h.member(h.kernel("runqueue"), "runqueue", "active");
            ++ticks[policy];
            CHECK(after.array == active); // never expired
            if (policy == rr && before.slice == 1) {
                ++last_ticks[policy];
                expired_ = task;
                CHECK(after.slice == slice_of_nice_19);
                CHECK(after.last);
                CHECK(after.resched);
            } else {
                CHECK(after.slice == before.slice - (policy == rr));
                CHECK(after.first);
                CHECK(after.resched == before.resched);
            }
        });
    }

    void switched(u32 from, u32 to) {
        if (interrupted_ && ours(to)) {
            CHECK(to == interrupted_); // it has kept its place
            interrupted_ = 0;
        }
        if (!ours(from) || of(from, "state") != 0) return;
        if (!ours(to)) {
            CHECK(of(to, "rt_priority") == 50); // only somebody better comes between
            ++interruptions;
            // Of two that made themselves worse than the judge, the first stands in front.
            if (!interrupted_ && from != gives_up_ && from != expired_) interrupted_ = from;
            return;
        }
        const u32 policy = of(from, "policy");
        CHECK(from == (policy == rr ? expired_ : gives_up_));
        ++turns[policy];
        yields += policy == fifo;
        expired_ = gives_up_ = 0;
    }

    Guest guest_;
    u32 expired_ = 0, gives_up_ = 0, interrupted_ = 0;
};

const Policies& policies(const char* kernel) {
    static std::map<std::string, Policies> told;
    return told.try_emplace(kernel, kernel).first->second;
}
} // namespace

TEST_CASE("a SCHED_RR task goes to the end of its list after each slice, and stays in the active array", "[S09]") {
    const Policies& story = policies(GENERATE("", "preempt"));
    CHECK(story.ticks.at(rr) >= 50);
    CHECK(story.last_ticks.at(rr) >= 8);
    CHECK(story.turns.at(rr) >= 8);
}

TEST_CASE("a SCHED_FIFO task is parted from the processor by its own call or somebody better, never by a tick",
          "[S09]") {
    const Policies& story = policies(GENERATE("", "preempt"));
    CHECK(story.ticks.at(fifo) >= 6);
    CHECK_FALSE(story.last_ticks.contains(fifo));
    CHECK(story.yields >= 5);
    CHECK(story.interruptions >= 1);
}

TEST_CASE("the load average is renewed every 5 seconds from those who run and those who wait uninterruptibly") {
    Guest guest(by_int80({"probes/probe-policies"}));
    constexpr std::array<u32, 3> decay{1884, 2014, 2037}; // e to the -5/60, -5/300, -5/900, times 2048
    u32 ticks = 0, renewals = 0, waiting = 0;
    const auto load = [](const Guest& g, u32 i) { return g.word(g.kernel("avenrun") + 4 * i); };
    guest.at_kernel("calc_load", [&](Guest& g) {
        const u32 queue = g.kernel("runqueue");
        const u32 sleepers = g.member(queue, "runqueue", "nr_uninterruptible");
        const u32 active = g.member(queue, "runqueue", "nr_running") + sleepers;
        const std::array<u32, 3> before{load(g, 0), load(g, 1), load(g, 2)};
        ++ticks;
        on_return(g, [&, active, sleepers, before](Guest& h) {
            const bool renewed = ticks % 5000 == 0;
            renewals += renewed;
            waiting += renewed && sleepers == 1;
            for (u32 i = 0; i < 3; ++i) {
                const u32 expected = (before[i] * decay[i] + active * 2048 * (2048 - decay[i])) >> 11;
                CHECK(load(h, i) == (renewed ? expected : before[i]));
            }
        });
    });
    guest.run_to_exit();
    CHECK(renewals == 2);
    CHECK(waiting == 2);
}
