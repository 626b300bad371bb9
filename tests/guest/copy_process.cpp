// SPDX-License-Identifier: MIT
// copy_process from outside: one fork of probe-fork, looked at where each step begins or ends.
// Source: tests/rows.tsv, group "copy_process, each sub-step"; the book's chapter 3 as 002:122-445 tells it.
#include "catch.hpp"
#include "guest/fork_watch.hpp"
#include "guest/ledger.hpp"
#include "guest/scheduler.hpp"

#include <algorithm>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
/// What one bare fork (fork_trap of probe-fork) shows of copy_process.
struct CopyStory {
    PtRegs frame{}; ///< the parent's, and where it lies
    u32 frame_at = 0, parent = 0, child = 0, thread_info = 0;
    std::array<u32, 7> arguments{}, forwarded{}; ///< copy_process' own, and do_fork's six behind the six
    u32 task_structs_before = 0, task_structs_after = 0;
    std::vector<u32> task_differs, thread_info_differs; ///< offsets, right after dup_task_struct
    u32 usage = 0, state = 99, array = 99, pid = 0, tgid = 0, group_leader = 0, returned = 0;
    u32 forks_result = 0, group = 0, session = 0; ///< group and session are the parent's
    bool stack_is_child_info = false, lists_empty = false, run_list_empty = false, pid_bit = false;
    bool in_process_list = false, signal_is_own = false;
    u32 cpu_writes = 0, total_forks = 0;
    int threads_more = 0, forks_more = 0;
    std::array<u32, 4> numbers{};    ///< pids[type].nr
    std::array<bool, 4> in_table{};  ///< reached by its number
    std::array<u32, 4> list_sizes{}; ///< pid_list: others with the same number
    std::vector<std::string> order;
};

bool bit_of_pidmap(const Guest& g, u32 pid) {
    const u32 page = g.member(g.kernel("pidmap_array"), "pidmap", "page");
    return g.word(page + pid / 32 * 4) >> pid % 32 & 1;
}

/// Is the task on the ring of everybody with that number, whose first member hangs in a hash chain?
bool reached_by_number(const Guest& g, u32 task, u32 type) {
    const u32 link = pid_link(g, task, type), list = g.offset("pid", "pid_list");
    u32 at = link;
    for (u32 steps = 0; steps < 1000; ++steps) {
        const u32 chain_back = g.word(at + g.offset("pid", "pid_chain") + 4); // pprev: who points to the node
        if (chain_back && g.word(chain_back) == at) return g.member(at, "pid", "nr") == g.member(link, "pid", "nr");
        at = g.word(at + list) - list;
        if (at == link) return false;
    }
    return false;
}

bool own_signal_struct(const Guest& g, u32 parent, u32 child) {
    const u32 mine = g.member(child, "task_struct", "signal"), other = g.member(parent, "task_struct", "signal");
    const u32 pending = mine + g.offset("signal_struct", "shared_pending");
    bool same_limits = true;
    for (u32 i = 0; i < 13 * 8; i += 4)
        same_limits &= g.word(mine + g.offset("signal_struct", "rlim") + i) ==
                       g.word(other + g.offset("signal_struct", "rlim") + i);
    return mine != other && same_limits && g.member(mine, "signal_struct", "count") == 1 &&
           g.member(mine, "signal_struct", "live") == 1 && is_empty_list(g, pending) && g.word(pending + 8) == 0 &&
           g.member(mine, "signal_struct", "pgrp") == g.member(other, "signal_struct", "pgrp") &&
           g.member(mine, "signal_struct", "session") == g.member(other, "signal_struct", "session");
}

bool in_process_list(const Guest& g, u32 task) {
    const u32 head = g.kernel("init_task") + g.offset("task_struct", "tasks");
    const u32 wanted = task + g.offset("task_struct", "tasks");
    for (u32 at = g.word(head), n = 0; at != head && n < 1000; at = g.word(at), ++n)
        if (at == wanted) return true;
    return false;
}

