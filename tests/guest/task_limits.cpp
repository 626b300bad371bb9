// SPDX-License-Identifier: MIT
// How many processes there may be, whose they are, and which numbers they get.
// Source: tests/rows.tsv, groups "Limits" and "PID allocation".
#include "catch.hpp"
#include "guest/fork_watch.hpp"
#include "guest/ledger.hpp"

#include <algorithm>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
/// Runs a probe at full speed; what it says is in the message if it fails.
void probe(std::vector<std::string> command) {
    Guest guest(unwatched(std::move(command)));
    run_long(guest, 60);
    CHECK(guest.output().find("FAIL") == std::string::npos);
}

u32 user_word(const Guest& g, u32 user, std::string_view name) {
    return g.member(user, "user_struct", name);
}
} // namespace

TEST_CASE("kernel stacks may take an eighth of memory, whatever its size", "[L05]") {
    const auto [megabytes, threads] = GENERATE(std::pair{16, 256}, std::pair{64, 1024}, std::pair{128, 2048});
    Guest guest(unwatched({"probes/probe-leaks"}, static_cast<u64>(megabytes)));
    REQUIRE(run_to_program(guest, "main"));
    INFO(megabytes << " MB");
    CHECK(guest.word(guest.kernel("max_threads")) == static_cast<u32>(threads));
    // Half of them for one user, unless it is changed.
    const u32 init_signal = guest.member(guest.kernel("init_task"), "task_struct", "signal");
    CHECK(guest.member(init_signal, "signal_struct", "rlim") ==
          0xffffffff); // RLIMIT_CPU, the first: the layout is right
    const u32 nproc = init_signal + guest.offset("signal_struct", "rlim") + 6 * 8;
    CHECK(guest.word(nproc) == static_cast<u32>(threads) / 2);
    CHECK(guest.word(nproc + 4) == static_cast<u32>(threads) / 2);
}

TEST_CASE("RLIMIT_NPROC and threads-max stop whoever forks too much, and nobody else",
          "[L01][L02][L03][L04][L06]") {
    probe({"probes/probe-limits"});
}

TEST_CASE("pids ascend, wrap to 300, and stay taken while a group or session has them", "[I02][I04]") {
    probe({"probes/probe-pids"});
}

TEST_CASE("behind pid 32767 comes 300", "[I02]") {
    Guest guest(unwatched({"probes/probe-pids", "--top"}));
    REQUIRE(run_to_program(guest, "ledger_mark"));
    guest.poke(guest.kernel("last_pid"), 32766);
    run_long(guest, 60);
    CHECK(guest.output().find("FAIL") == std::string::npos);
}

TEST_CASE("a new process hangs in four hash tables, a thread in two", "[I01][I03]") {
    Guest guest(by_int80({"probes/probe-clone"}));
    int processes = 0, threads = 0;
    guest.at_kernel("wake_up_new_task", [&](Guest& g) {
        const u32 child = g.reg(Gpr::eax), parent = g.current_task(); // regparm(3)
        if (g.current_pid() < 2) return;
        const u32 pid = g.member(child, "task_struct", "pid"), tgid = g.member(child, "task_struct", "tgid");
        const u32 signal = g.member(child, "task_struct", "signal");
        const u32 pgrp = g.member(signal, "signal_struct", "pgrp"),
                  session = g.member(signal, "signal_struct", "session");
        const Ledger ledger = Ledger::of(g);
        CHECK(ledger.contradictions().empty()); // every number in the tables has its bit, and the other way round
        CHECK(ledger.pids.contains(pid));
        CHECK(ledger.hashed[PidTypePid].count(pid) == 1);
        if (pid == tgid) {
            ++processes;
            CHECK(ledger.hashed[PidTypeTgid].count(pid) == 1);
            CHECK(ledger.hashed[PidTypePgid].count(pgrp) == 2); // the parent and the child
            CHECK(ledger.hashed[PidTypeSid].count(session) == 2);
        } else {
            ++threads;
            CHECK(tgid == g.member(parent, "task_struct", "tgid"));
            CHECK(ledger.hashed[PidTypeTgid].count(tgid) == 2);
            CHECK(ledger.hashed[PidTypePgid].count(pgrp) == 1); // for the whole group of threads
            CHECK(ledger.hashed[PidTypeSid].count(session) == 1);
        }
    });
    guest.run_to_exit();
    CHECK(processes > 0);
    CHECK(threads > 0);
}

TEST_CASE("the bit of a number is set exactly as long as somebody uses the number", "[I01]") {
    Guest guest(by_int80({"probes/probe-family"}));
    u32 released = 0, freed = 0;
    guest.at_kernel("release_task", [&](Guest& g) {
        const u32 pid = g.member(g.reg(Gpr::eax), "task_struct", "pid");
        CHECK(Ledger::of(g).pids.contains(pid));
        on_return(g, [&, pid](Guest& h) {
            const Ledger ledger = Ledger::of(h);
            bool used = false;
            for (const auto& table : ledger.hashed) used |= table.contains(pid);
            CHECK(ledger.pids.contains(pid) == used);
            ++released;
            freed += !used;
        });
    });
    guest.at_kernel("do_fork", [&](Guest& g) {
        if (g.current_pid() < 2) return;
        on_return(g, [&](Guest& h) {
            const s32 pid = static_cast<s32>(h.reg(Gpr::eax));
            if (pid <= 0) return;
            const Ledger ledger = Ledger::of(h);
            const bool used =
                ledger.hashed[PidTypePid].contains(static_cast<u32>(pid)); // it may have ended already
            CHECK(ledger.pids.contains(static_cast<u32>(pid)) == used);
        });
    });
    guest.run_to_exit();
    CHECK(released > 10);
    CHECK(freed > 10);
}

TEST_CASE("processes of one user share its struct, and setuid moves one of the count", "[L03][P11]") {
    Guest guest(by_int80({"probes/probe-leaks"}));
    int moves = 0, births = 0;
    guest.at_kernel("switch_uid", [&](Guest& g) {
        const u32 task = g.current_task(), user = g.reg(Gpr::eax), old = g.member(task, "task_struct", "user");
        const u32 here = user_word(g, user, "processes"), there = user_word(g, old, "processes");
        const u32 back = g.word(g.esp());
        CHECK(user != old);
        CHECK(user_word(g, user, "uid") == 1000);
        g.at(back, [=, &moves, done = false](Guest& h) mutable {
            if (done || h.current_task() != task) return;
            done = true;
            ++moves;
            CHECK(h.member(task, "task_struct", "user") == user);
            CHECK(user_word(h, user, "processes") == here + 1);
            CHECK(user_word(h, old, "processes") == there - 1);
        });
    });
    guest.at_kernel("wake_up_new_task", [&](Guest& g) {
        const u32 task = g.current_task(), user = g.member(task, "task_struct", "user");
        if (user_word(g, user, "uid") != 1000) return;
        ++births;
        CHECK(g.member(g.reg(Gpr::eax), "task_struct", "user") == user);
        CHECK(user_word(g, user, "processes") == 2);
        CHECK(user_word(g, user, "__count") == 2);
    });
    guest.run_to_exit();
    CHECK(moves == 3); // the probe does it three times
    CHECK(births == 3);
}
