// SPDX-License-Identifier: MIT
// The hardware task switch on a bare processor: by JMP, CALL, task gates, interrupts and IRET; 32 and 16 bit.
#include "catch.hpp"
#include "cpu/bare_machine.hpp"
#include "cpu/scenario.hpp"

using namespace trapgate;
using namespace trapgate::tests;
using protect::OperandSize;

namespace {

constexpr u32 new_eip = 0xd456, new_esp = 0x97f0;
constexpr u16 gate_selector = selector::spare | 3;

/// Where a 32-bit TSS keeps its fields.
namespace field {
constexpr u32 link = 0, cr3 = 0x1c, eip = 0x20, eflags = 0x24, eax = 0x28, esp = 0x38, es = 0x48, cs = 0x4c,
              ss = 0x50, ds = 0x54, fs = 0x58, gs = 0x5c, ldt = 0x60, trap = 0x64;
} // namespace field

void set(BareMachine& m, u32 which, u32 value) {
    m.put(at::other_tss + which, value);
}

/// A task in ring 0 in the other TSS; the processor in ring 0 in the first.
void two_tasks(BareMachine& m) {
    set(m, field::cr3, at::page_directory);
    set(m, field::eip, new_eip);
    set(m, field::eflags, 0x246);
    for (u32 i = 0; i < 8; ++i) set(m, field::eax + 4 * i, 0x1000 + i);
    set(m, field::esp, new_esp);
    for (const u32 which : {field::es, field::ss, field::ds, field::fs}) set(m, which, selector::kernel_ds);
    set(m, field::cs, selector::kernel_cs);
    set(m, field::gs, 0);
    set(m, field::ldt, selector::ldt);
    m.set_gdt(gate_selector, gate(selector::other_tss, 0, 0xe5));
    m.set_idt(8, gate(selector::other_tss, 0, access::task_gate));
    m.cpu.dr[7] = 0x400 | 0x3;
    m.enter_kernel();
    m.cpu.eip = 0xd010;
    m.cpu.set_eflags(0x203);
    m.cpu.reg(Gpr::eax) = 0xaaaa;
}
/// IRET with NT: the first task is left for the other one, which is busy and in the back link.
void nested(BareMachine& m) {
    two_tasks(m);
    m.set_gdt(selector::other_tss, descriptor(at::other_tss, 0x67, access::busy_tss, false));
    m.put16(at::tss + field::link, selector::other_tss);
    m.cpu.set_eflags(0x203 | eflags::nt);
}

void jump(BareMachine& m) {
    protect::far_jump(m.cpu, selector::other_tss, 0, OperandSize::Doubleword);
}
void call(BareMachine& m) {
    protect::far_call(m.cpu, selector::other_tss, 0, OperandSize::Doubleword);
}
void jump_gate(BareMachine& m) {
    protect::far_jump(m.cpu, gate_selector, 0, OperandSize::Doubleword);
}
void call_gate(BareMachine& m) {
    protect::far_call(m.cpu, gate_selector, 0, OperandSize::Doubleword);
}
void iret(BareMachine& m) {
    protect::interrupt_return(m.cpu, OperandSize::Doubleword);
}
void int8(BareMachine& m) {
    protect::enter_interrupt(m.cpu, 8, std::nullopt, protect::Origin::Software);
}
void double_fault(BareMachine& m) {
    protect::enter_interrupt(m.cpu, 8, 0, protect::Origin::Exception);
}
void from_ring3(BareMachine& m) {
    m.stand(selector::user_cs, selector::user_ds, at::user_code, at::user_stack, 3);
}

void set_tss(BareMachine& m, u32 limit, u8 access_byte) {
    m.set_gdt(selector::other_tss, descriptor(at::other_tss, limit, access_byte, false));
}

const Scenario direct_cases[] = {
    {"the TSS has DPL 0 and CPL is 3", from_ring3, Vector::GP, selector::other_tss},
    {"the TSS is busy", [](BareMachine& m) { set_tss(m, 0x67, access::busy_tss); }, Vector::GP,
     selector::other_tss},
    {"the TSS is not present", [](BareMachine& m) { set_tss(m, 0x67, 0x09); }, Vector::NP, selector::other_tss},
    {"the TSS is too short", [](BareMachine& m) { set_tss(m, 0x66, access::tss); }, Vector::TS,
     selector::other_tss},
    {"the old TSS is too short", [](BareMachine& m) { m.cpu.tr.limit = 0x66; }, Vector::TS, selector::tss},
};
const Scenario gate_cases[] = {
    {"the gate has DPL 0 and CPL is 3",
     [](BareMachine& m) {
         m.set_gdt(gate_selector, gate(selector::other_tss, 0, 0x85));
         from_ring3(m);
     },
     Vector::GP, selector::spare},
    {"the gate is not present",
     [](BareMachine& m) { m.set_gdt(gate_selector, gate(selector::other_tss, 0, 0x65)); }, Vector::NP,
     selector::spare},
    {"the gate names the LDT's table", [](BareMachine& m) { m.set_gdt(gate_selector, gate(0x0c, 0, 0xe5)); },
     Vector::GP, 0x0c},
    {"the gate names nothing inside the GDT",
     [](BareMachine& m) { m.set_gdt(gate_selector, gate(0x100, 0, 0xe5)); }, Vector::GP, 0x100},
    {"the gate names a busy TSS", [](BareMachine& m) { set_tss(m, 0x67, access::busy_tss); }, Vector::GP,
     selector::other_tss},
    {"the gate names code", [](BareMachine& m) { m.set_gdt(gate_selector, gate(selector::kernel_cs, 0, 0xe5)); },
     Vector::GP, 0x60},
    {"the gate's TSS is not present", [](BareMachine& m) { set_tss(m, 0x67, 0x09); }, Vector::NP,
     selector::other_tss},
};
const Scenario nested_cases[] = {
    {"the back link names the LDT's table", [](BareMachine& m) { m.put16(at::tss, 0x0c); }, Vector::TS, 0x0c},
    {"the back link lies outside the GDT", [](BareMachine& m) { m.put16(at::tss, 0x100); }, Vector::TS, 0x100},
    {"the back link names a TSS that is not busy", [](BareMachine& m) { set_tss(m, 0x67, access::tss); },
     Vector::TS, selector::other_tss},
    {"the back link's TSS is not present", [](BareMachine& m) { set_tss(m, 0x67, 0x0b); }, Vector::NP,
     selector::other_tss},
    {"the back link's TSS is too short", [](BareMachine& m) { set_tss(m, 0x60, access::busy_tss); }, Vector::TS,
     selector::other_tss},
};
// In the new task: the fault comes after the switch.
const Scenario context_cases[] = {
    {"LDT in the LDT", [](BareMachine& m) { set(m, field::ldt, 0x0c); }, Vector::TS, 0x0c},
    {"LDT outside the GDT", [](BareMachine& m) { set(m, field::ldt, 0x100); }, Vector::TS, 0x100},
    {"LDT is no LDT", [](BareMachine& m) { set(m, field::ldt, selector::tss); }, Vector::TS, selector::tss},
    {"LDT not present", [](BareMachine& m) { m.set_gdt(selector::ldt, descriptor(at::ldt, 0x3f, 0x02, false)); },
     Vector::TS, selector::ldt},
    {"CS null", [](BareMachine& m) { set(m, field::cs, 0); }, Vector::TS, 0},
    {"CS outside the GDT", [](BareMachine& m) { set(m, field::cs, 0x100); }, Vector::TS, 0x100},
    {"CS is data", [](BareMachine& m) { set(m, field::cs, selector::kernel_ds); }, Vector::TS, selector::kernel_ds},
    {"CS with RPL 0 and DPL 3", [](BareMachine& m) { set(m, field::cs, 0x70); }, Vector::TS, 0x70},
    {"CS not present", [](BareMachine& m) { m.set_gdt(selector::kernel_cs, descriptor(0, 0xffffffff, 0x1b)); },
     Vector::NP, 0x60},
    {"SS null", [](BareMachine& m) { set(m, field::ss, 0); }, Vector::TS, 0},
    {"SS outside the GDT", [](BareMachine& m) { set(m, field::ss, 0x100); }, Vector::TS, 0x100},
    {"SS with RPL 3", [](BareMachine& m) { set(m, field::ss, 0x6b); }, Vector::TS, 0x68},
    {"SS with DPL 3", [](BareMachine& m) { set(m, field::ss, 0x78); }, Vector::TS, 0x78},
    {"SS is code", [](BareMachine& m) { set(m, field::ss, selector::kernel_cs); }, Vector::TS, 0x60},
    {"SS not present", [](BareMachine& m) { m.set_gdt(selector::kernel_ds, descriptor(0, 0xffffffff, 0x13)); },
     Vector::SS, 0x68},
    {"DS is a TSS", [](BareMachine& m) { set(m, field::ds, selector::tss); }, Vector::TS, selector::tss},
    {"ES outside the GDT", [](BareMachine& m) { set(m, field::es, 0x100); }, Vector::TS, 0x100},
    {"FS with RPL above its DPL", [](BareMachine& m) { set(m, field::fs, 0x6b); }, Vector::TS, 0x68},
    {"GS not present",
     [](BareMachine& m) {
         set(m, field::gs, selector::user_ds);
         m.set_gdt(selector::user_ds, descriptor(0, 0xffffffff, 0x73));
     },
     Vector::NP, 0x78},
    {"EIP above the limit of CS",
     [](BareMachine& m) { m.set_gdt(selector::kernel_cs, descriptor(0, new_eip - 1, access::code0)); }, Vector::GP,
     0},
    {"the T flag", [](BareMachine& m) { set(m, field::trap, 1); }, Vector::DB, 0},
};

} // namespace

