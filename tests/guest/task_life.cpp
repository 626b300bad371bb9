// SPDX-License-Identifier: MIT
// The counts that a process moves from fork to its release, vfork's parent, and what the last member of a group tells.
// Source: tests/rows.tsv, groups "copy_process, each sub-step" and "vfork".
#include "catch.hpp"
#include "guest/guest.hpp"
#include "guest/ledger.hpp"

#include <algorithm>
#include <map>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
constexpr u32 task_uninterruptible = 2;

/// One child, from fork to free_task.
struct LifeStory {
    struct Counts {
        u32 usage, count, processes, nr_threads, total_forks;
    };
    u32 child = 0;
    Counts before{}, born{}, zombie{}, gone{};
    u32 usage_at_free = 99;
};

LifeStory::Counts counts(const Guest& g, u32 task, u32 user) {
    return {task ? g.member(task, "task_struct", "usage") : 0, g.member(user, "user_struct", "__count"),
            g.member(user, "user_struct", "processes"), g.word(g.kernel("nr_threads")),
            g.word(g.kernel("total_forks"))};
}

const LifeStory& life_story() {
    static const LifeStory told = [] {
        LifeStory story;
        Guest guest(by_int80({"demos/07-fork"}));
        const u32 root = guest.kernel("root_user");
        bool done = false;
        guest.at_kernel("do_fork", [&](Guest& g) {
            if (!story.child && g.current_pid() > 1) story.before = counts(g, 0, root);
        });
        guest.at_kernel("wake_up_new_task", [&](Guest& g) {
            if (story.child || g.current_pid() < 2) return;
            story.child = g.reg(Gpr::eax);
            story.born = counts(g, story.child, root);
        });
        guest.at_kernel("release_task", [&](Guest& g) {
            if (!story.child || g.reg(Gpr::eax) != story.child) return;
            story.zombie = counts(g, story.child, root);
        });
        guest.at_kernel("free_task", [&](Guest& g) {
            if (!story.child || g.reg(Gpr::eax) != story.child || done) return;
            done = true;
            story.usage_at_free = g.member(story.child, "task_struct", "usage");
            story.gone = counts(g, 0, root);
        });
        guest.run_to_exit();
        REQUIRE(done);
        return story;
    }();
    return told;
}
} // namespace

TEST_CASE("a task is used twice while it lives, once as a zombie, and freed at none", "[P10]") {
    const LifeStory& story = life_story();
    CHECK(story.born.usage == 2);
    CHECK(story.zombie.usage == 1);
    CHECK(story.usage_at_free == 0);
}

TEST_CASE("fork counts one more reference and process of the user, the end takes both back", "[P11]") {
    const LifeStory& story = life_story();
    CHECK(story.born.count == story.before.count + 1);
    CHECK(story.born.processes == story.before.processes + 1);
    CHECK(story.zombie.processes == story.born.processes); // a zombie still counts
    CHECK(story.gone.count == story.before.count);
    CHECK(story.gone.processes == story.before.processes);
}

TEST_CASE("fork counts the thread and the fork, the end takes back the thread only", "[P45][P46]") {
    const LifeStory& story = life_story();
    CHECK(story.born.nr_threads == story.before.nr_threads + 1);
    CHECK(story.gone.nr_threads == story.before.nr_threads);
    CHECK(story.born.total_forks == story.before.total_forks + 1);
    CHECK(story.gone.total_forks == story.born.total_forks);
}

TEST_CASE("death signals, group deaths, counted forks, stops and continuations are as wait and signals tell",
          "[P30][P31][P46][F08][C06]") {
    GuestSetup setup;
    setup.command = {"probes/probe-ends"};
    setup.watched = false;
    Guest guest(setup);
    run_long(guest, 60);
    CHECK(guest.output().find("FAIL") == std::string::npos);
}

TEST_CASE("exit_signal is the low byte of clone's flags, and -1 for a thread", "[P30][C06]") {
    std::map<u32, u32> seen; // by flags
    for (const char* program : {"probes/probe-ends", "probes/probe-clone"}) {
        Guest guest(by_int80({program}));
        u32 flags = 0;
        guest.at_kernel("do_fork", [&](Guest& g) { flags = g.word(g.esp() + 4); });
        guest.at_kernel("wake_up_new_task", [&](Guest& g) {
            if (g.current_pid() > 1) seen[flags] = g.member(g.reg(Gpr::eax), "task_struct", "exit_signal");
        });
        guest.run_to_exit();
    }
    int threads = 0, others = 0;
    for (const auto& [flags, signal] : seen) {
        INFO("flags " << std::hex << flags);
        CHECK(signal == (flags & 0x10000 ? 0xffffffff : flags & 0xff)); // CLONE_THREAD, CSIGNAL
        ++(flags & 0x10000 ? threads : others);
    }
    CHECK(threads >= 1);
    CHECK(others >= 6);
    CHECK(seen.contains(0xff));
}

