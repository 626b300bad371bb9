// SPDX-License-Identifier: MIT
// The scheduler at a fork: what the child gets, where it is queued, who runs first. The program is probe-turns, whose calls
// come in a fixed order; a test changes words of the guest between two of its instructions where a row needs a special case.
// Source: tests/rows.tsv, group "Scheduler", and P32 to P35.
#include "guest/scheduler.hpp"

#include "catch.hpp"

#include <algorithm>
#include <map>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
constexpr u32 ns_per_step = 100'000'000; // a bonus step of sleep_avg
constexpr u32 need_resched = 1 << 3;
constexpr u32 shared = 8; // the call after the eight forks
constexpr u32 away = 7;   // the fork during which the parent's processor is said to be number 3

/// Fork `number` of the program, before and after wake_up_new_task.
struct Birth {
    u32 parent = 0, child = 0;
    u32 state = 99, run_list = 0, run_list_next = 1, array = 1; ///< of the child, before
    u32 preempt_count = 99, cpu = 99, lock_depth = 0;           ///< of the child, before
    u32 parent_slice_before = 0;                                ///< at sched_fork
    u32 parent_slice = 0, child_slice = 0, first_time_slice = 0;
    u32 parent_sleep = 0, child_sleep = 0, parent_prio = 0, child_prio = 0; ///< after
    u32 parent_array = 0, child_array = 0, active = 0, expired = 0;
    bool before_parent = false, last = false, resched = false;
    u32 parent_slice_end = 0, child_slice_end = 0, parent_slice_after_end = 0; ///< around sched_exit
    std::vector<u32> user_order; ///< tasks in the order in which they reach user mode after the fork
    std::vector<std::string> steps;
};

/// What the test changes: at sched_fork the parent's slice, at wake_up_new_task more.
struct Changes {
    std::map<u32, u32> slice;                 ///< of the parent, by number of the fork
    std::map<u32, std::pair<u32, u32>> sleep; ///< sleep_avg of child and parent
    std::map<u32, u32> cpu;                   ///< of the child
};

class Turns {
  public:
    explicit Turns(const Changes& changes, const std::string& kernel = "")
        : changes_(changes), play_(setup(kernel)) {
        Guest& g = play_.guest;
        g.at_kernel("sched_fork", [this](Guest& g) { fork_begins(g); });
        g.at_kernel("wake_up_new_task", [this](Guest& g) { before(g); });
        g.at_kernel("sched_exit", [this](Guest& g) { child_ends(g); });
        for (const char* name : {"schedule", "context_switch", "__switch_to", "ret_from_fork", "scheduler_tick"})
            g.at_kernel(name, [this, name](Guest&) {
                if (!births.empty() && births.back().user_order.size() < 2) births.back().steps.emplace_back(name);
            });
        g.on_ring_change = [this](Guest& g, const trace::RingChange& change) {
            if (change.to != 3 || births.empty()) return;
            auto& order = births.back().user_order;
            const u32 task = play_.curr();
            if (returned_ && (order.empty() || order.back() != task)) order.push_back(task);
            (void)g;
        };
        play_.run();
    }

    std::vector<Birth> births;

  private:
    static GuestSetup setup(const std::string& kernel) {
        GuestSetup setup = by_int80({"probes/probe-turns"});
        setup.kernel = kernel;
        return setup;
    }

    bool ours(Guest& g) const {
        return g.text(g.current_task() + g.offset("task_struct", "comm")) == "probe-turns";
    }

