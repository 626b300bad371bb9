// SPDX-License-Identifier: MIT
// Core files: probe-core looks at them from inside; here the kernel's accounts are compared around each of its topics, and every
// allocation that a core dump makes fails once. What gdb makes of such a file: tests/gdb/check.
// Source: guest/kernel/fs/coredump.c, binfmt_elf_core.c; core(5).
#include "catch.hpp"
#include "guest/guest.hpp"
#include "guest/ledger.hpp"

#include <chrono>

using namespace trapgate;
using namespace trapgate::tests;

namespace {
void set_register(Guest& g, const char* name, u32 value) {
    machine::Edit edit;
    edit.register_name = name;
    edit.value = value;
    REQUIRE(g.machine().apply(edit));
}

/// From one ledger_mark to the next: a child with a second thread crashes. Allocation `failing` between do_coredump and the dumper's
/// do_exit gives NULL; who wanted it, "" if there are fewer.
std::string crash_with_failure(Guest& g, int failing) {
    machine::Machine& machine = g.machine();
    const u32 mark = g.program("ledger_mark"), dump = g.kernel("elf_core_dump"), opened = g.kernel("open_core"),
              over = g.kernel("complete_all"), cache = g.kernel("kmem_cache_alloc"),
              pages = g.kernel("alloc_pages");
    machine::Limits limits;
    limits.host_time = std::chrono::seconds(60);
    machine.set_limits(limits);
    machine.set_stops({mark, dump, opened, over, cache, pages}, {});
    bool dumping = false;
    int allocation = 0;
    std::string caller;
    for (;;) {
        machine.pass_breakpoint_at(g.cpu().instructions);
        const machine::Stop stop = machine.run();
        INFO("stopped: " << stop.text << "; the guest printed: " << g.output() << "; its log: " << g.kernel_log());
        REQUIRE(stop.kind == machine::StopKind::Breakpoint);
        if (g.eip() == mark) return caller;
        if (g.eip() == dump || g.eip() == opened)
            dumping = true;
        else if (g.eip() == over)
            dumping = false;
        else if (dumping && ++allocation == failing) {
            caller = g.where(g.word(g.esp()));
            set_register(g, "eip", g.word(g.esp()));
            set_register(g, "eax", 0);
            set_register(g, "esp", g.esp() + 4);
        }
    }
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "; ";
    return text;
}
} // namespace

TEST_CASE("core files hold what they should, are refused where they must, and leave nothing behind in the kernel") {
    const char* kernel = GENERATE("", "4k", "preempt");
    CAPTURE(kernel);
    GuestSetup setup = unwatched({"probes/probe-core"}, 24);
    setup.kernel = kernel;
    Guest guest(setup);
    CHECK(check_topics(guest) == 8);
    INFO(guest.output());
    CHECK(guest.output().find("FAIL") == std::string::npos);
}

TEST_CASE("a core file has the extended FPU form on a processor that has it") {
    GuestSetup setup = unwatched({"probes/probe-core", "--cat"});
    setup.cpu = GENERATE("i686", "p3");
    Guest guest(setup);
    run_long(guest, 60);
    const std::string& core = guest.output();
    REQUIRE(core.starts_with("\177ELF"));
    const bool extended = core.substr(0, 4096).find("LINUX") != std::string::npos; // who defines NT_PRXFPREG
    CHECK(extended == (setup.cpu == "p3"));
}

TEST_CASE("whichever allocation of a core dump fails, the program dies of its signal and nothing leaks") {
    Guest guest(unwatched({"probes/probe-core", "--inject"}));
    constexpr u32 segv = 11, core_bit = 0x80;
    int failing = 0, without = 0;
    for (std::string caller = "-"; !caller.empty() && failing < 200;) {
        REQUIRE(run_to_program(guest, "ledger_mark"));
        const Ledger before = Ledger::of(guest);
        caller = crash_with_failure(guest, ++failing);
        const Ledger after = Ledger::of(guest);
        INFO("allocation " << failing << ", wanted by " << caller);
        // The first crash fills caches (names of the folder, the dumper's kernel stack).
        if (failing > 1) CHECK(joined(before.changes_until(after)) == "");
        CHECK(joined(after.contradictions()) == "");
        const u32 status = guest.word(guest.program("result"));
        CHECK((status & ~core_bit) == segv);
        without += status == segv;
        if (caller.empty()) CHECK(status == (segv | core_bit));
    }
    CHECK(failing > 12);
    CHECK(without >= 4); // no name, no file, no notes, no second thread's
}
