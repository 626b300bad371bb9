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

TEST_CASE("memory that is used up costs a process, not the kernel, and comes back whole", "[L07][oom]") {
    Guest guest(unwatched({"probes/probe-oom"}, 16));
    const int shapes = check_topics(guest);
    INFO(guest.output() << guest.kernel_log());
    CHECK(shapes == 8);
    CHECK(guest.output().find("FAIL") == std::string::npos);
    CHECK(guest.kernel_log().find("Out of Memory: Killed process") != std::string::npos);
}
