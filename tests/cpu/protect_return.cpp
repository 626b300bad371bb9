// SPDX-License-Identifier: MIT
// IRET and RETF on a bare processor: levels, frames, flags, segments that fall, and each check made to fail.
#include "catch.hpp"
#include "cpu/bare_machine.hpp"
#include "cpu/scenario.hpp"

using namespace trapgate;
using namespace trapgate::tests;
using protect::OperandSize;

namespace {

constexpr u32 user_eip = at::user_code + 2;
constexpr u32 user_esp = 0xa8e0;

void iret(BareMachine& m) {
    protect::interrupt_return(m.cpu, OperandSize::Doubleword);
}
void iret16(BareMachine& m) {
    protect::interrupt_return(m.cpu, OperandSize::Word);
}
void retf(BareMachine& m) {
    protect::far_return(m.cpu, 0, OperandSize::Doubleword);
}
void retf8(BareMachine& m) {
    protect::far_return(m.cpu, 8, OperandSize::Doubleword);
}

/// Ring 0 with the frame that `int 0x80` in ring 3 leaves; no data segment that would fall.
void iret_frame(BareMachine& m) {
    m.enter_kernel();
    for (const auto r : {SegmentRegister::ds, SegmentRegister::es}) m.put_segment(r, selector::user_ds);
    m.push_words({user_eip, selector::user_cs, 0x246, user_esp, selector::user_ds});
}
void retf_frame(BareMachine& m) {
    iret_frame(m);
    m.cpu.reg(Gpr::esp) = at::kernel_stack;
    m.push_words({user_eip, selector::user_cs, user_esp, selector::user_ds});
}
void retf8_frame(BareMachine& m) {
    retf_frame(m);
    m.cpu.reg(Gpr::esp) = at::kernel_stack;
    m.push_words({user_eip, selector::user_cs, 0x11, 0x22, user_esp, selector::user_ds});
}
void set_word(BareMachine& m, u32 n, u32 value) {
    m.put(m.esp() + 4 * n, value);
}
u32 ss_word(const BareMachine& m) {
    return (at::kernel_stack - 4 - m.esp()) / 4;
}

// What is spoilt is the same for IRET and RETF: EIP is word 0, CS word 1, SS the last of the frame.
const Scenario outer_cases[] = {
    {"the frame lies above the stack's limit",
     [](BareMachine& m) {
         m.set_gdt(selector::kernel_ds, descriptor(0, m.esp() + 2, access::data0));
         m.put_segment(SegmentRegister::ss, selector::kernel_ds);
     },
     Vector::SS, 0},
    {"CS lies above the stack's limit",
     [](BareMachine& m) {
         m.set_gdt(selector::kernel_ds, descriptor(0, m.esp() + 6, access::data0));
         m.put_segment(SegmentRegister::ss, selector::kernel_ds);
     },
     Vector::SS, 0},
    {"the outer SS lies above the stack's limit",
     [](BareMachine& m) {
         m.set_gdt(selector::kernel_ds, descriptor(0, at::kernel_stack - 2, access::data0));
         m.put_segment(SegmentRegister::ss, selector::kernel_ds);
     },
     Vector::SS, 0},
    {"CS is null", [](BareMachine& m) { set_word(m, 1, 0); }, Vector::GP, 0},
    {"CS is null with RPL 3", [](BareMachine& m) { set_word(m, 1, 3); }, Vector::GP, 0},
    {"CS lies outside the GDT", [](BareMachine& m) { set_word(m, 1, 0x103); }, Vector::GP, 0x100},
    {"CS lies outside the LDT", [](BareMachine& m) { set_word(m, 1, 0x47); }, Vector::GP, 0x44},
    {"CS names data", [](BareMachine& m) { set_word(m, 1, selector::user_ds); }, Vector::GP, 0x78},
    {"CS names a TSS", [](BareMachine& m) { set_word(m, 1, selector::other_tss | 3); }, Vector::GP, 0x90},
    {"CS has RPL 3 and DPL 0", [](BareMachine& m) { set_word(m, 1, selector::kernel_cs | 3); }, Vector::GP, 0x60},
    {"CS is not present", [](BareMachine& m) { m.set_gdt(selector::user_cs, descriptor(0, 0xffffffff, 0x7b)); },
     Vector::NP, 0x70},
    {"SS is null", [](BareMachine& m) { set_word(m, ss_word(m), 0); }, Vector::GP, 0},
    {"SS lies outside the GDT", [](BareMachine& m) { set_word(m, ss_word(m), 0x103); }, Vector::GP, 0x100},
    {"SS has RPL 0", [](BareMachine& m) { set_word(m, ss_word(m), 0x78); }, Vector::GP, 0x78},
    {"SS has DPL 0", [](BareMachine& m) { set_word(m, ss_word(m), 0x6b); }, Vector::GP, 0x68},
    {"SS is code", [](BareMachine& m) { set_word(m, ss_word(m), selector::user_cs); }, Vector::GP, 0x70},
    {"SS is read-only", [](BareMachine& m) { m.set_gdt(selector::user_ds, descriptor(0, 0xffffffff, 0xf1)); },
     Vector::GP, 0x78},
    {"SS is not present", [](BareMachine& m) { m.set_gdt(selector::user_ds, descriptor(0, 0xffffffff, 0x73)); },
     Vector::SS, 0x78},
    {"EIP lies above the limit of CS",
     [](BareMachine& m) { m.set_gdt(selector::user_cs, descriptor(0, user_eip - 1, access::code3)); }, Vector::GP,
     0},
};

const Scenario good_cases[] = {
    {"iret to ring 3", [](BareMachine&) {}, std::nullopt, 0, iret_frame, iret},
    {"iret to ring 3 with a kernel DS",
     [](BareMachine& m) { m.put_segment(SegmentRegister::ds, selector::kernel_ds); }, std::nullopt, 0, iret_frame,
     iret},
    {"iret on the same level",
     [](BareMachine& m) {
         m.enter_kernel();
         m.push_words({0xd020, selector::kernel_cs, 0x297});
     },
     std::nullopt, 0, nullptr, iret},
    {"iret with NT", [](BareMachine& m) { m.cpu.flags.set_system_bit(eflags::nt, true); }, Vector::TS, 0,
     iret_frame, iret},
    {"iret above the limit on the same level",
     [](BareMachine& m) {
         m.enter_kernel();
         m.set_gdt(selector::kernel_cs, descriptor(0, 0xd01f, access::code0));
         m.push_words({0xd020, selector::kernel_cs, 0x297});
     },
     Vector::GP, 0, nullptr, iret},
    {"retf to ring 3", [](BareMachine&) {}, std::nullopt, 0, retf_frame, retf},
    {"retf to ring 3 with a kernel DS",
     [](BareMachine& m) { m.put_segment(SegmentRegister::ds, selector::kernel_ds); }, std::nullopt, 0, retf_frame,
     retf},
    {"retf 8 to ring 3", [](BareMachine&) {}, std::nullopt, 0, retf8_frame, retf8},
    {"retf on the same level",
     [](BareMachine& m) {
         m.enter_kernel();
         m.push_words({0xd020, selector::kernel_cs});
     },
     std::nullopt, 0, nullptr, retf},
    {"retf above the limit on the same level",
     [](BareMachine& m) {
         m.enter_kernel();
         m.set_gdt(selector::kernel_cs, descriptor(0, 0xd01f, access::code0));
         m.push_words({0xd020, selector::kernel_cs});
     },
     Vector::GP, 0, nullptr, retf},
};

} // namespace

