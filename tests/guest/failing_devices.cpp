// SPDX-License-Identifier: MIT
// What a program gets to know when a device fails: the host's end of the channel behind standard output gives an error.
// Source: tests/rows.tsv, W08; docs/devices.md, "Host channels".
#include "catch.hpp"
#include "guest/guest.hpp"

#include <cerrno>

using namespace trapgate;
using namespace trapgate::tests;

TEST_CASE("a write that the device cannot do gives -EIO, which the library turns into -1 and errno", "[W08]") {
    GuestSetup setup = by_int80({"probes/probe-eio"});
    setup.output_error = ENOSPC; // whatever the host says, the guest's device only knows that it failed
    Guest guest(setup);
    bool writing = false;
    std::vector<u32> results;
    guest.at_kernel("hostout_write", [&](Guest& g) {
        if (g.user_frame().ebx == 1) writing = true;
    });
    guest.at_kernel("syscall_exit", [&](Guest& g) {
        if (writing) results.push_back(g.reg(cpu::Gpr::eax));
        writing = false;
    });
    guest.run_to_exit();
    REQUIRE(results.size() == 1);
    CHECK(static_cast<s32>(results[0]) == -5);
    CHECK(guest.errors().find("write: -1, errno 5, Input/output error") != std::string::npos);
}