void look_at_copies(CopyStory& story, Guest& g) {
    story.child = g.reg(Gpr::eax);
    story.thread_info = g.member(story.child, "task_struct", "thread_info");
    story.task_differs = differing_words(g, story.parent, story.child, size_of(g, "task_struct"));
    story.thread_info_differs = differing_words(g, g.member(story.parent, "task_struct", "thread_info"),
                                                story.thread_info, g.offset("thread_info", "supervisor_stack"));
    story.usage = g.member(story.child, "task_struct", "usage");
    story.stack_is_child_info = g.word(story.thread_info) == story.child;
}

void look_at_result(CopyStory& story, Guest& g) {
    story.returned = g.reg(Gpr::eax);
    if (story.returned != story.child) return;
    story.pid = g.member(story.child, "task_struct", "pid");
    story.tgid = g.member(story.child, "task_struct", "tgid");
    story.group_leader = g.member(story.child, "task_struct", "group_leader");
    story.pid_bit = bit_of_pidmap(g, story.pid);
    const u32 parents = g.member(story.parent, "task_struct", "signal");
    story.group = g.member(parents, "signal_struct", "pgrp");
    story.session = g.member(parents, "signal_struct", "session");
    story.in_process_list = in_process_list(g, story.child);
    story.signal_is_own = own_signal_struct(g, story.parent, story.child);
    for (u32 type = 0; type < 4; ++type) {
        story.numbers[type] = g.member(pid_link(g, story.child, type), "pid", "nr");
        story.in_table[type] = reached_by_number(g, story.child, type);
    }
}

void watch(CopyStory& story, Guest& guest) {
    const u32 after_trap = guest.program("fork_trap") + 2;
    guest.at_kernel("do_fork", [&, after_trap](Guest& g) {
        if (story.parent || g.user_frame().eip != after_trap) return;
        story.parent = g.current_task();
        story.frame = g.user_frame();
        story.frame_at = g.esp0() - sizeof(PtRegs);
        for (u32 i = 0; i < 6; ++i) story.forwarded[i] = g.word(g.esp() + 4 * (i + 1));
        on_return(g, [&story](Guest& h) { story.forks_result = h.reg(Gpr::eax); });
    });
    const auto watching = [&] { return story.parent && !story.returned; };
    guest.at_kernel("copy_process", [&, watching](Guest& g) {
        if (!watching()) return;
        story.arguments = {g.reg(Gpr::eax), g.reg(Gpr::edx),
                           g.reg(Gpr::ecx)}; // regparm(3), the others on the stack
        for (u32 i = 3; i < 7; ++i) story.arguments[i] = g.word(g.esp() + 4 * (i - 2));
        story.task_structs_before = Ledger::of(g).objects["task_struct"];
        const u32 threads = g.word(g.kernel("nr_threads")), forks = g.word(g.kernel("total_forks"));
        on_return(g, [&story, threads, forks](Guest& h) {
            story.task_structs_after = Ledger::of(h).objects["task_struct"];
            story.threads_more = static_cast<int>(h.word(h.kernel("nr_threads")) - threads);
            story.forks_more = static_cast<int>(h.word(h.kernel("total_forks")) - forks);
            look_at_result(story, h);
            h.on_access = nullptr;
        });
    });
    guest.at_kernel("dup_task_struct", [&, watching](Guest& g) {
        if (watching()) on_return(g, [&story](Guest& h) { look_at_copies(story, h); });
    });
    guest.at_kernel("sched_fork", [&, watching](Guest& g) {
        if (!watching()) return;
        on_return(g, [&story](Guest& h) {
            story.state = h.member(story.child, "task_struct", "state");
            story.array = h.member(story.child, "task_struct", "array");
            story.run_list_empty = is_empty_list(h, story.child + h.offset("task_struct", "run_list"));
            const u32 cpu = story.thread_info + h.offset("thread_info", "cpu");
            h.on_access = [&story, cpu](Guest&, const trace::Access& access) {
                story.cpu_writes +=
                    access.intent == Intent::Write && access.linear.value == cpu && access.value == 0;
            };
        });
    });
    for (const char* name :
         {"check_clone_flags", "security_task_create", "dup_task_struct", "too_many_processes", "copy_process"})
        guest.at_kernel(name, [&, watching, name](Guest&) {
            if (watching()) story.order.emplace_back(name);
        });
}

