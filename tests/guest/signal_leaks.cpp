// SPDX-License-Identifier: MIT
// Signals, futexes and terminals give everything back, whoever is killed in them; and they work on kernels of other choices.
// Source: tests/rows.tsv, groups "copy_process, each sub-step" and "Limits".
#include "catch.hpp"
#include "guest/guest.hpp"
#include "guest/ledger.hpp"

using namespace trapgate;
using namespace trapgate::tests;

TEST_CASE("whoever dies in a queue, a futex, poll or a terminal leaves nothing behind", "[P20][L03]") {
    Guest guest(unwatched({"probes/probe-signal-leaks"}));
    const int topics = check_topics(guest);
    INFO(guest.output());
    CHECK(topics == 10);
}

TEST_CASE("signals, terminals and waiting work with 4 KB stacks and with preemption") {
    for (const char* kernel : {"4k", "preempt"})
        for (const char* probe : {"probe-signal", "probe-sigframe", "probe-sigqueue", "probe-pty", "probe-poll",
                                  "probe-futex", "probe-epoll"}) {
            INFO(kernel << ", " << probe);
            GuestSetup setup;
            setup.command = {std::string("probes/") + probe};
            setup.kernel = kernel;
            setup.watched = false;
            Guest guest(setup);
            run_long(guest, 60);
            CHECK(guest.output().find("FAIL") == std::string::npos);
            CHECK(guest.output().find(" 0 failed") != std::string::npos);
        }
}