namespace {
struct VforkStory {
    std::vector<u32> flags;                      ///< of each sys_vfork
    std::vector<std::vector<std::string>> calls; ///< after each do_fork, until its parent goes on
    std::vector<u32> state;                      ///< of the parent while the child runs
    std::vector<u32> mm_parent, mm_child;
    std::vector<std::string> completed_by; ///< who called complete: mm_release, and who called that
};

const VforkStory& vfork_story() {
    static const VforkStory told = [] {
        VforkStory story;
        Guest guest(by_int80({"probes/probe-vfork"}));
        u32 parent = 0;
        bool vforking = false;
        guest.at_kernel("sys_vfork", [&](Guest& g) {
            parent = g.current_task();
            vforking = true;
            story.calls.emplace_back();
        });
        guest.at_kernel("do_fork", [&](Guest& g) {
            if (vforking) story.flags.push_back(g.word(g.esp() + 4));
        });
        guest.at_kernel("wake_up_new_task", [&](Guest& g) {
            if (!vforking) return;
            story.mm_parent.push_back(g.member(parent, "task_struct", "mm"));
            story.mm_child.push_back(g.member(g.reg(Gpr::eax), "task_struct", "mm"));
        });
        for (const char* name : {"wait_for_completion", "sys_exit", "sys_exit_group", "sys_execve",
                                 "load_elf_binary", "mm_release", "complete"})
            guest.at_kernel(name, [&, name](Guest& g) {
                if (!vforking) return;
                const bool is_parent = g.current_task() == parent;
                story.calls.back().push_back((is_parent ? "parent: " : "child: ") + std::string(name));
                if (std::string_view(name) == "complete") {
                    story.state.push_back(g.member(parent, "task_struct", "state"));
                    story.completed_by.push_back(g.where(g.word(g.esp())));
                }
            });
        guest.on_ring_change = [&](Guest& g, const trace::RingChange& change) {
            if (vforking && change.to == 3) {
                const u32 task = g.word((g.esp0() - 1) & ~(g.stack_size() - 1));
                if (task == parent) vforking = false;
            }
        };
        guest.run_to_exit();
        REQUIRE(story.calls.size() == 2);
        return story;
    }();
    return told;
}

bool in_order(const std::vector<std::string>& calls, std::initializer_list<const char*> names) {
    auto at = calls.begin();
    for (const char* name : names) {
        at = std::find(at, calls.end(), name);
        if (at == calls.end()) return false;
    }
    return true;
}
} // namespace

TEST_CASE("vfork is do_fork with CLONE_VFORK, CLONE_VM and SIGCHLD", "[V05][V04]") {
    CHECK(vfork_story().flags == std::vector<u32>{0x4111, 0x4111});
    CHECK(vfork_story().mm_parent == vfork_story().mm_child);
}

TEST_CASE("vfork's parent sleeps in wait_for_completion, and no signal can wake it", "[V01][V02]") {
    const VforkStory& story = vfork_story();
    CHECK(in_order(story.calls[0], {"parent: wait_for_completion", "child: mm_release", "child: complete"}));
    CHECK(story.state == std::vector<u32>{task_uninterruptible, task_uninterruptible});
}

TEST_CASE("execve lets vfork's parent go, by complete() out of mm_release", "[V03]") {
    const VforkStory& story = vfork_story();
    CHECK(in_order(story.calls[1], {"parent: wait_for_completion", "child: sys_execve", "child: load_elf_binary",
                                    "child: mm_release", "child: complete"}));
    CHECK(std::find(story.calls[1].begin(), story.calls[1].end(), "child: sys_exit") == story.calls[1].end());
    REQUIRE(story.completed_by.size() == 2);
    CHECK(story.completed_by[1].starts_with("mm_release+"));
}

TEST_CASE("vfork's child shares memory and goes first; execve ends both", "[V02][V03][V04]") {
    GuestSetup setup;
    setup.command = {"probes/probe-vfork"};
    setup.watched = false;
    Guest guest(setup);
    run_long(guest, 60);
    CHECK(guest.output().find("FAIL") == std::string::npos);
}
