// SPDX-License-Identifier: MIT
// Tracing as the kernel's memory shows it: the family of a traced child, the message of the event, the flags that are not
// inherited, and the repaired stack of a step over sysenter. Source: tests/rows.tsv, groups "do_fork", "copy_process", "ptrace".
#include "catch.hpp"
#include "guest/guest.hpp"

#include <set>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
constexpr u32 pt_ptraced = 1, tif_syscall_trace = 1;
constexpr u32 sigstop_bit = 1 << 18, tif_sigpending = 1 << 2, task_stopped = 4;

/// One traced child of probe-ptrace-events, when it has been linked into its families.
struct Birth {
    u32 ptrace, parent, real_parent, forker, forkers_tracer, message, child_pid, flags, pending;
    bool on_ptrace_children; ///< of its real parent
    u32 clone_flags;         ///< what do_fork was given
    u32 forkers_flags;       ///< of its thread_info
    u32 event;               ///< of the forker's stop, 0: none
};

bool in_list(Guest& g, u32 head, u32 node) {
    u32 at = g.word(head);
    for (int n = 0; n < 1000 && at != head; ++n, at = g.word(at))
        if (at == node) return true;
    return false;
}

const std::vector<Birth>& births() {
    static const std::vector<Birth> all = [] {
        std::vector<Birth> list;
        Guest guest({{"probes/probe-ptrace-events"}});
        u32 clone_flags = 0, forker = 0;
        guest.at_kernel("do_fork", [&](Guest& g) {
            clone_flags = g.word(g.esp() + 4);
            forker = g.current_task();
        });
        guest.at_kernel("wake_up_new_task", [&](Guest& g) {
            const u32 child = g.reg(Gpr::eax);
            const auto of = [&](u32 task, const char* name) { return g.member(task, "task_struct", name); };
            const u32 real_parent = of(child, "real_parent");
            list.push_back({of(child, "ptrace"), of(child, "parent"), real_parent, forker, of(forker, "parent"), 0,
                            of(child, "pid"), g.word(of(child, "thread_info") + 8), of(child, "pending.signal"),
                            in_list(g, real_parent + g.offset("task_struct", "ptrace_children"),
                                    child + g.offset("task_struct", "ptrace_list")),
                            clone_flags, g.word(of(forker, "thread_info") + 8), 0});
        });
        guest.at_kernel("ptrace_notify", [&](Guest& g) {
            if (list.empty() || g.current_task() != list.back().forker || list.back().event) return;
            const u32 event = g.reg(Gpr::eax) >> 8;
            if (event < 1 || event > 3) return; // fork, vfork, clone
            list.back().event = event;
            list.back().message = g.member(g.current_task(), "task_struct", "ptrace_message");
        });
        guest.run_to_exit();
        return list;
    }();
    return all;
}
} // namespace

TEST_CASE("a traced child has the tracer as parent, the forker as real parent, and is on its ptrace_children",
          "[P39][X05]") {
    int traced = 0;
    for (const Birth& b : births()) {
        if (!b.event) continue;
        ++traced;
        CHECK((b.ptrace & pt_ptraced) != 0);
        CHECK(b.real_parent == b.forker);
        CHECK(b.parent == b.forkers_tracer);
        CHECK(b.parent != b.real_parent);
        CHECK(b.on_ptrace_children);
    }
    CHECK(traced == 3);
}

TEST_CASE("the child of a traced parent is untraced unless the tracer wants it", "[P37][X06][F05]") {
    int untraced = 0, refused = 0, flagged = 0;
    for (const Birth& b : births()) {
        CHECK((b.flags & tif_syscall_trace) == 0);
        flagged += b.forkers_flags & tif_syscall_trace;
        if (b.event) continue;
        ++untraced;
        refused += b.clone_flags == (0x00800000u | 17); // CLONE_UNTRACED | SIGCHLD
        CHECK(b.ptrace == 0);
        CHECK(b.parent == b.real_parent);
        CHECK_FALSE(b.on_ptrace_children);
    }
    CHECK(untraced >= 4);
    CHECK(refused == 1);
    CHECK(flagged == 1);
}

TEST_CASE("the event of fork, vfork and clone carries the child's pid in ptrace_message", "[F10][F11]") {
    std::set<u32> events;
    for (const Birth& b : births()) {
        if (!b.event) continue;
        events.insert(b.event);
        CHECK(b.message == b.child_pid);
        CHECK((b.pending & sigstop_bit) != 0); // made pending before it is woken
        CHECK((b.flags & tif_sigpending) != 0);
    }
    CHECK(events == std::set<u32>{1, 2, 3});
}

