// SPDX-License-Identifier: MIT
// SYSENTER and SYSEXIT on a bare processor.
#include "catch.hpp"
#include "cpu/bare_machine.hpp"
#include "cpu/scenario.hpp"

using namespace trapgate;
using namespace trapgate::tests;

namespace {

void sysenter(BareMachine& m) {
    protect::sysenter(m.cpu);
}
void sysexit(BareMachine& m) {
    protect::sysexit(m.cpu);
}

void set_msrs(BareMachine& m) {
    m.cpu.sysenter_cs = selector::kernel_cs;
    m.cpu.sysenter_esp = at::tss + 0x80;
    m.cpu.sysenter_eip = 0xd777;
}
void user(BareMachine& m) {
    m.enter_user();
    m.cpu.set_eflags(0x202 | eflags::tf | eflags::df | eflags::nt | eflags::iopl | eflags::rf);
    set_msrs(m);
}
void kernel(BareMachine& m) {
    m.enter_kernel();
    m.cpu.reg(Gpr::ecx) = 0xa123;
    m.cpu.reg(Gpr::edx) = 0xc456;
    set_msrs(m);
}

const Scenario cases[] = {
    {"sysenter", [](BareMachine&) {}, std::nullopt, 0, user, sysenter},
    {"sysenter without MSR", [](BareMachine& m) { m.cpu.sysenter_cs = 3; }, Vector::GP, 0, user, sysenter},
    {"sysexit", [](BareMachine&) {}, std::nullopt, 0, kernel, sysexit},
    {"sysexit without MSR", [](BareMachine& m) { m.cpu.sysenter_cs = 0; }, Vector::GP, 0, kernel, sysexit},
    {"sysexit in ring 3", [](BareMachine&) {}, Vector::GP, 0, user, sysexit},
    {"sysexit in ring 1",
     [](BareMachine& m) {
         m.enter_level1();
         set_msrs(m);
     },
     Vector::GP, 0, nullptr, sysexit},
};

} // namespace

std::vector<Scenario> trapgate::tests::fast_call_scenarios() {
    return {std::begin(cases), std::end(cases)};
}

TEST_CASE("sysenter takes everything from its MSRs and pushes nothing", "[H14]") {
    BareMachine m;
    user(m);
    m.cpu.gdtr.limit = 0; // no descriptor is read
    const Picture before(m);
    sysenter(m);
    CHECK(m.cs() == selector::kernel_cs);
    CHECK(m.ss() == selector::kernel_cs + 8);
    CHECK(m.esp() == at::tss + 0x80);
    CHECK(m.cpu.eip == 0xd777);
    CHECK(m.cpu.cpl == 0);
    CHECK(m.eflags() == (0x002 | eflags::tf | eflags::df | eflags::nt | eflags::iopl));
    CHECK(m.cpu.segment(SegmentRegister::cs).flat());
    CHECK(m.cpu.segment(SegmentRegister::cs).is_code());
    CHECK(m.cpu.segment(SegmentRegister::ss).flat());
    CHECK(m.cpu.segment(SegmentRegister::ss).can_write);
    CHECK(m.cpu.segment(SegmentRegister::ss).dpl == 0);
    CHECK(Picture(m).ram == before.ram);
}

TEST_CASE("sysenter with a low RPL in its MSR still enters ring 0", "[H14]") {
    BareMachine m;
    user(m);
    m.cpu.sysenter_cs = selector::kernel_cs | 3;
    sysenter(m);
    CHECK(m.cs() == selector::kernel_cs);
    CHECK(m.ss() == selector::kernel_ds);
}

TEST_CASE("sysexit goes to EDX with ECX as stack, in ring 3", "[H15]") {
    BareMachine m;
    kernel(m);
    m.cpu.gdtr.limit = 0;
    const u32 flags = m.eflags();
    sysexit(m);
    CHECK(m.cs() == (selector::kernel_cs + 16 | 3));
    CHECK(m.ss() == (selector::kernel_cs + 24 | 3));
    CHECK(m.cpu.eip == 0xc456);
    CHECK(m.esp() == 0xa123);
    CHECK(m.cpu.cpl == 3);
    CHECK(m.eflags() == flags);
    CHECK(m.cpu.segment(SegmentRegister::cs).dpl == 3);
    CHECK((m.cpu.mode & mode::code32));
}

TEST_CASE("sysenter and sysexit refuse with #GP(0) and change nothing", "[H14][H15]") {
    check_scenarios(fast_call_scenarios());
}