const CopyStory& copy_story() {
    static const CopyStory told = [] {
        CopyStory story;
        Guest guest(by_int80({"probes/probe-fork"}));
        watch(story, guest);
        guest.run_to_exit();
        REQUIRE(story.child != 0);
        return story;
    }();
    return told;
}
} // namespace

TEST_CASE("copy_process gets do_fork's six arguments and the PID", "[P01]") {
    const CopyStory& story = copy_story();
    for (std::size_t i = 0; i < 6; ++i) CHECK(story.arguments[i] == story.forwarded[i]);
    CHECK(story.arguments[0] == 17); // SIGCHLD
    CHECK(story.arguments[2] == story.frame_at);
    CHECK(story.arguments[6] == story.pid);
}

TEST_CASE("the tid pointers of a clone reach copy_process, each at its place", "[P01]") {
    Guest guest(by_int80({"probes/probe-clone"}));
    u32 seen = 0;
    guest.at_kernel("copy_process", [&](Guest& g) {
        if (g.current_pid() < 2) return;
        const PtRegs regs = g.user_frame();
        if (regs.orig_eax != 120 || !regs.edx || !regs.edi || regs.edx == regs.edi) return;
        ++seen;
        const std::array<u32, 7> found{g.reg(Gpr::eax),     g.reg(Gpr::edx),     g.reg(Gpr::ecx),
                                       g.word(g.esp() + 4), g.word(g.esp() + 8), g.word(g.esp() + 12),
                                       g.word(g.esp() + 16)};
        const std::array<u32, 7> expected{regs.ebx,
                                          regs.ecx,
                                          g.esp0() - static_cast<u32>(sizeof(PtRegs)),
                                          0,
                                          regs.edx,
                                          regs.edi,
                                          g.word(g.kernel("last_pid"))};
        CHECK(found == expected);
    });
    guest.run_to_exit();
    CHECK(seen > 0);
}

TEST_CASE("the descriptor is duplicated after the security check and before the limits", "[P03]") {
    const std::vector<std::string> expected{"copy_process", "check_clone_flags", "security_task_create",
                                            "dup_task_struct", "too_many_processes"};
    CHECK(copy_story().order == expected);
}

TEST_CASE("a fork takes one object from the cache of task_structs", "[P06]") {
    CHECK(copy_story().task_structs_after == copy_story().task_structs_before + 1);
}

TEST_CASE("right after dup_task_struct child and parent differ in thread_info and usage only", "[P08][P10]") {
    const CopyStory& story = copy_story();
    const u32 thread_info = Image::vmlinux().debug_info().layout("task_struct")->find("thread_info")->offset;
    const u32 usage = Image::vmlinux().debug_info().layout("task_struct")->find("usage")->offset;
    for (const u32 offset : story.task_differs) CHECK((offset == thread_info || offset == usage));
    CHECK(std::count(story.task_differs.begin(), story.task_differs.end(), thread_info) == 1);
    CHECK(story.usage == 2);
}

TEST_CASE("the child's thread_info differs from the parent's in the task it names only", "[P09]") {
    const CopyStory& story = copy_story();
    CHECK(story.thread_info_differs == std::vector<u32>{0});
    CHECK(story.stack_is_child_info);
}