std::vector<Scenario> trapgate::tests::task_scenarios() {
    std::vector<Scenario> all;
    const auto add = [&all](Scenario each, void (*begin)(BareMachine&), void (*go)(BareMachine&),
                            bool committed = false) {
        each.begin = begin;
        each.go = go;
        each.committed = committed;
        all.push_back(each);
    };
    const Scenario good{"task switch", [](BareMachine&) {}};
    for (const auto go : {jump, call, jump_gate, call_gate, int8, double_fault}) add(good, two_tasks, go);
    add(good, nested, iret);
    for (const Scenario& each : direct_cases)
        for (const auto go : {jump, call}) add(each, two_tasks, go);
    for (const Scenario& each : gate_cases)
        for (const auto go : {jump_gate, call_gate}) add(each, two_tasks, go);
    for (const Scenario& each : nested_cases) add(each, nested, iret);
    for (const Scenario& each : context_cases) {
        for (const auto go : {jump, call, call_gate, int8}) add(each, two_tasks, go, true);
        add(each, nested, iret, true);
    }
    add({"no room for the error code",
         [](BareMachine& m) {
             m.set_gdt(selector::spare2, descriptor(0, 0xfffff, access::data0));
             set(m, field::ss, selector::spare2);
             set(m, field::esp, 2);
         },
         Vector::SS, 1},
        two_tasks, double_fault, true);
    const auto absent = [](BareMachine& m) {
        m.enable_paging();
        m.set_page(at::tss, 1);
    };
    add({"the TSS lies on a read-only page", absent, Vector::PF, 3}, two_tasks, jump);
    add({"the TSS lies on a read-only page", absent, Vector::PF, 3}, two_tasks, call);
    add({"the TSS lies on a read-only page", absent, Vector::PF, 3}, nested, iret);
    add({"the GDT lies on a read-only page",
         [](BareMachine& m) {
             m.enable_paging();
             m.set_page(at::gdt, 1);
         },
         Vector::PF, 3},
        two_tasks, call);
    return all;
}