    void fork_begins(Guest& g) {
        if (!ours(g)) return;
        births.emplace_back();
        returned_ = false;
        Birth& b = births.back();
        b.parent = g.current_task();
        b.child = g.reg(Gpr::eax);
        const u32 number = static_cast<u32>(births.size() - 1);
        if (const auto slice = changes_.slice.find(number); slice != changes_.slice.end())
            play_.poke(b.parent, "time_slice", slice->second);
        // With one processor, and a parent that runs, the copy holds already what sched_fork and set_task_cpu write.
        play_.poke(b.child, "state", 2);
        play_.poke(b.child, "array", 0xdead);
        play_.poke(b.child, "run_list", 0xdead);
        poke_cpu(b.child, 7);
        if (number == away) poke_cpu(b.parent, 3);
        b.parent_slice_before = changes_.slice.contains(number) ? changes_.slice.at(number)
                                                                : g.member(b.parent, "task_struct", "time_slice");
    }

    void poke_cpu(u32 task, u32 cpu) {
        const Guest& g = play_.guest;
        play_.poke_at(g.member(task, "task_struct", "thread_info") + g.offset("thread_info", "cpu"), cpu);
    }

    void before(Guest& g) {
        if (!ours(g)) return;
        Birth& b = births.back();
        const auto of_child = [&](std::string_view name) { return g.member(b.child, "task_struct", name); };
        const u32 info = of_child("thread_info");
        b.state = of_child("state");
        b.run_list = b.child + g.offset("task_struct", "run_list");
        b.run_list_next = g.word(b.run_list);
        b.array = of_child("array");
        b.lock_depth = of_child("lock_depth");
        b.preempt_count = g.member(info, "thread_info", "preempt_count");
        b.cpu = g.word(info + 16);
        b.parent_slice = g.member(b.parent, "task_struct", "time_slice");
        b.child_slice = of_child("time_slice");
        b.first_time_slice = of_child("first_time_slice");
        const u32 number = static_cast<u32>(births.size() - 1);
        if (const auto sleep = changes_.sleep.find(number); sleep != changes_.sleep.end()) {
            play_.poke(b.child, "sleep_avg", sleep->second.first);
            play_.poke(b.parent, "sleep_avg", sleep->second.second);
        }
        if (const auto cpu = changes_.cpu.find(number); cpu != changes_.cpu.end())
            play_.poke_at(info + g.offset("thread_info", "cpu"), cpu->second);
        g.at(g.word(g.esp()), [this, number](Guest& g) {
            if (births.size() == number + 1 && !returned_ && ours(g)) after(g);
        });
    }

    void after(Guest& g) {
        returned_ = true;
        if (births.size() == away + 1) poke_cpu(births.back().parent, 0);
        Birth& b = births.back();
        b.parent_sleep = g.member(b.parent, "task_struct", "sleep_avg");
        b.child_sleep = g.member(b.child, "task_struct", "sleep_avg");
        b.parent_prio = g.member(b.parent, "task_struct", "prio");
        b.child_prio = g.member(b.child, "task_struct", "prio");
        b.parent_array = g.member(b.parent, "task_struct", "array");
        b.child_array = g.member(b.child, "task_struct", "array");
        b.active = play_.queue("active");
        b.expired = play_.queue("expired");
        const u32 parent_list = b.parent + g.offset("task_struct", "run_list");
        b.before_parent = g.word(b.run_list) == parent_list;
        const u32 head = b.child_array + g.offset("prio_array", "queue") + 8 * b.child_prio;
        b.last = g.word(head + 4) == b.run_list;
        b.resched = (g.member(g.thread_info(), "thread_info", "flags") & need_resched) != 0;
    }

    void child_ends(Guest& g) {
        if (births.empty() || g.reg(Gpr::eax) != births.back().child) return;
        Birth& b = births.back();
        b.parent_slice_end = g.member(b.parent, "task_struct", "time_slice");
        b.child_slice_end = g.member(b.child, "task_struct", "time_slice");
        g.at(g.word(g.esp()), [this, number = births.size()](Guest& g) {
            Birth& b = births.at(number - 1);
            if (!b.parent_slice_after_end)
                b.parent_slice_after_end = g.member(b.parent, "task_struct", "time_slice");
        });
    }

    Changes changes_;
    Play play_;
    bool returned_ = false;
};