TEST_CASE("flags and execution domain are copied with the thread_info, whatever they are", "[P09]") {
    Play play(by_int80({"probes/probe-fork"}));
    constexpr u32 notify_resume = 2; // means work on the way out, but none that does anything
    u32 copies = 0;
    play.guest.at_kernel("dup_task_struct", [&](Guest& g) {
        if (g.current_pid() < 2) return;
        const u32 parent = g.thread_info(), flags = parent + g.offset("thread_info", "flags");
        play.poke_at(flags, g.word(flags) | notify_resume);
        on_return(g, [&, parent](Guest& h) {
            ++copies;
            const u32 info = h.member(h.reg(Gpr::eax), "task_struct", "thread_info");
            CHECK((h.member(info, "thread_info", "flags") & notify_resume) != 0);
            CHECK(differing_words(h, parent, info, h.offset("thread_info", "supervisor_stack")) ==
                  std::vector<u32>{h.offset("thread_info", "task")});
        });
    });
    play.run();
    CHECK(copies >= 4);
}

TEST_CASE("the child's pid is the bit just set in the map of PIDs, and what fork returns", "[P17]") {
    const CopyStory& story = copy_story();
    CHECK(story.pid_bit);
    CHECK(story.pid == story.arguments[6]);
    CHECK(story.pid == story.forks_result);
}

TEST_CASE("the child has a signal_struct of its own: same groups and limits, nothing pending", "[P25]") {
    CHECK(copy_story().signal_is_own);
}

TEST_CASE("sched_fork leaves the child running, but on no queue", "[P32]") {
    const CopyStory& story = copy_story();
    CHECK(story.state == 0);
    CHECK(story.array == 0);
    CHECK(story.run_list_empty);
}

TEST_CASE("the number of this processor is written into the child's thread_info", "[P35]") {
    CHECK(copy_story().cpu_writes == 1);
}

TEST_CASE("the child is in the list of all processes", "[P38]") {
    CHECK(copy_story().in_process_list);
}

TEST_CASE("a new process leads itself and is in all four tables of numbers", "[P40][P41][P42]") {
    const CopyStory& story = copy_story();
    CHECK(story.tgid == story.pid);
    CHECK(story.group_leader == story.child);
    CHECK(story.numbers[0] == story.pid);
    CHECK(story.numbers[1] == story.pid);
    CHECK(story.numbers[2] == story.group); // the parent's
    CHECK(story.numbers[3] == story.session);
    CHECK(story.group != story.pid);
    CHECK(story.session != story.pid);
    for (const bool there : story.in_table) CHECK(there);
}

TEST_CASE("a fork makes one more thread and one more fork", "[P45][P46]") {
    CHECK(copy_story().threads_more == 1);
    CHECK(copy_story().forks_more == 1);
}

TEST_CASE("copy_process returns the child's descriptor in eax", "[P47]") {
    CHECK(copy_story().returned == copy_story().child);
}

TEST_CASE("a kernel stack with its thread_info is aligned to its size, 8 KB or 4 KB", "[P07]") {
    for (const u32 size : {8192u, 4096u}) {
        // one child at a time gets the same pages again and again; the other program has many
        GuestSetup setup = by_int80({size == 4096 ? "probes/probe-stress" : "probes/probe-fork"});
        if (size == 4096) setup.kernel = "4k";
        Guest guest(setup);
        std::vector<u32> stacks;
        guest.at_kernel("wake_up_new_task", [&](Guest& g) {
            const u32 task = g.reg(Gpr::eax), info = g.member(task, "task_struct", "thread_info");
            stacks.push_back(info);
            CHECK(info % size == 0);
            CHECK(g.word(info) == task);
            CHECK(g.member(task, "task_struct", "thread.esp0") == info + size);
        });
        guest.run_to_exit();
        INFO("stacks of " << size << " bytes");
        CHECK(stacks.size() > 5);
        // 4 KB stacks lie at odd pages, too
        if (size == 4096) CHECK(std::any_of(stacks.begin(), stacks.end(), [](u32 at) { return at % 8192 != 0; }));
    }
}
