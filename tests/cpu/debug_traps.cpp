// SPDX-License-Identifier: MIT
// #DB of the class of traps: a step of its own, between its instruction and any interrupt.
// Source: [SDM3] "Debug Exceptions", "Priority Among Simultaneous Exceptions and Interrupts".
#include "catch.hpp"
#include "cpu/engine_machine.hpp"

using namespace trapgate;
using namespace trapgate::tests;

namespace {

constexpr u32 single_step = 1u << 14, breakpoint0 = 1u << 0;

/// In ring 3 with TF set; the handler of #DB counts in [8000] and goes back.
struct Stepped : EngineMachine {
    explicit Stepped(std::initializer_list<int> bytes) {
        enable_paging();
        enter_user();
        code(at::user_code, bytes);
        code(handler(1), {0xff, 0x05, 0x00, 0x80, 0x00, 0x00, 0xcf}); // inc dword [8000]; iret
        cpu.eip = at::user_code;
        cpu.flags.set_system_bit(eflags::tf, true);
    }
    void step() { engine.run(cpu.instructions + 1); }
    bool in_handler() const { return cpu.eip == handler(1); }
};

struct Watcher : trace::Observer {
    bool saw_transfer = false;
    void on(const trace::Transfer&) override { saw_transfer = true; }
};

struct Controller final : InterruptController {
    bool pending = true;
    bool requested() override { return pending; }
    u8 acknowledge() override {
        pending = false;
        return 0x20;
    }
};

} // namespace

TEST_CASE("the trap of a single step is a step of its own behind its instruction", "[H02]") {
    Stepped m({0x40, 0x40, 0x40}); // inc eax, three times
    m.step();
    CHECK(m.eax() == 1);
    CHECK(m.cpu.cpl == 3);
    CHECK(m.cpu.eip == at::user_code + 1);
    CHECK(m.cpu.debug_hits == single_step);
    CHECK(!(m.cpu.dr[6] & single_step));
    Watcher watcher; // the delivery has micro-steps that somebody can watch
    m.engine.run_watched(m.cpu.instructions + 1, watcher);
    CHECK(watcher.saw_transfer);
    CHECK(m.in_handler());
    CHECK(m.eax() == 1);
    CHECK((m.cpu.dr[6] & single_step) != 0);
    m.engine.run(m.cpu.instructions + 2); // inc, iret
    CHECK(m.cpu.cpl == 3);
    m.step();
    CHECK(m.eax() == 2);
}

TEST_CASE("an interrupt that waits is delivered after the trap of a single step, in its handler") {
    Stepped m({0x40, 0x40});
    Controller controller;
    m.step();
    m.cpu.interrupt_controller = &controller; // now it comes
    REQUIRE(m.cpu.flags.test_system(eflags::if_));
    m.step();
    CHECK(m.in_handler());
    CHECK(controller.pending); // the gate of #DB has cleared IF
}

TEST_CASE("MOV SS holds the trap of a single step back by one instruction") {
    Stepped m({0x8e, 0xd0, 0x40, 0x40}); // mov ss, ax; inc eax; inc eax
    m.cpu.reg(Gpr::eax) = selector::user_ds;
    m.step();
    CHECK(m.cpu.debug_hits == 0);
    m.step();
    CHECK(m.cpu.eip == at::user_code + 3);
    CHECK(m.cpu.debug_hits == single_step);
    m.step();
    CHECK(m.in_handler());
}

TEST_CASE("a data breakpoint strikes behind the instruction that touched it, and names itself in DR6") {
    Stepped m({0xa3, 0x00, 0xa0, 0x00, 0x00, 0x40}); // mov [a000], eax; inc eax
    m.cpu.flags.set_system_bit(eflags::tf, false);
    m.cpu.dr[0] = 0xa000;
    m.cpu.dr[7] = 0x400 | 1 | 0xd0000; // L0, writes, four bytes
    set_watched(m.cpu, false);
    m.step();
    CHECK(m.cpu.eip == at::user_code + 5);
    CHECK(m.cpu.debug_hits == breakpoint0);
    m.step();
    CHECK(m.in_handler());
    CHECK((m.cpu.dr[6] & 0xf) == breakpoint0);
}

TEST_CASE("HLT does not sleep over the trap of its own single step") {
    EngineMachine m;
    m.enable_paging();
    m.code(at::user_code, {0xf4, 0x40});
    m.code(m.handler(1), {0xff, 0x05, 0x00, 0x80, 0x00, 0x00, 0xcf});
    m.cpu.eip = at::user_code;
    m.cpu.flags.set_system_bit(eflags::tf, true);
    CHECK(m.engine.run(4).reason == engine::StopReason::Limit); // hlt, #DB, inc, iret
    CHECK(m.word(0x8000) == 1);
    CHECK(m.cpu.eip == at::user_code + 1);
}

TEST_CASE("a repeated string instruction that is stepped through returns with RF, and steps element by element") {
    Stepped m({0xf3, 0xaa, 0x90}); // rep stosb; nop
    m.cpu.reg(Gpr::edi) = 0xa000;
    m.cpu.reg(Gpr::ecx) = 3;
    m.step();
    CHECK(m.cpu.reg(Gpr::ecx) == 2);
    CHECK(m.cpu.debug_hits == (single_step | pending_debug::unfinished));
    m.step();
    CHECK(m.in_handler());
    CHECK((m.stack(2) & eflags::rf) != 0); // EIP, CS, EFLAGS
}
