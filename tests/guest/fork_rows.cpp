// SPDX-License-Identifier: MIT
// What copy_process shares, refuses, counts and puts off: rows that need a program which does something special.
// Source: tests/rows.tsv, groups "do_fork", "copy_process, each sub-step" and "Clone flags and conflicts".
#include "catch.hpp"
#include "guest/fork_watch.hpp"
#include "guest/ledger.hpp"

#include <algorithm>
#include <map>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
constexpr u32 clone_vm = 0x100, clone_thread = 0x10000, settid = 0x1000000, cleartid = 0x200000;
constexpr u32 clone_stopped = 0x2000000, clone_newns = 0x20000;
constexpr u32 pf_forknoexec = 0x40, pf_superpriv = 0x100;

/// What the probes' before_refusal and after_refusal enclose: one system call that is refused.
struct Refusal {
    std::vector<std::string> calls;
    std::vector<std::string> leaks;
    u32 result = 0, binfmt_uses_before = 0, binfmt_uses_after = 0;
};

std::vector<Refusal> refusals(const char* program, const char* append) {
    GuestSetup setup;
    setup.command = {program};
    setup.append = append;
    Guest guest(setup);
    std::vector<Refusal> all;
    Ledger before;
    bool inside = false;
    const u32 binfmt = guest.kernel("binfmt_elf_module");
    guest.at_program("before_refusal", [&](Guest& g) {
        inside = true;
        all.emplace_back();
        all.back().binfmt_uses_before = g.member(binfmt, "module", "refcount");
        before = Ledger::of(g);
    });
    guest.at_program("after_refusal", [&](Guest& g) {
        if (!inside) return;
        inside = false;
        all.back().binfmt_uses_after = g.member(binfmt, "module", "refcount");
        all.back().leaks = before.changes_until(Ledger::of(g));
    });
    guest.at_kernel("copy_process", [&](Guest& g) {
        if (inside) on_return(g, [&](Guest& h) { all.back().result = h.reg(Gpr::eax); });
    });
    for (const char* name : {"security_task_create", "dup_task_struct", "try_module_get", "security_task_alloc",
                             "copy_semundo", "security_task_free", "module_put", "free_uid", "free_task"})
        guest.at_kernel(name, [&, name](Guest&) {
            if (inside) all.back().calls.emplace_back(name);
        });
    guest.run_to_exit();
    REQUIRE_FALSE(inside);
    return all;
}

/// The uses of exec_linux32 at the moments probe-modules calls look_here(n).
std::map<u32, u32> module_uses() {
    Guest guest(by_int80({"probes/probe-modules"}));
    std::map<u32, u32> uses;
    guest.at_program("look_here", [&](Guest& g) {
        const u32 moment = g.word(g.esp() + 4);
        uses[moment] = g.member(g.kernel("exec_linux32_module"), "module", "refcount");
    });
    guest.run_to_exit();
    return uses;
}
} // namespace

TEST_CASE("both security hooks are asked in order, the late one before anything is copied", "[P02]") {
    Guest guest(by_int80({"probes/probe-fork"}));
    std::vector<std::string> calls;
    for (const char* name : {"copy_process", "security_task_create", "dup_task_struct", "security_task_alloc",
                             "copy_semundo", "dummy_task_create", "dummy_task_alloc_security"})
        guest.at_kernel(name, [&, name](Guest&) { calls.emplace_back(name); });
    guest.run_to_exit();
    const std::vector<std::string> once{"copy_process",    "security_task_create", "dummy_task_create",
                                        "dup_task_struct", "security_task_alloc",  "dummy_task_alloc_security",
                                        "copy_semundo"};
    REQUIRE(calls.size() % once.size() == 0);
    for (std::size_t i = 0; i < calls.size(); ++i) CHECK(calls[i] == once[i % once.size()]);
}

TEST_CASE("a security hook that refuses makes fork return its code, and everything is freed", "[P02]") {
    const auto all = refusals("probes/probe-refuse", "security=refuse-fork");
    REQUIRE(all.size() == 2);
    INFO("late: task_alloc_security says EACCES");
    CHECK(all[0].result == static_cast<u32>(-13));
    const std::vector<std::string> ladder{
        "security_task_create", "dup_task_struct", "try_module_get", "try_module_get", "security_task_alloc",
        "module_put",           "module_put",      "free_uid",       "free_task"};
    CHECK(all[0].calls == ladder);
    CHECK(all[0].leaks == std::vector<std::string>{});
    CHECK(all[0].binfmt_uses_after == all[0].binfmt_uses_before);
    INFO("early: task_create says EPERM");
    CHECK(all[1].result == static_cast<u32>(-1));
    CHECK(all[1].calls == std::vector<std::string>{"security_task_create"});
    CHECK(all[1].leaks == std::vector<std::string>{});
}

