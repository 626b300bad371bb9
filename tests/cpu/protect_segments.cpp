// SPDX-License-Identifier: MIT
// Loads of data and system segment registers, LAR, LSL, VERR, VERW, and the I/O permission bitmap.
#include "catch.hpp"
#include "cpu/bare_machine.hpp"

using namespace trapgate;
using namespace trapgate::tests;
using protect::OperandSize;
using S = SegmentRegister;

namespace {

struct Load {
    const char* what;
    u8 cpl;
    u16 selector;
    std::optional<u64> descriptor; ///< put there first
    std::optional<Vector> vector;
    u32 error;
};

constexpr u64 flat(u8 access_byte) {
    return descriptor(0, 0xffffffff, access_byte);
}

BareMachine& stand(BareMachine& m, u8 cpl) {
    cpl == 3 ? m.enter_user() : cpl == 1 ? m.enter_level1() : m.enter_kernel();
    return m;
}

void check(const Load& load, S r) {
    INFO(load.what);
    BareMachine m;
    stand(m, load.cpl);
    if (load.descriptor) m.set_gdt(load.selector, *load.descriptor);
    const Picture before(m);
    const auto fault = fault_of([&] { protect::load_segment(m.cpu, r, load.selector); });
    REQUIRE(fault.has_value() == load.vector.has_value());
    if (!fault) {
        CHECK(m.cpu.segment(r).selector == load.selector);
        return;
    }
    CHECK(fault->vector == *load.vector);
    CHECK(fault->error_code == load.error);
    CHECK(Picture(m) == before);
}

} // namespace

TEST_CASE("loads of DS, ES, FS and GS check table, type, privilege and presence") {
    const Load loads[] = {
        {"a null selector is fine", 3, 0, {}, {}, 0},
        {"null with an RPL too", 3, 3, {}, {}, 0},
        {"own data", 3, selector::user_ds, {}, {}, 0},
        {"outer data from ring 0", 0, selector::user_ds, {}, {}, 0},
        {"readable code", 3, selector::user_cs, {}, {}, 0},
        {"conforming code of any level", 3, selector::conforming_cs | 3, {}, {}, 0},
        {"outside the GDT", 3, 0x103, {}, Vector::GP, 0x100},
        {"outside the LDT", 3, 0x47, {}, Vector::GP, 0x44},
        {"an inner level's data", 3, selector::kernel_ds, {}, Vector::GP, 0x68},
        {"an RPL above the DPL", 0, selector::kernel_ds | 3, {}, Vector::GP, 0x68},
        {"execute-only code", 3, selector::spare | 3, flat(0xf9), Vector::GP, selector::spare},
        {"execute-only conforming code", 3, selector::spare | 3, flat(0xfd), Vector::GP, selector::spare},
        {"a TSS", 0, selector::tss, {}, Vector::GP, selector::tss},
        {"absent", 3, selector::spare | 3, flat(0x73), Vector::NP, selector::spare},
    };
    for (const Load& load : loads)
        for (const S r : {S::ds, S::es, S::fs, S::gs}) check(load, r);
}

TEST_CASE("loads of SS want writable data of exactly this level") {
    const Load loads[] = {
        {"own data", 3, selector::user_ds, {}, {}, 0},
        {"null", 0, 0, {}, Vector::GP, 0},
        {"outside the GDT", 0, 0x100, {}, Vector::GP, 0x100},
        {"another DPL", 0, 0x78, {}, Vector::GP, 0x78},
        {"another RPL", 0, selector::kernel_ds | 3, {}, Vector::GP, 0x68},
        {"code", 0, selector::kernel_cs, {}, Vector::GP, 0x60},
        {"read-only data", 0, selector::spare, flat(0x91), Vector::GP, selector::spare},
        {"absent", 0, selector::spare, flat(0x13), Vector::SS, selector::spare},
    };
    for (const Load& load : loads) check(load, S::ss);
}

TEST_CASE("a load sets the accessed bit in memory once and keeps the mode true") {
    BareMachine m;
    m.set_gdt(selector::spare, descriptor(0x1000, 0xfff, 0x92));
    protect::load_segment(m.cpu, S::ds, selector::spare);
    CHECK(m.gdt(selector::spare) == descriptor(0x1000, 0xfff, 0x93));
    CHECK(m.cpu.segment(S::ds).base == 0x1000);
    CHECK(m.cpu.segment(S::ds).highest == 0xfff);
    CHECK(!(m.cpu.mode & mode::flat));
    protect::load_segment(m.cpu, S::ds, selector::kernel_ds);
    CHECK((m.cpu.mode & mode::flat));
}

TEST_CASE("an expand-down segment holds what lies above its limit") {
    BareMachine m;
    m.set_gdt(selector::spare, descriptor(0, 0xfff, 0x97));
    protect::load_segment(m.cpu, S::es, selector::spare);
    CHECK(!m.cpu.segment(S::es).holds(0xfff, 1));
    CHECK(m.cpu.segment(S::es).holds(0x1000, 4));
    CHECK(m.cpu.segment(S::es).holds(0xfffffffc, 4));
}

