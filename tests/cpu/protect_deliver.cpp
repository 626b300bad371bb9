// SPDX-License-Identifier: MIT
// Delivering exceptions: CR2, RF, error codes, double and triple faults.
#include "catch.hpp"
#include "cpu/bare_machine.hpp"

using namespace trapgate;
using namespace trapgate::tests;
using protect::deliver;
using protect::Delivery;

namespace {

/// The vector whose handler the processor stands at.
u32 handled(const BareMachine& m) {
    return (m.cpu.eip - at::handler) / 16;
}

void break_gate(BareMachine& m, Vector vector) {
    m.set_idt(static_cast<u8>(vector), gate(selector::kernel_cs, 0xd000, 0x0e)); // not present: #NP
}
void page_fault_gate(BareMachine& m, Vector vector) {
    // The handler's code segment lies in an LDT on an absent page: #PF.
    m.set_idt(static_cast<u8>(vector), gate(0x0c, 0xd000, 0x8e));
    m.set_page(at::ldt, 0);
}

} // namespace

TEST_CASE("a page fault sets CR2 and pushes its error code") {
    BareMachine m;
    m.enter_user();
    CHECK(deliver(m.cpu, {Vector::PF, 6, 0x08048000}) == Delivery::Delivered);
    CHECK(handled(m) == 14);
    CHECK(m.cpu.cr2 == 0x08048000);
    CHECK(m.stack(0) == 6);
    CHECK(m.stack(1) == at::user_code);
}

TEST_CASE("faults set RF in the frame, traps and #DB do not, and the handler starts with RF 0") {
    for (const Vector vector : {Vector::DE, Vector::BR, Vector::UD, Vector::NM, Vector::TS, Vector::NP, Vector::SS,
                                Vector::GP, Vector::PF, Vector::MF, Vector::AC, Vector::XM, Vector::DB, Vector::NMI,
                                Vector::BP, Vector::OF, Vector::DF, Vector::MC}) {
        INFO(int(vector));
        BareMachine m;
        m.enter_user();
        REQUIRE(deliver(m.cpu, {vector}) == Delivery::Delivered);
        CHECK(handled(m) == static_cast<u32>(vector));
        const bool fault = vector != Vector::DB && vector != Vector::NMI && vector != Vector::BP &&
                           vector != Vector::OF && vector != Vector::DF && vector != Vector::MC;
        const u32 image = m.stack(pushes_error_code(vector) ? 3 : 2);
        CHECK(image == (0x202 | (fault ? eflags::rf : 0)));
        CHECK(!(m.eflags() & eflags::rf));
        CHECK(m.esp() == at::kernel_stack - 20 - (pushes_error_code(vector) ? 4 : 0));
    }
}

TEST_CASE("a #DB clears GD, so that its handler can use the debug registers") {
    BareMachine m;
    m.cpu.dr[7] = 0x2400;
    CHECK(deliver(m.cpu, {Vector::DB}) == Delivery::Delivered);
    CHECK(m.cpu.dr[7] == 0x400);
}

TEST_CASE("a benign exception whose handler cannot be reached gives way to the second fault") {
    BareMachine m;
    m.enter_user();
    break_gate(m, Vector::UD);
    CHECK(deliver(m.cpu, {Vector::UD}) == Delivery::Delivered);
    CHECK(handled(m) == 11);
    CHECK(m.stack(0) == 6 * 8 + 2 + 1); // IDT and EXT
    CHECK(m.stack(1) == at::user_code);
}

TEST_CASE("the table of double faults holds") {
    const bool second_is_page = GENERATE(false, true);
    const Vector first = GENERATE(Vector::BP, Vector::GP, Vector::PF); // benign, contributory, page fault
    BareMachine m;
    m.enable_paging();
    m.enter_user();
    second_is_page ? page_fault_gate(m, first) : break_gate(m, first);
    const bool doubles = first == Vector::PF || (first == Vector::GP && !second_is_page);
    CHECK(deliver(m.cpu, {first}) == Delivery::Delivered);
    CHECK(handled(m) == (doubles ? 8 : second_is_page ? 14 : 11));
    if (doubles) {
        CHECK(m.stack(0) == 0);
        CHECK(m.stack(1) == at::user_code);
    }
}

TEST_CASE("a page fault during a page fault leaves the second address in CR2") {
    BareMachine m;
    m.enable_paging();
    m.enter_user();
    page_fault_gate(m, Vector::PF);
    CHECK(deliver(m.cpu, {Vector::PF, 4, 0x1234}) == Delivery::Delivered);
    CHECK(handled(m) == 8);
    CHECK(m.cpu.cr2 == at::ldt + 8);
}

TEST_CASE("a fault while a double fault is delivered is a triple fault, and nothing is delivered") {
    BareMachine m;
    m.enter_user();
    const Vector first = GENERATE(Vector::GP, Vector::DF);
    break_gate(m, Vector::GP);
    break_gate(m, Vector::NP);
    break_gate(m, Vector::DF);
    const Picture before(m);
    CHECK(deliver(m.cpu, {first}) == Delivery::TripleFault);
    CHECK(Picture(m) == before);
}

TEST_CASE("an empty IDT ends in a triple fault whatever comes first") {
    BareMachine m;
    m.cpu.idtr.limit = 0;
    CHECK(deliver(m.cpu, {Vector::BP}) == Delivery::TripleFault);
    CHECK(protect::deliver_external(m.cpu, 0x20) == Delivery::TripleFault);
}

TEST_CASE("an external interrupt whose gate is broken delivers the fault with EXT") {
    BareMachine m;
    m.enter_user();
    m.set_idt(0x20, 0);
    CHECK(protect::deliver_external(m.cpu, 0x20) == Delivery::Delivered);
    CHECK(handled(m) == 13);
    CHECK(m.stack(0) == 0x20 * 8 + 2 + 1);

    m.enter_user();
    CHECK(protect::deliver_external(m.cpu, 0x21) == Delivery::Delivered);
    CHECK(handled(m) == 0x21);
    CHECK(!(m.eflags() & eflags::if_));
}