TEST_CASE("the module of an execution domain counts each task in it", "[P12]") {
    auto uses = module_uses();
    REQUIRE(uses.size() == 8);
    CHECK(uses[0] == 0);
    CHECK(uses[1] == 1); // personality(PER_LINUX32)
    CHECK(uses[2] == 1);
    CHECK(uses[3] == 2); // a fork
    CHECK(uses[4] == 1); // the child's exit
    CHECK(uses[5] == 1); // a refused fork, and a task that has left
    CHECK(uses[6] == 0); // personality(PER_LINUX)
    CHECK(uses[7] == 0);
}

TEST_CASE("the module of a program format counts the tasks that run such programs", "[P12]") {
    Guest guest(by_int80({"probes/probe-fork"}));
    std::vector<u32> born;
    u32 at_exit = 0;
    const u32 module = guest.kernel("binfmt_elf_module");
    guest.at_kernel("copy_process", [&](Guest& g) {
        const u32 before = g.member(module, "module", "refcount"),
                  binfmt = g.member(g.current_task(), "task_struct", "binfmt");
        if (!binfmt) return; // a kernel thread runs no program
        on_return(g, [&, before](Guest& h) { born.push_back(h.member(module, "module", "refcount") - before); });
    });
    guest.at_kernel("exit_notify", [&](Guest& g) {
        // By now this task no longer counts: what is left is init and the program that waits for us.
        if (g.current_pid() > 2) at_exit = g.member(module, "module", "refcount");
    });
    guest.run_to_exit();
    CHECK(born.size() > 5);
    CHECK(std::all_of(born.begin(), born.end(), [](u32 more) { return more == 1; }));
    CHECK(at_exit == 2);
}

TEST_CASE("a module that is going away lets no child in, and the ladder undoes the fork", "[P12]") {
    const auto all = refusals("probes/probe-modules", "");
    REQUIRE(all.size() == 1);
    CHECK(all[0].result == static_cast<u32>(-11));
    const std::vector<std::string> ladder{"security_task_create", "dup_task_struct", "try_module_get", "free_uid",
                                          "free_task"};
    CHECK(all[0].calls == ladder);
    CHECK(all[0].leaks == std::vector<std::string>{});
    CHECK(all[0].binfmt_uses_after == all[0].binfmt_uses_before);
}

TEST_CASE("flags that contradict each other are refused before anything is allocated", "[C04][P47]") {
    Guest guest(by_int80({"probes/probe-clone"}));
    std::vector<std::string> calls;
    std::vector<u32> results;
    guest.at_kernel("copy_process", [&](Guest& g) {
        calls.clear();
        on_return(g, [&](Guest& h) {
            if (h.reg(Gpr::eax) < 0xfffff000) return;
            results.push_back(h.reg(Gpr::eax));
            CHECK(calls == std::vector<std::string>{"check_clone_flags"});
        });
    });
    for (const char* name : {"check_clone_flags", "security_task_create", "dup_task_struct", "kmem_cache_alloc",
                             "__get_free_pages", "kmalloc"})
        guest.at_kernel(name, [&, name](Guest&) { calls.emplace_back(name); });
    guest.run_to_exit();
    CHECK(results == std::vector<u32>{static_cast<u32>(-22), static_cast<u32>(-22), static_cast<u32>(-22)});
}

TEST_CASE("did_exec and PF_FORKNOEXEC tell whether a child has called execve", "[P14][P16]") {
    Guest guest(by_int80({"probes/probe-copy"}));
    u32 children = 0, execs = 0, program_forks = 0;
    const auto did_exec = [](const Guest& g, u32 task) { return g.member(task, "task_struct", "did_exec"); };
    guest.at_kernel("wake_up_new_task", [&](Guest& g) {
        const u32 child = g.reg(Gpr::eax);
        ++children;
        program_forks += did_exec(g, g.current_task());
        CHECK(did_exec(g, child) == 0);
        CHECK((g.member(child, "task_struct", "flags") & pf_forknoexec) != 0);
    });
    guest.at_kernel("sys_execve", [&](Guest& g) {
        const u32 task = g.current_task();
        on_return(g, [&, task](Guest& h) {
            if (h.reg(Gpr::eax) != 0) return;
            ++execs;
            CHECK(did_exec(h, task) == 1);
            CHECK((h.member(task, "task_struct", "flags") & pf_forknoexec) == 0);
        });
    });
    guest.run_to_exit();
    CHECK(children > 10);
    CHECK(program_forks > 10); // by parents that have called execve: the 0 is not just copied
    CHECK(execs >= 2);
}

