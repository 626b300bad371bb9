// SPDX-License-Identifier: MIT
// The words of sigframe and rt_sigframe as the handler finds them, and interrupted calls that start again.
// Source: docs/references.md [linux-2.6.11] arch/i386/kernel/signal.c, sigframe.h; tests/rows.tsv.
#include "catch.hpp"
#include "guest/guest.hpp"

#include <map>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;
using cpu::SegmentRegister;

namespace {

struct Moment {
    std::map<std::string, u32> registers;
    u32 esp = 0;
    std::vector<u32> frame; ///< the words from ESP on

    u32 word(u32 offset) const { return frame.at(offset / 4); }
};

Moment look(Guest& g) {
    Moment moment;
    const auto add = [&](const char* name, u32 value) { moment.registers[name] = value; };
    add("eax", g.reg(Gpr::eax)), add("ebx", g.reg(Gpr::ebx)), add("ecx", g.reg(Gpr::ecx)),
        add("edx", g.reg(Gpr::edx));
    add("esi", g.reg(Gpr::esi)), add("edi", g.reg(Gpr::edi)), add("ebp", g.reg(Gpr::ebp)), add("esp", g.esp());
    add("eip", g.eip()), add("eflags", g.flags()), add("cs", g.selector(SegmentRegister::cs));
    add("ds", g.selector(SegmentRegister::ds)), add("es", g.selector(SegmentRegister::es));
    add("fs", g.selector(SegmentRegister::fs)), add("gs", g.selector(SegmentRegister::gs));
    add("ss", g.selector(SegmentRegister::ss));
    moment.esp = g.esp();
    for (u32 offset = 0; offset < 900; offset += 4)
        moment.frame.push_back(g.word_if_mapped(g.esp() + offset).value_or(0));
    return moment;
}

struct Story {
    Moment old_fault, old_handler, rt_fault, rt_handler;
    u32 restorer = 0, rt_restorer = 0;
    std::vector<PtRegs> reads; ///< frames at sys_read of the pipe
};

const Story& story() {
    static const Story told = [] {
        Story s;
        Guest guest(by_int80({"probes/probe-sigframe"}));
        guest.at_program("fault_old", [&](Guest& g) { s.old_fault = look(g); });
        guest.at_program("old_handler", [&](Guest& g) { s.old_handler = look(g); });
        guest.at_program("fault_rt", [&](Guest& g) { s.rt_fault = look(g); });
        guest.at_program("rt_handler", [&](Guest& g) { s.rt_handler = look(g); });
        guest.at_kernel("sys_read", [&](Guest& g) {
            const PtRegs frame = g.user_frame();
            if (frame.ebx == 3 && frame.edx == 1) s.reads.push_back(frame); // of the pipe
        });
        s.restorer = guest.program("__restore");
        s.rt_restorer = guest.program("__restore_rt");
        guest.run_to_exit();
        return s;
    }();
    return told;
}

/// The 22 words of a sigcontext that begins at `offset` of the frame.
void check_sigcontext(const Moment& handler, u32 offset, const Moment& fault, u32 trap, u32 error, u32 fpstate) {
    static const std::pair<const char*, u32> places[] = {
        {"gs", 0},   {"fs", 4},   {"es", 8},   {"ds", 12},  {"edi", 16}, {"esi", 20}, {"ebp", 24}, {"esp", 28},
        {"ebx", 32}, {"edx", 36}, {"ecx", 40}, {"eax", 44}, {"eip", 56}, {"cs", 60},  {"ss", 72},
    };
    for (const auto& [name, place] : places) {
        INFO(name);
        CHECK(handler.word(offset + place) == fault.registers.at(name));
    }
    CHECK(handler.word(offset + 48) == trap);
    CHECK(handler.word(offset + 52) == error);
    CHECK((handler.word(offset + 64) & ~0x10000u) ==
          (fault.registers.at("eflags") & ~0x10000u)); // but RF of the fault
    CHECK(handler.word(offset + 68) == fault.esp);
    CHECK(handler.word(offset + 76) == handler.esp + fpstate);
    CHECK(handler.word(offset + 80) == 1); // the blocked signals, first word: SIGHUP
}

void check_entry(const Moment& handler, const Moment& fault, u32 size) {
    CHECK(handler.esp == ((fault.esp - size) & ~7u));
    for (const char* name : {"ds", "es", "ss"}) CHECK(handler.registers.at(name) == 0x7b);
    CHECK(handler.registers.at("cs") == 0x73);
    CHECK((handler.registers.at("eflags") & 0x100) == 0); // TF
}
} // namespace

