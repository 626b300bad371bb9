// SPDX-License-Identifier: MIT
// What the whole is about: system calls run for their caller, the guest does its own work, runs repeat themselves.
// Source: tests/rows.tsv, groups "Concept / context" and "procfs"; docs/architecture.md, "Promises".
#include "catch.hpp"
#include "guest/guest.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

TEST_CASE("current inside sys_getpid is the caller", "[G01][D19]") {
    Guest guest(by_int80({"demos/02-getpid"}));
    std::set<u32> tgids, results;
    bool inside = false;
    guest.at_kernel("sys_getpid", [&](Guest& g) {
        inside = true;
        tgids.insert(g.member(g.current_task(), "task_struct", "tgid"));
    });
    guest.at(guest.kernel("syscall_call") + 7, [&](Guest& g) {
        if (inside) results.insert(g.reg(Gpr::eax));
        inside = false;
    });
    guest.run_to_exit();
    CHECK_FALSE(tgids.empty());
    CHECK(tgids == results);
}

TEST_CASE("two processes have different page directories behind one address", "[G03]") {
    Guest guest(by_int80({"probes/probe-spaces"}));
    std::map<u32, std::set<u32>> directories; // by pid
    guest.at_kernel("system_call", [&](Guest& g) { directories[g.current_pid()].insert(g.cpu().cr3); });
    guest.run_to_exit();
    std::set<u32> all;
    for (const auto& [pid, found] : directories) all.insert(found.begin(), found.end());
    CHECK(all.size() >= directories.size());
    CHECK(directories.size() >= 3);
}

TEST_CASE("strlen traps not at all, getpid once: an API function is no system call", "[G05]") {
    Guest guest(by_int80({"demos/02-getpid"}));
    int traps = 0;
    std::map<std::string, std::set<int>> traps_of;
    guest.on_transfer = [&](Guest&, const trace::Transfer& transfer) {
        traps += transfer.phase == trace::Transfer::Phase::Begin &&
                 ((transfer.kind == trace::TransferKind::Interrupt && transfer.vector == 0x80) ||
                  transfer.kind == trace::TransferKind::Sysenter);
    };
    for (const char* name : {"getpid", "strlen"})
        guest.at_program(name, [&, name](Guest& g) {
            const int before = traps;
            g.at(g.word(g.esp()), [&, name, before, done = false](Guest&) mutable {
                if (!done) traps_of[name].insert(traps - before);
                done = true;
            });
        });
    guest.run_to_exit();
    CHECK(traps_of["getpid"] == std::set<int>{1});
    CHECK(traps_of["strlen"] == std::set<int>{0});
}

TEST_CASE("a kernel with nothing to do executes hlt", "[G04]") {
    Guest guest(by_int80({"probes/probe-signal"})); // it sleeps
    bool halted = false;
    guest.on_instruction = [&](Guest& g, const trace::Retired&) { halted |= g.cpu().halted; };
    guest.run_to_exit();
    CHECK(halted);
}

TEST_CASE("reading /proc/cpuinfo leads from sys_read through vfs_read to show_cpuinfo", "[O01]") {
    Guest guest(by_int80({"probes/probe-cat", "/proc/cpuinfo"}));
    guest.follow({"sys_read", "vfs_read", "show_cpuinfo"});
    guest.run_to_exit();
    const auto& calls = guest.calls;
    const auto shown = std::find(calls.begin(), calls.end(), "show_cpuinfo");
    REQUIRE(shown != calls.end());
    REQUIRE(shown - calls.begin() >= 2);
    CHECK(shown[-1] == "vfs_read");
    CHECK(shown[-2] == "sys_read");
    CHECK(guest.output().find("vendor_id") != std::string::npos);
    CHECK(guest.output().find(" sep ") != std::string::npos);
}

TEST_CASE("a write to the terminal ends in the serial driver's outb", "[O02]") {
    GuestSetup setup = by_int80({"demos/01-hello"});
    setup.terminal = true;
    Guest guest(setup);
    bool inside = false;
    std::set<std::string> writers;
    guest.at_kernel("sys_write", [&](Guest& g) { inside = g.user_frame().cs == 0x73; });
    guest.at(guest.kernel("syscall_call") + 7, [&](Guest&) { inside = false; });
    guest.on_port = [&](Guest& g, const trace::PortAccess& port) {
        if (inside && port.write && port.port == 0x3f8)
            writers.insert(g.where(g.eip()).substr(0, g.where(g.eip()).find('+')));
    };
    guest.run_to_exit();
    CHECK(guest.serial().find("hello") != std::string::npos);
    CHECK_FALSE(writers.empty());
}

/// What 02-getpid prints when it is stopped at main, `change` is made, and it goes on.
template <class Change> std::string output_after(Change change) {
    Guest guest(by_int80({"demos/02-getpid"}));
    bool paused = false;
    guest.at_program("main", [&](Guest& g) {
        if (!paused) g.pause();
        paused = true;
    });
    REQUIRE(guest.run().kind == machine::StopKind::Paused);
    change(guest);
    guest.run();
    return guest.output();
}

TEST_CASE("an entry of sys_call_table that a test changes changes what the program gets") {
    const auto put_into_slot_20 = [](const char* routine) {
        return [routine](Guest& g) { g.poke(g.kernel("sys_call_table") + 4 * 20, g.kernel(routine)); };
    };
    const std::string same = output_after(put_into_slot_20("sys_getpid")); // what stands there already
    CHECK(same == output_after([](Guest&) {}));
    const std::string changed = output_after(put_into_slot_20("sys_ni_syscall"));
    CHECK(changed != same);
    CHECK(changed.find("-38") != std::string::npos);
    CHECK(same.find("-38") == std::string::npos);
}

TEST_CASE("nobody but processor and devices writes to RAM after the start") {
    Guest guest(by_int80({"probes/probe-fork"}));
    guest.run_to_exit();
    CHECK(guest.machine().memory().foreign_writes() == 0);
}

TEST_CASE("the final state is the same with and without an observer") {
    GuestSetup setup{{"probes/probe-fork"}};
    Guest watched(setup);
    watched.run_to_exit();
    setup.watched = false;
    Guest fast(setup);
    fast.run_to_exit();
    CHECK(watched.machine().state_hash() == fast.machine().state_hash());
    CHECK(watched.output() == fast.output());
}

TEST_CASE("two runs see the same events") {
    const auto digest = [] {
        Guest guest(by_int80({"probes/probe-fork"}));
        u64 hash = 14695981039346656037u;
        const auto add = [&hash](u64 value) { hash = (hash ^ value) * 1099511628211u; };
        guest.on_instruction = [&](Guest&, const trace::Retired& event) {
            add(event.instruction), add(event.eip), add(event.cpl);
        };
        guest.on_access = [&](Guest&, const trace::Access& access) { add(access.linear.value), add(access.value); };
        guest.on_port = [&](Guest&, const trace::PortAccess& port) { add(port.port), add(port.value); };
        guest.run_to_exit();
        return hash;
    };
    CHECK(digest() == digest());
}
