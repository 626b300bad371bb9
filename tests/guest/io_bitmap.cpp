// SPDX-License-Identifier: MIT
// The I/O permission bitmap of a process and its child's. Source: tests/rows.tsv, rows H19 and T05.
#include "catch.hpp"
#include "guest/guest.hpp"

#include <vector>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

TEST_CASE("a child has a bitmap of its own with what its parent's allowed, and changes only its own",
          "[T05][H19]") {
    Guest guest(by_int80({"probes/probe-ports"}));
    bool about_to_fork = false;
    u32 parents = 0, childs = 0;
    int compared = 0;
    guest.at_program("fork_follows", [&](Guest&) { about_to_fork = true; });
    guest.at_kernel("wake_up_new_task", [&](Guest& g) {
        if (!about_to_fork || compared) return;
        parents = g.member(g.current_task(), "task_struct", "thread.io_bitmap_ptr");
        childs = g.member(g.reg(Gpr::eax), "task_struct", "thread.io_bitmap_ptr");
        REQUIRE(parents != 0);
        REQUIRE(childs != 0);
        for (u32 at = 0; at < 8192; at += 4, ++compared) {
            INFO("ports from " << 8 * at);
            CHECK(g.word(childs + at) == g.word(parents + at));
        }
        CHECK((g.byte(parents + 0x3ff / 8) & 0x80) == 0); // 0x3ff is open: its bit is 0
        CHECK((g.byte(parents + 0x3ff / 8) & 0x40) != 0);
    });
    guest.run_to_exit();
    CHECK(parents != childs);
    CHECK(compared == 2048);
    CHECK(guest.output().find("ok   that did not close it for the parent") != std::string::npos);
    CHECK(guest.output().find("FAIL") == std::string::npos);
}
