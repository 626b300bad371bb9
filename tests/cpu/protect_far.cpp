// SPDX-License-Identifier: MIT
// Far JMP and CALL on a bare processor: code segments, call gates, parameters, and each check made to fail.
#include "catch.hpp"
#include "cpu/bare_machine.hpp"
#include "cpu/scenario.hpp"

using namespace trapgate;
using namespace trapgate::tests;
using protect::OperandSize;

namespace {

constexpr u16 call_gate = selector::spare | 3; // DPL 3, to ring 0, two parameters
constexpr u16 user_code = selector::spare2 | 3;
constexpr u8 gate32 = 0xec, gate16 = 0xe4;

void jump_to(BareMachine& m, u16 where, u32 offset) {
    protect::far_jump(m.cpu, where, offset, OperandSize::Doubleword);
}
void call_to(BareMachine& m, u16 where, u32 offset) {
    protect::far_call(m.cpu, where, offset, OperandSize::Doubleword);
}

/// The selector to go to is in EAX, the offset in EDX.
void jump(BareMachine& m) {
    jump_to(m, static_cast<u16>(m.cpu.reg(Gpr::eax)), m.cpu.reg(Gpr::edx));
}
void call(BareMachine& m) {
    call_to(m, static_cast<u16>(m.cpu.reg(Gpr::eax)), m.cpu.reg(Gpr::edx));
}

void aim(BareMachine& m, u32 where) {
    m.cpu.reg(Gpr::eax) = where;
    m.cpu.reg(Gpr::edx) = 0xc100;
}
/// Ring 3, aimed at another ring 3 code segment.
void at_code(BareMachine& m) {
    m.set_gdt(user_code, descriptor(0, 0xffffffff, access::code3));
    m.enter_user();
    m.cpu.eip = 0xc007;
    aim(m, user_code);
}
/// Ring 3 (or what `prepare` makes of it), aimed at a call gate to ring 0.
void at_gate(BareMachine& m) {
    m.set_gdt(call_gate, gate(selector::kernel_cs, 0xd100, gate32, 2));
    m.enter_user();
    m.cpu.eip = 0xc007;
    m.push_words({0x1111, 0x2222, 0x3333});
    aim(m, call_gate);
}
/// The same gate, from ring 0: no change of level.
void at_gate_same(BareMachine& m) {
    at_gate(m);
    m.enter_kernel();
}
void set_gate(BareMachine& m, u16 code, u8 access_byte) {
    m.set_gdt(call_gate, gate(code, 0xd100, access_byte, 2));
}
void small_stack(BareMachine& m, u16 which, u8 access_byte) {
    m.set_gdt(which, descriptor(0, 0xfffff, access_byte));
    m.put_segment(SegmentRegister::ss, which);
    m.cpu.reg(Gpr::esp) = 4;
}

const Scenario code_cases[] = {
    {"the selector is null", [](BareMachine& m) { aim(m, 3); }, Vector::GP, 0},
    {"the selector lies outside the GDT", [](BareMachine& m) { aim(m, 0x103); }, Vector::GP, 0x100},
    {"the selector lies outside the LDT", [](BareMachine& m) { aim(m, 0x47); }, Vector::GP, 0x44},
    {"the selector names data", [](BareMachine& m) { aim(m, selector::user_ds); }, Vector::GP, 0x78},
    {"the selector names an LDT", [](BareMachine& m) { aim(m, selector::ldt); }, Vector::GP, 0x88},
    {"the selector names an interrupt gate",
     [](BareMachine& m) { m.set_gdt(user_code, gate(selector::user_cs, 0, 0xee)); }, Vector::GP, selector::spare2},
    {"the code segment has DPL 0", [](BareMachine& m) { aim(m, selector::kernel_cs); }, Vector::GP, 0x60},
    {"ring 0 aims at DPL 3",
     [](BareMachine& m) {
         m.enter_kernel();
         aim(m, selector::user_cs);
     },
     Vector::GP, 0x70},
    {"ring 0 aims with RPL 3",
     [](BareMachine& m) {
         m.enter_kernel();
         aim(m, selector::kernel_cs | 3);
     },
     Vector::GP, 0x60},
    {"conforming code has a higher DPL",
     [](BareMachine& m) {
         m.set_gdt(user_code, descriptor(0, 0xffffffff, 0xff));
         m.enter_kernel();
     },
     Vector::GP, selector::spare2},
    {"the code segment is not present",
     [](BareMachine& m) { m.set_gdt(user_code, descriptor(0, 0xffffffff, 0x7b)); }, Vector::NP, selector::spare2},
    {"EIP lies above the limit", [](BareMachine& m) { m.set_gdt(user_code, descriptor(0, 0xc0ff, access::code3)); },
     Vector::GP, 0},
};

// Through the gate; what JMP and CALL both check.
const Scenario gate_cases[] = {
    {"the gate has DPL 0", [](BareMachine& m) { set_gate(m, selector::kernel_cs, 0x8c); }, Vector::GP,
     selector::spare},
    {"the gate has DPL 2 and RPL is 3",
     [](BareMachine& m) {
         set_gate(m, selector::kernel_cs, 0xcc);
         m.enter_kernel();
     },
     Vector::GP, selector::spare},
    {"the gate is not present", [](BareMachine& m) { set_gate(m, selector::kernel_cs, 0x6c); }, Vector::NP,
     selector::spare},
    {"the gate's code selector is null", [](BareMachine& m) { set_gate(m, 0, gate32); }, Vector::GP, 0},
    {"the gate's code lies outside the GDT", [](BareMachine& m) { set_gate(m, 0x100, gate32); }, Vector::GP, 0x100},
    {"the gate's code selector names data", [](BareMachine& m) { set_gate(m, selector::kernel_ds, gate32); },
     Vector::GP, 0x68},
    {"the gate's code has DPL 3 and CPL is 0",
     [](BareMachine& m) {
         m.enter_kernel();
         set_gate(m, selector::user_cs, gate32);
     },
     Vector::GP, 0x70},
    {"EIP lies above the limit of the same level",
     [](BareMachine& m) {
         m.set_gdt(selector::kernel_cs, descriptor(0, 0xd0ff, access::code0));
         m.enter_kernel();
     },
     Vector::GP, 0},
};

const Scenario call_gate_cases[] = {
    {"the gate's code is not present",
     [](BareMachine& m) { m.set_gdt(selector::kernel_cs, descriptor(0, 0xffffffff, 0x1b)); }, Vector::NP, 0x60},
    {"the TSS ends before ss0", [](BareMachine& m) { m.cpu.tr.limit = 8; }, Vector::TS, selector::tss},
    {"ss0 is null", [](BareMachine& m) { m.put(at::tss + 8, 0); }, Vector::TS, 0},
    {"ss0 lies outside the GDT", [](BareMachine& m) { m.put(at::tss + 8, 0x100); }, Vector::TS, 0x100},
    {"ss0 has DPL 3", [](BareMachine& m) { m.put(at::tss + 8, 0x78); }, Vector::TS, 0x78},
    {"ss0 is not present", [](BareMachine& m) { m.set_gdt(selector::kernel_ds, descriptor(0, 0xffffffff, 0x13)); },
     Vector::SS, 0x68},
    {"the parameters lie above the old stack's limit",
     [](BareMachine& m) {
         m.set_gdt(selector::user_ds, descriptor(0, m.esp() + 6, access::data3));
         m.put_segment(SegmentRegister::ss, selector::user_ds);
     },
     Vector::SS, 0},
    {"the frame does not fit on the new stack",
     [](BareMachine& m) {
         m.set_gdt(selector::kernel_ds, descriptor(0, 0xfffff, access::data0));
         m.put(at::tss + 4, 20);
     },
     Vector::SS, 0x68},
    {"EIP lies above the limit",
     [](BareMachine& m) { m.set_gdt(selector::kernel_cs, descriptor(0, 0xd0ff, access::code0)); }, Vector::GP, 0},
};

const Scenario other_cases[] = {
    {"jmp to code", [](BareMachine&) {}, std::nullopt, 0, at_code, jump},
    {"call to code", [](BareMachine&) {}, std::nullopt, 0, at_code, call},
    {"jmp through a gate", [](BareMachine&) {}, std::nullopt, 0, at_gate_same, jump},
    {"call through a gate on the same level", [](BareMachine&) {}, std::nullopt, 0, at_gate_same, call},
    {"call through a gate to ring 0", [](BareMachine&) {}, std::nullopt, 0, at_gate, call},
    {"jmp through a gate cannot rise", [](BareMachine&) {}, Vector::GP, 0x60, at_gate, jump},
    {"jmp through a gate to absent code",
     [](BareMachine& m) { m.set_gdt(selector::kernel_cs, descriptor(0, 0xffffffff, 0x1b)); }, Vector::NP, 0x60,
     at_gate_same, jump},
    {"call to code without room on the stack",
     [](BareMachine& m) { small_stack(m, selector::user_ds, access::data3); }, Vector::SS, 0, at_code, call},
    {"call through a gate without room on the same stack",
     [](BareMachine& m) { small_stack(m, selector::kernel_ds, access::data0); }, Vector::SS, 0, at_gate_same, call},
};

} // namespace

