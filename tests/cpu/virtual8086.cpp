// SPDX-License-Identifier: MIT
// Virtual-8086 mode: in by IRET, out by every interrupt, and what it may do in between.
// Source: [SDM3] "8086 Emulation"; [SDM2] INT n, IRET, "Operation".
#include "catch.hpp"
#include "cpu/scenario.hpp"
#include "cpu/virtual8086_machine.hpp"

using namespace trapgate;
using namespace trapgate::tests;

namespace {

using S = SegmentRegister;

/// At CPL 0 with the nine words of a return to virtual-8086 mode on the stack.
struct Virtual8086 : EngineMachine {
    explicit Virtual8086(u32 more_eflags = 0, u32 ip = 0) {
        enable_paging();
        push_entry_frame(*this, eflags::if_ | more_eflags, ip);
    }
    void enter() { protect::interrupt_return(cpu, protect::OperandSize::Doubleword); }
    u16 selector_of(S r) const { return cpu.segment(r).selector; }
    u32 base_of(S r) const { return cpu.segment(r).base; }
    /// Runs one instruction of the mode; the vector of the exception it raised, or -1.
    int trapped() {
        engine.run(cpu.instructions + 1);
        return cpu.virtual8086() ? -1 : static_cast<int>((cpu.eip - at::handler) / 16);
    }
};

/// Enters, executes one instruction, tells what it raised.
int outcome(std::initializer_list<int> bytes, u32 more_eflags = 0) {
    Virtual8086 m(more_eflags);
    m.code(code_base, bytes);
    m.enter();
    return m.trapped();
}

constexpr int invalid_opcode = 6, general_protection = 13;

// --- Scenarios: prepare() gets a machine that stands in the mode --------------------------------------------------

void begin_in_ring0(BareMachine& m) {
    m.enable_paging();
}
void begin_with_iopl3(BareMachine& m) {
    begin_virtual8086(m, iopl3);
}
void begin_with_iopl0(BareMachine& m) {
    begin_virtual8086(m, 0);
}

void iret32(BareMachine& m) {
    protect::interrupt_return(m.cpu, protect::OperandSize::Doubleword);
}
void int_21(BareMachine& m) {
    protect::enter_interrupt(m.cpu, 0x21, std::nullopt, protect::Origin::Software);
}
void irq_20(BareMachine& m) {
    protect::enter_interrupt(m.cpu, 0x20, std::nullopt, protect::Origin::External);
}
void retf32(BareMachine& m) {
    protect::far_return(m.cpu, 4, protect::OperandSize::Doubleword);
}
void jump(BareMachine& m) {
    protect::far_jump(m.cpu, 0x0c10, 0x10, protect::OperandSize::Word);
}
void jump_too_far(BareMachine& m) {
    protect::far_jump(m.cpu, 0x0c10, 0x10000, protect::OperandSize::Doubleword);
}
void call(BareMachine& m) {
    protect::far_call(m.cpu, 0x0c10, 0x10, protect::OperandSize::Word);
}

void good_return(BareMachine& m) {
    put_return(m, 0x99);
}
void far_return_address(BareMachine& m) {
    put_return(m, 0x10000);
}
void gate_for_programs(BareMachine& m) {
    m.set_idt(0x21, gate(selector::kernel_cs, m.handler(0x21), access::user_trap_gate));
}
void gate_to_level1(BareMachine& m) {
    m.set_idt(0x21, gate(selector::level1_cs, m.handler(0x21), access::user_trap_gate));
}
void no_kernel_stack(BareMachine& m) {
    m.set_page(at::kernel_stack - 0x1000, 0);
}
void nothing(BareMachine&) {}
void stack_end(BareMachine& m) {
    m.cpu.reg(Gpr::esp) = 3;
}

} // namespace