TEST_CASE("checks before a task switch leave the old task untouched, checks after it belong to the new one",
          "[H07]") {
    check_scenarios(task_scenarios(), [](const BareMachine& m) {
        CHECK(m.cpu.tr.selector == selector::other_tss);
        CHECK(m.cpu.eip == new_eip);
    });
}

TEST_CASE("a jmp to a TSS saves the old task, loads the new one and moves the busy bit") {
    BareMachine m;
    two_tasks(m);
    const auto go = GENERATE(jump, jump_gate);
    go(m);
    CHECK(m.cpu.eip == new_eip);
    CHECK(m.esp() == new_esp);
    CHECK(m.eflags() == 0x246);
    CHECK(m.cpu.reg(Gpr::eax) == 0x1000);
    CHECK(m.cpu.reg(Gpr::edi) == 0x1007);
    CHECK(m.cpu.segment(SegmentRegister::fs).selector == selector::kernel_ds);
    CHECK(m.cpu.segment(SegmentRegister::fs).can_write);
    CHECK(!m.cpu.segment(SegmentRegister::gs).present);
    CHECK(m.cpu.ldtr.base == at::ldt);
    CHECK((m.cpu.cr0 & cr0::ts));
    CHECK(m.cpu.dr[7] == (0x400 | 0x2)); // G0 stays, L0 goes
    CHECK(m.cpu.tr.selector == selector::other_tss);
    CHECK(m.gdt(selector::tss) == descriptor(at::tss, 0xff, access::tss, false));
    CHECK(m.gdt(selector::other_tss) == descriptor(at::other_tss, 0x67, access::busy_tss, false));
    CHECK(m.word(at::tss + field::eip) == 0xd010);
    CHECK(m.word(at::tss + field::eflags) == 0x203);
    CHECK(m.word(at::tss + field::eax) == 0xaaaa);
    CHECK(m.word(at::tss + field::esp) == at::kernel_stack);
    CHECK(m.word16(at::tss + field::cs) == selector::kernel_cs);
}