TEST_CASE("LTR wants an available TSS in the GDT and marks it busy") {
    BareMachine m;
    protect::load_task_register(m.cpu, selector::other_tss);
    CHECK(m.cpu.tr.base == at::other_tss);
    CHECK(m.gdt(selector::other_tss) == descriptor(at::other_tss, 0x67, access::busy_tss, false));
    m.set_gdt(selector::spare, descriptor(0, 0x67, 0x09, false));
    struct {
        u16 which;
        Vector vector;
        u32 error;
    } const bad[] = {
        {0, Vector::GP, 0},
        {0x0c, Vector::GP, 0x0c},
        {0x100, Vector::GP, 0x100},
        {selector::other_tss, Vector::GP, selector::other_tss}, // busy now
        {selector::kernel_ds, Vector::GP, 0x68},
        {selector::ldt, Vector::GP, selector::ldt},
        {selector::spare, Vector::NP, selector::spare},
    };
    for (const auto& each : bad) {
        const auto fault = fault_of([&] { protect::load_task_register(m.cpu, each.which); });
        REQUIRE(fault);
        CHECK(fault->vector == each.vector);
        CHECK(fault->error_code == each.error);
    }
    m.enter_user();
    CHECK(fault_of([&] { protect::load_task_register(m.cpu, selector::tss16); })->vector == Vector::GP);
}

TEST_CASE("LLDT takes an LDT or null") {
    BareMachine m;
    m.put64(at::ldt + 8, flat(0xf3));
    protect::load_segment(m.cpu, S::fs, 0x0f);
    CHECK(m.cpu.segment(S::fs).present);
    protect::load_local_table(m.cpu, 0);
    CHECK(fault_of([&] { protect::load_segment(m.cpu, S::fs, 0x0f); })->error_code == 0x0c);
    CHECK(fault_of([&] { protect::load_local_table(m.cpu, selector::tss); })->error_code == selector::tss);
    m.set_gdt(selector::spare, descriptor(at::ldt, 7, 0x02, false));
    CHECK(fault_of([&] { protect::load_local_table(m.cpu, selector::spare); })->vector == Vector::NP);
}

TEST_CASE("LAR gives the rights of what may be seen") {
    BareMachine m;
    m.enter_user();
    using protect::load_access_rights;
    CHECK(load_access_rights(m.cpu, selector::user_ds, OperandSize::Doubleword) == 0x00cff300);
    CHECK(load_access_rights(m.cpu, selector::user_ds, OperandSize::Word) == 0xf300);
    CHECK(load_access_rights(m.cpu, selector::conforming_cs, OperandSize::Word) == 0x9f00);
    CHECK(!load_access_rights(m.cpu, selector::kernel_ds, OperandSize::Word));
    CHECK(!load_access_rights(m.cpu, 0, OperandSize::Word));
    CHECK(!load_access_rights(m.cpu, 0x103, OperandSize::Word));
    m.set_gdt(selector::spare, gate(0x60, 0, 0xec));
    CHECK(load_access_rights(m.cpu, selector::spare, OperandSize::Word) == 0xec00);
    CHECK(!protect::load_segment_limit(m.cpu, selector::spare));
    m.set_gdt(selector::spare, gate(0x60, 0, 0xee)); // an interrupt gate has no place here
    CHECK(!load_access_rights(m.cpu, selector::spare, OperandSize::Word));
}

TEST_CASE("LSL gives the limit in bytes, VERR and VERW the truth about reading and writing") {
    BareMachine m;
    CHECK(protect::load_segment_limit(m.cpu, selector::kernel_ds) == 0xffffffff);
    CHECK(protect::load_segment_limit(m.cpu, selector::tss) == 0xff);
    CHECK(!protect::load_segment_limit(m.cpu, selector::kernel_ds | 3));
    CHECK(protect::verify_read(m.cpu, selector::kernel_cs));
    CHECK(!protect::verify_write(m.cpu, selector::kernel_cs));
    CHECK(protect::verify_write(m.cpu, selector::kernel_ds));
    CHECK(!protect::verify_read(m.cpu, selector::tss));
    m.set_gdt(selector::spare, flat(0x91));
    CHECK(protect::verify_read(m.cpu, selector::spare));
    CHECK(!protect::verify_write(m.cpu, selector::spare));
    m.set_gdt(selector::spare, flat(0x99));
    CHECK(!protect::verify_read(m.cpu, selector::spare));
    m.enter_user();
    CHECK(!protect::verify_read(m.cpu, selector::kernel_ds));
}

TEST_CASE("ring 3 may use the ports whose bits are clear in the TSS's bitmap", "[H19]") {
    BareMachine m;
    m.enter_user();
    const auto allowed = [&m](u16 port, u8 size) {
        const auto fault = fault_of([&] { protect::check_port(m.cpu, port, size); });
        if (fault) CHECK((fault->vector == Vector::GP && fault->error_code == 0));
        return !fault;
    };
    m.put(at::tss + 0x68, 0xffff7efe); // ports 0, 8 and 15 free
    CHECK(allowed(0, 1));
    CHECK(!allowed(0, 2));
    CHECK(!allowed(1, 1));
    CHECK(allowed(8, 1));
    CHECK(allowed(15, 1));
    CHECK(!allowed(15, 2));
    m.put(at::tss + 0x68, 0xfffe7fff); // 15 and 16: a word that crosses two bytes of the map
    CHECK(allowed(15, 2));
    CHECK(!allowed(14, 4));

    SECTION("the map ends with the TSS") {
        m.put(at::tss + 0x68, 0);
        m.cpu.tr.limit = 0x69;
        CHECK(allowed(7, 1));
        CHECK(!allowed(8, 1)); // its second byte lies outside
        m.put16(at::tss + 0x66, 0xffff);
        CHECK(!allowed(0, 1));
    }
    SECTION("a 16-bit TSS has none, IOPL 3 and ring 0 need none") {
        m.put(at::tss + 0x68, 0);
        m.cpu.tr.type = 3;
        CHECK(!allowed(0, 1));
        m.cpu.set_eflags(0x202 | eflags::iopl);
        CHECK(allowed(0x70, 4));
        m.enter_kernel();
        CHECK(allowed(0x70, 4));
    }
}