std::vector<Scenario> trapgate::tests::far_scenarios() {
    std::vector<Scenario> all(std::begin(other_cases), std::end(other_cases));
    const auto add = [&all](Scenario each, void (*begin)(BareMachine&), void (*go)(BareMachine&)) {
        each.begin = begin;
        each.go = go;
        all.push_back(each);
    };
    for (const Scenario& each : code_cases)
        for (const auto go : {jump, call}) add(each, at_code, go);
    for (const Scenario& each : gate_cases)
        for (const auto go : {jump, call}) add(each, at_gate, go);
    for (const Scenario& each : call_gate_cases) add(each, at_gate, call);
    return all;
}

TEST_CASE("each check of far jmp and call raises its fault and changes nothing", "[H18]") {
    check_scenarios(far_scenarios());
}

TEST_CASE("a far jmp to code changes CS and EIP only") {
    BareMachine m;
    at_code(m);
    jump(m);
    CHECK(m.cs() == user_code);
    CHECK(m.cpu.eip == 0xc100);
    CHECK(m.esp() == at::user_stack);

    protect::far_jump(m.cpu, selector::user_cs, 0x1c100, OperandSize::Word);
    CHECK(m.cpu.eip == 0xc100);

    jump_to(m, selector::conforming_cs, 0xc200);
    CHECK(m.cpu.cpl == 3);
    CHECK(m.cs() == (selector::conforming_cs | 3));
}

