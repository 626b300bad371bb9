// SPDX-License-Identifier: MIT
// Nothing leaks: after processes have come and gone the kernel has given out what it had given out before.
// Source: tests/rows.tsv, groups "Limits", "PID allocation", rows P11, P18, P45, C01-C03.
#include "catch.hpp"
#include "guest/guest.hpp"
#include "guest/ledger.hpp"
#include "paths.hpp"

using namespace trapgate;
using namespace trapgate::tests;

namespace {
GuestSetup unwatched(std::vector<std::string> command) {
    GuestSetup setup;
    setup.command = std::move(command);
    setup.watched = false;
    return setup;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "; ";
    return text;
}
} // namespace

TEST_CASE("however a process comes and goes, nothing of it stays in the kernel",
          "[P11][P18][P45][C01][C02][C03][I01][L03]") {
    GuestSetup setup = unwatched({"programs/probe-leaks"});
    setup.kernel = GENERATE("", "preempt", "4k");
    CAPTURE(setup.kernel);
    Guest guest(setup);
    int topics = 0;
    while (run_to_program(guest, "ledger_mark")) {
        const std::string topic = guest.text(guest.word(guest.program("ledger_topic")));
        INFO(topic);
        const Ledger before = Ledger::of(guest);
        CHECK(joined(before.contradictions()) == "");
        REQUIRE(run_to_program(guest, "ledger_mark"));
        const Ledger after = Ledger::of(guest);
        CHECK(joined(after.contradictions()) == "");
        CHECK(joined(before.changes_until(after)) == "");
        ++topics;
    }
    CHECK(topics == 12);
    INFO(guest.output());
    CHECK(guest.output().find("FAIL") == std::string::npos);
}
