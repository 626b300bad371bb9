// SPDX-License-Identifier: MIT
// From fork() to the child's first instruction. Source: tests/rows.tsv, groups "do_fork", "copy_thread" and "Child's kernel
// stack and first run".
#include "catch.hpp"
#include "guest/fork_watch.hpp"
#include "guest/ledger.hpp"
#include "paths.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

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
    u32 switch_esp = 0, switch_return = 0; ///< at __switch_to with the child as next: ESP, and the word there
    bool parent_esp_saved = false;         ///< is the parent's thread.esp in its own stack by then?
    u32 child_pid = 0, result = 0;
    bool bit_before = true,
         bit_at_copy = false;          ///< the child's number in the map: at alloc_pidmap, at copy_process
    u32 first_eip = 0, first_cpl = 99; ///< of the child's first instruction outside the kernel
    std::map<std::string, std::pair<u32, u32>> registers; ///< there: what the processor holds, what the frame held
    std::vector<std::string> before;                      ///< kernel functions from sys_fork to wake_up_new_task
    std::vector<std::string> after;                       ///< from there to the child's first user instruction
};

void look_at_registers(ForkStory& story, const Guest& g) {
    const PtRegs& f = story.child_frame;
    using cpu::SegmentRegister;
    story.registers = {{"ebx", {g.reg(Gpr::ebx), f.ebx}},
                       {"ecx", {g.reg(Gpr::ecx), f.ecx}},
                       {"edx", {g.reg(Gpr::edx), f.edx}},
                       {"esi", {g.reg(Gpr::esi), f.esi}},
                       {"edi", {g.reg(Gpr::edi), f.edi}},
                       {"ebp", {g.reg(Gpr::ebp), f.ebp}},
                       {"eax", {g.reg(Gpr::eax), 0}},
                       {"esp", {g.reg(Gpr::esp), f.esp}},
                       {"eflags", {g.flags(), f.eflags}},
                       {"cs", {g.selector(SegmentRegister::cs), 0x73}},
                       {"ss", {g.selector(SegmentRegister::ss), 0x7b}},
                       {"ds", {g.selector(SegmentRegister::ds), f.ds & 0xffff}},
                       {"es", {g.selector(SegmentRegister::es), f.es & 0xffff}}};
}

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
        guest.at_kernel("alloc_pidmap", [&](Guest& g) {
            if (phase != Forking) return;
            const std::set<u32> taken = Ledger::of(g).pids;
            on_return(g, [&, taken](Guest& h) { story.bit_before = taken.contains(h.reg(Gpr::eax)); });
        });
        guest.at_kernel("copy_process", [&](Guest& g) {
            if (phase == Forking) // the seventh argument: three are in registers
                story.bit_at_copy = Ledger::of(g).pids.contains(g.word(g.esp() + 16));
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
        guest.at_kernel("__switch_to", [&](Guest& g) {
            if (phase != Born || g.reg(Gpr::edx) != story.child) return;
            const u32 parent_stack = g.member(story.parent_task, "task_struct", "thread_info");
            story.switch_esp = g.esp();
            story.switch_return = g.word(g.esp());
            story.parent_esp_saved = g.reg(Gpr::eax) == story.parent_task &&
                                     g.member(story.parent_task, "task_struct", "thread.esp") - parent_stack < 8192;
        });
        guest.on_instruction = [&](Guest&, const trace::Retired& event) {
            if (phase != Running || event.eip >= 0xc0000000) return;
            phase = Over;
            story.first_eip = event.eip;
            story.first_cpl = event.cpl;
        };
        guest.at(after_trap, [&](Guest& g) {
            if (g.reg(Gpr::eax) == story.child_pid && story.child_pid) story.result = g.reg(Gpr::eax);
            if (phase == Running && story.registers.empty()) look_at_registers(story, g);
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
    // switch_to has changed stacks and pushed thread.eip; __switch_to, which is jumped to, returns there.
    CHECK(story.switch_esp == story.child_esp - 4);
    CHECK(story.switch_return == story.child_eip);
    CHECK(story.parent_esp_saved);
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
    const auto start = std::find(story.after.begin(), story.after.end(), "ret_from_fork");
    std::vector<std::string> way(start, story.after.end());
    REQUIRE(way.size() >= 5); // more if the first instruction faults: its page may have to be found
    way.resize(5);
    CHECK(way == std::vector<std::string>{"ret_from_fork", "schedule_tail", "finish_task_switch", "syscall_exit",
                                          "restore_all"});
    CHECK(story.first_cpl == 3);
    CHECK(story.first_eip == Image((guest_folder() / "probes/probe-fork").string()).address("fork_trap") + 2);
    CHECK(story.registers.size() == 13);
    for (const auto& [name, values] : story.registers) {
        INFO(name);
        CHECK(values.first == values.second);
    }
}

TEST_CASE("do_fork takes a pid from the bitmap before it copies the process", "[F04]") {
    const auto& before = fork_story().before;
    CHECK(before.front() == "do_fork");
    CHECK(position(before, "alloc_pidmap") < position(before, "copy_process"));
    CHECK(position(before, "copy_process") < position(before, "wake_up_new_task"));
    CHECK(position(before, "dup_task_struct") < position(before, "copy_thread"));
    CHECK_FALSE(fork_story().bit_before);
    CHECK(fork_story().bit_at_copy);
}

TEST_CASE("copy_process gives do_fork a descriptor, or an error for which the number is free again", "[F06]") {
    Guest guest(by_int80({"probes/probe-clone"}));
    u32 made = 0, refused = 0;
    guest.at_kernel("do_fork", [&](Guest& g) {
        if (g.current_pid() < 2) return;
        const auto numbers = std::make_shared<std::set<u32>>(Ledger::of(g).pids);
        const auto descriptor = std::make_shared<u32>();
        g.at_kernel("copy_process", [descriptor](Guest& h) {
            if (!*descriptor) on_return(h, [descriptor](Guest& i) { *descriptor = i.reg(Gpr::eax); });
        });
        on_return(g, [&, numbers, descriptor](Guest& h) {
            const s32 result = static_cast<s32>(h.reg(Gpr::eax));
            if (result < 0) {
                ++refused;
                CHECK(static_cast<s32>(*descriptor) == result);
                CHECK(Ledger::of(h).pids == *numbers);
            } else {
                ++made;
                CHECK(h.member(*descriptor, "task_struct", "pid") == static_cast<u32>(result));
                CHECK_FALSE(numbers->contains(static_cast<u32>(result)));
            }
        });
    });
    guest.run_to_exit();
    CHECK(made == 3);
    CHECK(refused == 3);
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
    std::set<std::string> callers;
    u32 clones_with_all = 0;
    for (const char* program : {"probes/probe-fork", "probes/probe-clone"}) {
        Guest guest(by_int80({program}));
        std::string caller;
        for (const char* name : {"sys_fork", "sys_vfork", "sys_clone"})
            guest.at_kernel(name, [&, name](Guest&) { caller = name; });
        guest.at_kernel("do_fork", [&](Guest& g) {
            if (caller.empty()) return; // kernel threads
            callers.insert(caller);
            const PtRegs regs = g.user_frame();
            // Six arguments on the stack above the return address.
            const auto argument = [&](u32 n) { return g.word(g.esp() + 4 * n); };
            const bool clone = caller == "sys_clone";
            CHECK(argument(1) == (clone ? regs.ebx : caller == "sys_vfork" ? 0x4111u : 17u));
            CHECK(argument(2) == (clone && regs.ecx ? regs.ecx : regs.esp));
            CHECK(argument(3) == g.esp0() - sizeof(PtRegs)); // regs is the frame of the parent
            CHECK(argument(4) == 0);                         // stack_size
            CHECK(argument(5) == (clone ? regs.edx : 0));
            CHECK(argument(6) == (clone ? regs.edi : 0));
            clones_with_all += clone && regs.ecx && regs.edx && regs.edi && regs.edx != regs.edi;
            caller.clear();
        });
        guest.run_to_exit();
    }
    CHECK(callers == std::set<std::string>{"sys_fork", "sys_vfork", "sys_clone"});
    CHECK(clones_with_all > 0);
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
