// SPDX-License-Identifier: MIT
// Which bits of EFLAGS a return (or POPF) may change, and the flags as a virtual 8086 sees them with CR4.VME.
// Source: [SDM1] "EFLAGS Register"; [SDM2] IRET, POPF and PUSHF, "Operation"; [SDM3] "Method 6: Software Interrupt Handling".
//
//   IOPL < 3 with CR4.VME     PUSHF, INT n: FLAGS with IF = VIF and IOPL = 3         POPF, IRET: IF of the image goes to VIF
#pragma once

#include "cpu/cpu.hpp"

namespace trapgate::cpu::protect {

/// The virtual-8086 mode extensions came with the Pentium: VIF and VIP exist, and CR4.VME and CR4.PVI.
inline bool has_virtual_interrupts(const Cpu& cpu) {
    return cpu.model.generation >= Generation::p5;
}

/// The bits that IRET may change at the current CPL and IOPL. RF is in it for 32-bit operands; VM never is.
inline u32 changeable_eflags(const Cpu& cpu, bool word) {
    u32 bits = eflags::arithmetic | eflags::tf | eflags::df | eflags::nt;
    if (cpu.cpl == 0) bits |= eflags::iopl;
    if (cpu.cpl <= cpu.flags.iopl()) bits |= eflags::if_;
    if (word) return bits;
    bits |= eflags::rf;
    if (cpu.model.generation >= Generation::i486) bits |= eflags::ac;
    if (cpu.model.has_cpuid) bits |= eflags::id;
    if (cpu.cpl == 0 && has_virtual_interrupts(cpu)) bits |= eflags::vif | eflags::vip;
    return bits;
}

/// PUSHF, POPF and IRET where IOPL keeps IF from a virtual 8086: only with CR4.VME, and the 16-bit forms only.
inline void require_virtual_interrupts(const Cpu& cpu, bool word) {
    if (!(cpu.cr4 & cr4::vme) || !word) raise(Vector::GP, 0);
}

/// FLAGS as the virtual 8086 shall see them.
inline u16 virtual_flags(const Cpu& cpu) {
    const u32 image = cpu.flags.image() & ~eflags::if_;
    return static_cast<u16>(image | eflags::iopl | (cpu.flags.test_system(eflags::vif) ? eflags::if_ : 0));
}

/// The monitor is asked where an interrupt is pending that the image would let in, and for single steps.
inline void check_virtual_flags(const Cpu& cpu, u32 image) {
    const bool pending = cpu.flags.test_system(eflags::vip) && (image & eflags::if_);
    if (pending || (image & eflags::tf)) raise(Vector::GP, 0);
}

/// Raises #GP(0), before the next instruction, where a program stands with VIF and VIP both: what pends is the monitor's to deliver.
/// A return of ring 0 or a task switch gets it there; its own instructions do not.
inline void check_virtual_interrupt(const Cpu& cpu) {
    const bool both = cpu.flags.test_system(eflags::vif) && cpu.flags.test_system(eflags::vip);
    const u32 extension = cpu.virtual8086() ? cr4::vme : cr4::pvi;
    if (both && cpu.cpl == 3 && cpu.flags.iopl() < 3 && (cpu.cr4 & extension)) raise(Vector::GP, 0);
}

/// What POPF and IRET take from an image that check_virtual_flags has let pass: IF and IOPL stay.
inline void load_virtual_flags(Cpu& cpu, u32 image) {
    constexpr u32 changeable = eflags::tf | eflags::df | eflags::nt;
    Flags& flags = cpu.flags;
    flags.set_arithmetic(image);
    flags.set_system((flags.system() & ~(changeable | eflags::rf)) | (image & changeable));
    flags.set_system_bit(eflags::vif, image & eflags::if_);
}

} // namespace trapgate::cpu::protect
