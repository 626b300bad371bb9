// SPDX-License-Identifier: MIT
// Every check of the interrupt path made to fail in turn: the exception, its error code, and a state as it was before.
#include "catch.hpp"
#include "cpu/bare_machine.hpp"
#include "cpu/scenario.hpp"

using namespace trapgate;
using namespace trapgate::tests;
using protect::Origin;

namespace {

constexpr u8 vector = 0x40;
constexpr u32 gate_error = vector * 8 + 2;

void set_gate(BareMachine& m, u16 code, u8 access_byte) {
    m.set_idt(vector, gate(code, 0xd000, access_byte));
}
void set_stack(BareMachine& m, u16 stack) {
    m.put(at::tss + 8, stack);
}

// Ring 3, a good 32-bit trap gate of DPL 3 to ring 0; each row spoils one thing.
const Scenario inner_cases[] = {
    {"the IDT ends before the gate", [](BareMachine& m) { m.cpu.idtr.limit = vector * 8 + 6; }, Vector::GP,
     gate_error},
    {"the gate is a data segment", [](BareMachine& m) { set_gate(m, 0x60, 0xf3); }, Vector::GP, gate_error},
    {"the gate is a call gate", [](BareMachine& m) { set_gate(m, 0x60, 0xec); }, Vector::GP, gate_error},
    {"the gate is a TSS", [](BareMachine& m) { set_gate(m, 0x60, 0xe9); }, Vector::GP, gate_error},
    {"the gate is empty", [](BareMachine& m) { m.set_idt(vector, 0); }, Vector::GP, gate_error},
    {"the gate is not present", [](BareMachine& m) { set_gate(m, 0x60, 0x6f); }, Vector::NP, gate_error},
    {"the code selector is null", [](BareMachine& m) { set_gate(m, 0, 0xef); }, Vector::GP, 0},
    {"the code selector is null with RPL 3", [](BareMachine& m) { set_gate(m, 3, 0xef); }, Vector::GP, 0},
    {"the code selector lies outside the GDT", [](BareMachine& m) { set_gate(m, 0x100, 0xef); }, Vector::GP, 0x100},
    {"the code selector lies outside the LDT", [](BareMachine& m) { set_gate(m, 0x44, 0xef); }, Vector::GP, 0x44},
    {"there is no LDT",
     [](BareMachine& m) {
         m.cpu.ldtr = Segment::null(0);
         set_gate(m, 0x0c, 0xef);
     },
     Vector::GP, 0x0c},
    {"the code selector names data", [](BareMachine& m) { set_gate(m, 0x68, 0xef); }, Vector::GP, 0x68},
    {"the code selector names a TSS", [](BareMachine& m) { set_gate(m, 0x90, 0xef); }, Vector::GP, 0x90},
    {"the code segment is not present", [](BareMachine& m) { m.set_gdt(0x60, descriptor(0, 0xffffffff, 0x1b)); },
     Vector::NP, 0x60},
    {"the TSS ends before ss0", [](BareMachine& m) { m.cpu.tr.limit = 8; }, Vector::TS, selector::tss},
    {"there is no TSS", [](BareMachine& m) { m.cpu.tr = Segment::null(0); }, Vector::TS, 0},
    {"ss0 is null", [](BareMachine& m) { set_stack(m, 0); }, Vector::TS, 0},
    {"ss0 lies outside the GDT", [](BareMachine& m) { set_stack(m, 0x100); }, Vector::TS, 0x100},
    {"ss0 has RPL 3", [](BareMachine& m) { set_stack(m, 0x6b); }, Vector::TS, 0x68},
    {"ss0 has DPL 3", [](BareMachine& m) { set_stack(m, 0x78); }, Vector::TS, 0x78},
    {"ss0 is code", [](BareMachine& m) { set_stack(m, 0x60); }, Vector::TS, 0x60},
    {"ss0 is read-only", [](BareMachine& m) { m.set_gdt(0x68, descriptor(0, 0xffffffff, 0x91)); }, Vector::TS,
     0x68},
    {"ss0 is not present", [](BareMachine& m) { m.set_gdt(0x68, descriptor(0, 0xffffffff, 0x13)); }, Vector::SS,
     0x68},
    {"the frame does not fit below esp0",
     [](BareMachine& m) {
         m.set_gdt(0x68, descriptor(0, 0xfffff, access::data0));
         m.put(at::tss + 4, 16);
     },
     Vector::SS, 0x68},
    {"esp0 lies above the limit",
     [](BareMachine& m) { m.set_gdt(0x68, descriptor(0, at::kernel_stack - 2, access::data0)); }, Vector::SS, 0x68},
    {"the handler lies above the limit of its segment",
     [](BareMachine& m) { m.set_gdt(0x60, descriptor(0, 0xcfff, access::code0)); }, Vector::GP, 0},
};

void go(BareMachine& m) {
    protect::enter_interrupt(m.cpu, vector, std::nullopt, Origin::Software);
}
void go_with_error(BareMachine& m) {
    protect::enter_interrupt(m.cpu, vector, 0x1234, Origin::Exception);
}
void user(BareMachine& m) {
    set_gate(m, selector::kernel_cs, access::user_trap_gate);
    m.enter_user();
    m.cpu.eip = at::user_code + 2;
    m.cpu.set_eflags(0x246 | eflags::tf | eflags::nt);
}

std::unique_ptr<BareMachine> prepared(const Scenario& each) {
    auto m = std::make_unique<BareMachine>();
    set_gate(*m, selector::kernel_cs, access::user_trap_gate);
    m->enter_user();
    each.prepare(*m);
    return m;
}

} // namespace

