// SPDX-License-Identifier: MIT
// The FPU's state goes where fork copies it from before it is copied. Source: tests/rows.tsv P04, P05, H20; [linux-2.6.11]
// prepare_to_copy, __save_init_fpu, math_state_restore. What a program sees of it is judged by probe-fpu itself.
#include "catch.hpp"
#include "guest/guest.hpp"

#include <cstring>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {

/// The fork at fpu_fork_trap, which has patterns in all registers.
struct FpuStory {
    std::vector<std::string> before; ///< kernel functions from sys_fork to wake_up_new_task
    cpu::X87State x87;               ///< in the processor at sys_fork
    cpu::SseState sse;
    bool task_switched_before = true;   ///< CR0.TS at sys_fork
    bool task_switched_after = false;   ///< and at wake_up_new_task
    std::vector<u8> parent, child;      ///< thread.i387 at wake_up_new_task
    bool child_owns_fpu = true;         ///< TS_USEDFPU in its thread_info
    bool restored_on_first_use = false; ///< the child's #NM led to math_state_restore
};

std::vector<u8> saved_image(Guest& g, u32 task) {
    const u32 at = g.offset("task_struct", "thread.i387") + task;
    std::vector<u8> bytes;
    for (u32 n = 0; n < 512; ++n) bytes.push_back(g.byte(at + n));
    return bytes;
}

FpuStory tell(const char* model) {
    FpuStory story;
    GuestSetup setup = by_int80({"probes/probe-fpu"});
    setup.cpu = model;
    Guest guest(setup);
    const u32 after_trap = guest.program("fpu_fork_trap") + 2;
    enum { Waiting, Forking, Born, Over } phase = Waiting;
    u32 child = 0;
    guest.at_kernel("sys_fork", [&](Guest& g) {
        if (phase != Waiting || g.user_frame().eip != after_trap) return;
        phase = Forking;
        story.x87 = g.cpu().x87;
        story.sse = g.cpu().sse;
        story.task_switched_before = g.cpu().cr0 & cpu::cr0::ts;
    });
    for (const char* name : {"prepare_to_copy", "__save_init_fpu", "copy_thread"})
        guest.at_kernel(name, [&, name](Guest&) {
            if (phase == Forking) story.before.emplace_back(name);
        });
    guest.at_kernel("wake_up_new_task", [&](Guest& g) {
        if (phase != Forking) return;
        phase = Born;
        child = g.reg(Gpr::eax);
        story.task_switched_after = g.cpu().cr0 & cpu::cr0::ts;
        story.parent = saved_image(g, g.current_task());
        story.child = saved_image(g, child);
        story.child_owns_fpu =
            g.member(g.member(child, "task_struct", "thread_info"), "thread_info", "status") & 1; // TS_USEDFPU
    });
    guest.at_kernel("math_state_restore", [&](Guest& g) {
        if (phase == Born && g.current_task() == child) story.restored_on_first_use = true;
    });
    guest.run_to_exit();
    REQUIRE(phase == Born);
    return story;
}

u32 word_at(const std::vector<u8>& bytes, u32 offset) {
    u32 value;
    std::memcpy(&value, bytes.data() + offset, 4);
    return value;
}

} // namespace

TEST_CASE("fork saves the FPU's registers first, and the copy carries them to the child", "[P04][P05][H20]") {
    const FpuStory story = tell("p3");
    CHECK(story.before == std::vector<std::string>{"prepare_to_copy", "__save_init_fpu", "copy_thread"});
    CHECK(!story.task_switched_before);
    CHECK(story.task_switched_after);
    CHECK(story.child == story.parent);
    CHECK(!story.child_owns_fpu);
    CHECK(story.restored_on_first_use);
    CHECK(story.sse.xmm[3][2] == 0x3f410302); // probe-fpu's pattern
    CHECK(word_at(story.child, 0) == (story.x87.control | u32{story.x87.status} << 16));
    CHECK(word_at(story.child, 24) == story.sse.mxcsr);
    for (u32 n = 0; n < 8; ++n) {
        const u32 physical = ((story.x87.status >> 11) + n) & 7;
        CHECK(word_at(story.child, 32 + 16 * n) == static_cast<u32>(story.x87.registers[physical].significand));
        for (u32 lane = 0; lane < 4; ++lane)
            CHECK(word_at(story.child, 160 + 16 * n + 4 * lane) == story.sse.xmm[n][lane]);
    }
}

TEST_CASE("without fxsave it is the fnsave image that the child inherits", "[P04][P05]") {
    const FpuStory story = tell("i686");
    CHECK(story.before == std::vector<std::string>{"prepare_to_copy", "__save_init_fpu", "copy_thread"});
    CHECK(story.child == story.parent);
    CHECK((word_at(story.child, 0) & 0xffff) == story.x87.control);
    CHECK((word_at(story.child, 4) & 0xffff) == story.x87.status);
    CHECK(story.restored_on_first_use);
}
