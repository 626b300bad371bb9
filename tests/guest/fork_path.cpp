// SPDX-License-Identifier: MIT
// From fork() to the child's first instruction. Source: tests/rows.tsv, groups "do_fork", "copy_thread" and "Child's kernel
// stack and first run".
#include "catch.hpp"
#include "guest/guest.hpp"
#include "paths.hpp"

#include <algorithm>
#include <cstring>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
/// What one bare fork (fork_trap of probe-fork) shows.
struct ForkStory {
    PtRegs parent{};      ///< the frame at sys_fork
    u32 parent_frame = 0; ///< its address
    u32 parent_task = 0;
    u32 child = 0; ///< the child's task_struct
    u32 child_thread_info = 0;
    PtRegs child_frame_at_birth{};                    ///< at wake_up_new_task
    u32 child_esp = 0, child_esp0 = 0, child_eip = 0; ///< thread.esp, esp0, eip at wake_up_new_task
    u32 first_esp = 0;                                ///< ESP at ret_from_fork
    PtRegs child_frame{};                             ///< at ret_from_fork
    u32 child_pid = 0, result = 0;
    u32 first_user_eip = 0;
    std::vector<std::string> before; ///< kernel functions from sys_fork to wake_up_new_task
    std::vector<std::string> after;  ///< from there to the child's first user instruction
};

const ForkStory& fork_story() {
    static const ForkStory told = [] {
        ForkStory story;
        Guest guest(by_int80({"probes/probe-fork"}));
        const u32 after_trap = guest.program("fork_trap") + 2;
        enum { Waiting, Forking, Born, Running, Over } phase = Waiting;
        guest.at_kernel("sys_fork", [&](Guest& g) {
            if (phase != Waiting || g.user_frame().eip != after_trap) return;
            phase = Forking;
            story.parent = g.user_frame();
            story.parent_frame = g.esp0() - sizeof(PtRegs);
            story.parent_task = g.current_task();
        });
        for (const char* name :
             {"do_fork", "alloc_pidmap", "copy_process", "dup_task_struct", "copy_thread", "wake_up_new_task",
              "schedule", "ret_from_fork", "schedule_tail", "finish_task_switch", "syscall_exit", "restore_all"})
            guest.at_kernel(name, [&, name](Guest&) {
                if (phase == Forking)
                    story.before.emplace_back(name);
                else if (phase == Born || phase == Running)
                    story.after.emplace_back(name);
            });
        guest.at_kernel("wake_up_new_task", [&](Guest& g) {
            if (phase != Forking) return;
            phase = Born;
            story.child = g.reg(Gpr::eax); // regparm(3)
            story.child_thread_info = g.member(story.child, "task_struct", "thread_info");
            story.child_esp = g.member(story.child, "task_struct", "thread.esp");
            story.child_esp0 = g.member(story.child, "task_struct", "thread.esp0");
            story.child_eip = g.member(story.child, "task_struct", "thread.eip");
            story.child_pid = g.member(story.child, "task_struct", "pid");
            story.child_frame_at_birth = g.frame(story.child_esp);
        });
        guest.at_kernel("ret_from_fork", [&](Guest& g) {
            if (phase != Born) return;
            phase = Running;
            story.first_esp = g.esp();
            story.child_frame = g.frame(g.esp());
        });
        guest.on_ring_change = [&](Guest& g, const trace::RingChange& change) {
            if (phase == Running && change.to == 3) {
                phase = Over;
                story.first_user_eip = g.frame(story.first_esp).eip;
            }
        };
        guest.at(after_trap, [&](Guest& g) {
            if (g.reg(Gpr::eax) == story.child_pid && story.child_pid) story.result = g.reg(Gpr::eax);
        });
        guest.run_to_exit();
        REQUIRE(phase == Over);
        return story;
    }();
    return told;
}

std::size_t position(const std::vector<std::string>& list, const std::string& name) {
    return static_cast<std::size_t>(std::find(list.begin(), list.end(), name) - list.begin());
}
} // namespace

TEST_CASE("the child's frame holds the parent's fifteen words, but 0 in eax", "[T01][T02][K01]") {
    PtRegs expected = fork_story().parent;
    CHECK(expected.ebx == 0x11111111);
    expected.eax = 0;
    CHECK(std::memcmp(&fork_story().child_frame_at_birth, &expected, sizeof expected) == 0);
    CHECK(std::memcmp(&fork_story().child_frame, &expected, sizeof expected) == 0);
}