std::vector<Scenario> trapgate::tests::virtual8086_scenarios() {
    return {
        {"iret to virtual-8086 mode", [](BareMachine& m) { push_entry_frame(m, iopl3); }, std::nullopt, 0,
         begin_in_ring0, iret32},
        {"iret to an ip beyond 64 KB", [](BareMachine& m) { push_entry_frame(m, 0, 0x10000); }, Vector::GP, 0,
         begin_in_ring0, iret32},
        {"external interrupt out of virtual-8086 mode", nothing, std::nullopt, 0, begin_with_iopl0, irq_20},
        {"int n with iopl 3", gate_for_programs, std::nullopt, 0, begin_with_iopl3, int_21},
        {"int n with iopl 0", gate_for_programs, Vector::GP, 0, begin_with_iopl0, int_21},
        {"int n to a handler in ring 1", gate_to_level1, Vector::GP, selector::level1_cs & ~3u, begin_with_iopl3,
         int_21},
        {"interrupt without a kernel stack", no_kernel_stack, Vector::PF, 2, begin_with_iopl0, irq_20},
        {"iret inside with iopl 3", good_return, std::nullopt, 0, begin_with_iopl3, iret32},
        {"iret inside with iopl 0", good_return, Vector::GP, 0, begin_with_iopl0, iret32},
        {"iret inside beyond 64 KB", far_return_address, Vector::GP, 0, begin_with_iopl3, iret32},
        {"retf inside", good_return, std::nullopt, 0, begin_with_iopl0, retf32},
        {"retf inside beyond 64 KB", far_return_address, Vector::GP, 0, begin_with_iopl0, retf32},
        {"jmp far inside", nothing, std::nullopt, 0, begin_with_iopl0, jump},
        {"jmp far inside beyond 64 KB", nothing, Vector::GP, 0, begin_with_iopl0, jump_too_far},
        {"call far inside", nothing, std::nullopt, 0, begin_with_iopl0, call},
        {"call far inside with three bytes of stack", stack_end, Vector::SS, 0, begin_with_iopl0, call},
    };
}

TEST_CASE("what a transfer of virtual-8086 mode refuses is refused, and nothing else") {
    check_scenarios(virtual8086_scenarios());
}

TEST_CASE("an IRET of ring 0 whose EFLAGS have VM pops nine words and makes paragraphs of the selectors", "[R11]") {
    Virtual8086 m;
    const u32 before = m.esp();
    m.enter();
    CHECK(before == at::kernel_stack - 36);
    CHECK(m.cpu.virtual8086());
    CHECK(m.cpu.cpl == 3);
    CHECK(m.cpu.eip == 0);
    CHECK(m.esp() == 0x800);
    CHECK(m.base_of(S::cs) == code_base);
    CHECK(m.base_of(S::ss) == u32{stack_paragraph} << 4);
    CHECK(m.base_of(S::es) == u32{data_paragraph} << 4);
    CHECK(m.base_of(S::ds) == u32{other_paragraph} << 4);
    CHECK(m.base_of(S::fs) == 0x11110);
    CHECK(m.base_of(S::gs) == 0x22220);
    for (const Segment& segment : m.cpu.segments) {
        CHECK(segment.limit == 0xffff);
        CHECK(segment.can_write);
        CHECK(!segment.big);
    }
}

TEST_CASE("an interrupt leaves virtual-8086 mode with nine words and null data segments", "[R11]") {
    Virtual8086 m(iopl3, 0x123);
    m.enter();
    protect::enter_interrupt(m.cpu, 0x20, std::nullopt, protect::Origin::External);
    CHECK(!m.cpu.virtual8086());
    CHECK(m.cpu.cpl == 0);
    CHECK(m.cs() == selector::kernel_cs);
    CHECK(m.esp() == at::kernel_stack - 36);
    CHECK(m.stack(0) == 0x123);
    CHECK(m.stack(1) == code_paragraph);
    CHECK(m.stack(2) == (eflags::vm | eflags::if_ | 2 | iopl3));
    CHECK(m.stack(3) == 0x800);
    CHECK(m.stack(4) == stack_paragraph);
    CHECK(m.stack(5) == data_paragraph);
    CHECK(m.stack(6) == other_paragraph);
    CHECK(m.stack(7) == 0x1111);
    CHECK(m.stack(8) == 0x2222);
    for (const S r : {S::ds, S::es, S::fs, S::gs}) {
        CHECK(!m.cpu.segment(r).present);
        CHECK(m.selector_of(r) == 0);
    }
    m.enter(); // and back with the same frame
    CHECK(m.cpu.virtual8086());
    CHECK(m.cpu.eip == 0x123);
    CHECK(m.cpu.flags.iopl() == 3);
    CHECK(m.base_of(S::gs) == 0x22220);
}

