// SPDX-License-Identifier: MIT
// Nothing leaks: after processes have come and gone the kernel has given out what it had given out before.
// Source: tests/rows.tsv, groups "Limits", "PID allocation", rows P11, P18, P45, C01-C03.
#include "catch.hpp"
#include "guest/guest.hpp"
#include "guest/ledger.hpp"
#include "paths.hpp"

using namespace trapgate;
using namespace trapgate::tests;

TEST_CASE("however a process comes and goes, nothing of it stays in the kernel",
          "[P11][P18][P45][C01][C02][C03][I01][L03]") {
    GuestSetup setup = unwatched({"probes/probe-leaks"});
    setup.kernel = GENERATE("", "preempt", "4k");
    CAPTURE(setup.kernel);
    Guest guest(setup);
    const int topics = check_topics(guest);
    CHECK(topics == 12);
    INFO(guest.output());
    CHECK(guest.output().find("FAIL") == std::string::npos);
}
