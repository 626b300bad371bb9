// SPDX-License-Identifier: MIT
// INT n, exceptions and external interrupts through the gates of a bare processor: frames, levels, flags.
#include "catch.hpp"
#include "cpu/bare_machine.hpp"
#include "cpu/engine_machine.hpp"

using namespace trapgate;
using namespace trapgate::tests;
using protect::Origin;

namespace {

void int_n(BareMachine& m, u8 vector) {
    protect::enter_interrupt(m.cpu, vector, std::nullopt, Origin::Software);
}

} // namespace

TEST_CASE("int 0x80 in ring 3 continues at the gate's offset with the kernel's code segment", "[H03][H11]") {
    BareMachine m;
    m.enter_user();
    m.cpu.eip = at::user_code + 2;
    int_n(m, 0x80);
    CHECK(m.cpu.eip == BareMachine::handler(0x80));
    CHECK(m.cs() == 0x60);
    CHECK(m.cpu.cpl == 0);
    CHECK(m.cpu.tlb == &m.cpu.tlbs[0]);
    CHECK(m.cpu.segment(SegmentRegister::cs).is_code());
}

TEST_CASE("the processor pushes ss, esp, eflags, cs and eip onto the stack of TSS.esp0", "[H12][H13]") {
    BareMachine m;
    m.enter_user();
    m.cpu.eip = at::user_code + 2;
    m.cpu.set_eflags(0x246);
    m.cpu.reg(Gpr::esp) = 0xa8e0;
    int_n(m, 0x80);
    CHECK(m.esp() == at::kernel_stack - 20);
    CHECK(m.ss() == selector::kernel_ds);
    CHECK(m.word(at::kernel_stack - 4) == 0x7b);
    CHECK(m.word(at::kernel_stack - 8) == 0xa8e0);
    CHECK(m.word(at::kernel_stack - 12) == 0x246);
    CHECK(m.word(at::kernel_stack - 16) == 0x73);
    CHECK(m.word(at::kernel_stack - 20) == at::user_code + 2);

    SECTION("and of the next task's esp0 once it is in the TSS") {
        m.put(at::tss + 4, 0x8000);
        m.enter_user();
        int_n(m, 0x80);
        CHECK(m.esp() == 0x8000 - 20);
    }
}

TEST_CASE("interrupt gates clear IF and trap gates keep it", "[H07][H09]") {
    BareMachine m;
    const u8 type = GENERATE(u8{0xee}, u8{0xef});
    const u32 before = GENERATE(0x202u, 0x002u);
    m.set_idt(0x30, gate(selector::kernel_cs, 0xd000, type));
    m.enter_user();
    m.cpu.set_eflags(before);
    int_n(m, 0x30);
    CHECK(m.eflags() == (type == 0xee ? 0x002 : before));
    CHECK(m.stack(2) == before);
}

TEST_CASE("entering a handler clears TF, NT and RF and keeps the rest") {
    BareMachine m;
    m.enter_user();
    const u32 all =
        0x202 | eflags::cf | eflags::tf | eflags::df | eflags::iopl | eflags::nt | eflags::ac | eflags::id;
    m.cpu.set_eflags(all | eflags::rf);
    int_n(m, 0x80);
    CHECK(m.eflags() == (all & ~(eflags::tf | eflags::nt)));
    CHECK(m.stack(2) == all); // RF is 0 in the image that INT n pushes
}

TEST_CASE("a handler of the same level gets three words on the same stack", "[H11]") {
    BareMachine m;
    m.cpu.eip = 0x1234;
    int_n(m, 0x80);
    CHECK(m.esp() == at::kernel_stack - 12);
    CHECK(m.stack(0) == 0x1234);
    CHECK(m.stack(1) == selector::kernel_cs);
    CHECK(m.stack(2) == 0x202);
    CHECK(m.cpu.cpl == 0);

    SECTION("in ring 3 too, when the gate leads to ring 3 code") {
        m.set_idt(0x31, gate(selector::user_cs, 0xc100, access::user_trap_gate));
        m.enter_user();
        int_n(m, 0x31);
        CHECK(m.cpu.cpl == 3);
        CHECK(m.cs() == selector::user_cs);
        CHECK(m.esp() == at::user_stack - 12);
        CHECK(m.stack(1) == selector::user_cs);
    }
    SECTION("and in conforming code: CPL stays, and is the RPL of CS") {
        m.set_idt(0x31, gate(selector::conforming_cs, 0xc100, access::user_trap_gate));
        m.enter_user();
        int_n(m, 0x31);
        CHECK(m.cpu.cpl == 3);
        CHECK(m.cs() == (selector::conforming_cs | 3));
        CHECK(m.esp() == at::user_stack - 12);
    }
}

TEST_CASE("a gate to ring 1 takes SS1:ESP1") {
    BareMachine m;
    m.set_idt(0x31, gate(selector::level1_cs, 0xc100, access::user_trap_gate));
    m.enter_user();
    int_n(m, 0x31);
    CHECK(m.cpu.cpl == 1);
    CHECK(m.cs() == selector::level1_cs);
    CHECK(m.ss() == selector::level1_ds);
    CHECK(m.esp() == at::other_stack - 20);
}

TEST_CASE("an exception's error code lies on top of the frame") {
    BareMachine m;
    m.enter_user();
    protect::enter_interrupt(m.cpu, 14, 6, Origin::Exception);
    CHECK(m.esp() == at::kernel_stack - 24);
    CHECK(m.stack(0) == 6);
    CHECK(m.stack(1) == at::user_code);
    CHECK(m.stack(5) == selector::user_ds);
}