std::vector<Scenario> trapgate::tests::return_scenarios() {
    std::vector<Scenario> all(std::begin(good_cases), std::end(good_cases));
    for (Scenario each : outer_cases) {
        each.begin = iret_frame;
        each.go = iret;
        all.push_back(each);
        each.begin = retf_frame;
        each.go = retf;
        all.push_back(each);
        each.begin = retf8_frame;
        each.go = retf8;
        all.push_back(each);
    }
    return all;
}

TEST_CASE("iret to ring 3 pops five words", "[H15]") {
    BareMachine m;
    iret_frame(m);
    iret(m);
    CHECK(m.cpu.eip == user_eip);
    CHECK(m.cs() == selector::user_cs);
    CHECK(m.cpu.cpl == 3);
    CHECK(m.cpu.tlb == &m.cpu.tlbs[1]);
    CHECK(m.esp() == user_esp);
    CHECK(m.ss() == selector::user_ds);
    CHECK(m.eflags() == 0x246);
    CHECK((m.cpu.mode & mode::user));
}

TEST_CASE("int 0x80 and iret come back to where they left", "[H15]") {
    BareMachine m;
    m.enter_user();
    m.cpu.set_eflags(0x2d7);
    const Picture before(m);
    protect::enter_interrupt(m.cpu, 0x80, std::nullopt, protect::Origin::Software);
    iret(m);
    const Picture after(m);
    CHECK(m.eflags() == 0x2d7);
    CHECK(after.gpr == before.gpr);
    CHECK(after.eip == before.eip);
    CHECK(after.mode == before.mode);
}

TEST_CASE("each check of a return to an outer level raises its fault and changes nothing", "[H15]") {
    check_scenarios(return_scenarios());
}

TEST_CASE("a return to an inner level is refused", "[H15]") {
    BareMachine m;
    m.enter_user();
    m.push_words({0xd000, selector::kernel_cs, 0x202, 0, 0});
    const auto go = GENERATE(iret, retf);
    const auto fault = fault_of([&] { go(m); });
    REQUIRE(fault);
    CHECK(fault->vector == Vector::GP);
    CHECK(fault->error_code == 0x60);
}