TEST_CASE("a far call pushes CS and EIP") {
    BareMachine m;
    at_code(m);
    call(m);
    CHECK(m.cs() == user_code);
    CHECK(m.esp() == at::user_stack - 8);
    CHECK(m.stack(0) == 0xc007);
    CHECK(m.stack(1) == selector::user_cs);

    protect::far_call(m.cpu, selector::user_cs, 0x1c300, OperandSize::Word);
    CHECK(m.esp() == at::user_stack - 12);
    CHECK(m.word16(m.esp()) == 0xc100);
    CHECK(m.word16(m.esp() + 2) == user_code);
    CHECK(m.cpu.eip == 0xc300);
}

TEST_CASE("ring 3 cannot call or jump into the kernel's code segment", "[H18]") {
    BareMachine m;
    m.enter_user();
    const auto go = GENERATE(jump_to, call_to);
    for (const u16 where : {selector::kernel_cs, static_cast<u16>(selector::kernel_cs | 3)}) {
        const auto fault = fault_of([&] { go(m, where, 0xd000); });
        REQUIRE(fault);
        CHECK(fault->vector == Vector::GP);
        CHECK(fault->error_code == 0x60);
    }
}

TEST_CASE("a call gate to ring 0 copies the parameters between the old stack pointer and the return address") {
    BareMachine m;
    at_gate(m);
    call(m);
    CHECK(m.cpu.cpl == 0);
    CHECK(m.cs() == selector::kernel_cs);
    CHECK(m.cpu.eip == 0xd100);
    CHECK(m.ss() == selector::kernel_ds);
    CHECK(m.esp() == at::kernel_stack - 24);
    CHECK(m.stack(0) == 0xc007);
    CHECK(m.stack(1) == selector::user_cs);
    CHECK(m.stack(2) == 0x1111);
    CHECK(m.stack(3) == 0x2222);
    CHECK(m.stack(4) == at::user_stack - 12);
    CHECK(m.stack(5) == selector::user_ds);

    SECTION("and retf 8 undoes it, parameters included") {
        protect::far_return(m.cpu, 8, OperandSize::Doubleword);
        CHECK(m.cpu.cpl == 3);
        CHECK(m.cpu.eip == 0xc007);
        CHECK(m.esp() == at::user_stack - 4);
    }
}

TEST_CASE("a 16-bit call gate copies and pushes words") {
    BareMachine m;
    at_gate(m);
    m.set_gdt(call_gate, gate(selector::kernel_cs, 0x5d100, gate16, 3));
    call(m);
    CHECK(m.cpu.eip == 0xd100);
    CHECK(m.esp() == at::kernel_stack - 14);
    CHECK(m.word16(m.esp()) == 0xc007);
    CHECK(m.word16(m.esp() + 2) == selector::user_cs);
    CHECK(m.word16(m.esp() + 4) == 0x1111);
    CHECK(m.word16(m.esp() + 6) == 0);
    CHECK(m.word16(m.esp() + 8) == 0x2222);
    CHECK(m.word16(m.esp() + 10) == at::user_stack - 12);
    CHECK(m.word16(m.esp() + 12) == selector::user_ds);
}

TEST_CASE("a call gate with 31 parameters copies them all") {
    BareMachine m;
    at_gate(m);
    m.set_gdt(call_gate, gate(selector::kernel_cs, 0xd100, gate32, 31));
    m.cpu.reg(Gpr::esp) = at::user_stack - 31 * 4;
    for (u32 i = 0; i < 31; ++i) m.put(m.esp() + 4 * i, 100 + i);
    call(m);
    for (u32 i = 0; i < 31; ++i) CHECK(m.stack(2 + i) == 100 + i);
}

TEST_CASE("parameters that cannot be read fault with the caller's rights and change nothing") {
    BareMachine m;
    m.enable_paging();
    at_gate(m);
    m.set_page(0xa000, 3); // supervisor only
    const Picture before(m);
    const auto fault = fault_of([&] { call(m); });
    REQUIRE(fault);
    CHECK(fault->vector == Vector::PF);
    CHECK(fault->error_code == 5);
    CHECK(Picture(m) == before);
}
