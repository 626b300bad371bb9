// SPDX-License-Identifier: MIT
// System instructions: tables, control registers, model-specific registers, ports, HLT.
// Source: [SDM2] the page of each instruction; [SDM3] "System Architecture Overview", "Control Registers".
#include "base/assert.hpp"
#include "cpu/ops/operand.hpp"
#include "cpu/ops/ops.hpp"
#include "cpu/protect/flag_rules.hpp"
#include "cpu/protect/protect.hpp"

namespace trapgate::cpu::ops {

namespace {

/// IN and OUT of AL, AX or EAX.
void input(Cpu& cpu, u16 port, u8 size) {
    protect::check_port(cpu, port, size);
    const u32 value = cpu.bus.read_port(port, size);
    if (cpu.observer) cpu.observer->on(trace::PortAccess{port, size, false, value});
    size == 1   ? cpu.set<u8>(0, static_cast<u8>(value))
    : size == 2 ? cpu.set<u16>(0, static_cast<u16>(value))
                : cpu.set<u32>(0, value);
}

void output(Cpu& cpu, u16 port, u8 size) {
    protect::check_port(cpu, port, size);
    const u32 value = size == 1 ? cpu.get<u8>(0) : size == 2 ? cpu.get<u16>(0) : cpu.get<u32>(0);
    if (cpu.observer) cpu.observer->on(trace::PortAccess{port, size, true, value});
    cpu.bus.write_port(port, size, value);
}

u8 port_size(const Insn& i, bool byte) {
    return byte ? 1 : is_16(i) ? 2 : 4;
}

u16 dx(const Cpu& cpu) {
    return static_cast<u16>(cpu.reg(Gpr::edx));
}

/// What CLI and STI change where IOPL keeps IF from them: VIF, with CR4.VME in virtual-8086 mode, with CR4.PVI in ring 3.
u32 virtual_interrupt_flag(const Cpu& cpu) {
    const u32 extension = cpu.virtual8086() ? cr4::vme : cr4::pvi;
    if (cpu.cpl < 3 || !(cpu.cr4 & extension)) raise(Vector::GP, 0);
    return eflags::vif;
}

// --- Descriptor-table registers --------------------------------------------------------------------

/// With a 16-bit operand size only 24 bits of the base count. [SDM2] LGDT/LIDT.
TableRegister read_table_register(Cpu& cpu, const Insn& i) {
    const u32 offset = effective_offset(cpu, i);
    TableRegister table;
    table.limit = load_from<u16>(cpu, segment_of(i), offset);
    table.base = load_from<u32>(cpu, segment_of(i), wrap(i, offset + 2)) & (is_16(i) ? 0x00ffffff : 0xffffffff);
    return table;
}

void write_table_register(Cpu& cpu, const Insn& i, const TableRegister& table) {
    const u32 offset = effective_offset(cpu, i);
    store_to<u16>(cpu, segment_of(i), offset, table.limit);
    store_to<u32>(cpu, segment_of(i), wrap(i, offset + 2), table.base);
}

// --- Control registers ------------------------------------------------------------------------------

u32 cr4_supported(const Cpu& cpu) {
    const Model& model = cpu.model;
    return (protect::has_virtual_interrupts(cpu) ? cr4::vme | cr4::pvi : 0) |
           (model.has(feature::de) ? cr4::de : 0) | (model.has(feature::pse) ? cr4::pse : 0) |
           (model.has(feature::tsc) ? cr4::tsd : 0) | (model.has(feature::pge) ? cr4::pge : 0) |
           (model.has(feature::fxsr) ? cr4::osfxsr : 0) | (model.has(feature::sse) ? cr4::osxmmexcpt : 0);
}

void write_cr0(Cpu& cpu, u32 value) {
    const bool bad_paging = (value & cr0::pg) && !(value & cr0::pe);
    const bool bad_cache = (value & cr0::nw) && !(value & cr0::cd);
    if (bad_paging || bad_cache) raise(Vector::GP, 0);
    u32 kept = cr0::pe | cr0::mp | cr0::em | cr0::ts | cr0::pg;
    if (cpu.model.generation >= Generation::i486) kept |= cr0::ne | cr0::wp | cr0::am | cr0::nw | cr0::cd;
    cpu.set_cr0((value & kept) | cr0::et);
}

void write_cr4(Cpu& cpu, u32 value) {
    if (value & ~cr4_supported(cpu)) raise(Vector::GP, 0);
    cpu.set_cr4(value);
}

bool has_cr4(const Cpu& cpu) {
    return cpu.model.generation >= Generation::p5;
}

/// DR4 and DR5 are names for DR6 and DR7 unless CR4.DE is set. With DR7.GD any access raises #DB.
u8 debug_register(Cpu& cpu, const Insn& i) {
    u8 number = i.reg;
    if (number == 4 || number == 5) {
        if (cpu.cr4 & cr4::de) raise(Vector::UD);
        number = static_cast<u8>(number + 2);
    }
    constexpr u32 general_detect = 1u << 13, detected = 1u << 13;
    if (cpu.dr[7] & general_detect) {
        cpu.dr[6] |= detected;
        raise(Vector::DB);
    }
    return number;
}

// --- Model-specific registers ------------------------------------------------------------------------

u64 time_stamp(const Cpu& cpu) {
    return cpu.now() + cpu.tsc_offset;
}

u64 read_msr(Cpu& cpu, u32 number) {
    switch (number) {
    case msr::tsc: return time_stamp(cpu);
    case msr::sysenter_cs:
    case msr::sysenter_esp:
    case msr::sysenter_eip:
        if (!cpu.model.has(feature::sep)) break;
        return number == msr::sysenter_cs    ? cpu.sysenter_cs
               : number == msr::sysenter_esp ? cpu.sysenter_esp
                                             : cpu.sysenter_eip;
    default: break;
    }
    raise(Vector::GP, 0);
}

void write_msr(Cpu& cpu, u32 number, u64 value) {
    const u32 low = static_cast<u32>(value);
    if (number == msr::tsc) {
        cpu.tsc_offset = value - cpu.now();
        return;
    }
    if (!cpu.model.has(feature::sep)) raise(Vector::GP, 0);
    switch (number) {
    case msr::sysenter_cs: cpu.sysenter_cs = low; return;
    case msr::sysenter_esp: cpu.sysenter_esp = low; return;
    case msr::sysenter_eip: cpu.sysenter_eip = low; return;
    default: raise(Vector::GP, 0);
    }
}

void set_edx_eax(Cpu& cpu, u64 value) {
    cpu.reg(Gpr::eax) = static_cast<u32>(value);
    cpu.reg(Gpr::edx) = static_cast<u32>(value >> 32);
}

} // namespace

void cli(Cpu& cpu, const Insn&) {
    if (cpu.cpl > cpu.flags.iopl()) return cpu.flags.set_system_bit(virtual_interrupt_flag(cpu), false);
    cpu.flags.set_system_bit(eflags::if_, false);
}

void sti(Cpu& cpu, const Insn&) {
    if (cpu.cpl > cpu.flags.iopl()) {
        const u32 flag = virtual_interrupt_flag(cpu);
        if (cpu.flags.test_system(eflags::vip)) raise(Vector::GP, 0); // the monitor delivers what is pending
        return cpu.flags.set_system_bit(flag, true);
    }
    cpu.interrupt_shadow = !cpu.flags.test_system(eflags::if_);
    cpu.flags.set_system_bit(eflags::if_, true);
}

void hlt(Cpu& cpu, const Insn&) {
    require_cpl0(cpu);
    cpu.halted = true;
}

void in_immediate(Cpu& cpu, const Insn& i) {
    input(cpu, static_cast<u16>(i.immediate & 0xff), port_size(i, i.width_is_byte()));
}
void in_dx(Cpu& cpu, const Insn& i) {
    input(cpu, dx(cpu), port_size(i, i.width_is_byte()));
}
void out_immediate(Cpu& cpu, const Insn& i) {
    output(cpu, static_cast<u16>(i.immediate & 0xff), port_size(i, i.width_is_byte()));
}
void out_dx(Cpu& cpu, const Insn& i) {
    output(cpu, dx(cpu), port_size(i, i.width_is_byte()));
}

void sgdt(Cpu& cpu, const Insn& i) {
    write_table_register(cpu, i, cpu.gdtr);
}
void sidt(Cpu& cpu, const Insn& i) {
    write_table_register(cpu, i, cpu.idtr);
}
void lgdt(Cpu& cpu, const Insn& i) {
    require_cpl0(cpu);
    cpu.gdtr = read_table_register(cpu, i);
}
void lidt(Cpu& cpu, const Insn& i) {
    require_cpl0(cpu);
    cpu.idtr = read_table_register(cpu, i);
}

void smsw(Cpu& cpu, const Insn& i) {
    if (has_memory(i) || is_16(i))
        write_e<u16>(cpu, i, static_cast<u16>(cpu.cr0));
    else
        cpu.set<u32>(i.rm, cpu.cr0);
}
void lmsw(Cpu& cpu, const Insn& i) {
    require_cpl0(cpu);
    constexpr u32 settable = cr0::pe | cr0::mp | cr0::em | cr0::ts;
    const u32 value = read_e<u16>(cpu, i) & settable;
    cpu.set_cr0((cpu.cr0 & ~(settable & ~cr0::pe)) | value); // PE can be set, not cleared
}
void clts(Cpu& cpu, const Insn&) {
    require_cpl0(cpu);
    cpu.set_cr0(cpu.cr0 & ~cr0::ts);
}
void invlpg(Cpu& cpu, const Insn& i) {
    require_cpl0(cpu);
    cpu.flush_tlb_page(cpu.segment(segment_of(i)).base + effective_offset(cpu, i));
}
void invalidate_caches(Cpu& cpu, const Insn&) {
    require_cpl0(cpu);
}

void mov_from_cr(Cpu& cpu, const Insn& i) {
    if (i.reg == 1 || i.reg > 4 || (i.reg == 4 && !has_cr4(cpu))) raise(Vector::UD);
    require_cpl0(cpu);
    const u32 values[] = {cpu.cr0, 0, cpu.cr2, cpu.cr3, cpu.cr4};
    cpu.set<u32>(i.rm, values[i.reg]);
}
void mov_to_cr(Cpu& cpu, const Insn& i) {
    if (i.reg == 1 || i.reg > 4 || (i.reg == 4 && !has_cr4(cpu))) raise(Vector::UD);
    require_cpl0(cpu);
    const u32 value = cpu.get<u32>(i.rm);
    switch (i.reg) {
    case 0: write_cr0(cpu, value); break;
    case 2: cpu.cr2 = value; break;
    case 3: cpu.set_cr3(value); break;
    default: write_cr4(cpu, value); break;
    }
}
void mov_from_dr(Cpu& cpu, const Insn& i) {
    require_cpl0(cpu);
    cpu.set<u32>(i.rm, cpu.dr[debug_register(cpu, i)]);
}
void mov_to_dr(Cpu& cpu, const Insn& i) {
    require_cpl0(cpu);
    const u8 number = debug_register(cpu, i);
    const u32 value = cpu.get<u32>(i.rm);
    if (number == 6)
        cpu.dr[6] = (value & 0xe00f) | 0xffff0ff0;
    else if (number == 7) {
        cpu.dr[7] = (value & ~0xd000u) | 0x400;
        set_watched(cpu, cpu.watched); // data breakpoints live on the slow path
    } else
        cpu.dr[number] = value;
}

void rdmsr(Cpu& cpu, const Insn&) {
    require_cpl0(cpu);
    set_edx_eax(cpu, read_msr(cpu, cpu.reg(Gpr::ecx)));
}
void wrmsr(Cpu& cpu, const Insn&) {
    require_cpl0(cpu);
    write_msr(cpu, cpu.reg(Gpr::ecx), u64{cpu.reg(Gpr::edx)} << 32 | cpu.reg(Gpr::eax));
}
void rdtsc(Cpu& cpu, const Insn&) {
    if ((cpu.cr4 & cr4::tsd) && cpu.cpl != 0) raise(Vector::GP, 0);
    set_edx_eax(cpu, time_stamp(cpu));
}

void cpuid(Cpu& cpu, const Insn&) {
    constexpr u32 vme_feature = 1u << 1; // EDX bit 1
    if (!cpu.model.has_cpuid) raise(Vector::UD);
    u32 eax = 0, ebx = 0, ecx = 0, edx = 0;
    if (cpu.reg(Gpr::eax) == 0) {
        eax = 1;
        ebx = 0x756e6547; // "Genu"
        edx = 0x49656e69; // "ineI"
        ecx = 0x6c65746e; // "ntel"
    } else {              // leaves above the highest give the highest
        eax = cpu.model.signature;
        edx = cpu.model.features | (protect::has_virtual_interrupts(cpu) ? vme_feature : 0);
    }
    cpu.reg(Gpr::eax) = eax;
    cpu.reg(Gpr::ebx) = ebx;
    cpu.reg(Gpr::ecx) = ecx;
    cpu.reg(Gpr::edx) = edx;
}

void fwait(Cpu& cpu, const Insn&) {
    if ((cpu.cr0 & (cr0::mp | cr0::ts)) == (cr0::mp | cr0::ts)) raise(Vector::NM);
    const u32 unmasked = cpu.x87.status & ~cpu.x87.control & 0x3f;
    if (unmasked && (cpu.cr0 & cr0::ne)) raise(Vector::MF);
}

} // namespace trapgate::cpu::ops