std::vector<Scenario> trapgate::tests::interrupt_scenarios() {
    std::vector<Scenario> all;
    for (Scenario each : inner_cases) {
        each.begin = user;
        each.go = go;
        all.push_back(each);
        if (each.vector != Vector::GP || each.error_code != gate_error) continue;
        each.go = go_with_error;
        each.error_code |= 1;
        all.push_back(each);
    }
    const auto add = [&all](const char* what, void (*prepare)(BareMachine&), void (*run)(BareMachine&)) {
        Scenario scenario{what, prepare};
        scenario.begin = user;
        scenario.go = run;
        all.push_back(scenario);
    };
    const auto nothing = [](BareMachine&) {};
    add("int n through a trap gate", nothing, go);
    add("exception with error code", nothing, go_with_error);
    add(
        "int n through an interrupt gate", [](BareMachine& m) { set_gate(m, selector::kernel_cs, 0xee); }, go);
    add(
        "int n on the same level", [](BareMachine& m) { m.enter_kernel(); }, go);
    add(
        "int n with accessed bits clear",
        [](BareMachine& m) { m.set_gdt(selector::kernel_cs, descriptor(0, 0xffffffff, 0x9a)); }, go);
    Scenario small{"no room on the same level",
                   [](BareMachine& m) {
                       m.set_gdt(selector::kernel_ds, descriptor(0, 0xfffff, access::data0));
                       m.enter_kernel();
                       m.cpu.reg(Gpr::esp) = 8;
                   },
                   Vector::SS,
                   0,
                   user,
                   go};
    all.push_back(small);
    for (const auto run : {go, go_with_error})
        all.push_back({"gate not present", [](BareMachine& m) { set_gate(m, 0x60, 0x6f); }, Vector::NP,
                       gate_error | (run == go ? 0u : 1u), user, run});
    all.push_back({"int n through a gate of DPL 0", [](BareMachine& m) { set_gate(m, 0x60, 0x8f); }, Vector::GP,
                   gate_error, user, go});
    return all;
}

TEST_CASE("each check of int n to an inner level raises its fault and changes nothing", "[H10][H11]") {
    for (const Scenario& each : inner_cases) {
        INFO(each.what);
        const auto m = prepared(each);
        const Picture before(*m);
        const auto fault =
            fault_of([&] { protect::enter_interrupt(m->cpu, vector, std::nullopt, Origin::Software); });
        REQUIRE(fault);
        CHECK(fault->vector == each.vector);
        CHECK(fault->error_code == each.error_code);
        CHECK(!fault->committed);
        CHECK(Picture(*m) == before);
    }
}

TEST_CASE("the same faults while an exception or an interrupt is delivered carry EXT") {
    for (const Origin origin : {Origin::Exception, Origin::External, Origin::Int1})
        for (const Scenario& each : inner_cases) {
            INFO(each.what);
            const auto m = prepared(each);
            const Picture before(*m);
            const auto fault = fault_of([&] { protect::enter_interrupt(m->cpu, vector, 7, origin); });
            REQUIRE(fault);
            CHECK(fault->vector == each.vector);
            CHECK(fault->error_code == (each.error_code | 1));
            CHECK(Picture(*m) == before);
        }
}

