// SPDX-License-Identifier: MIT
// clone with every combination of its 14 named flags. Source: tests/rows.tsv, group "Clone flags and conflicts".
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

/// Runs the probe between its two marks and compares the ledgers.
void try_all(std::vector<std::string> command) {
    GuestSetup setup;
    setup.command = std::move(command);
    setup.watched = false;
    Guest guest(setup);
    REQUIRE(run_to_program(guest, "ledger_mark"));
    const Ledger before = Ledger::of(guest);
    REQUIRE(run_to_program(guest, "ledger_mark"));
    const Ledger after = Ledger::of(guest);
    CHECK(joined(after.contradictions()) == "");
    CHECK(joined(before.changes_until(after)) == "");
    run_long(guest, 100);
    INFO(guest.output());
    CHECK(guest.output().find("FAIL") == std::string::npos);
}
} // namespace

TEST_CASE("of 16384 combinations of flags, contradictions give EINVAL, all others a child, and nothing leaks",
          "[C01][C02][C03][C05]") {
    try_all({"probes/probe-clone-all"});
}

TEST_CASE("a traced process may try all combinations of flags, too", "[C05][P37]") {
    try_all({"probes/probe-clone-all", "--traced"});
}

TEST_CASE("each named flag of clone does what it says", "[C05][P18][P28][P36][V02]") {
    GuestSetup setup;
    setup.command = {"probes/probe-flags"};
    setup.watched = false;
    Guest guest(setup);
    run_long(guest, 60);
    INFO(guest.output());
    CHECK(guest.output().find("FAIL") == std::string::npos);
    CHECK(guest.output().find("15 checks, 0 failed") != std::string::npos);
}
