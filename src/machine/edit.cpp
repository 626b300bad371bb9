// SPDX-License-Identifier: MIT
// The table of registers. Source of names: [SDM1] "Basic Program Execution Registers"; gdb's i386 target description.
#include "machine/edit.hpp"

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
    if (value & cpu::eflags::vm) return Error{"virtual-8086 mode is not there"};
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

} // namespace

std::span<const RegisterInfo> all_registers() {
    return registers;
}

const RegisterInfo* find_register(std::string_view name) {
    const auto found =
        std::find_if(registers.begin(), registers.end(), [&](const RegisterInfo& r) { return r.name == name; });
    return found == registers.end() ? nullptr : &*found;
}

} // namespace trapgate::machine