TEST_CASE("int $14 in ring 3 gives #GP(0x72), but the processor's own vector 14 ignores the gate's DPL", "[H10]") {
    BareMachine m;
    m.enter_user();
    const Picture before(m);
    for (const Origin origin : {Origin::Software, Origin::Int3, Origin::Into}) {
        const auto fault = fault_of([&] { protect::enter_interrupt(m.cpu, 14, std::nullopt, origin); });
        REQUIRE(fault);
        CHECK(fault->vector == Vector::GP);
        CHECK(fault->error_code == 0x72);
        CHECK(Picture(m) == before);
    }
    const Origin origin = GENERATE(Origin::Exception, Origin::External, Origin::Int1);
    protect::enter_interrupt(m.cpu, 14, 4, origin);
    CHECK(m.cpu.eip == BareMachine::handler(14));
}

TEST_CASE("an IDT limit of 0x3F7 makes int $0x7f a #GP(0x3FA)", "[H04]") {
    BareMachine m;
    m.cpu.idtr.limit = 0x3f7;
    const auto fault = fault_of([&] { protect::enter_interrupt(m.cpu, 0x7f, std::nullopt, Origin::Software); });
    REQUIRE(fault);
    CHECK(fault->vector == Vector::GP);
    CHECK(fault->error_code == 0x3fa);
}

TEST_CASE("a gate to ring 3 code cannot be taken from an inner level", "[H11]") {
    BareMachine m;
    set_gate(m, selector::user_cs, access::user_trap_gate);
    const auto fault = fault_of([&] { protect::enter_interrupt(m.cpu, vector, std::nullopt, Origin::Software); });
    REQUIRE(fault);
    CHECK(fault->vector == Vector::GP);
    CHECK(fault->error_code == 0x70);
}

TEST_CASE("a handler of the same level needs room on the current stack: #SS(0)") {
    BareMachine m;
    m.set_gdt(selector::kernel_ds, descriptor(0, 0xfffff, access::data0));
    m.enter_kernel();
    m.cpu.reg(Gpr::esp) = 8;
    const Picture before(m);
    const auto fault = fault_of([&] { protect::enter_interrupt(m.cpu, 0x80, std::nullopt, Origin::Software); });
    REQUIRE(fault);
    CHECK(fault->vector == Vector::SS);
    CHECK(fault->error_code == 0);
    CHECK(Picture(m) == before);
}

TEST_CASE("page faults of the tables and of the new stack are supervisor faults and change nothing") {
    struct Page {
        const char* what;
        u32 address;
        u32 bits;
        u32 error;
        u32 cr2;
    };
    const Page pages[] = {
        {"IDT", at::idt, 0, 0, at::idt + 0x80 * 8},
        {"GDT", at::gdt, 0, 0, at::gdt + 0x60},
        {"TSS", at::tss, 0, 0, at::tss + 8},
        {"stack absent", 0x8000, 0, 2, at::kernel_stack - 4},
        {"stack read-only", 0x8000, 1, 3, at::kernel_stack - 4},
    };
    for (const Page& page : pages) {
        INFO(page.what);
        BareMachine m;
        m.enable_paging();
        m.enter_user();
        m.set_page(page.address, page.bits);
        const Picture before(m);
        const auto fault = fault_of([&] { protect::enter_interrupt(m.cpu, 0x80, std::nullopt, Origin::Software); });
        REQUIRE(fault);
        CHECK(fault->vector == Vector::PF);
        CHECK(fault->error_code == page.error);
        CHECK(fault->cr2 == page.cr2);
        CHECK(Picture(m) == before);
    }
}

TEST_CASE("a frame that spans two pages faults as a whole, whichever page is missing") {
    BareMachine m;
    m.enable_paging();
    m.put(at::tss + 4, 0x8008);
    m.enter_user();
    const u32 missing = GENERATE(0x7000u, 0x8000u);
    m.set_page(missing, 0);
    const Picture before(m);
    const auto fault = fault_of([&] { protect::enter_interrupt(m.cpu, 0x80, std::nullopt, Origin::Software); });
    REQUIRE(fault);
    CHECK(fault->cr2 == (missing == 0x7000 ? 0x7ffc : 0x8004));
    CHECK(Picture(m) == before);
}

TEST_CASE("accessed bits that cannot be written fault before the point of no return") {
    BareMachine m;
    m.enable_paging();
    m.set_gdt(selector::kernel_ds, descriptor(0, 0xffffffff, 0x92));
    m.set_page(at::gdt, 1);
    m.enter_user();
    const Picture before(m);
    const auto fault = fault_of([&] { protect::enter_interrupt(m.cpu, 0x80, std::nullopt, Origin::Software); });
    REQUIRE(fault);
    CHECK(fault->vector == Vector::PF);
    CHECK(fault->error_code == 3);
    CHECK(Picture(m) == before);
}
