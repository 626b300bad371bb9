// SPDX-License-Identifier: MIT
// Rules that only inner rings or tables of one's own can show, so that the comparison with silicon, which runs in ring 3, cannot:
// POPF at every level, LAR and LSL of every type of descriptor.
// Source: [SDM2] POPF, table "Effect of POPF/POPFD on the EFLAGS Register"; LAR and LSL, tables of segment and gate types.
#include "catch.hpp"
#include "cpu/engine_machine.hpp"

using namespace trapgate;
using namespace trapgate::tests;

namespace {

constexpr u32 all_bits =
    0x003f'7fd5 & ~(eflags::tf | eflags::rf); // every flag that exists but the two that change the run

/// EFLAGS after POPF or POPFD of `image`, executed at a level with that IOPL and everything else 0.
u32 popped(u8 cpl, u32 iopl, bool word, u32 image) {
    EngineMachine m;
    cpl == 0 ? m.enter_kernel() : cpl == 1 ? m.enter_level1() : m.enter_user();
    m.cpu.set_eflags(2 | iopl << eflags::iopl_shift);
    if (word)
        m.code(m.cpu.eip, {0x66, 0x9d});
    else
        m.code(m.cpu.eip, {0x9d});
    m.push_words({image});
    m.engine.run(m.cpu.instructions + 1);
    REQUIRE(m.cpu.cpl == cpl);
    return m.eflags();
}

} // namespace

TEST_CASE(
    "POPF changes IF where CPL <= IOPL, IOPL in ring 0 only, AC and ID with 32 bits, and never VM, VIF or VIP") {
    for (const u8 cpl : {u8{0}, u8{1}, u8{3}})
        for (u32 iopl = 0; iopl < 4; ++iopl)
            for (const bool word : {false, true}) {
                INFO("CPL " << int{cpl} << ", IOPL " << iopl << (word ? ", 16 bits" : ", 32 bits"));
                u32 expected = 2 | eflags::arithmetic | eflags::df | eflags::nt;
                if (cpl <= iopl) expected |= eflags::if_;
                if (!word) expected |= eflags::ac | eflags::id;
                expected |= cpl == 0 ? eflags::iopl : iopl << eflags::iopl_shift;
                CHECK(popped(cpl, iopl, word, all_bits) == expected);
                CHECK(popped(cpl, iopl, word, 0) == (2 | (cpl == 0 ? 0 : iopl << eflags::iopl_shift)));
            }
}

TEST_CASE("LAR and LSL know the system types that the manual's tables mark as valid, and no others") {
    constexpr u16 with_rights = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 9 | 1u << 0xb | 1u << 0xc;
    constexpr u16 with_limit = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 9 | 1u << 0xb;
    for (u32 type = 0; type < 16; ++type) {
        INFO("type " << std::hex << type);
        BareMachine m;
        m.set_gdt(selector::spare, descriptor(0x1234, 0x678, static_cast<u8>(0x80 | type), false));
        const auto rights = protect::load_access_rights(m.cpu, selector::spare, protect::OperandSize::Doubleword);
        const auto limit = protect::load_segment_limit(m.cpu, selector::spare);
        CHECK(rights.has_value() == bool(with_rights >> type & 1));
        CHECK(limit.has_value() == bool(with_limit >> type & 1));
        if (rights) CHECK(*rights == (0x8000 | type << 8));
        if (limit) CHECK(*limit == 0x678);
        CHECK(!protect::verify_read(m.cpu, selector::spare));
        CHECK(!protect::verify_write(m.cpu, selector::spare));
    }
}

TEST_CASE("LAR, LSL, VERR and VERW of code and data go by type, and by DPL unless the code conforms") {
    for (u32 type = 0; type < 16; ++type)
        for (const u8 dpl : {u8{0}, u8{3}}) {
            INFO("type " << std::hex << type << ", DPL " << int{dpl});
            BareMachine m;
            m.set_gdt(selector::spare, descriptor(0, 0x678, static_cast<u8>(0x90 | dpl << 5 | type)));
            m.enter_user();
            const bool code = type & 8, conforming = code && (type & 4);
            const bool visible = dpl == 3 || conforming;
            constexpr u16 asked = selector::spare | 3;
            CHECK(protect::load_access_rights(m.cpu, asked, protect::OperandSize::Doubleword).has_value() ==
                  visible);
            CHECK(protect::load_segment_limit(m.cpu, asked).has_value() == visible);
            CHECK(protect::verify_read(m.cpu, asked) == (visible && (!code || (type & 2))));
            CHECK(protect::verify_write(m.cpu, asked) == (visible && !code && (type & 2)));
        }
}