TEST_CASE("a child cloned stopped is TASK_STOPPED with SIGSTOP pending until SIGCONT", "[F07][F08]") {
    Guest guest({{"probes/probe-stopped"}});
    int stopped = 0, woken = 0;
    u32 child = 0;
    guest.at_kernel("wake_up_new_task", [&](Guest& g) { woken += child == g.reg(Gpr::eax); });
    guest.at_kernel("copy_thread", [&](Guest& g) {
        if (g.user_frame().ebx == (0x02000000u | 17))
            child = g.word(g.esp() + 8); // p: the fifth, second on the stack
    });
    guest.at_kernel("syscall_exit", [&](Guest& g) {
        if (!child || g.user_frame().orig_eax != 120) return;
        ++stopped;
        CHECK(g.member(child, "task_struct", "state") == task_stopped);
        CHECK((g.member(child, "task_struct", "pending.signal") & sigstop_bit) != 0);
        child = 0;
    });
    guest.run_to_exit();
    CHECK(stopped == 2);
    CHECK(woken == 0);
}

TEST_CASE("a step over sysenter traps on its first instruction and is moved to the task's own stack",
          "[X07][R13]") {
    Guest guest({{"probes/probe-steps"}});
    int on_tiny_stack = 0, repaired = 0;
    guest.on_instruction = [&](Guest& g, const trace::Retired& event) { // the cmpl at `debug`: nothing pushed yet
        if (event.eip != g.kernel("debug") || g.word(g.esp()) != g.kernel("sysenter_entry")) return;
        ++on_tiny_stack;
        CHECK(g.cpu().tr.base < g.esp());
        CHECK(g.esp() < g.cpu().tr.base + 0x2300); // inside the TSS: three words below its end
    };
    guest.at_kernel("do_debug", [&](Guest& g) {
        const u32 regs = g.reg(Gpr::eax);
        if (g.word(regs + 0x28) != g.kernel("sysenter_past_esp")) return;
        ++repaired;
        CHECK(regs + 13 * 4 == g.esp0()); // a frame of ring 0 where sysenter_past_esp expects an empty stack
        CHECK(g.word(regs + 0x2c) == 0x60);
    });
    guest.run_to_exit();
    CHECK(on_tiny_stack >= 2);
    CHECK(repaired == on_tiny_stack);
}

TEST_CASE("an NMI on the first instruction of sysenter_entry is moved to the task's own stack, too", "[R17]") {
    Guest guest({{"demos/02-getpid"}});
    bool struck = false;
    guest.at_kernel("sysenter_entry", [&](Guest& g) {
        if (struck) return;
        struck = true;
        g.pause();
    });
    REQUIRE(guest.run().kind == machine::StopKind::Paused);
    // What the processor does at an NMI here: three words on the tiny stack, then the handler with interrupts off.
    const u32 esp = guest.esp() - 12, flags = guest.flags();
    guest.poke(esp + 8, flags);
    guest.poke(esp + 4, 0x60);
    guest.poke(esp, guest.eip());
    const auto set = [&](const char* name, u32 value) { REQUIRE(guest.machine().apply({name, value, 0, {}})); };
    set("esp", esp);
    set("eip", guest.kernel("nmi"));
    int handled = 0, back = 0;
    guest.at_kernel("do_nmi", [&](Guest& g) {
        ++handled;
        const u32 regs = g.reg(Gpr::eax);
        CHECK(regs + 13 * 4 == g.esp0());
        CHECK(g.word(regs + 0x28) == g.kernel("sysenter_past_esp"));
        CHECK(((g.word(regs + 0x30) ^ flags) & 0xf700) == 0); // all but what the handler's compare has changed
    });
    guest.at_kernel("sysenter_past_esp", [&](Guest& g) { back += handled && g.esp() == g.esp0(); });
    guest.run_to_exit();
    CHECK(handled == 1);
    CHECK(back > 0);
}

TEST_CASE("tracing and stepping work in the kernels of other choices", "[X01][X07]") {
    for (const char* kernel : {"4k", "kernel-ds", "preempt"})
        for (const char* probe : {"probes/probe-ptrace-events", "probes/probe-steps", "probes/probe-ptrace-user"}) {
            GuestSetup setup;
            setup.command = {probe};
            setup.kernel = kernel;
            setup.watched = false;
            INFO(kernel << ", " << probe);
            Guest guest(setup);
            guest.run_to_exit();
        }
}
