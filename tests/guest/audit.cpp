// SPDX-License-Identifier: MIT
// The audit flag by itself: every call takes the slow path of the entry, do_syscall_trace notes it, and nobody stops.
// Source: tests/rows.tsv, X02; guest/kernel/kernel/auditsc.c.
#include "catch.hpp"
#include "guest/guest.hpp"

#include <algorithm>
#include <map>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
GuestSetup audited(std::vector<std::string> command) {
    GuestSetup setup;
    setup.command = std::move(command);
    setup.append = "audit=1";
    return setup;
}
constexpr u32 audit_flag = 1 << 7, trace_flag = 1 << 0;
} // namespace

TEST_CASE("with the audit flag alone do_syscall_trace is called twice a call, and nobody stops", "[X02][E09]") {
    Guest guest(audited({"demos/02-getpid"}));
    std::vector<std::string> path;
    int stops = 0, calls = 0;
    const auto task = [](Guest& g) { return (g.esp0() - 1) & ~(g.stack_size() - 1); };
    const auto in_the_demo = [&](Guest& g) {
        return g.text(g.word(task(g)) + g.offset("task_struct", "comm")) == "02-getpid";
    };
    guest.at_kernel("syscall_trace_entry", [&](Guest& g) {
        if (!in_the_demo(g)) return;
        CHECK((g.word(task(g) + 8) & (audit_flag | trace_flag)) == audit_flag);
        path = {"syscall_trace_entry"};
    });
    guest.at_kernel("sys_getpid", [&](Guest& g) {
        if (in_the_demo(g)) path.emplace_back("sys_getpid");
    });
    guest.at_kernel("do_syscall_trace", [&](Guest& g) {
        if (!in_the_demo(g)) return;
        path.emplace_back(g.reg(Gpr::edx) ? "exit" : "entry");
        if (path == std::vector<std::string>{"syscall_trace_entry", "entry", "sys_getpid", "exit"}) ++calls;
    });
    for (const char* stop : {"ptrace_notify", "ptrace_stop"}) guest.at_kernel(stop, [&](Guest&) { ++stops; });
    guest.run_to_exit();
    CHECK(calls >= 3); // the demo asks in three ways
    CHECK(stops == 0);
}

TEST_CASE("an audited call leaves a record with its number, arguments and result", "[X02]") {
    Guest guest(audited({"probes/probe-cat", "/none", "/proc/audit"}));
    REQUIRE(guest.run().kind == machine::StopKind::GuestExit);
    const std::string& log = guest.output();
    INFO(log);
    CHECK(log.find("syscall=5 exit=-2 ") != std::string::npos); // open("/none"): ENOENT
    CHECK(log.find("syscall=11 exit=0 ") != std::string::npos); // execve of the program itself
    CHECK(log.find(" comm=probe-cat\n") != std::string::npos);
    CHECK(log.find("audit(") == 0);
}

TEST_CASE("without audit=1 no task has an audit context", "[X02]") {
    Guest guest({{"probes/probe-fork"}});
    int audited_tasks = 0;
    guest.at_kernel("syscall_call", [&](Guest& g) {
        audited_tasks += g.member(g.current_task(), "task_struct", "audit_context") != 0 ||
                         (g.word(g.thread_info() + 8) & audit_flag) != 0;
    });
    guest.run_to_exit();
    CHECK(audited_tasks == 0);
}

TEST_CASE("what auditing allocates for a task is freed with the task", "[X02]") {
    Guest guest(audited({"probes/probe-fork"}));
    std::map<u32, int> contexts;
    int made = 0;
    guest.at_kernel("copy_semundo", [&](Guest& g) { // the step behind audit_alloc; p is the second argument
        const u32 context = g.member(g.reg(Gpr::edx), "task_struct", "audit_context");
        CHECK(context != 0);
        CHECK(context != g.member(g.current_task(), "task_struct", "audit_context"));
        ++contexts[context];
        ++made;
    });
    guest.at_kernel("audit_free",
                    [&](Guest& g) { --contexts[g.member(g.reg(Gpr::eax), "task_struct", "audit_context")]; });
    guest.run_to_exit();
    CHECK(made >= 2);
    const auto leaked = std::count_if(contexts.begin(), contexts.end(), [](const auto& c) { return c.second > 0; });
    CHECK(leaked <= 2); // init and the program itself still live
}