TEST_CASE("a child has not used its parent's superuser privileges", "[P15]") {
    Guest guest(by_int80({"probes/probe-family"}));
    u32 of_privileged = 0;
    guest.at_kernel("wake_up_new_task", [&](Guest& g) {
        const bool parent_did = (g.member(g.current_task(), "task_struct", "flags") & pf_superpriv) != 0;
        of_privileged += parent_did;
        CHECK((g.member(g.reg(Gpr::eax), "task_struct", "flags") & pf_superpriv) == 0);
    });
    guest.run_to_exit();
    CHECK(of_privileged > 0); // mount needs CAP_SYS_ADMIN
}

TEST_CASE("lists of a child are empty even if its parent has children", "[P19]") {
    Guest guest(by_int80({"probes/probe-copy"}));
    u32 parents_with_children = 0;
    guest.at_kernel("security_task_alloc", [&](Guest& g) {
        const u32 child = g.reg(Gpr::eax), parent = g.current_task();
        const auto list = [&](u32 task, const char* name) { return task + g.offset("task_struct", name); };
        parents_with_children += !is_empty_list(g, list(parent, "children"));
        for (const char* name : {"children", "sibling", "pending.list"}) CHECK(is_empty_list(g, list(child, name)));
        CHECK(g.member(child, "task_struct", "alloc_lock") == 0);
    });
    guest.run_to_exit();
    CHECK(parents_with_children > 2);
}

TEST_CASE("a child begins without pending signals, timers and used time", "[P20]") {
    Guest guest(by_int80({"probes/probe-copy"}));
    u32 pending_parents = 0, used_parents = 0;
    guest.at_kernel("security_task_alloc", [&](Guest& g) {
        const u32 child = g.reg(Gpr::eax), parent = g.current_task();
        pending_parents += g.member(parent, "task_struct", "pending.signal") != 0;
        used_parents += g.member(parent, "task_struct", "utime") != 0;
        for (const char* name : {"pending.signal", "utime", "stime", "it_real_incr", "it_virt_value",
                                 "it_prof_value", "nvcsw", "nivcsw", "min_flt", "maj_flt"})
            CHECK(g.member(child, "task_struct", name) == 0);
        CHECK(g.member(child, "task_struct", "lock_depth") == static_cast<u32>(-1));
    });
    guest.run_to_exit();
    CHECK(pending_parents > 0);
    CHECK(used_parents > 0);
}

TEST_CASE("what is pending for a process is not pending for its child, whose limits and groups are the same",
          "[P25]") {
    Guest guest(by_int80({"probes/probe-copy"}));
    u32 pending_parents = 0;
    guest.at_kernel("wake_up_new_task", [&](Guest& g) {
        const u32 mine = g.member(g.current_task(), "task_struct", "signal"),
                  other = g.member(g.reg(Gpr::eax), "task_struct", "signal");
        const u32 pending = g.offset("signal_struct", "shared_pending"), rlim = g.offset("signal_struct", "rlim");
        pending_parents += g.member(mine, "signal_struct", "shared_pending.signal") != 0;
        REQUIRE(mine != other); // no threads here
        CHECK(g.member(other, "signal_struct", "shared_pending.signal") == 0);
        CHECK(is_empty_list(g, other + pending));
        for (u32 i = 0; i < 13 * 8; i += 4) CHECK(g.word(other + rlim + i) == g.word(mine + rlim + i));
        for (const char* name : {"pgrp", "session", "tty"})
            CHECK(g.member(other, "signal_struct", name) == g.member(mine, "signal_struct", name));
    });
    guest.run_to_exit();
    CHECK(pending_parents > 0);
}