TEST_CASE("a call to a TSS nests: NT, the back link, both busy; iret comes back", "[H07]") {
    BareMachine m;
    two_tasks(m);
    const auto go = GENERATE(call, call_gate, int8);
    go(m);
    CHECK(m.eflags() == (0x246 | eflags::nt));
    CHECK(m.word16(at::other_tss) == selector::tss);
    CHECK(m.gdt(selector::tss) == descriptor(at::tss, 0xff, access::busy_tss, false));
    CHECK(m.gdt(selector::other_tss) == descriptor(at::other_tss, 0x67, access::busy_tss, false));

    iret(m);
    CHECK(m.cpu.tr.selector == selector::tss);
    CHECK(m.cpu.eip == 0xd010);
    CHECK(m.eflags() == 0x203);
    CHECK(m.cpu.reg(Gpr::eax) == 0xaaaa);
    CHECK(m.gdt(selector::other_tss) == descriptor(at::other_tss, 0x67, access::tss, false));
    CHECK(m.word(at::other_tss + field::eflags) == 0x246); // NT cleared in the image
}

TEST_CASE("vector 8 through a task gate pushes its error code onto the new task's stack", "[H07]") {
    BareMachine m;
    two_tasks(m);
    from_ring3(m);
    CHECK(protect::deliver(m.cpu, {Vector::DF, 0}) == protect::Delivery::Delivered);
    CHECK(m.cpu.cpl == 0);
    CHECK(m.cpu.eip == new_eip);
    CHECK(m.esp() == new_esp - 4);
    CHECK(m.stack(0) == 0);
    CHECK(m.word(at::tss + field::eip) == at::user_code);
    CHECK(m.word16(at::tss + field::cs) == selector::user_cs);
}

TEST_CASE("a task switch loads CR3 only while paging, and reads the new descriptors through it") {
    BareMachine m;
    two_tasks(m);
    set(m, field::cr3, 0x12000);
    jump(m);
    CHECK(m.cpu.cr3 == 0);

    BareMachine paged;
    two_tasks(paged);
    paged.enable_paging();
    paged.put(0x12000, at::page_table | 7);
    set(paged, field::cr3, 0x12000);
    jump(paged);
    CHECK(paged.cpu.cr3 == 0x12000);
}

TEST_CASE("a task switch to ring 3 takes the new level from CS") {
    BareMachine m;
    two_tasks(m);
    set(m, field::cs, selector::user_cs);
    for (const u32 which : {field::es, field::ss, field::ds, field::fs}) set(m, which, selector::user_ds);
    jump(m);
    CHECK(m.cpu.cpl == 3);
    CHECK((m.cpu.mode & mode::user));
    CHECK(m.cpu.tlb == &m.cpu.tlbs[1]);
}

TEST_CASE("a 16-bit TSS holds words: the old task is saved whole only in its own format") {
    BareMachine m;
    two_tasks(m);
    m.put16(at::tss16 + 0x0e, 0xd456);
    m.put16(at::tss16 + 0x10, 0x0246);
    for (u32 i = 0; i < 8; ++i) m.put16(at::tss16 + 0x12 + 2 * i, static_cast<u16>(0x2000 + i));
    m.put16(at::tss16 + 0x22, selector::kernel_ds);
    m.put16(at::tss16 + 0x24, selector::kernel_cs);
    m.put16(at::tss16 + 0x26, selector::kernel_ds);
    m.put16(at::tss16 + 0x28, selector::kernel_ds);
    m.put16(at::tss16 + 0x2a, 0);
    protect::far_call(m.cpu, selector::tss16, 0, OperandSize::Doubleword);
    CHECK(m.cpu.eip == 0xd456);
    CHECK(m.eflags() == (0x246 | eflags::nt));
    CHECK(m.cpu.get<u16>(0) == 0x2000);
    CHECK(!m.cpu.segment(SegmentRegister::fs).present);
    CHECK(m.word16(at::tss16) == selector::tss);
    CHECK(m.word(at::tss + field::eax) == 0xaaaa);
    CHECK(m.gdt(selector::tss16) == descriptor(at::tss16, 0x2b, 0x83, false));

    m.cpu.reg(Gpr::ecx) = 0x12345678;
    iret(m);
    CHECK(m.cpu.reg(Gpr::eax) == 0xaaaa);
    CHECK(m.word16(at::tss16 + 0x14) == 0x5678);
    CHECK(m.cpu.tr.selector == selector::tss);
}

TEST_CASE("the T flag of a TSS raises #DB in the new task with BT in DR6") {
    BareMachine m;
    two_tasks(m);
    set(m, field::trap, 1);
    const auto fault = fault_of([&] { jump(m); });
    REQUIRE(fault);
    CHECK(fault->committed);
    CHECK((m.cpu.dr[6] & 0x8000));
}
