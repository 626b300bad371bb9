// SPDX-License-Identifier: MIT
// The table of registers. Source of names: [SDM1] "Basic Program Execution Registers"; gdb's i386 target description.
#include "machine/edit.hpp"

#include "cpu/model.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace trapgate::machine {

namespace {

using cpu::Cpu;
using cpu::Gpr;
using cpu::SegmentRegister;

template <Gpr r> constexpr RegisterInfo general(std::string_view name) {
    return {name, 32, [](const Cpu& c) -> u64 { return c.reg(r); },
            [](Cpu& c, u64 value) -> Status {
                c.reg(r) = static_cast<u32>(value);
                return Nothing{};
            }};
}

template <SegmentRegister r> constexpr RegisterInfo segment(std::string_view name) {
    return {name, 16, [](const Cpu& c) -> u64 { return c.segment(r).selector; }, nullptr};
}
template <SegmentRegister r> constexpr RegisterInfo segment_base(std::string_view name) {
    return {name, 32, [](const Cpu& c) -> u64 { return c.segment(r).base; }, nullptr};
}

template <auto member> constexpr RegisterInfo plain(std::string_view name, u8 bits) {
    return {name, bits, [](const Cpu& c) -> u64 { return c.*member; },
            [](Cpu& c, u64 value) -> Status {
                c.*member = static_cast<std::remove_reference_t<decltype(c.*member)>>(value);
                return Nothing{};
            }};
}

template <int n> constexpr RegisterInfo debug(std::string_view name) {
    return {name, 32, [](const Cpu& c) -> u64 { return c.dr[n]; }, nullptr};
}

Status set_eip(Cpu& c, u64 value) {
    c.eip = static_cast<u32>(value);
    c.halted = false;
    return Nothing{};
}

Status set_eflags(Cpu& c, u64 value) {
    if (value & cpu::eflags::vm) return Error{"EFLAGS.VM cannot be set alone: IRET sets it with the segments"};
    c.set_eflags(static_cast<u32>(value));
    return Nothing{};
}

Status set_cr0(Cpu& c, u64 value) {
    if (!(value & cpu::cr0::pe)) return Error{"real mode is not there: CR0.PE has to stay 1"};
    c.set_cr0(static_cast<u32>(value));
    return Nothing{};
}

Status set_cr3(Cpu& c, u64 value) {
    c.set_cr3(static_cast<u32>(value));
    c.flush_tlb(false);
    return Nothing{};
}

Status set_cr4(Cpu& c, u64 value) {
    c.set_cr4(static_cast<u32>(value));
    c.flush_tlb(false);
    return Nothing{};
}

Status set_mxcsr(Cpu& c, u64 value) {
    if (!c.model.has(cpu::feature::sse)) return Error{"this processor has no MXCSR"};
    if (value & ~u64{c.model.mxcsr_mask()}) return Error{"reserved bits of MXCSR have to stay 0"};
    c.sse.mxcsr = static_cast<u32>(value);
    return Nothing{};
}

/// The doubleword at offset 4 of the 32-bit TSS; 0 if it is not mapped. [SDM3] "Task-State Segment (TSS)".
template <u32 offset, class T> u64 of_tss(const Cpu& c) {
    T value{};
    for (u32 i = 0; i < sizeof(T); ++i) {
        const mmu::PageWalk walk =
            mmu::walk_page_table(c.bus.memory(), c.paging_mode(), {c.tr.base + offset + i}, Intent::Read, false);
        const PhysicalAddress place = c.paging() ? walk.page + ((c.tr.base + offset + i) & page_offset_mask)
                                                 : PhysicalAddress{c.tr.base + offset + i};
        if ((c.paging() && !walk.ok) || !c.bus.memory().contains(place, 1)) return 0;
        value = static_cast<T>(value | T{c.bus.memory().bytes()[place.value]} << (8 * i));
    }
    return value;
}

constexpr std::array registers{
    general<Gpr::eax>("eax"),
    general<Gpr::ecx>("ecx"),
    general<Gpr::edx>("edx"),
    general<Gpr::ebx>("ebx"),
    general<Gpr::esp>("esp"),
    general<Gpr::ebp>("ebp"),
    general<Gpr::esi>("esi"),
    general<Gpr::edi>("edi"),
    RegisterInfo{"eip", 32, [](const Cpu& c) -> u64 { return c.eip; }, set_eip},
    RegisterInfo{"eflags", 32, [](const Cpu& c) -> u64 { return c.flags.image(); }, set_eflags},
    segment<SegmentRegister::cs>("cs"),
    segment<SegmentRegister::ss>("ss"),
    segment<SegmentRegister::ds>("ds"),
    segment<SegmentRegister::es>("es"),
    segment<SegmentRegister::fs>("fs"),
    segment<SegmentRegister::gs>("gs"),
    segment_base<SegmentRegister::fs>("fs_base"),
    segment_base<SegmentRegister::gs>("gs_base"),
    RegisterInfo{"cpl", 2, [](const Cpu& c) -> u64 { return c.cpl; }, nullptr},
    RegisterInfo{"cr0", 32, [](const Cpu& c) -> u64 { return c.cr0; }, set_cr0},
    plain<&Cpu::cr2>("cr2", 32),
    RegisterInfo{"cr3", 32, [](const Cpu& c) -> u64 { return c.cr3; }, set_cr3},
    RegisterInfo{"cr4", 32, [](const Cpu& c) -> u64 { return c.cr4; }, set_cr4},
    RegisterInfo{"gdtr_base", 32, [](const Cpu& c) -> u64 { return c.gdtr.base; }, nullptr},
    RegisterInfo{"gdtr_limit", 16, [](const Cpu& c) -> u64 { return c.gdtr.limit; }, nullptr},
    RegisterInfo{"idtr_base", 32, [](const Cpu& c) -> u64 { return c.idtr.base; }, nullptr},
    RegisterInfo{"idtr_limit", 16, [](const Cpu& c) -> u64 { return c.idtr.limit; }, nullptr},
    RegisterInfo{"tr", 16, [](const Cpu& c) -> u64 { return c.tr.selector; }, nullptr},
    RegisterInfo{"ldtr", 16, [](const Cpu& c) -> u64 { return c.ldtr.selector; }, nullptr},
    RegisterInfo{"tss_base", 32, [](const Cpu& c) -> u64 { return c.tr.base; }, nullptr},
    RegisterInfo{"tss_esp0", 32, of_tss<4, u32>, nullptr},
    RegisterInfo{"tss_ss0", 16, of_tss<8, u16>, nullptr},
    plain<&Cpu::sysenter_cs>("msr_sysenter_cs", 32),
    plain<&Cpu::sysenter_esp>("msr_sysenter_esp", 32),
    plain<&Cpu::sysenter_eip>("msr_sysenter_eip", 32),
    RegisterInfo{"mxcsr", 32, [](const Cpu& c) -> u64 { return c.sse.mxcsr; }, set_mxcsr},
    debug<0>("dr0"),
    debug<1>("dr1"),
    debug<2>("dr2"),
    debug<3>("dr3"),
    debug<6>("dr6"),
    debug<7>("dr7"),
};

// --- Wide registers in parts of 64 bits or less, by the names that gdb gives such parts ----------------------

template <unsigned n, unsigned half> constexpr RegisterInfo xmm_half(std::string_view name) {
    return {name, 64,
            [](const Cpu& c) -> u64 { return c.sse.xmm[n][2 * half] | u64{c.sse.xmm[n][2 * half + 1]} << 32; },
            [](Cpu& c, u64 value) -> Status {
                if (!c.model.has(cpu::feature::sse))
                    return Error{"this processor has no XMM registers (--cpu p3 has)"};
                c.sse.xmm[n][2 * half] = static_cast<u32>(value);
                c.sse.xmm[n][2 * half + 1] = static_cast<u32>(value >> 32);
                return Nothing{};
            }};
}

/// MMn is the significand of the physical register n; writing it makes sign and exponent ones. [SDM1] "MMX Registers".
template <unsigned n> constexpr RegisterInfo mmx(std::string_view name) {
    return {name, 64, [](const Cpu& c) -> u64 { return c.x87.registers[n].significand; },
            [](Cpu& c, u64 value) -> Status {
                if (!c.model.has(cpu::feature::mmx))
                    return Error{"this processor has no MMX registers (--cpu p2 has)"};
                c.x87.registers[n] = {value, 0xffff};
                return Nothing{};
            }};
}

/// ST(n): the physical register n places above TOP.
constexpr unsigned physical(const Cpu& c, unsigned n) {
    return ((c.x87.status >> 11) + n) & 7;
}

template <unsigned n> constexpr RegisterInfo st_significand(std::string_view name) {
    return {name, 64, [](const Cpu& c) -> u64 { return c.x87.registers[physical(c, n)].significand; },
            [](Cpu& c, u64 value) -> Status {
                c.x87.registers[physical(c, n)].significand = value;
                return Nothing{};
            }};
}

template <unsigned n> constexpr RegisterInfo st_exponent(std::string_view name) {
    return {name, 16, [](const Cpu& c) -> u64 { return c.x87.registers[physical(c, n)].sign_exponent; },
            [](Cpu& c, u64 value) -> Status {
                c.x87.registers[physical(c, n)].sign_exponent = static_cast<u16>(value);
                return Nothing{};
            }};
}

template <auto member> constexpr RegisterInfo x87_word(std::string_view name) {
    return {name, 16, [](const Cpu& c) -> u64 { return c.x87.*member; },
            [](Cpu& c, u64 value) -> Status {
                c.x87.*member = static_cast<u16>(value);
                return Nothing{};
            }};
}

/// Found by name, and in no list: a reader looks for whole registers.
constexpr std::array parts{
    xmm_half<0, 0>("xmm0.v2_int64[0]"),
    xmm_half<0, 1>("xmm0.v2_int64[1]"),
    xmm_half<1, 0>("xmm1.v2_int64[0]"),
    xmm_half<1, 1>("xmm1.v2_int64[1]"),
    xmm_half<2, 0>("xmm2.v2_int64[0]"),
    xmm_half<2, 1>("xmm2.v2_int64[1]"),
    xmm_half<3, 0>("xmm3.v2_int64[0]"),
    xmm_half<3, 1>("xmm3.v2_int64[1]"),
    xmm_half<4, 0>("xmm4.v2_int64[0]"),
    xmm_half<4, 1>("xmm4.v2_int64[1]"),
    xmm_half<5, 0>("xmm5.v2_int64[0]"),
    xmm_half<5, 1>("xmm5.v2_int64[1]"),
    xmm_half<6, 0>("xmm6.v2_int64[0]"),
    xmm_half<6, 1>("xmm6.v2_int64[1]"),
    xmm_half<7, 0>("xmm7.v2_int64[0]"),
    xmm_half<7, 1>("xmm7.v2_int64[1]"),
    mmx<0>("mm0.uint64"),
    mmx<1>("mm1.uint64"),
    mmx<2>("mm2.uint64"),
    mmx<3>("mm3.uint64"),
    mmx<4>("mm4.uint64"),
    mmx<5>("mm5.uint64"),
    mmx<6>("mm6.uint64"),
    mmx<7>("mm7.uint64"),
    st_significand<0>("st0.significand"),
    st_exponent<0>("st0.exponent"),
    st_significand<1>("st1.significand"),
    st_exponent<1>("st1.exponent"),
    st_significand<2>("st2.significand"),
    st_exponent<2>("st2.exponent"),
    st_significand<3>("st3.significand"),
    st_exponent<3>("st3.exponent"),
    st_significand<4>("st4.significand"),
    st_exponent<4>("st4.exponent"),
    st_significand<5>("st5.significand"),
    st_exponent<5>("st5.exponent"),
    st_significand<6>("st6.significand"),
    st_exponent<6>("st6.exponent"),
    st_significand<7>("st7.significand"),
    st_exponent<7>("st7.exponent"),
    x87_word<&cpu::X87State::control>("fctrl"),
    x87_word<&cpu::X87State::status>("fstat"),
    x87_word<&cpu::X87State::tags>("ftag"),
};

} // namespace

std::span<const RegisterInfo> all_registers() {
    return registers;
}

const RegisterInfo* find_register(std::string_view name) {
    const auto found =
        std::find_if(registers.begin(), registers.end(), [&](const RegisterInfo& r) { return r.name == name; });
    if (found != registers.end()) return &*found;
    const auto part =
        std::find_if(parts.begin(), parts.end(), [&](const RegisterInfo& r) { return r.name == name; });
    return part == parts.end() ? nullptr : &*part;
}

} // namespace trapgate::machine