TEST_CASE("iret to ring 3 nulls the data segments that ring 3 may not hold", "[H15]") {
    BareMachine m;
    iret_frame(m);
    m.put_segment(SegmentRegister::ds, selector::kernel_ds);
    m.put_segment(SegmentRegister::es, selector::user_ds);
    m.put_segment(SegmentRegister::fs, selector::kernel_cs);
    m.put_segment(SegmentRegister::gs, selector::conforming_cs);
    const auto go = GENERATE(iret, retf);
    if (go == retf) {
        m.cpu.reg(Gpr::esp) = at::kernel_stack;
        m.push_words({user_eip, selector::user_cs, user_esp, selector::user_ds});
    }
    go(m);
    CHECK(m.cpu.segment(SegmentRegister::ds).selector == 0);
    CHECK(!m.cpu.segment(SegmentRegister::ds).can_read);
    CHECK(m.cpu.segment(SegmentRegister::es).selector == selector::user_ds);
    CHECK(m.cpu.segment(SegmentRegister::es).can_write);
    CHECK(m.cpu.segment(SegmentRegister::fs).selector == 0);
    CHECK(m.cpu.segment(SegmentRegister::gs).selector == selector::conforming_cs);
    CHECK(!(m.cpu.mode & mode::flat));
}

TEST_CASE("iret changes IOPL only in ring 0 and IF only as far as IOPL allows") {
    constexpr u32 everything = eflags::iopl | eflags::if_ | eflags::ac | eflags::id | eflags::df | eflags::rf | 2;
    BareMachine m;
    SECTION("ring 0 changes all") {
        m.push_words({0xd000, selector::kernel_cs, everything});
        m.cpu.set_eflags(2);
        iret(m);
        CHECK(m.eflags() == everything);
    }
    SECTION("ring 3 with IOPL 0 changes neither") {
        m.enter_user();
        m.cpu.set_eflags(2);
        m.push_words({user_eip, selector::user_cs, everything});
        iret(m);
        CHECK(m.eflags() == (everything & ~(eflags::iopl | eflags::if_)));
    }
    SECTION("ring 3 with IOPL 3 changes IF") {
        m.enter_user();
        m.cpu.set_eflags(2 | eflags::iopl);
        m.push_words({user_eip, selector::user_cs, (everything & ~eflags::iopl)});
        iret(m);
        CHECK(m.eflags() == everything);
    }
    SECTION("VM from ring 3 is ignored") {
        m.enter_user();
        m.push_words({user_eip, selector::user_cs, 0x202 | eflags::vm});
        iret(m);
        CHECK(m.eflags() == 0x202);
    }
    SECTION("a 16-bit iret leaves the upper half") {
        m.cpu.set_eflags(2 | eflags::id | eflags::ac);
        m.cpu.reg(Gpr::esp) -= 6;
        m.put16(m.esp(), 0xd004);
        m.put16(m.esp() + 2, selector::kernel_cs);
        m.put16(m.esp() + 4, 0x0a03);
        iret16(m);
        CHECK(m.cpu.eip == 0xd004);
        CHECK(m.eflags() == (0x0a03 | eflags::id | eflags::ac));
        CHECK(m.esp() == at::kernel_stack);
    }
}

TEST_CASE("a 16-bit outer stack gets SP only and keeps the upper half of ESP") {
    BareMachine m;
    m.set_gdt(selector::user_ds, descriptor(0, 0xffff, access::data3, false));
    iret_frame(m);
    m.put(m.esp() + 12, 0x1234a8e0);
    m.set_gdt(selector::kernel_ds, descriptor(0xfffe0000 - 0x10000, 0xffffffff, access::data0));
    iret(m);
    CHECK(m.esp() == 0xa8e0);
}

TEST_CASE("retf releases its immediate on both stacks", "[H15]") {
    BareMachine m;
    retf8_frame(m);
    retf8(m);
    CHECK(m.cpu.cpl == 3);
    CHECK(m.esp() == user_esp + 8);

    m.enter_kernel();
    m.push_words({0xd020, selector::kernel_cs, 1, 2});
    retf8(m);
    CHECK(m.esp() == at::kernel_stack);
    CHECK(m.cpu.eip == 0xd020);
}

TEST_CASE("returns mark the segments they load as accessed") {
    BareMachine m;
    m.set_gdt(selector::user_cs, descriptor(0, 0xffffffff, 0xfa));
    m.set_gdt(selector::user_ds, descriptor(0, 0xffffffff, 0xf2));
    iret_frame(m);
    iret(m);
    CHECK(m.gdt(selector::user_cs) == descriptor(0, 0xffffffff, 0xfb));
    CHECK(m.gdt(selector::user_ds) == descriptor(0, 0xffffffff, 0xf3));
}

TEST_CASE("a return to conforming code takes RPL as the new level") {
    BareMachine m;
    iret_frame(m);
    set_word(m, 1, selector::conforming_cs | 3);
    iret(m);
    CHECK(m.cpu.cpl == 3);
    CHECK(m.cs() == (selector::conforming_cs | 3));
}
