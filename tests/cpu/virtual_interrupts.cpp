// SPDX-License-Identifier: MIT
// CR4.VME and CR4.PVI: software interrupts that a virtual 8086 handles itself, and an IF that is VIF.
// Source: [SDM3] "Handling Software Interrupts" (its table of methods), "Protected-Mode Virtual Interrupts"; [SDM2] CLI, STI, PUSHF,
// POPF, INT n, IRET, "Operation".
#include "catch.hpp"
#include "cpu/scenario.hpp"
#include "cpu/virtual8086_machine.hpp"

using namespace trapgate;
using namespace trapgate::tests;

namespace {

using S = SegmentRegister;
using protect::OperandSize;

constexpr u32 io_map_base = 0xa0, redirection_map = at::tss + io_map_base - 32;
constexpr u16 own_code = 0x0c40, own_offset = 0x123; // what the program's table holds for vector 21h
constexpr int general_protection = 13, went_on = -1;

// --- Scenarios -------------------------------------------------------------------------------------------------

/// In the mode with CR4.VME; the map gives all vectors to the program.
void begin_with(BareMachine& m, u32 more_eflags) {
    m.put16(at::tss + 0x66, io_map_base);
    m.put(0x21 * 4, u32{own_code} << 16 | own_offset);
    m.cpu.set_cr4(cr4::vme);
    begin_virtual8086(m, more_eflags);
    put_return(m, 0x99); // IF and CF
}
void begin_with_iopl3(BareMachine& m) {
    begin_with(m, iopl3 | eflags::if_ | eflags::tf | eflags::vif);
}
void begin_with_iopl0(BareMachine& m) {
    begin_with(m, eflags::if_ | eflags::tf | eflags::vif);
}
void begin_disabled(BareMachine& m) {
    begin_with(m, 0);
}
void begin_pending(BareMachine& m) {
    begin_with(m, eflags::vip);
}

void int_21(BareMachine& m) {
    protect::enter_interrupt(m.cpu, 0x21, std::nullopt, protect::Origin::Software);
}
void iret16(BareMachine& m) {
    protect::interrupt_return(m.cpu, OperandSize::Word);
}
void iret32(BareMachine& m) {
    protect::interrupt_return(m.cpu, OperandSize::Doubleword);
}

void nothing(BareMachine&) {}
void through_the_idt(BareMachine& m) {
    m.put(redirection_map + 0x21 / 8, 1u << 0x21 % 8);
    m.set_idt(0x21, gate(selector::kernel_cs, m.handler(0x21), access::user_trap_gate));
}
void map_beyond_tss(BareMachine& m) {
    m.put16(at::tss + 0x66, 0xff + 32 - 0x21 / 8 + 1);
}
void map_below_tss(BareMachine& m) {
    m.put16(at::tss + 0x66, 0x10);
}
void small_tss(BareMachine& m) {
    m.cpu.tr.type = protect::system_type::busy_tss16;
}
void no_table(BareMachine& m) {
    m.set_page(0, 0);
}
void little_stack(BareMachine& m) {
    m.cpu.reg(Gpr::esp) = 3;
}
void no_stack(BareMachine& m) {
    m.set_page(stack_linear, 0);
}
void put_word_frame(BareMachine& m, u32 flags) {
    m.put(stack_linear + 0x800, 0x0c20'0099);
    m.put16(stack_linear + 0x804, static_cast<u16>(flags));
}
void returns_enabled(BareMachine& m) {
    put_word_frame(m, eflags::if_ | eflags::cf | eflags::iopl);
}
void returns_disabled(BareMachine& m) {
    put_word_frame(m, eflags::cf | eflags::nt | eflags::df);
}
void returns_with_trap(BareMachine& m) {
    put_word_frame(m, eflags::tf);
}

} // namespace

std::vector<Scenario> trapgate::tests::virtual_interrupt_scenarios() {
    constexpr auto GP = Vector::GP;
    return {
        {"int n to the own handler with iopl 3", nothing, std::nullopt, 0, begin_with_iopl3, int_21},
        {"int n to the own handler with iopl 0", nothing, std::nullopt, 0, begin_with_iopl0, int_21},
        {"int n through the idt with iopl 3", through_the_idt, std::nullopt, 0, begin_with_iopl3, int_21},
        {"int n through the idt with iopl 0", through_the_idt, GP, 0, begin_with_iopl0, int_21},
        {"int n with its bit beyond the tss", map_beyond_tss, GP, 0, begin_with_iopl3, int_21},
        {"int n with its bit before the tss", map_below_tss, GP, 0, begin_with_iopl3, int_21},
        {"int n with a 16-bit tss", small_tss, GP, 0, begin_with_iopl3, int_21},
        {"int n without the program's table", no_table, Vector::PF, 0, begin_with_iopl0, int_21},
        {"int n with three bytes of stack, iopl 3", little_stack, Vector::SS, 0, begin_with_iopl3, int_21},
        {"int n with three bytes of stack, iopl 0", little_stack, Vector::SS, 0, begin_with_iopl0, int_21},
        {"int n without the program's stack", no_stack, Vector::PF, 6, begin_with_iopl0, int_21},
        {"iret that enables with iopl 0", returns_enabled, std::nullopt, 0, begin_disabled, iret16},
        {"iret that disables with iopl 0", returns_disabled, std::nullopt, 0, begin_with_iopl0, iret16},
        {"iret that enables with iopl 0 and vip", returns_enabled, GP, 0, begin_pending, iret16},
        {"iret that disables with iopl 0 and vip", returns_disabled, std::nullopt, 0, begin_pending, iret16},
        {"iret to tf with iopl 0", returns_with_trap, GP, 0, begin_disabled, iret16},
        {"iretd with iopl 0", nothing, GP, 0, begin_disabled, iret32},
        {"iretd with iopl 3", nothing, std::nullopt, 0, begin_with_iopl3, iret32},
    };
}

namespace {

// --- One instruction, and what it did -----------------------------------------------------------------------------

struct After {
    int vector; ///< of the exception, or went_on
    u32 eflags;
    u32 pushed; ///< the word on top of the stack
    bool operator==(const After& o) const { return vector == o.vector && eflags == o.eflags; }
};

After after_step(EngineMachine& m, u32 stack_base, u8 level) {
    m.engine.run(m.cpu.instructions + 1);
    const int vector = m.cpu.cpl == level ? went_on : static_cast<int>((m.cpu.eip - at::handler) / 16);
    return {vector, m.eflags(), m.word(stack_base + m.esp())};
}

/// One instruction of the mode, with `popped` on top of its stack.
After in_virtual8086(std::initializer_list<int> bytes, u32 cr4, u32 more_eflags, u32 popped = 0) {
    EngineMachine m;
    m.cpu.set_cr4(cr4);
    begin_virtual8086(m, more_eflags);
    m.code(code_base + 0x40, bytes);
    m.put(stack_linear + 0x800, popped);
    return after_step(m, stack_linear, 3);
}

/// One instruction of a protected-mode program at level 3 or 1.
After in_protected_mode(std::initializer_list<int> bytes, u32 cr4, u32 more_eflags, u32 popped = 0, u8 level = 3) {
    EngineMachine m;
    level == 3 ? m.enter_user() : m.enter_level1();
    m.cpu.set_cr4(cr4);
    m.cpu.set_eflags(2 | more_eflags);
    m.code(m.cpu.eip, bytes);
    m.push_words({popped});
    return after_step(m, 0, level);
}

After went(u32 eflags) {
    return {went_on, eflags, 0};
}

constexpr std::initializer_list<int> cli = {0xfa}, sti = {0xfb}, pushf = {0x9c}, popf = {0x9d},
                                     pushfd = {0x66, 0x9c}, popfd = {0x66, 0x9d};
constexpr u32 v86 = eflags::vm | 2;

} // namespace

TEST_CASE("what a transfer with virtual interrupts refuses is refused, and nothing else") {
    check_scenarios(virtual_interrupt_scenarios());
}

TEST_CASE("INT n with a clear bit enters the handler in the program's own table, as on an 8086") {
    BareMachine m;
    begin_with_iopl3(m);
    const u32 before = m.eflags();
    int_21(m);
    REQUIRE(m.cpu.virtual8086());
    CHECK(m.cpu.cpl == 3);
    CHECK(m.cs() == own_code);
    CHECK(m.cpu.segment(S::cs).base == u32{own_code} << 4);
    CHECK(m.cpu.eip == own_offset);
    CHECK(m.esp() == 0x7fa);
    CHECK(m.word16(stack_linear + 0x7fa) == 0x40);
    CHECK(m.word16(stack_linear + 0x7fc) == code_paragraph);
    CHECK(m.word16(stack_linear + 0x7fe) == (before & 0xffff));
    CHECK(m.eflags() == (before & ~(eflags::if_ | eflags::tf))); // VIF stays: IF is the program's own
}

TEST_CASE("below IOPL 3 a redirected INT n shows VIF as IF and IOPL 3, and clears VIF instead of IF") {
    for (const u32 vif : {0u, eflags::vif}) {
        BareMachine m;
        begin_with(m, eflags::if_ | eflags::tf | vif);
        int_21(m);
        REQUIRE(m.cpu.virtual8086());
        CHECK(m.eflags() == (v86 | eflags::if_));
        CHECK(m.word16(stack_linear + 0x7fe) == (2 | eflags::tf | iopl3 | (vif ? eflags::if_ : 0)));
    }
}

TEST_CASE("each vector has its own bit in the redirection bitmap, counted from 32 bytes below the I/O map") {
    for (const u8 vector : {u8{0}, u8{7}, u8{8}, u8{0x21}, u8{0xff}}) {
        for (const bool idt : {false, true}) {
            INFO(int{vector} << (idt ? " by the IDT" : " by the own table"));
            BareMachine m;
            begin_with_iopl3(m);
            for (u32 i = 0; i < 32; i += 4) m.put(redirection_map + i, idt ? 0 : 0xffffffff);
            const u32 at_byte = redirection_map + vector / 8u;
            m.put(at_byte, m.word(at_byte) ^ 1u << vector % 8);
            m.set_idt(vector, gate(selector::kernel_cs, m.handler(vector), access::user_trap_gate));
            protect::enter_interrupt(m.cpu, vector, std::nullopt, protect::Origin::Software);
            CHECK(m.cpu.virtual8086() != idt);
        }
    }
}

TEST_CASE("only INT n is redirected: INT3, INTO, exceptions and external interrupts go through the IDT") {
    using protect::Origin;
    for (const Origin origin : {Origin::Int3, Origin::Into, Origin::Exception, Origin::External}) {
        BareMachine m;
        begin_with_iopl3(m);
        m.set_idt(4, gate(selector::kernel_cs, m.handler(4), access::user_trap_gate));
        protect::enter_interrupt(m.cpu, 4, std::nullopt, origin);
        CHECK(!m.cpu.virtual8086());
        CHECK(m.cpu.eip == m.handler(4));
    }
    BareMachine without; // and without CR4.VME nothing is
    begin_with_iopl3(without);
    without.cpu.set_cr4(cr4::pvi);
    without.set_idt(0x21, gate(selector::kernel_cs, without.handler(0x21), access::user_trap_gate));
    int_21(without);
    CHECK(!without.cpu.virtual8086());
}

TEST_CASE("an INT n that is redirected takes its single-step trap with it") {
    EngineMachine m;
    begin_with(m, iopl3 | eflags::tf);
    m.code(code_base + 0x40, {0xcd, 0x21});
    m.code((u32{own_code} << 4) + own_offset, {0x90, 0x90});
    m.engine.run(m.cpu.instructions + 2);
    CHECK(m.cpu.virtual8086());
    CHECK(m.cpu.eip == own_offset + 1);
}

TEST_CASE("IRET below IOPL 3 with CR4.VME gives the popped IF to VIF") {
    BareMachine m;
    begin_with(m, eflags::vip);
    returns_disabled(m);
    iret16(m);
    CHECK(m.cs() == 0x0c20);
    CHECK(m.cpu.eip == 0x99);
    CHECK(m.esp() == 0x806);
    CHECK(m.eflags() == (v86 | eflags::vip | eflags::cf | eflags::nt | eflags::df));
    BareMachine enabling;
    begin_with(enabling, 0);
    returns_enabled(enabling);
    iret16(enabling);
    CHECK(enabling.eflags() == (v86 | eflags::vif | eflags::cf)); // neither IF nor IOPL
}

TEST_CASE("CLI and STI of a virtual 8086 change VIF with CR4.VME below IOPL 3") {
    CHECK(in_virtual8086(cli, cr4::vme, eflags::vif | eflags::if_) == went(v86 | eflags::if_));
    CHECK(in_virtual8086(cli, cr4::vme, eflags::vip) == went(v86 | eflags::vip));
    CHECK(in_virtual8086(sti, cr4::vme, 0) == went(v86 | eflags::vif));
    CHECK(in_virtual8086(sti, cr4::vme, eflags::vip).vector == general_protection);
    CHECK(in_virtual8086(sti, cr4::vme, iopl3 | eflags::vip) == went(v86 | iopl3 | eflags::vip | eflags::if_));
    CHECK(in_virtual8086(cli, cr4::vme, iopl3 | eflags::vif | eflags::if_) == went(v86 | iopl3 | eflags::vif));
    for (const auto& each : {cli, sti}) {
        CHECK(in_virtual8086(each, 0, 0).vector == general_protection);
        CHECK(in_virtual8086(each, cr4::pvi, 0).vector == general_protection);
    }
}

TEST_CASE("PUSHF of a virtual 8086 shows VIF as IF and IOPL 3 with CR4.VME, PUSHFD is refused") {
    CHECK((in_virtual8086(pushf, cr4::vme, eflags::vif).pushed & 0xffff) == (2 | iopl3 | eflags::if_));
    CHECK((in_virtual8086(pushf, cr4::vme, eflags::if_ | eflags::nt).pushed & 0xffff) == (2 | iopl3 | eflags::nt));
    CHECK((in_virtual8086(pushf, cr4::vme, iopl3 | eflags::vif).pushed & 0xffff) == (2 | iopl3));
    CHECK(in_virtual8086(pushfd, cr4::vme, iopl3 | eflags::vif).pushed == (2 | iopl3 | eflags::vif));
    CHECK(in_virtual8086(pushfd, cr4::vme, 0).vector == general_protection);
    CHECK(in_virtual8086(pushf, cr4::pvi, 0).vector == general_protection);
}

TEST_CASE(
    "POPF of a virtual 8086 gives IF to VIF with CR4.VME, and asks the monitor for TF and for what is pending") {
    constexpr u32 enabled = eflags::if_ | eflags::cf | iopl3;
    CHECK(in_virtual8086(popf, cr4::vme, 0, enabled) == went(v86 | eflags::vif | eflags::cf));
    CHECK(in_virtual8086(popf, cr4::vme, eflags::vif | eflags::if_, eflags::df) ==
          went(v86 | eflags::if_ | eflags::df));
    CHECK(in_virtual8086(popf, cr4::vme, eflags::vip, eflags::nt) == went(v86 | eflags::vip | eflags::nt));
    CHECK(in_virtual8086(popf, cr4::vme, eflags::vip, enabled).vector == general_protection);
    CHECK(in_virtual8086(popf, cr4::vme, 0, eflags::tf).vector == general_protection);
    CHECK(in_virtual8086(popfd, cr4::vme, 0, enabled).vector == general_protection);
    CHECK(in_virtual8086(popf, cr4::pvi, 0, enabled).vector == general_protection);
    // With IOPL 3 it is IF, and VIF and VIP are out of reach of POPFD too.
    CHECK(in_virtual8086(popf, cr4::vme, iopl3 | eflags::vip, enabled) ==
          went(v86 | eflags::vip | eflags::if_ | eflags::cf | iopl3));
    CHECK(in_virtual8086(popfd, cr4::vme, iopl3 | eflags::vif, eflags::vip) == went(v86 | eflags::vif | iopl3));
}

TEST_CASE("a refused POPF of a virtual 8086 leaves its stack and its flags") {
    EngineMachine m;
    m.cpu.set_cr4(cr4::vme);
    begin_virtual8086(m, eflags::vip);
    m.code(code_base + 0x40, popf);
    m.put(stack_linear + 0x800, eflags::if_ | eflags::cf);
    after_step(m, stack_linear, 3);
    REQUIRE(!m.cpu.virtual8086());
    CHECK(m.stack(1) == 0x40); // above the error code
    CHECK(m.stack(3) == (v86 | eflags::vip | eflags::rf));
    CHECK(m.stack(4) == 0x800);
}

TEST_CASE("CLI and STI of ring 3 change VIF with CR4.PVI below IOPL 3; PUSHF and POPF know nothing of it") {
    CHECK(in_protected_mode(cli, cr4::pvi, eflags::vif | eflags::if_) == went(2 | eflags::if_));
    CHECK(in_protected_mode(sti, cr4::pvi, 0) == went(2 | eflags::vif));
    CHECK(in_protected_mode(sti, cr4::pvi, eflags::vip).vector == general_protection);
    CHECK(in_protected_mode(cli, cr4::pvi, eflags::vip) == went(2 | eflags::vip));
    CHECK(in_protected_mode(sti, cr4::pvi, iopl3 | eflags::vip) == went(2 | iopl3 | eflags::vip | eflags::if_));
    for (const auto& each : {cli, sti}) {
        CHECK(in_protected_mode(each, cr4::vme, 0).vector == general_protection);
        CHECK(in_protected_mode(each, cr4::pvi, 0, 0, 1).vector == general_protection); // not in ring 1
    }
    CHECK(in_protected_mode(pushf, cr4::pvi, eflags::vif).pushed == (2 | eflags::vif)); // 32 bits here
    CHECK(in_protected_mode(popf, cr4::pvi, 0, eflags::if_ | eflags::cf) == went(2 | eflags::cf));
    CHECK(in_protected_mode(popf, cr4::pvi, eflags::vif, eflags::vip) == went(2 | eflags::vif));
}

TEST_CASE("a program that is entered with VIF and VIP both gets #GP before its first instruction") {
    constexpr u32 both = eflags::vif | eflags::vip;
    const auto entered8086 = [](u32 cr4, u32 more_eflags) {
        EngineMachine m;
        m.enable_paging();
        m.cpu.set_cr4(cr4);
        push_entry_frame(m, more_eflags);
        m.code(at::handler, {0xcf});                  // iret
        m.code(code_base + 0x40, {0x90, 0xeb, 0xfe}); // nop; jmp $
        m.engine.run(m.cpu.instructions + 2);
        return m.cpu.virtual8086();
    };
    CHECK(!entered8086(cr4::vme, both));
    CHECK(entered8086(cr4::vme, eflags::vif));
    CHECK(entered8086(cr4::vme, eflags::vip));
    CHECK(entered8086(cr4::vme, both | iopl3));
    CHECK(entered8086(cr4::pvi, both));
    const auto entered_ring3 = [](u32 cr4, u32 more_eflags) {
        EngineMachine m;
        m.cpu.set_cr4(cr4);
        m.push_words({at::user_code, selector::user_cs, 2 | more_eflags, at::user_stack, selector::user_ds});
        m.code(at::handler, {0xcf});
        m.code(at::user_code, {0x90, 0xeb, 0xfe});
        m.engine.run(m.cpu.instructions + 2);
        if (m.cpu.cpl == 0) CHECK(m.stack(1) == at::user_code); // above the error code
        return m.cpu.cpl == 3;
    };
    CHECK(!entered_ring3(cr4::pvi, both));
    CHECK(entered_ring3(cr4::pvi, eflags::vip));
    CHECK(entered_ring3(cr4::pvi, both | iopl3));
    CHECK(entered_ring3(cr4::vme, both));
}

TEST_CASE("only IRETD in ring 0 and a task switch load VIF and VIP, and only where the extensions exist") {
    constexpr u32 both = eflags::vif | eflags::vip;
    const auto returned = [](OperandSize size, const Model& model) {
        BareMachine m;
        m.cpu.model = model;
        m.push_words({at::handler, selector::kernel_cs, 2 | both});
        protect::interrupt_return(m.cpu, size);
        return m.eflags();
    };
    CHECK(returned(OperandSize::Doubleword, model_p5) == (2 | both));
    CHECK(returned(OperandSize::Doubleword, model_486) == 2);
    const auto in_new_task = [](const Model& model) {
        BareMachine m;
        m.cpu.model = model;
        m.put(at::other_tss + 0x24, 2 | both);
        fault_of([&] { protect::far_jump(m.cpu, selector::other_tss, 0, OperandSize::Doubleword); });
        return m.eflags();
    };
    CHECK(in_new_task(model_p5) == (2 | both));
    CHECK(in_new_task(model_486) == 2);
    EngineMachine m;
    m.code(at::handler, popf);
    m.push_words({both | eflags::cf});
    m.engine.run(m.cpu.instructions + 1);
    CHECK(m.eflags() == (2 | eflags::cf));
}

TEST_CASE("CPUID and CR4 know the virtual-8086 mode extensions from the Pentium on") {
    for (const Model& model : {model_p5, model_i686, model_p2, model_p3}) {
        INFO(model.name);
        EngineMachine m;
        m.cpu.model = model;
        m.cpu.reg(Gpr::eax) = 1;
        m.cpu.reg(Gpr::ebx) = cr4::vme | cr4::pvi;
        m.code(at::handler, {0x0f, 0x22, 0xe3, 0x0f, 0xa2}); // mov cr4, ebx; cpuid
        m.engine.run(m.cpu.instructions + 2);
        CHECK(m.cpu.cr4 == (cr4::vme | cr4::pvi));
        CHECK((m.cpu.reg(Gpr::edx) & 2) == 2);
    }
    EngineMachine older;
    older.cpu.model = model_486;
    older.code(at::handler, {0x0f, 0x22, 0xe3});
    older.engine.run(older.cpu.instructions + 1);
    CHECK(older.cpu.eip == older.handler(6)); // it has no CR4
}
