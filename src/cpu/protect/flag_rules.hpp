// SPDX-License-Identifier: MIT
// Which bits of EFLAGS a return (or POPF) may change.
// Source: [SDM1] "EFLAGS Register"; [SDM2] IRET and POPF, "Operation".
#pragma once

#include "cpu/cpu.hpp"

namespace trapgate::cpu::protect {

/// The bits that IRET may change at the current CPL and IOPL. RF is in it for 32-bit operands; VM never is.
inline u32 changeable_eflags(const Cpu& cpu, bool word) {
    u32 bits = eflags::arithmetic | eflags::tf | eflags::df | eflags::nt;
    if (cpu.cpl == 0) bits |= eflags::iopl;
    if (cpu.cpl <= cpu.flags.iopl()) bits |= eflags::if_;
    if (word) return bits;
    bits |= eflags::rf;
    if (cpu.model.generation >= Generation::i486) bits |= eflags::ac;
    if (cpu.model.has_cpuid) bits |= eflags::id;
    return bits;
}

} // namespace trapgate::cpu::protect