TEST_CASE("an exception in virtual-8086 mode has its error code below the nine words") {
    Virtual8086 m;
    m.enter();
    protect::deliver(m.cpu, Fault{Vector::GP, 0, 0, false});
    CHECK(m.esp() == at::kernel_stack - 40);
    CHECK(m.stack(0) == 0);
    CHECK(m.stack(2) == code_paragraph);
}

TEST_CASE("a handler of virtual-8086 code that is not in ring 0 is refused with its selector") {
    for (const u16 code : {selector::level1_cs, selector::conforming_cs}) {
        Virtual8086 m(iopl3);
        m.set_idt(0x21, gate(code, m.handler(0x21), access::user_trap_gate));
        m.enter();
        const auto fault =
            fault_of([&] { protect::enter_interrupt(m.cpu, 0x21, std::nullopt, protect::Origin::Software); });
        REQUIRE(fault);
        CHECK(fault->vector == Vector::GP);
        CHECK(fault->error_code == (code & ~3u));
        CHECK(m.cpu.virtual8086());
    }
}

TEST_CASE("INT n, PUSHF, POPF, CLI, STI and IRET ask for IOPL 3 in virtual-8086 mode, INT3 and INTO do not") {
    const std::initializer_list<int> sensitive[] = {{0xcd, 0x80}, {0x9c}, {0x9d}, {0xfa}, {0xfb}, {0xcf}};
    for (const auto& bytes : sensitive) {
        INFO("opcode " << std::hex << *bytes.begin());
        CHECK(outcome(bytes) == general_protection);
    }
    for (const auto& bytes : {std::initializer_list<int>{0x9c}, {0x9d}, {0xfa}, {0xfb}}) {
        INFO("opcode " << std::hex << *bytes.begin());
        CHECK(outcome(bytes, iopl3) == -1);
    }
    CHECK(outcome({0xcd, 0x80}, iopl3) == 0x80);
    // INT3 needs a gate that lets CPL 3 in, not IOPL; the gate of vector 3 here has DPL 0.
    CHECK(outcome({0xcc}) == general_protection);
    Virtual8086 m;
    m.set_idt(3, gate(selector::kernel_cs, m.handler(3), access::user_trap_gate));
    m.code(code_base, {0xcc});
    m.enter();
    CHECK(m.trapped() == 3);
}

TEST_CASE("instructions about selectors do not exist in virtual-8086 mode, those of ring 0 are refused") {
    for (const auto& bytes : {std::initializer_list<int>{0x63, 0xc0}, // arpl
                              {0x0f, 0x00, 0xc0},
                              {0x0f, 0x00, 0xc8},
                              {0x0f, 0x00, 0xd0},
                              {0x0f, 0x00, 0xd8},
                              {0x0f, 0x00, 0xe0},
                              {0x0f, 0x00, 0xe8},
                              {0x0f, 0x02, 0xc0},
                              {0x0f, 0x03, 0xc0}}) {
        INFO("second byte " << std::hex << bytes.begin()[1]);
        CHECK(outcome(bytes, iopl3) == invalid_opcode);
    }
    CHECK(outcome({0xf4}, iopl3) == general_protection);             // hlt
    CHECK(outcome({0x0f, 0x20, 0xc0}, iopl3) == general_protection); // mov eax, cr0
    CHECK(outcome({0x0f, 0x06}, iopl3) == general_protection);       // clts
}

TEST_CASE("ports go by the I/O bitmap alone in virtual-8086 mode, even with IOPL 3", "[H19]") {
    Virtual8086 m(iopl3);
    m.put16(at::tss + 0x68 + 2, 0x0002);         // port 11h
    m.code(code_base, {0xe4, 0x10, 0xe4, 0x11}); // in al, 10h; in al, 11h
    m.enter();
    CHECK(m.trapped() == -1);
    CHECK(m.trapped() == general_protection);
}

TEST_CASE("segments are loaded without descriptors and addresses wrap at 64 KB in virtual-8086 mode") {
    Virtual8086 m;
    // mov ax, 1300h; mov ds, ax; mov byte [1234h], 7; mov al, [ds:1234h]
    m.code(code_base, {0xb8, 0x00, 0x13, 0x8e, 0xd8, 0xc6, 0x06, 0x34, 0x12, 0x07, 0xa0, 0x34, 0x12});
    m.enter();
    m.engine.run(m.cpu.instructions + 4);
    REQUIRE(m.cpu.virtual8086());
    CHECK(m.base_of(S::ds) == 0x13000);
    CHECK((m.word(0x14234) & 0xff) == 7);
    CHECK((m.eax() & 0xff) == 7);
    Virtual8086 over;
    over.code(code_base, {0x8b, 0x07}); // mov ax, [bx] with BX = FFFFh: the second byte is outside
    over.cpu.reg(Gpr::ebx) = 0xffff;
    over.enter();
    CHECK(over.trapped() == general_protection);
}

