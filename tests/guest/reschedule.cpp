// SPDX-License-Identifier: MIT
// A request to reschedule on the way out of a system call: where it is seen, and that it is looked for again afterwards.
// Source: tests/rows.tsv, R09 and R10. The test sets TIF_NEED_RESCHED between two instructions.
#include "guest/scheduler.hpp"

#include <algorithm>

using namespace trapgate;
using namespace trapgate::tests;

namespace {
constexpr u32 need_resched = 1 << 3;

struct Call {
    std::string program, routine;
};

/// The labels that one call passes when `need_resched` is set at `label` (and a second time behind schedule).
std::vector<std::string> way_out(const std::string& label, bool again,
                                 const Call& call = {"demos/02-getpid", "sys_getpid"}) {
    Play play(by_int80({call.program}));
    std::vector<std::string> seen;
    enum { Waiting, Inside, Over } phase = Waiting;
    u32 again_at = 0;
    const auto request = [&](Guest& g) {
        const u32 flags = g.thread_info() + g.offset("thread_info", "flags");
        play.poke_at(flags, g.word(flags) | need_resched);
    };
    play.guest.at_kernel(call.routine, [&](Guest& g) {
        if (phase != Waiting || g.text(g.current_task() + g.offset("task_struct", "comm")) == "init") return;
        phase = Inside;
        if (label == call.routine) request(g);
    });
    for (const char* name : {"syscall_exit", "syscall_exit_work", "work_pending", "work_resched", "schedule",
                             "work_notifysig", "resume_userspace", "restore_all"})
        play.guest.at_kernel(name, [&, name](Guest& g) {
            if (phase != Inside) return;
            seen.emplace_back(name);
            if (label == name && std::count(seen.begin(), seen.end(), label) == 1) request(g);
            if (std::string_view(name) == "restore_all") phase = Over;
            if (std::string_view(name) != "schedule" || !again || again_at) return;
            again_at = g.word(g.esp()); // back from schedule, before the flags are read
            g.at(again_at, [&](Guest& h) {
                if (phase == Inside && std::count(seen.begin(), seen.end(), "schedule") == 1) request(h);
            });
        });
    play.run();
    CHECK(phase == Over);
    return seen;
}
using Labels = std::vector<std::string>;
} // namespace

TEST_CASE("with only need_resched set the way out is syscall_exit_work, work_pending, schedule", "[R09]") {
    CHECK(way_out("syscall_exit", false) ==
          Labels{"syscall_exit", "syscall_exit_work", "work_pending", "work_resched", "schedule", "restore_all"});
    CHECK(way_out("nowhere", false) == Labels{"syscall_exit", "restore_all"});
}

TEST_CASE("a request inside a call is served before iret, one during schedule by a second schedule", "[R10][R16]") {
    CHECK(way_out("sys_getpid", false) ==
          Labels{"syscall_exit", "syscall_exit_work", "work_pending", "work_resched", "schedule", "restore_all"});
    CHECK(way_out("sys_getpid", true) == Labels{"syscall_exit", "syscall_exit_work", "work_pending", "work_resched",
                                                "schedule", "work_resched", "schedule", "restore_all"});
}

TEST_CASE("the end of a read looks for work as that of getpid does", "[R16]") {
    const Call read{"probes/probe-calls", "sys_read"};
    CHECK(way_out("syscall_exit", false, read) ==
          Labels{"syscall_exit", "syscall_exit_work", "work_pending", "work_resched", "schedule", "restore_all"});
    CHECK(way_out("nowhere", false, read) == Labels{"syscall_exit", "restore_all"});
}