const std::vector<Birth>& births() {
    static const std::vector<Birth> told = [] {
        Changes changes;
        changes.slice = {{1, 100}, {2, 99}, {3, 1}};
        changes.sleep = {
            {4, {7 * ns_per_step, 750'000'000}}, {5, {0, 0}}, {shared, {10 * ns_per_step, 10 * ns_per_step}}};
        changes.cpu = {{5, 1}};
        return Turns(changes).births;
    }();
    REQUIRE(told.size() == 10); // eight forks, the clone, the fork before execve
    return told;
}
} // namespace

TEST_CASE("after sched_fork the child runs by its state, but is on no queue", "[P32]") {
    for (const Birth& b : births()) {
        CHECK(b.state == 0);
        CHECK(b.run_list_next == b.run_list);
        CHECK(b.array == 0);
    }
}

TEST_CASE("a child may not be preempted before schedule_tail has finished the switch to it", "[P33]") {
    for (const Birth& b : births()) CHECK(b.preempt_count == 1);
    Play play(by_int80({"probes/probe-turns"}));
    int first_runs = 0, tails = 0;
    play.guest.at_kernel("ret_from_fork", [&](Guest& g) {
        ++first_runs;
        CHECK(g.member(g.thread_info(), "thread_info", "preempt_count") == 1);
        g.at(g.eip() + 6, [&](Guest& after) { // behind push and call
            ++tails;
            CHECK(after.member(after.thread_info(), "thread_info", "preempt_count") == 0);
        });
    });
    play.run();
    CHECK(first_runs >= 10);
    CHECK(tails >= first_runs);
}

TEST_CASE("a slice of 100 ticks is split 50 to 50, one of 99 into 49 and 50", "[P34][S10]") {
    CHECK(births()[1].child_slice == 50);
    CHECK(births()[1].parent_slice == 50);
    CHECK(births()[2].child_slice == 50);
    CHECK(births()[2].parent_slice == 49);
    for (const Birth& b : births()) CHECK(b.first_time_slice == 1);
}

TEST_CASE("of a last tick the child gets 1, the parent's slice ends by scheduler_tick", "[P34]") {
    const Birth& b = births()[3];
    CHECK(b.child_slice == 1);
    CHECK(b.parent_slice == 100); // a new one: it has expired
    CHECK(b.parent_array == b.expired);
    REQUIRE_FALSE(b.steps.empty());
    CHECK(b.steps.front() == "scheduler_tick");
}

TEST_CASE("forking neither earns nor loses time, and a child that dies early gives its rest back", "[S10]") {
    for (std::size_t i : {0u, 1u, 2u, 4u, 6u, 7u}) {
        const Birth& b = births()[i];
        INFO("fork " << i);
        CHECK(b.parent_slice + b.child_slice == b.parent_slice_before);
        CHECK(b.child_slice_end > 0);
        CHECK(b.parent_slice_after_end == std::min(100u, b.parent_slice_end + b.child_slice_end));
    }
}

TEST_CASE("thread_info.cpu of a child is the processor's number", "[P35]") {
    for (std::size_t i = 0; i < births().size(); ++i) {
        INFO("fork " << i);
        CHECK(births()[i].cpu == (i == away ? 3 : 0));
    }
}

TEST_CASE("a child starts with 95 % of the bonus steps, its parent keeps them", "[S01]") {
    const Birth& b = births()[4];
    CHECK(b.child_sleep == 6 * ns_per_step);  // 7 * 95 / 100
    CHECK(b.parent_sleep == 7 * ns_per_step); // whole steps
    const Birth& c = births()[shared];
    CHECK(c.child_sleep == 9 * ns_per_step);
    CHECK(c.parent_sleep == 10 * ns_per_step);
    CHECK(c.child_prio == 120 - (9 - 5)); // recomputed: it does not take the parent's
}