TEST_CASE("far calls, jumps and returns go by paragraphs in virtual-8086 mode") {
    Virtual8086 m(iopl3);
    m.code(code_base, {0x9a, 0x10, 0x00, 0x10, 0x0c}); // call 0c10:0010
    m.code(0xc110, {0xea, 0x20, 0x00, 0x20, 0x0c});    // jmp 0c20:0020
    m.code(0xc220, {0xcb});                            // retf
    m.enter();
    m.engine.run(m.cpu.instructions + 1);
    CHECK(m.selector_of(S::cs) == 0x0c10);
    CHECK(m.cpu.eip == 0x10);
    CHECK(m.esp() == 0x7fc);
    CHECK(m.word(0xb7fc) == (u32{code_paragraph} << 16 | 5));
    m.engine.run(m.cpu.instructions + 1);
    CHECK(m.selector_of(S::cs) == 0x0c20);
    m.engine.run(m.cpu.instructions + 1);
    REQUIRE(m.cpu.virtual8086());
    CHECK(m.selector_of(S::cs) == code_paragraph);
    CHECK(m.cpu.eip == 5);
    CHECK(m.esp() == 0x800);
}

TEST_CASE("POPF and IRET of a virtual 8086 leave IOPL and VM alone") {
    Virtual8086 m(iopl3);
    m.code(code_base, {0x9d, 0xcf});                   // popf; iret
    m.put(0xb800, 0x0000 | u32{0x0077} << 16);         // flags 0000, then IP 77h
    m.put(0xb804, code_paragraph | u32{0x0001} << 16); // CS, flags with CF
    m.enter();
    CHECK(m.trapped() == -1);
    CHECK(m.cpu.flags.iopl() == 3);
    CHECK(!m.cpu.flags.test_system(eflags::if_));
    CHECK(m.trapped() == -1);
    CHECK(m.cpu.flags.iopl() == 3);
    CHECK(m.cpu.flags.cf());
    CHECK(m.cpu.eip == 0x77);
}

TEST_CASE("a task whose EFLAGS have VM begins in virtual-8086 mode") {
    EngineMachine m;
    m.enable_paging();
    m.put(at::other_tss + 0x1c, at::page_directory);
    m.put(at::other_tss + 0x20, 0x40);            // EIP
    m.put(at::other_tss + 0x24, eflags::vm | 2);  // EFLAGS
    m.put(at::other_tss + 0x38, 0x700);           // ESP
    m.put(at::other_tss + 0x4c, code_paragraph);  // CS
    m.put(at::other_tss + 0x50, stack_paragraph); // SS
    m.put(at::other_tss + 0x54, data_paragraph);  // DS
    protect::far_jump(m.cpu, selector::other_tss, 0, protect::OperandSize::Doubleword);
    CHECK(m.cpu.virtual8086());
    CHECK(m.cpu.cpl == 3);
    CHECK(m.cpu.eip == 0x40);
    CHECK(m.cpu.segment(S::cs).base == code_base);
    CHECK(m.cpu.segment(S::ds).base == u32{data_paragraph} << 4);
}

TEST_CASE("what the monitor's frame may not hold is refused before anything changes") {
    Virtual8086 m(0, 0x10000); // IP beyond 64 KB
    const auto fault = fault_of([&] { m.enter(); });
    REQUIRE(fault);
    CHECK(fault->vector == Vector::GP);
    CHECK(fault->error_code == 0);
    CHECK(!m.cpu.virtual8086());
    CHECK(m.cpu.cpl == 0);
    // With 16-bit operands, or from ring 3, VM in the image means nothing.
    EngineMachine user;
    user.enable_paging();
    user.enter_user();
    user.push_words({at::user_code, selector::user_cs, eflags::vm | 0x202});
    protect::interrupt_return(user.cpu, protect::OperandSize::Doubleword);
    CHECK(!user.cpu.virtual8086());
}
