// SPDX-License-Identifier: MIT
// Arguments that do not travel in the registers alone: a block in user memory, and clone's tls, which nobody passes on.
// Source: tests/rows.tsv, rows A02 and A08.
#include "catch.hpp"
#include "guest/guest.hpp"

#include <algorithm>
#include <map>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

TEST_CASE("old_mmap, old_select and socketcall read all their arguments from a block that one register points to",
          "[A02]") {
    Guest guest(by_int80({"probes/probe-blocks"}));
    std::map<u32, u32> wanted{{90, 24}, {82, 20}, {102, 12}}; // bytes that a whole block is long
    std::map<u32, int> whole;                                 // how often the block was asked for in one piece
    u32 number = 0, block = 0;
    guest.at_kernel("syscall_call", [&](Guest& g) {
        number = g.reg(Gpr::eax);
        block = number == 102 ? g.user_frame().ecx : g.user_frame().ebx;
    });
    guest.at_kernel("copy_from_user", [&](Guest& g) { // to, from, n in eax, edx, ecx
        const auto call = wanted.find(number);
        if (call == wanted.end() || g.reg(Gpr::edx) != block) return;
        ++whole[number];
        if (number != 102 || g.user_frame().ebx == 1) CHECK(g.reg(Gpr::ecx) == call->second);
        number = 0;
    });
    guest.run_to_exit();
    for (const auto& [call, size] : wanted) CHECK(whole[call] >= 6);
    CHECK(guest.output().find("FAIL") == std::string::npos);
}

TEST_CASE("clone's tls is read from the child's saved ESI: do_fork has six parameters, and none of them is it",
          "[A08]") {
    Guest guest(by_int80({"probes/probe-wrappers"}));
    constexpr u32 clone_settls = 0x80000;
    u32 childregs = 0, tls = 0, reads = 0, inside = 0;
    std::vector<u32> arguments;
    guest.at_kernel("do_fork", [&](Guest& g) {
        const PtRegs regs = g.user_frame();
        if (!(g.word(g.esp() + 4) & clone_settls) || regs.orig_eax != 120 || tls) return;
        tls = regs.esi;
        for (u32 i = 1; i <= 6; ++i) arguments.push_back(g.word(g.esp() + 4 * i));
        CHECK(arguments ==
              std::vector<u32>{regs.ebx, regs.ecx, g.esp0() - u32{sizeof(PtRegs)}, 0, regs.edx, regs.edi});
    });
    guest.at_kernel("copy_thread", [&](Guest& g) {
        if (!tls || inside) return;
        const u32 back = g.word(g.esp()); // copy_thread(nr, flags, esp | unused, p, regs): three in registers
        const u32 child = g.word(g.esp() + 8);
        childregs = g.member(child, "task_struct", "thread_info") + 8192 - u32{sizeof(PtRegs)};
        inside = 1;
        g.at(back, [&](Guest&) { inside = 2; });
    });
    guest.on_access = [&](Guest&, const trace::Access& access) {
        if (inside == 1 && access.intent == Intent::Read && access.linear.value == childregs + 0x0c) {
            ++reads;
            CHECK(static_cast<u32>(access.value) == tls);
        }
    };
    bool fetched = false;
    guest.at_kernel("copy_from_user", [&](Guest& g) { fetched |= inside == 1 && g.reg(Gpr::edx) == tls; });
    guest.run_to_exit();
    CHECK(tls != 0);
    CHECK(inside == 2);
    CHECK(reads >= 1);
    CHECK(fetched);
    CHECK(std::find(arguments.begin(), arguments.end(), tls) == arguments.end());
}
