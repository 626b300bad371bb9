// SPDX-License-Identifier: MIT
// Every allocation that a fork makes fails once: from outside, the allocator is made to return NULL to the n-th caller, for
// n = 1, 2, … until the fork succeeds. After each failure the kernel must have given out exactly what it had before.
// Source: tests/rows.tsv, row L07; guest/kernel/kernel/fork.c: the ladder of copy_process.
#include "catch.hpp"
#include "guest/guest.hpp"
#include "guest/ledger.hpp"

#include <chrono>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
constexpr s32 enomem = 12;

void set_register(Guest& g, const char* name, u32 value) {
    machine::Edit edit;
    edit.register_name = name;
    edit.value = value;
    REQUIRE(g.machine().apply(edit));
}

/// The function that is about to begin returns NULL instead.
void return_null(Guest& g) {
    set_register(g, "eip", g.word(g.esp()));
    set_register(g, "eax", 0);
    set_register(g, "esp", g.esp() + 4);
}

/// Lets the guest run from one ledger_mark to the next; allocation number `failing` of the fork fails. Who asked for it.
std::string fork_with_failure(Guest& g, int failing) {
    machine::Machine& machine = g.machine();
    const std::vector<u32> allocators = {g.kernel("kmem_cache_alloc"), g.kernel("alloc_pages")};
    const u32 mark = g.program("ledger_mark"), fork = g.kernel("do_fork"), born = g.kernel("wake_up_new_task");
    std::vector<u32> stops = {mark, fork, born};
    stops.insert(stops.end(), allocators.begin(), allocators.end());
    machine::Limits limits;
    limits.host_time = std::chrono::seconds(60);
    machine.set_limits(limits);
    machine.set_stops(stops, {});
    bool forking = false;
    int allocation = 0;
    std::string caller;
    for (;;) {
        machine.pass_breakpoint_at(g.cpu().instructions);
        const machine::Stop stop = machine.run();
        INFO("stopped: " << stop.text << "; the guest printed: " << g.output() << "; its log: " << g.kernel_log());
        REQUIRE(stop.kind == machine::StopKind::Breakpoint);
        if (g.eip() == mark) return caller;
        if (g.eip() == fork)
            forking = true;
        else if (g.eip() == born)
            forking = false;
        else if (forking && ++allocation == failing) {
            caller = g.where(g.word(g.esp()));
            return_null(g);
        }
    }
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "; ";
    return text;
}
} // namespace

TEST_CASE("whichever allocation of a fork fails, it says ENOMEM and nothing leaks", "[L07][P11][P12][P03]") {
    struct Kind {
        const char* flags;
        int least; ///< so many allocations at least
    };
    // fork; with a port bitmap; vfork's flags; a thread; shared files and directories; another namespace.
    const auto kind = GENERATE(Kind{"11", 12}, Kind{"80000011", 13}, Kind{"111", 6}, Kind{"10f00", 2},
                               Kind{"611", 8}, Kind{"20011", 13});
    CAPTURE(kind.flags);
    GuestSetup setup;
    setup.command = {"probes/probe-injection", kind.flags};
    setup.watched = false;
    Guest guest(setup);
    int failing = 0;
    for (std::string caller = "-"; !caller.empty() && failing < 400;) {
        REQUIRE(run_to_program(guest, "ledger_mark"));
        const Ledger before = Ledger::of(guest);
        caller = fork_with_failure(guest, ++failing);
        const Ledger after = Ledger::of(guest);
        INFO("allocation " << failing << ", wanted by " << caller);
        CHECK(joined(before.changes_until(after)) == "");
        CHECK(joined(after.contradictions()) == "");
        const s32 result = static_cast<s32>(guest.word(guest.program("result")));
        if (caller.empty())
            CHECK(result > 0); // there is no such allocation: all have failed once
        else
            CHECK(result == -enomem);
    }
    CHECK(failing > kind.least);
    run_long(guest, 60);
}
