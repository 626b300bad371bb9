// SPDX-License-Identifier: MIT
// Nothing leaks: after semaphores, segments, messages, mappings, locks and failed execves the kernel has given out what it had
// given out before. Source: guest/kernel/ipc, mm, fs/exec.c; what is compared is ledger.hpp's.
#include "catch.hpp"
#include "guest/guest.hpp"
#include "guest/ledger.hpp"

using namespace trapgate;
using namespace trapgate::tests;

namespace {
std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "; ";
    return text;
}
} // namespace

TEST_CASE("of memory that is shared, mapped or locked and of failed execves nothing stays in the kernel") {
    GuestSetup setup;
    setup.command = {"programs/probe-leaks-memory"};
    setup.watched = false;
    Guest guest(setup);
    int topics = 0;
    while (run_to_program(guest, "ledger_mark")) {
        const std::string topic = guest.text(guest.word(guest.program("ledger_topic")));
        INFO(topic);
        const Ledger before = Ledger::of(guest);
        REQUIRE(run_to_program(guest, "ledger_mark"));
        const Ledger after = Ledger::of(guest);
        CHECK(joined(after.contradictions()) == "");
        CHECK(joined(before.changes_until(after)) == "");
        ++topics;
    }
    CHECK(topics == 5);
    INFO(guest.output());
    CHECK(guest.output().find("FAIL") == std::string::npos);
}
