// SPDX-License-Identifier: MIT
// copy_process when something goes wrong: the labels undo what was done, in reverse order, and nothing is left.
// Two failures cannot be timed by a program (a fatal signal that comes in while the child is being made): there the test writes
// the signal into the guest's memory. Source: [linux-2.6.11] kernel/fork.c: copy_process, its ladder; rows P02, P47, L07.
#include "catch.hpp"
#include "guest/fork_watch.hpp"
#include "guest/ledger.hpp"

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {

/// A call of copy_process that fails.
struct Failure {
    int error = 0;
    std::vector<std::string> undone;
    std::vector<std::string> leaks;
};

/// Runs to the first call of copy_process with these flags by the program, writes `bits` into a word that `where` chooses from
/// current's task_struct, and runs to the end of the call.
Failure fail_by_writing(const char* program, u32 flags, u32 bits,
                        const std::function<u32(const Guest&, u32)>& where) {
    Guest guest(by_int80({program}));
    Failure failure;
    bool inside = false, over = false;
    guest.at_kernel("copy_process", [&](Guest& g) {
        if (inside || over || g.current_pid() < 2 || (g.reg(Gpr::eax) & flags) != flags) return;
        inside = true;
        on_return(g, [&](Guest& h) {
            failure.error = static_cast<int>(h.reg(Gpr::eax));
            over = true;
            h.pause();
        });
        g.pause();
    });
    for (const char* name :
         {"exit_namespace", "mmput", "exit_signal", "exit_sighand", "exit_fs", "exit_files", "exit_sem",
          "audit_free", "security_task_free", "module_put", "uncount_process", "free_task"})
        guest.at_kernel(name, [&, name](Guest&) {
            if (inside && !over) failure.undone.emplace_back(name);
        });
    guest.run();
    REQUIRE(inside);
    const Ledger before = Ledger::of(guest);
    const u32 address = where(guest, guest.current_task());
    guest.poke(address, guest.word(address) | bits);
    guest.run();
    REQUIRE(over);
    failure.leaks = before.changes_until(Ledger::of(guest));
    return failure;
}

const std::vector<std::string> whole_ladder{
    "exit_namespace", "mmput",           "exit_signal", "exit_sighand",       "exit_fs",
    "exit_files",     "exit_sem",        "audit_free",  "security_task_free", "module_put",
    "module_put",     "uncount_process", "free_task"};
} // namespace

TEST_CASE("a task that is about to be killed makes no child: EINTR, and the whole ladder is climbed down",
          "[P47][L07]") {
    const Failure failure = fail_by_writing("probes/probe-fork", 17, 1u << 8, [](const Guest& g, u32 task) {
        return task + g.offset("task_struct", "pending.signal"); // SIGKILL is signal 9
    });
    CHECK(failure.error == -4);
    CHECK(failure.undone == whole_ladder);
    CHECK(failure.leaks == std::vector<std::string>{});
}

TEST_CASE("a process that is ending gets no new thread: EAGAIN, and the ladder is climbed down",
          "[P43][P47][L07]") {
    const Failure failure = fail_by_writing("probes/probe-clone", 0x10000, 8, [](const Guest& g, u32 task) {
        return g.member(task, "task_struct", "signal") + g.offset("signal_struct", "flags"); // SIGNAL_GROUP_EXIT
    });
    CHECK(failure.error == -11);
    CHECK(failure.undone == whole_ladder);
    CHECK(failure.leaks == std::vector<std::string>{});
}

TEST_CASE("what a program asks for in vain leaves nothing: bad tls, bad pointers, no right to a namespace",
          "[T06][P27][P18]") {
    Guest guest(by_int80({"probes/probe-family"}));
    std::map<int, int> errors;
    guest.at_kernel("copy_process", [&](Guest& g) {
        if (g.current_pid() < 2) return; // the boot, and init
        const auto before = std::make_shared<Ledger>(Ledger::of(g));
        on_return(g, [&, before](Guest& h) {
            const int result = static_cast<int>(h.reg(Gpr::eax));
            if (result < -4095 || result >= 0) return;
            ++errors[result];
            INFO("error " << -result);
            CHECK(before->changes_until(Ledger::of(h)) == std::vector<std::string>{});
        });
    });
    guest.run_to_exit();
    CHECK(errors == std::map<int, int>{{-1, 1}, {-14, 2}, {-22, 1}});
}

TEST_CASE("the probes of fork pass in kernels with 4 KB stacks, and with preemption", "[P07][P22][P27][P36][T06]") {
    for (const char* variant : {"4k", "preempt"})
        for (const char* program : {"probes/probe-copy", "probes/probe-family", "probes/probe-modules"}) {
            GuestSetup setup;
            setup.command = {program};
            setup.kernel = variant;
            setup.watched = false;
            Guest guest(setup);
            INFO(program << " in the kernel variant " << variant);
            guest.run_to_exit();
        }
}

TEST_CASE("a mount namespace and a use of an execution domain end with their last task", "[P27][P12]") {
    GuestSetup setup;
    setup.command = {"probes/probe-family"};
    setup.watched = false;
    Guest guest(setup);
    u32 pairs = 0;
    while (run_to_program(guest, "ledger_mark")) {
        const Ledger before = Ledger::of(guest);
        const std::string topic = guest.text(guest.word(guest.program("ledger_topic")));
        const u32 uses = guest.member(guest.kernel("exec_linux32_module"), "module", "refcount");
        REQUIRE(run_to_program(guest, "ledger_mark"));
        INFO(topic);
        CHECK(before.changes_until(Ledger::of(guest)) == std::vector<std::string>{});
        CHECK(guest.member(guest.kernel("exec_linux32_module"), "module", "refcount") == uses);
        ++pairs;
    }
    CHECK(pairs == 2);
}
