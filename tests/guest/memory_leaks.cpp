// SPDX-License-Identifier: MIT
// Nothing leaks: after semaphores, segments, messages, mappings, locks and failed execves the kernel has given out what it had
// given out before. Source: guest/kernel/ipc, mm, fs/exec.c; what is compared is ledger.hpp's.
#include "catch.hpp"
#include "guest/guest.hpp"
#include "guest/ledger.hpp"

using namespace trapgate;
using namespace trapgate::tests;

TEST_CASE("of memory that is shared, mapped or locked and of failed execves nothing stays in the kernel") {
    Guest guest(unwatched({"probes/probe-leaks-memory"}));
    const int topics = check_topics(guest);
    CHECK(topics == 5);
    INFO(guest.output());
    CHECK(guest.output().find("FAIL") == std::string::npos);
}
