// SPDX-License-Identifier: MIT
// The undo list of System V semaphores in fork and clone. Source: tests/rows.tsv, row P21.
#include "catch.hpp"
#include "guest/guest.hpp"

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
struct Birth {
    u32 calls = 0; ///< of copy_semundo, in this do_fork
    u32 parent_list = 0, child_list = 0, users = 0;
};
struct UndoStory {
    Birth plain, shared;
};

/// The two births that probe-semaphores announces by plain_fork_next and shared_clone_next.
const UndoStory& undo_story() {
    static const UndoStory told = [] {
        UndoStory story;
        Guest guest(by_int80({"probes/probe-semaphores"}));
        Birth* now = nullptr;
        guest.at_program("plain_fork_next", [&](Guest&) { now = &story.plain; });
        guest.at_program("shared_clone_next", [&](Guest&) { now = &story.shared; });
        guest.at_kernel("copy_semundo", [&](Guest&) {
            if (now) ++now->calls;
        });
        guest.at_kernel("wake_up_new_task", [&](Guest& g) {
            if (!now) return;
            now->parent_list = g.member(g.current_task(), "task_struct", "sysvsem.undo_list");
            now->child_list = g.member(g.reg(Gpr::eax), "task_struct", "sysvsem.undo_list");
            if (now->child_list) now->users = g.member(now->child_list, "sem_undo_list", "refcnt.counter");
            now = nullptr;
        });
        guest.run_to_exit();
        return story;
    }();
    return told;
}
} // namespace

TEST_CASE("copy_semundo is called once in a fork and gives the child no undo list", "[P21]") {
    const Birth& plain = undo_story().plain;
    CHECK(plain.calls == 1);
    CHECK(plain.parent_list != 0);
    CHECK(plain.child_list == 0);
}

TEST_CASE("CLONE_SYSVSEM shares the parent's undo list and counts its users", "[P21]") {
    const Birth& shared = undo_story().shared;
    CHECK(shared.calls == 1);
    CHECK(shared.parent_list != 0);
    CHECK(shared.child_list == shared.parent_list);
    CHECK(shared.users == 2);
}