TEST_CASE("a 16-bit gate pushes 16-bit words and cuts the offset") {
    BareMachine m;
    m.set_idt(0x31, gate(selector::kernel_cs, 0x1d000, 0xe7));
    m.enter_user();
    m.cpu.eip = 0x1c002;
    const bool error = GENERATE(false, true);
    protect::enter_interrupt(m.cpu, 0x31, error ? std::optional<u32>(0x12345) : std::nullopt, Origin::Software);
    const u32 top = at::kernel_stack;
    CHECK(m.cpu.eip == 0xd000);
    CHECK(m.esp() == top - (error ? 12 : 10));
    CHECK(m.word16(top - 2) == selector::user_ds);
    CHECK(m.word16(top - 4) == (at::user_stack & 0xffff));
    CHECK(m.word16(top - 6) == 0x202);
    CHECK(m.word16(top - 8) == selector::user_cs);
    CHECK(m.word16(top - 10) == 0xc002);
    if (error) CHECK(m.word16(top - 12) == 0x2345);
}

TEST_CASE("a software interrupt is taken with IF = 0 and asks no interrupt controller", "[H17]") {
    struct Controller : InterruptController {
        int calls = 0;
        bool requested() override { return ++calls; }
        u8 acknowledge() override { return static_cast<u8>(++calls); }
    } controller;
    BareMachine m;
    m.cpu.interrupt_controller = &controller;
    m.enter_user();
    m.cpu.set_eflags(0x002);
    int_n(m, 0x80);
    CHECK(m.cpu.eip == BareMachine::handler(0x80));
    CHECK(controller.calls == 0);
}

TEST_CASE("the instruction int 0x80 is taken with IF = 0 while an interrupt waits, which is not acknowledged",
          "[H17]") {
    struct Controller : InterruptController {
        int acknowledged = 0;
        bool requested() override { return true; }
        u8 acknowledge() override { return static_cast<u8>(0x20 + acknowledged++); }
    } controller;
    EngineMachine m;
    m.enable_paging();
    m.enter_user();
    m.code(at::user_code, {0xcd, 0x80});
    m.cpu.eip = at::user_code;
    m.cpu.set_eflags(0x002);
    m.cpu.interrupt_controller = &controller;
    m.engine.run(m.cpu.instructions + 1);
    CHECK(m.cpu.eip == BareMachine::handler(0x80));
    CHECK(m.cpu.cpl == 0);
    CHECK(m.stack(0) == at::user_code + 2);
    CHECK(controller.acknowledged == 0);
}

TEST_CASE("every vector up to 255 has its eight bytes of the IDT, wherever IDTR says", "[H04][H05]") {
    BareMachine m;
    m.set_idt(255, gate(selector::kernel_cs, 0xd123, 0xee));
    m.enter_user();
    int_n(m, 255);
    CHECK(m.cpu.eip == 0xd123);

    for (u32 i = 0; i < 0x800; i += 8) m.put64(0x20000 + i, m.word64(at::idt + i));
    m.set_idt(0x80, 0);
    m.cpu.idtr.base = 0x20000;
    m.enter_user();
    int_n(m, 0x80);
    CHECK(m.cpu.eip == BareMachine::handler(0x80));
}

TEST_CASE("a gate's bytes are selector, split offset, type, DPL and P", "[H08]") {
    BareMachine m;
    m.put(at::idt + 0x80 * 8, (0x60u << 16) + 0x0a40);
    m.put(at::idt + 0x80 * 8 + 4, 0x00010000 + 0xef00);
    m.enter_user();
    int_n(m, 0x80);
    CHECK(m.cs() == 0x60);
    CHECK(m.cpu.eip == 0x10a40);
}

TEST_CASE("accessed bits of the handler's code and stack segments are set in memory if they were clear") {
    BareMachine m;
    m.set_gdt(selector::kernel_cs, descriptor(0, 0xffffffff, 0x9a));
    m.set_gdt(selector::kernel_ds, descriptor(0, 0xffffffff, 0x92));
    m.enter_user();
    int_n(m, 0x80);
    CHECK(m.gdt(selector::kernel_cs) == descriptor(0, 0xffffffff, 0x9b));
    CHECK(m.gdt(selector::kernel_ds) == descriptor(0, 0xffffffff, 0x93));
    CHECK(m.cpu.segment(SegmentRegister::cs).type == 0xb);
}

TEST_CASE("a 16-bit stack segment wraps SP and keeps the upper half of ESP") {
    BareMachine m;
    m.set_gdt(selector::kernel_ds, descriptor(0, 0xffff, access::data0, false));
    m.enter_kernel();
    m.cpu.reg(Gpr::esp) = 0x12340004;
    m.cpu.eip = 0x77;
    int_n(m, 0x80);
    CHECK(m.esp() == 0x1234fff8);
    CHECK(m.word(0x0000) == 0x202);
    CHECK(m.word(0xfffc) == selector::kernel_cs);
    CHECK(m.word(0xfff8) == 0x77);
}

TEST_CASE("an inner frame may span two pages and is written with supervisor rights") {
    BareMachine m;
    m.enable_paging();
    m.set_page(0x7000, 3);
    m.set_page(0x8000, 3);
    m.set_page(at::idt, 1);
    m.set_page(at::gdt, 3);
    m.set_page(at::tss, 3);
    m.put(at::tss + 4, 0x8008);
    m.enter_user();
    int_n(m, 0x80);
    CHECK(m.esp() == 0x8008 - 20);
    CHECK(m.stack(4) == selector::user_ds);
    CHECK(m.stack(0) == at::user_code);
}