TEST_CASE("CLONE_VM shares the mm and counts its users, fork copies it", "[P26]") {
    Guest guest(by_int80({"probes/probe-copy"}));
    u32 shared = 0, copied = 0;
    guest.at_kernel("copy_mm", [&](Guest& g) {
        const u32 flags = g.reg(Gpr::eax), child = g.reg(Gpr::edx),
                  mm = g.member(g.current_task(), "task_struct", "mm");
        if (!mm) return;
        on_return(g, [&, flags, child, mm](Guest& h) {
            const u32 childs = h.member(child, "task_struct", "mm");
            CHECK((childs == mm) == ((flags & clone_vm) != 0));
            CHECK(h.member(childs, "mm_struct", "mm_users") == (flags & clone_vm ? 2 : 1));
            ++(flags & clone_vm ? shared : copied);
        });
    });
    guest.run_to_exit();
    CHECK(shared == 2);
    CHECK(copied > 10);
}

TEST_CASE("mounts of a child with CLONE_NEWNS and of its parent are in two trees", "[P27]") {
    Guest guest(by_int80({"probes/probe-family"}));
    std::vector<u32> children; // uses of their namespaces, if these are their own
    u32 looks = 0;
    guest.at_kernel("copy_namespace", [&](Guest& g) {
        const u32 flags = g.reg(Gpr::eax), child = g.reg(Gpr::edx),
                  parents = g.member(g.current_task(), "task_struct", "namespace");
        const u32 uses = g.member(parents, "namespace", "count");
        on_return(g, [&, flags, child, parents, uses](Guest& h) {
            if (h.reg(Gpr::eax) != 0) return; // EPERM for user 1000
            const u32 own = h.member(child, "task_struct", "namespace");
            const bool wanted = (flags & clone_newns) != 0;
            CHECK((own != parents) == wanted);
            CHECK(h.member(parents, "namespace", "count") == uses + !wanted);
            if (!wanted) return;
            children.push_back(own);
            CHECK(h.member(own, "namespace", "count") == 1);
            CHECK(list_length(h, own + h.offset("namespace", "list")) ==
                  list_length(h, parents + h.offset("namespace", "list")));
            const u32 fs = h.member(child, "task_struct", "fs");
            CHECK(h.member(fs, "fs_struct", "rootmnt") == h.member(own, "namespace", "root"));
        });
    });
    guest.at_program("look_here", [&](Guest& g) { // the first time: the child has mounted, the parent has not
        if (looks++ || children.empty()) return;
        const u32 task = g.word((g.esp0() - 1) & ~8191u); // in ring 3 esp is the user's
        const u32 mine = g.member(task, "task_struct", "namespace");
        CHECK(list_length(g, children[0] + g.offset("namespace", "list")) ==
              list_length(g, mine + g.offset("namespace", "list")) + 1);
    });
    guest.run_to_exit();
    CHECK(children.size() == 8); // two, and three times a child with a child of its own
    CHECK(looks > 0);
}

TEST_CASE("a child has the tid pointers that its flags ask for, not its parent's", "[P28]") {
    Guest guest(by_int80({"probes/probe-family"}));
    u32 set = 0, cleared_parents = 0;
    guest.at_kernel("do_fork", [&](Guest& g) {
        const u32 flags = g.word(g.esp() + 4), child_tidptr = g.word(g.esp() + 24), parent = g.current_task();
        on_return(g, [&, flags, parent](Guest& h) {
            (void)h;
            set += (flags & (settid | cleartid)) == (settid | cleartid);
            cleared_parents += h.member(parent, "task_struct", "clear_child_tid") != 0;
        });
        g.at_kernel("wake_up_new_task", [&, flags, child_tidptr, parent, done = false](Guest& h) mutable {
            if (done || h.current_task() != parent) return;
            done = true;
            const u32 child = h.reg(Gpr::eax);
            CHECK(h.member(child, "task_struct", "set_child_tid") == (flags & settid ? child_tidptr : 0));
            CHECK(h.member(child, "task_struct", "clear_child_tid") == (flags & cleartid ? child_tidptr : 0));
        });
    });
    guest.run_to_exit();
    CHECK(set > 0);
    CHECK(cleared_parents > 0); // set_tid_address before a fork
}