TEST_CASE("thread.esp is the copied frame and thread.esp0 the end of the child's kernel stack", "[T03][K01]") {
    const ForkStory& story = fork_story();
    CHECK(story.child_esp0 == story.child_thread_info + 8192);
    CHECK(story.child_esp == story.child_esp0 - 60);
    CHECK(story.child_thread_info % 8192 == 0);
}

TEST_CASE("thread.eip of a new child is ret_from_fork", "[T04][K01]") {
    CHECK(fork_story().child_eip == Image::vmlinux().address("ret_from_fork"));
}

TEST_CASE("the first switch to the child loads its esp and lands on ret_from_fork", "[K02]") {
    const ForkStory& story = fork_story();
    CHECK(story.first_esp == story.child_esp);
}

TEST_CASE("ret_from_fork calls schedule_tail, which calls finish_task_switch", "[K03]") {
    const auto& after = fork_story().after;
    const auto start = std::find(after.begin(), after.end(), "ret_from_fork");
    REQUIRE(after.end() - start > 3);
    CHECK(start[1] == "schedule_tail");
    CHECK(start[2] == "finish_task_switch");
}

TEST_CASE("the child joins syscall_exit, restore_all and goes to user mode right behind the trap",
          "[K04][K05][K06]") {
    const ForkStory& story = fork_story();
    CHECK(story.after.back() == "restore_all");
    CHECK(std::find(story.after.begin(), story.after.end(), "syscall_exit") != story.after.end());
    CHECK(story.first_user_eip == Image((guest_folder() / "probes/probe-fork").string()).address("fork_trap") + 2);
}

TEST_CASE("do_fork takes a pid from the bitmap before it copies the process", "[F04][F06]") {
    const auto& before = fork_story().before;
    CHECK(before.front() == "do_fork");
    CHECK(position(before, "alloc_pidmap") < position(before, "copy_process"));
    CHECK(position(before, "copy_process") < position(before, "wake_up_new_task"));
    CHECK(position(before, "dup_task_struct") < position(before, "copy_thread"));
}

TEST_CASE("do_fork returns the child's pid", "[F12][K07]") {
    CHECK(fork_story().child_pid != 0);
    CHECK(fork_story().result == fork_story().child_pid);
}

TEST_CASE("the child is runnable when do_fork ends, and runs only after a schedule", "[F13]") {
    const auto& after = fork_story().after;
    CHECK(position(after, "schedule") < position(after, "ret_from_fork"));
}

TEST_CASE("fork, vfork and clone pass stack_size 0 to do_fork, which never uses it", "[F01][F02][F03][A09]") {
    Guest guest(by_int80({"probes/probe-fork"}));
    std::vector<std::string> callers;
    std::string caller;
    for (const char* name : {"sys_fork", "sys_vfork", "sys_clone"})
        guest.at_kernel(name, [&, name](Guest&) { caller = name; });
    guest.at_kernel("do_fork", [&](Guest& g) {
        if (caller.empty()) return; // kernel threads
        callers.push_back(caller);
        const PtRegs regs = g.user_frame();
        // Six arguments on the stack above the return address.
        const auto argument = [&](u32 n) { return g.word(g.esp() + 4 * n); };
        CHECK(argument(3) == g.esp0() - sizeof(PtRegs)); // regs is the frame of the parent
        CHECK(argument(4) == 0);                         // stack_size
        if (caller == "sys_clone") {
            CHECK(argument(1) == regs.ebx);
            CHECK(argument(2) == (regs.ecx ? regs.ecx : regs.esp));
            CHECK(argument(5) == regs.edx);
            CHECK(argument(6) == regs.edi);
        }
        caller.clear();
    });
    guest.run_to_exit();
    for (const char* name : {"sys_fork", "sys_vfork"})
        CHECK(std::find(callers.begin(), callers.end(), name) != callers.end());
}

TEST_CASE("clone's stack argument is the child's user esp", "[T07][F03]") {
    Guest guest(by_int80({"probes/probe-clone"}));
    u32 stack = 0, child_esp = 0;
    guest.at_program("clone_trap", [&](Guest& g) {
        if (!stack) stack = g.reg(Gpr::ecx);
    });
    guest.at_kernel("ret_from_fork", [&](Guest& g) {
        if (stack && !child_esp) child_esp = g.frame(g.esp()).esp;
    });
    guest.run_to_exit();
    CHECK(stack != 0);
    CHECK(child_esp == stack);
}
