// SPDX-License-Identifier: MIT
// The two choices at the entry that the sources of the course leave open, each built and looked at: kernel stacks of 4 KB, and
// SAVE_ALL with the kernel's data segment. Source: tests/rows.tsv, E05 and E06; guest/kernel/Makefile for the switches.
#include "catch.hpp"
#include "guest/guest.hpp"

#include <set>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;
using cpu::SegmentRegister;

namespace {
GuestSetup choice(const char* kernel, std::vector<std::string> command) {
    GuestSetup setup = by_int80(std::move(command));
    setup.kernel = kernel;
    return setup;
}

/// The selectors in ds and es at each call through the table while the user's es is null.
std::set<u32> kernel_selectors(GuestSetup setup) {
    Guest guest(std::move(setup));
    std::set<u32> seen;
    guest.at_kernel("syscall_call", [&](Guest& g) {
        if (g.user_frame().es != 0) return;
        for (const SegmentRegister r : {SegmentRegister::ds, SegmentRegister::es}) {
            seen.insert(g.selector(r));
            CHECK(g.cpu().segment(r).base == 0);
            CHECK(g.cpu().segment(r).limit == 0xffffffff);
        }
    });
    guest.run_to_exit();
    return seen;
}
} // namespace

TEST_CASE("SAVE_ALL loads the flat user segment, and the kernel's own in the kernel built for that", "[E05]") {
    CHECK(kernel_selectors(by_int80({"probes/probe-registers"})) == std::set<u32>{0x7b});
    CHECK(kernel_selectors(choice("kernel-ds", {"probes/probe-registers"})) == std::set<u32>{0x68});
}

TEST_CASE("the kernel with its own segment in ds gives the user's back on the way out of sysenter, too", "[E05]") {
    Guest guest({.command = {"probes/probe-entries"}, .kernel = "kernel-ds"});
    guest.run_to_exit();
}

TEST_CASE("with stacks of 4 KB the mask is 0xfffff000 and finds thread_info just the same", "[E06]") {
    for (const char* kernel : {"", "4k"}) {
        Guest guest(choice(kernel, {"probes/probe-fork"}));
        const u32 size = guest.stack_size();
        CHECK(size == (*kernel ? 4096 : 8192));
        std::set<u32> stacks;
        guest.at_kernel("syscall_call", [&](Guest& g) {
            CHECK(g.reg(Gpr::ebp) == (g.esp() & ~(size - 1)));
            const u32 task = g.word(g.reg(Gpr::ebp));
            CHECK(g.member(task, "task_struct", "thread_info") == g.reg(Gpr::ebp));
            CHECK(g.esp0() == g.reg(Gpr::ebp) + size);
            stacks.insert(g.reg(Gpr::ebp));
        });
        guest.run_to_exit();
        CHECK(stacks.size() >= 3); // init, the probe, a child
        const u32 load = guest.kernel("system_call");
        int mask_found = 0; // movl $mask, %ebp; andl %esp, %ebp
        for (u32 at = load; at < load + 64; ++at)
            mask_found += guest.image().byte(at) == 0xbd && guest.image().word(at + 1) == -size;
        CHECK(mask_found == 1);
    }
}