TEST_CASE("the child's number is written after its first switch and cleared with a futex wake-up at its end",
          "[P29]") {
    Guest guest(by_int80({"probes/probe-family"}));
    u32 child = 0, word_at = 0;
    std::vector<std::string> events;
    const auto note = [&](Guest& g, const std::string& what) {
        const u32 pid = g.member(child, "task_struct", "pid"), word = g.word(word_at);
        events.push_back(what + (word == pid ? ": the number" : word ? ": ?" : ": 0"));
    };
    guest.at_kernel("wake_up_new_task", [&](Guest& g) {
        const u32 task = g.reg(Gpr::eax), pointer = g.member(task, "task_struct", "set_child_tid");
        if (child || !pointer || pointer != g.member(task, "task_struct", "clear_child_tid")) return;
        child = task;
        word_at = pointer;
        note(g, "wake_up_new_task");
    });
    for (const char* name : {"schedule_tail", "mm_release"})
        guest.at_kernel(name, [&, name = std::string(name)](Guest& g) {
            if (!child || g.current_task() != child) return;
            note(g, name);
            on_return(g, [&, name](Guest& h) { note(h, name + " done"); });
        });
    guest.at_kernel("do_futex", [&](Guest& g) {
        if (!child || g.current_task() != child) return;
        CHECK(g.reg(Gpr::eax) == word_at);
        CHECK(g.reg(Gpr::edx) == 1); // FUTEX_WAKE
        note(g, "do_futex");
    });
    guest.at_kernel("release_task", [&](Guest& g) {
        if (g.reg(Gpr::eax) == child) child = 0, word_at = 0;
    });
    guest.run_to_exit();
    const std::vector<std::string> expected{
        "wake_up_new_task: 0",    "schedule_tail: 0", "schedule_tail done: the number",
        "mm_release: the number", "do_futex: 0",      "mm_release done: 0"};
    CHECK(events == expected);
}

TEST_CASE("a thread is on its leader's list of the TGID, and in no group's or session's table", "[P43][P44][P36]") {
    Guest guest(by_int80({"probes/probe-family"}));
    u32 threads = 0, by_threads = 0;
    guest.at_kernel("copy_process", [&](Guest& g) {
        if (!(g.reg(Gpr::eax) & clone_thread)) return;
        const u32 parent = g.current_task(), leader = g.member(parent, "task_struct", "group_leader");
        const u32 list = g.offset("pid", "pid_list");
        std::array<u32, 4> before{};
        for (u32 type = 0; type < 4; ++type) before[type] = list_length(g, pid_link(g, leader, type) + list);
        on_return(g, [&, parent, leader, list, before](Guest& h) {
            ++threads;
            const u32 child = h.reg(Gpr::eax);
            CHECK(h.member(child, "task_struct", "tgid") == h.member(leader, "task_struct", "pid"));
            CHECK(h.member(child, "task_struct", "group_leader") == leader);
            by_threads += leader != parent;
            const u32 grandparent = h.member(parent, "task_struct", "real_parent"); // not the thread that made it
            CHECK(h.member(child, "task_struct", "real_parent") == grandparent);
            CHECK(h.member(child, "task_struct", "parent") == grandparent);
            for (u32 type = 0; type < 4; ++type)
                CHECK(list_length(h, pid_link(h, leader, type) + list) == before[type] + (type == 1));
            // On the leader's ring: the word behind the leader's link is the thread's.
            CHECK(h.word(pid_link(h, child, 1) + list) == pid_link(h, leader, 1) + list);
            CHECK(h.member(pid_link(h, child, 1), "pid", "nr") == h.member(leader, "task_struct", "pid"));
        });
    });
    guest.run_to_exit();
    CHECK(threads == 2);
    CHECK(by_threads == 1);
}

TEST_CASE("wake_up_new_task is called for every child, but not with CLONE_STOPPED", "[F09]") {
    Guest guest(by_int80({"probes/probe-family"}));
    u32 forks = 0, stopped = 0, woken = 0;
    guest.at_kernel("do_fork", [&](Guest& g) {
        const bool stays = (g.word(g.esp() + 4) & clone_stopped) != 0;
        const u32 before = woken, parent = g.current_task();
        (void)parent;
        on_return(g, [&, stays, before](Guest& h) {
            if (h.reg(Gpr::eax) > 0xfffff000) return; // refused
            ++(stays ? stopped : forks);
            if (stays) CHECK(woken == before);
        });
    });
    guest.at_kernel("wake_up_new_task", [&](Guest&) { ++woken; });
    guest.run_to_exit();
    CHECK(stopped == 1);
    CHECK(woken == forks);
}