TEST_CASE("an old handler finds 732 bytes: return address, signal, sigcontext, FPU state, second mask word, code") {
    const Moment& handler = story().old_handler;
    check_entry(handler, story().old_fault, 732);
    CHECK(handler.registers.at("eax") == 4);
    CHECK(handler.registers.at("edx") == 0);
    CHECK(handler.registers.at("ecx") == 0);
    CHECK(handler.word(0) == story().restorer);
    CHECK(handler.word(4) == 4);
    check_sigcontext(handler, 8, story().old_fault, 6, 0, 96);
    CHECK(handler.word(96) == 0xffff037f);  // the FPU's control word, first of _fpstate
    CHECK(handler.word(720) == 1);          // signal 33
    CHECK(handler.word(724) == 0x0077b858); // pop %eax; mov $119, %eax; int $0x80
    CHECK(handler.word(728) == 0x80cd0000);
}

TEST_CASE("a handler with SA_SIGINFO finds 892 bytes: pointers, siginfo, ucontext, FPU state, code") {
    const Moment& handler = story().rt_handler;
    check_entry(handler, story().rt_fault, 892);
    CHECK(handler.registers.at("eax") == 11);
    CHECK(handler.registers.at("edx") == handler.esp + 16);
    CHECK(handler.registers.at("ecx") == handler.esp + 144);
    CHECK(handler.word(0) == story().rt_restorer);
    CHECK(handler.word(4) == 11);
    CHECK(handler.word(8) == handler.esp + 16);   // &info
    CHECK(handler.word(12) == handler.esp + 144); // &uc
    CHECK(handler.word(16) == 11);                // si_signo, si_errno, si_code = SEGV_MAPERR, si_addr
    CHECK(handler.word(20) == 0);
    CHECK(handler.word(24) == 1);
    CHECK(handler.word(28) == 0x3510);
    CHECK(handler.word(144) == 0); // uc_flags, uc_link, uc_stack: none, SS_DISABLE
    CHECK(handler.word(148) == 0);
    CHECK(handler.word(156) == 2);
    check_sigcontext(handler, 164, story().rt_fault, 14, 6, 260);
    CHECK(handler.word(164 + 84) == 0x3510); // cr2
    CHECK(handler.word(252) == 1);           // uc_sigmask: SIGHUP and signal 33
    CHECK(handler.word(256) == 1);
    CHECK(handler.word(884) == 0x0000adb8); // mov $173, %eax; int $0x80
    CHECK((handler.word(888) & 0xffffff) == 0x80cd00);
}

TEST_CASE("a call that starts again is entered a second time from the same instruction with the same number") {
    // three reads of the probe: restarted by SA_RESTART, ended by EINTR and made once more, not disturbed
    const auto& reads = story().reads;
    REQUIRE(reads.size() >= 5);
    const PtRegs &first = reads[0], &again = reads[1];
    CHECK(first.orig_eax == 3);
    CHECK(again.orig_eax == 3);
    CHECK(again.eip == first.eip);
    CHECK(again.ebx == first.ebx);
    CHECK(again.ecx == first.ecx);
    CHECK(again.esp == first.esp);
}

TEST_CASE("a sleep interrupted by a stop goes on through system call 0", "[D12]") {
    struct {
        PtRegs sleep{}, resumed{};
        u32 task = 0;
        int count = 0;
    } seen;
    Guest guest(by_int80({"probes/probe-signal"}));
    std::map<u32, PtRegs> sleeping; // by task
    guest.at_kernel("sys_nanosleep", [&](Guest& g) { sleeping[g.current_task()] = g.user_frame(); });
    guest.at_kernel("sys_restart_syscall", [&](Guest& g) {
        seen.count++;
        seen.resumed = g.user_frame();
        seen.sleep = sleeping[g.current_task()];
    });
    guest.run_to_exit();
    REQUIRE(seen.count == 1);
    CHECK(seen.sleep.orig_eax == 162);
    CHECK(seen.resumed.orig_eax == 0);
    CHECK(seen.resumed.eip == seen.sleep.eip);
    CHECK(seen.resumed.ebx == seen.sleep.ebx);
    CHECK(seen.resumed.ecx == seen.sleep.ecx);
}
