// SPDX-License-Identifier: MIT
// Memory is used up by processes, page tables, pipes, files and families; the kernel lives, the quiet ones live, nothing leaks.
// Source: guest/kernel/mm/oom_kill.c; tests/rows.tsv, row L07.
#include "catch.hpp"
#include "guest/guest.hpp"
#include "guest/ledger.hpp"

#include <map>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "; ";
    return text;
}
} // namespace

TEST_CASE("memory that is used up costs a process, not the kernel, and comes back whole", "[L07][oom]") {
    GuestSetup setup;
    setup.command = {"programs/probe-oom"};
    setup.watched = false;
    setup.memory = u64{16} << 20;
    Guest guest(setup);
    int shapes = 0;
    while (run_to_program(guest, "ledger_mark")) {
        INFO(guest.text(guest.word(guest.program("ledger_topic"))));
        const Ledger before = Ledger::of(guest);
        CHECK(joined(before.contradictions()) == "");
        REQUIRE(run_to_program(guest, "ledger_mark"));
        const Ledger after = Ledger::of(guest);
        CHECK(joined(after.contradictions()) == "");
        CHECK(joined(before.changes_until(after)) == "");
        ++shapes;
    }
    INFO(guest.output() << guest.kernel_log());
    CHECK(shapes == 8);
    CHECK(guest.output().find("FAIL") == std::string::npos);
    CHECK(guest.kernel_log().find("Out of Memory: Killed process") != std::string::npos);
}
