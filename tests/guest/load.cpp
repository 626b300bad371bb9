// SPDX-License-Identifier: MIT
// Load: many processes, fork bombs, programs that do everything wrong; the kernel lives and nothing leaks. What takes longer than a
// few seconds is tagged [.load] and run by ./test --load. Source: tests/rows.tsv, rows L04, L07, I02.
#include "catch.hpp"
#include "guest/guest.hpp"
#include "guest/ledger.hpp"

#include <cstdlib>

using namespace trapgate;
using namespace trapgate::tests;

namespace {
std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "; ";
    return text;
}

void compare(const Ledger& before, const Ledger& after) {
    CHECK(joined(after.contradictions()) == "");
    CHECK(joined(before.changes_until(after)) == "");
}

/// From each mark of the probe to the next one nothing may leak.
void between_marks(std::vector<std::string> command, int wanted, int seconds, const char* kernel = "") {
    GuestSetup setup = unwatched(std::move(command));
    setup.kernel = kernel;
    Guest guest(setup);
    REQUIRE(run_to_program(guest, "ledger_mark", seconds));
    Ledger before = Ledger::of(guest);
    int marks = 1;
    while (run_to_program(guest, "ledger_mark", seconds)) {
        INFO(guest.text(guest.word(guest.program("ledger_topic"))));
        Ledger after = Ledger::of(guest);
        compare(before, after);
        before = after;
        ++marks;
    }
    INFO(guest.output() << guest.kernel_log());
    CHECK(marks == wanted);
    CHECK(guest.output().find("FAIL") == std::string::npos);
}
} // namespace

TEST_CASE("many processes, one after the other and at once, and fork bombs leave nothing behind", "[L04][L07]") {
    between_marks({"probes/probe-load", "500", "200"}, 5, 60);
}

TEST_CASE("programs that do everything wrong end, and the kernel does not notice", "[L07][offenders]") {
    between_marks({"probes/probe-offenders", "1", "15"}, 16, 60);
    between_marks({"probes/probe-offenders", "3", "5"}, 6, 60, "preempt");
}

TEST_CASE("20000 processes one after the other and 500 at once leave nothing behind", "[.load]") {
    between_marks({"probes/probe-load", "20000", "500"}, 5, 600);
}

TEST_CASE("thousands of offenders leave nothing behind", "[.load]") {
    const char* const given = std::getenv("TRAPGATE_LOAD_SEED"); // NOLINT(concurrency-mt-unsafe)
    const int first = given ? std::atoi(given) : 2;
    const int seed = GENERATE_COPY(range(first, first + 10));
    CAPTURE(seed);
    between_marks({"probes/probe-offenders", std::to_string(seed), "100"}, 101, 600);
    between_marks({"probes/probe-offenders", std::to_string(seed), "100"}, 101, 600, "preempt");
}

TEST_CASE("a shell forks 20000 times in sequence and 500 times at once", "[.load]") {
    const char* const busybox = std::getenv("TRAPGATE_LOAD_BUSYBOX"); // NOLINT(concurrency-mt-unsafe)
    if (!busybox) {
        WARN("SKIPPED: TRAPGATE_LOAD_BUSYBOX does not name a busybox (./test --load sets it)");
        return;
    }
    // `umask` is a marker: a call that the shell makes nowhere else.
    const std::string script = "one() { n=$1; while [ $n -gt 0 ]; do (exit 3); n=$((n-1)); done; }; "
                               "all() { n=$1; while [ $n -gt 0 ]; do sleep 1 & n=$((n-1)); done; wait; }; "
                               "one 20; all 500; umask 022; one 20000; umask 022; all 500; umask 022; echo over";
    Guest guest(unwatched({busybox, "sh", "-c", script}, 128));
    REQUIRE(run_to_kernel(guest, "sys_umask", 600));
    Ledger before = Ledger::of(guest);
    int marks = 1;
    for (; run_to_kernel(guest, "sys_umask", 600); ++marks) {
        const Ledger after = Ledger::of(guest);
        compare(before, after);
        before = after;
    }
    CHECK(marks == 9); // busybox makes three calls for each umask
    CHECK(guest.output() == "over\n");
}