TEST_CASE("a forked child is queued right before its parent and runs first", "[S02][F13]") {
    for (std::size_t i : {0u, 1u, 2u, 4u, 6u, 7u, 9u}) {
        const Birth& b = births()[i];
        INFO("fork " << i);
        CHECK(b.before_parent);
        CHECK(b.child_prio == b.parent_prio);
        CHECK(b.child_array == b.parent_array);
        CHECK(b.resched);
        REQUIRE_FALSE(b.user_order.empty());
        CHECK(b.user_order.front() == b.child);
    }
}

TEST_CASE("a child that shares the address space queues up last, and its parent runs on", "[S04]") {
    const Birth& b = births()[shared];
    CHECK(b.last);
    CHECK_FALSE(b.before_parent);
    CHECK_FALSE(b.resched);
    CHECK(b.child_array == b.active);
    REQUIRE_FALSE(b.user_order.empty());
    CHECK(b.user_order.front() == b.parent);
}

TEST_CASE("a child whose parent has moved to another processor is queued like any other task", "[S05]") {
    const Birth& b = births()[5];
    CHECK(b.last);
    CHECK_FALSE(b.before_parent);
    CHECK_FALSE(b.resched);
    CHECK(b.child_array == b.active);
}

TEST_CASE("schedule picks the child, context_switch and __switch_to go to it", "[S06]") {
    const std::vector<std::string> expected{"schedule", "context_switch", "__switch_to", "ret_from_fork"};
    const auto& steps = births()[0].steps;
    CHECK(std::search(steps.begin(), steps.end(), expected.begin(), expected.end()) != steps.end());
}

namespace {
/// Pages copied between the fork before execve and the end of its child.
u32 copies(bool parent_first) {
    Play play(by_int80({"probes/probe-turns"}));
    u32 forks = 0, faults = 0, child = 0;
    bool counting = false;
    play.guest.at_kernel("wake_up_new_task", [&](Guest& g) {
        if (g.text(g.current_task() + g.offset("task_struct", "comm")) != "probe-turns" || ++forks != 10) return;
        child = g.reg(Gpr::eax);
        counting = true;
        if (!parent_first) return;
        g.at(g.word(g.esp()), [&](Guest& after) {
            const u32 flags = after.thread_info() + after.offset("thread_info", "flags");
            if (counting) play.poke_at(flags, after.word(flags) & ~need_resched);
        });
    });
    play.guest.at_kernel("do_wp_page", [&](Guest&) { faults += counting; });
    play.guest.at_kernel("memcpy", [&](Guest& g) { // what copies a page; arguments in registers
        play.copied += counting && g.reg(Gpr::ecx) == 4096 && g.where(g.word(g.esp())).starts_with("do_wp_page");
    });
    play.guest.at_kernel("release_task", [&](Guest& g) { counting = counting && g.reg(Gpr::eax) != child; });
    play.run();
    CHECK(faults >= 24);
    return play.copied;
}
} // namespace

TEST_CASE("with the child first fork and exec copy few pages, with the parent first all that it writes", "[S03]") {
    const u32 child_first = copies(false), parent_first = copies(true);
    INFO("pages copied: child first " << child_first << ", parent first " << parent_first);
    CHECK(parent_first >= 24);
    CHECK(child_first + 20 <= parent_first);
}

TEST_CASE("lock_depth of a child is -1 although its parent holds the big kernel lock", "[P13]") {
    GuestSetup setup = by_int80({"probes/probe-turns"});
    setup.kernel = "preempt";
    Play play(setup);
    u32 seen = 0;
    play.guest.at_kernel("wake_up_new_task", [&](Guest& g) {
        ++seen;
        CHECK(g.member(g.reg(Gpr::eax), "task_struct", "lock_depth") == ~0u);
        if (g.current_pid() > 1) CHECK(g.member(g.current_task(), "task_struct", "lock_depth") == 0); // it is held
    });
    play.run();
    CHECK(seen >= 10);
}
