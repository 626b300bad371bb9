// SPDX-License-Identifier: MIT
// A fuzzer in the guest (guest/programs/probes/probe-fuzz-calls.c) makes system calls with arguments of the right kinds, and commits
// offences of the bare processor. The kernel lives, its structures agree with each other at every moment that is looked at, and
// nothing leaks. A few seconds here; ./test --load runs many seeds on all kernels. Source: tests/rows.tsv, rows L07, U02, U03, H10.
#include "catch.hpp"
#include "guest/guest.hpp"
#include "guest/invariants.hpp"
#include "guest/ledger.hpp"

#include <cstdlib>
#include <iostream>

using namespace trapgate;
using namespace trapgate::tests;

namespace {
std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "; ";
    return text;
}

struct Campaign {
    int seed, rounds;
    const char* kernel = "";
    const char* cpu = "i686";
};

/// From each mark of the fuzzer to the next one nothing may leak; in between nothing may contradict itself.
void fuzz(const Campaign& campaign) {
    CAPTURE(campaign.seed, campaign.kernel, campaign.cpu);
    GuestSetup setup =
        unwatched({"probes/probe-fuzz-calls", std::to_string(campaign.seed), std::to_string(campaign.rounds)});
    setup.kernel = campaign.kernel;
    setup.cpu = campaign.cpu;
    Guest guest(setup);
    REQUIRE(run_to_program(guest, "ledger_mark", 300));
    Ledger before = Ledger::of(guest);
    int rounds = 0;
    while (run_to_program(guest, "ledger_mark", 300)) {
        INFO(guest.text(guest.word(guest.program("ledger_topic"))) << " " << guest.output());
        const Ledger after = Ledger::of(guest);
        CHECK(joined(after.contradictions()) == "");
        CHECK(joined(before.changes_until(after)) == "");
        CHECK(joined(broken_invariants(guest)) == "");
        before = after;
        ++rounds;
    }
    INFO(guest.output() << guest.kernel_log());
    CHECK(rounds == campaign.rounds);
    CHECK(guest.output().find("FAIL") == std::string::npos);
}

/// The same with a look at the kernel every now and then, between two calls of a program.
void fuzz_and_look(const Campaign& campaign) {
    CAPTURE(campaign.seed);
    Guest guest(
        unwatched({"probes/probe-fuzz-calls", std::to_string(campaign.seed), std::to_string(campaign.rounds)}));
    int looks = 0;
    for (int passed = 0; run_to_program(guest, "look_now", 300); ++passed) {
        if (passed % 8) continue;
        INFO("look " << looks << ", instruction " << guest.cpu().instructions);
        REQUIRE(joined(Ledger::of(guest).contradictions()) == "");
        REQUIRE(joined(broken_invariants(guest)) == "");
        ++looks;
    }
    CHECK(looks > 50);
}
} // namespace

TEST_CASE("calls with arguments of the right kinds, made at random, leave nothing behind",
          "[L07][U02][U03][H10][fuzz]") {
    fuzz({1, 3});
    fuzz({2, 2, "preempt"});
    fuzz({3, 2, "4k", "p3"});
}

TEST_CASE("while a fuzzer makes calls, the kernel's structures agree with each other", "[L07][fuzz]") {
    fuzz_and_look({4, 1});
}

TEST_CASE("fuzzing for minutes, on all kernels, leaves nothing behind", "[.load][fuzz]") {
    const char* const given = std::getenv("TRAPGATE_LOAD_SEED"); // NOLINT(concurrency-mt-unsafe)
    const int first = 1000 * (given ? std::atoi(given) : 2);
    for (int i = 0; i < 24; ++i) {
        static constexpr const char* kernels[] = {"", "preempt", "4k", "kernel-ds"};
        const Campaign campaign{first + i, 10, kernels[i % 4], i % 3 == 1 ? "p3" : "i686"};
        std::cout << "  fuzzer: seed " << campaign.seed << ", kernel \"" << campaign.kernel << "\", "
                  << campaign.cpu << std::endl;
        fuzz(campaign);
    }
}
