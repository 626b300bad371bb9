// SPDX-License-Identifier: MIT
// What the whole is about: system calls run for their caller, the guest does its own work, runs repeat themselves.
// Source: tests/rows.tsv, groups "Concept / context" and "procfs"; docs/architecture.md, "Promises".
#include "catch.hpp"
#include "guest/guest.hpp"
#include "guest/ledger.hpp"

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
    std::set<std::string> places;
    bool halted = false;
    u32 idle_instructions = 0;
    guest.on_instruction = [&](Guest& g, const trace::Retired& event) {
        const std::string place = event.eip < 0xc0000000 ? "" : g.where(event.eip);
        idle_instructions += place.starts_with("cpu_idle+");
        if (g.cpu().halted && !halted && place.starts_with("cpu_idle+")) {
            places.insert("cpu_idle");
            CHECK(g.current_pid() == 0);
            CHECK((g.flags() & 0x200) != 0); // or nothing would wake it
        }
        halted = g.cpu().halted;
    };
    guest.run_to_exit();
    CHECK(places == std::set<std::string>{"cpu_idle"});
    CHECK(idle_instructions < 100'000); // it does not turn in a loop
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

TEST_CASE("/proc/cpuinfo tells of the processor that there is", "[O01]") {
    const auto shown = [](const char* cpu) {
        GuestSetup setup = unwatched({"probes/probe-cat", "/proc/cpuinfo"});
        setup.cpu = cpu;
        Guest guest(setup);
        guest.run_to_exit();
        return guest.output();
    };
    const auto flags = [](const std::string& text) { // of the line "flags"
        const std::size_t at = text.find("\nflags");
        return text.substr(at + 1, text.find('\n', at + 1) - at - 1) + " ";
    };
    const std::string i686 = shown("i686"), p3 = shown("p3");
    CHECK(flags(i686).find(" cmov ") != std::string::npos);
    CHECK(flags(i686).find(" sse ") == std::string::npos);
    CHECK(flags(p3).find(" sse ") != std::string::npos);
    CHECK(flags(p3).find(" fxsr ") != std::string::npos);
    CHECK(flags(p3).find(" sse2 ") == std::string::npos);
    CHECK(i686.find("cpu family\t: 6\n") != std::string::npos);
}

TEST_CASE("a write to the terminal ends in the serial driver's outb", "[O02]") {
    GuestSetup setup = by_int80({"demos/01-hello"});
    setup.terminal = true;
    Guest guest(setup);
    bool inside = false;
    std::set<std::string> writers;
    std::set<std::vector<std::string>> ways; // from the call to the byte
    std::vector<std::string> way;
    std::string sent;
    guest.at_kernel("sys_write", [&](Guest& g) {
        inside = g.user_frame().cs == 0x73;
        way = {"sys_write"};
    });
    for (const char* name : {"vfs_write", "tty_write", "n_tty_write", "uart_write", "transmit_chars"})
        guest.at_kernel(name, [&, name](Guest&) {
            if (inside && std::find(way.begin(), way.end(), name) == way.end()) way.emplace_back(name);
        });
    guest.at(guest.kernel("syscall_call") + 7, [&](Guest&) { inside = false; });
    guest.on_port = [&](Guest& g, const trace::PortAccess& port) {
        if (!inside || !port.write || port.port != 0x3f8) return;
        writers.insert(g.where(g.eip()).substr(0, g.where(g.eip()).find('+')));
        ways.insert(way);
        sent += static_cast<char>(port.value);
    };
    guest.run_to_exit();
    CHECK(guest.serial().find("hello") != std::string::npos);
    CHECK(sent.find("hello") != std::string::npos);
    CHECK(writers == std::set<std::string>{"serial_out"});
    CHECK(ways == std::set<std::vector<std::string>>{
                      {"sys_write", "vfs_write", "tty_write", "n_tty_write", "uart_write", "transmit_chars"}});
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
